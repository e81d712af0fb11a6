//! What every fuzz target does: open the bytes with one reader and read whatever it finds.

use std::path::Path;

use softspot::io::{Limits, READERS, Source, Window};

/// Opens the bytes as a file of that format and reads its channels, whole and in part.
///
/// An error is a right answer; a panic, a hang or a large allocation is not.
pub fn read(id: &str, data: &[u8]) {
    let limits = Limits { elements: 1 << 20, channels: 4096, inflated: 1 << 24 };
    let source = Source::from_bytes(Path::new("x.bin"), data.to_vec());
    for reader in READERS.iter().filter(|r| r.format().id == id) {
        reader.sniff(&source);
        let Ok(dataset) = reader.open(&source, &limits) else { return };
        for (i, channel) in dataset.channels().iter().enumerate().take(16) {
            let _ = dataset.read(i);
            let part = channel.shape.iter().map(|n| n / 2..(n / 2 + 3).min(*n)).collect::<Vec<_>>();
            let _ = dataset.window(i, &Window::new(part));
        }
        let _ = dataset.table_at(0);
    }
}
