//! TRIOS of TA Instruments (rheometers and DMA): text exports and JSON. Its workbooks are read as workbooks.

mod export;
mod json;

pub use export::TriosText;
pub use json::TriosJson;
