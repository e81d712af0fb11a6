//! The table of shared texts of BIFF8. It runs over several records, and a text may be cut by their border.

use std::sync::Arc;

use super::biff::{u16_at, u32_at};

/// A text of `length` characters with its flags before it, all in one record; what is cut is left out.
pub(super) fn unicode(data: &[u8], length: usize) -> Option<String> {
    let flags = *data.first()?;
    let mut at = 1;
    if flags & 8 != 0 {
        at += 2;
    }
    if flags & 4 != 0 {
        at += 4;
    }
    let mut units = Vec::new();
    take(data.get(at..)?, flags & 1 != 0, length, &mut units);
    Some(String::from_utf16_lossy(&units))
}

/// Takes up to `length` characters of one or two bytes; gives the bytes used.
fn take(data: &[u8], wide: bool, length: usize, units: &mut Vec<u16>) -> usize {
    if wide {
        let n = length.min(data.len() / 2);
        units.extend((0..n).filter_map(|i| u16_at(data, 2 * i)));
        return 2 * n;
    }
    let n = length.min(data.len());
    units.extend(data.iter().take(n).map(|b| u16::from(*b)));
    n
}

/// A place in the records of the table.
pub(super) struct Shared<'a> {
    records: &'a [&'a [u8]],
    record: usize,
    at: usize,
}

impl<'a> Shared<'a> {
    /// At the start.
    pub(super) fn new(records: &'a [&'a [u8]]) -> Shared<'a> {
        Shared { records, record: 0, at: 0 }
    }

    /// Every text; the table ends where it stops making sense.
    pub(super) fn all(mut self) -> Vec<Arc<str>> {
        let count = self.records.first().and_then(|r| u32_at(r, 4)).unwrap_or(0);
        self.at = 8;
        let mut out = Vec::new();
        for _ in 0..count {
            let Some(text) = self.text() else { break };
            out.push(Arc::from(text.trim()));
        }
        out
    }

    fn rest(&self) -> &'a [u8] {
        self.records.get(self.record).and_then(|r| r.get(self.at..)).unwrap_or_default()
    }

    /// Goes to the next record; `None` at the end.
    fn turn(&mut self) -> Option<()> {
        self.record += 1;
        self.at = 0;
        (self.record < self.records.len()).then_some(())
    }

    fn text(&mut self) -> Option<String> {
        while self.rest().is_empty() {
            self.turn()?;
        }
        let head = self.rest();
        let length = usize::from(u16_at(head, 0)?);
        let flags = *head.get(2)?;
        self.at += 3;
        let mut behind = 0;
        if flags & 8 != 0 {
            behind += 4 * usize::from(u16_at(self.rest(), 0)?);
            self.at += 2;
        }
        if flags & 4 != 0 {
            behind += u32_at(self.rest(), 0)? as usize;
            self.at += 4;
        }
        let mut units = Vec::new();
        let mut wide = flags & 1 != 0;
        while units.len() < length {
            let left = length - units.len();
            self.at += take(self.rest(), wide, left, &mut units);
            if units.len() < length {
                // A record that continues a text begins with the width of its characters.
                self.turn()?;
                wide = self.rest().first()? & 1 != 0;
                self.at = 1;
            }
        }
        self.skip(behind)?;
        Some(String::from_utf16_lossy(&units))
    }

    /// Skips formatting and phonetics.
    fn skip(&mut self, mut n: usize) -> Option<()> {
        while n > self.rest().len() {
            n -= self.rest().len();
            self.turn()?;
        }
        self.at += n;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cut_by_the_border_of_a_record() {
        let first = [2u8, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, b'a', b'b'];
        let second = [1u8, 0xb5, 0, b'm', 0, 1, 0, 8, 1, 0, b'x', 9, 9];
        let third = [9u8, 9];
        let all = Shared::new(&[&first, &second, &third]).all();
        assert_eq!(all.iter().map(|t| t.to_string()).collect::<Vec<_>>(), ["abµm", "x"]);
        assert_eq!(unicode(&[0, b'a', 0xb5], 2).as_deref(), Some("aµ"));
        assert_eq!(unicode(&[1, b'a'], 2).as_deref(), Some(""));
    }
}
