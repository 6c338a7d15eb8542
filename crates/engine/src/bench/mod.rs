//! The journey benchmark: ten questions over one file of events, asked as anybody would ask them, and their
//! answers as text that other systems can be compared with. Nothing here takes the time: the caller does.

mod load;
mod questions;
mod scan;

pub use load::load;
pub use questions::{QUESTIONS, busiest, question};
pub use scan::{ColumnSize, column_sizes, scan_once, sum_memory};
