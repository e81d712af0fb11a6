//! Spreadsheets and what rheometers write.
