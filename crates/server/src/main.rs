//! `gilmok`: see the library.

fn main() {
    print!("{}", server::http::health::openapi_text());
}
