//! One file a format. A new format: its file here, its line in [`super::READERS`], a fixture in `fixtures/`.

pub mod gsf;
