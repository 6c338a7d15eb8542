//! Rows per second.
fn main() {
    divan::main();
}
