//! The content of an artifact, by which random streams are named (METHODS §0): its numbers and their places, and nothing of
//! how it came to be, what it is called, or in which file it lay.

use crate::data::{Artifact, Cells, Columns, Map, Table};

/// Hash of the content; of a volume, which may be larger than memory, that of the file it lies in (`stored`).
pub(super) fn content(artifact: &Artifact, stored: &str) -> [u8; 32] {
    let mut h = blake3::Hasher::new();
    match artifact {
        Artifact::Map(m) => map(&mut h, m),
        Artifact::Volume(_) => {
            h.update(b"volume").update(stored.as_bytes());
        }
        Artifact::Labels(l) => {
            h.update(b"labels");
            match l.map() {
                Some(m) => map(&mut h, m),
                None => {
                    h.update(stored.as_bytes());
                }
            }
        }
        Artifact::Spectrum(s) => columns(&mut h, s),
        Artifact::Curves(c) => columns(&mut h, c),
        Artifact::Table(t) => table(&mut h, t),
    }
    *h.finalize().as_bytes()
}

fn map(h: &mut blake3::Hasher, m: &Map) {
    h.update(b"map");
    count(h, m.shape().iter().copied());
    numbers(h, m.pixel.unwrap_or([f64::NAN; 2]));
    numbers(h, m.values.iter().copied());
}

fn columns(h: &mut blake3::Hasher, s: &Columns) {
    h.update(b"columns");
    for series in &s.series {
        h.update(series.role.name().as_bytes());
        count(h, [series.values.len()]);
        numbers(h, series.values.iter().copied());
    }
    count(h, s.parts.iter().flat_map(|p| [p.rows.start, p.rows.end]));
}

fn table(h: &mut blake3::Hasher, t: &Table) {
    h.update(b"table");
    for column in &t.columns {
        h.update(column.name.as_bytes());
        count(h, [column.len()]);
        match &column.cells {
            Cells::Number(v) => numbers(h, v.iter().map(|c| c.unwrap_or(f64::NAN))),
            Cells::Text(v) => v.iter().for_each(|text| {
                count(h, [text.len()]);
                h.update(text.as_bytes());
            }),
        }
    }
}

fn count(h: &mut blake3::Hasher, numbers: impl IntoIterator<Item = usize>) {
    for n in numbers {
        h.update(&(n as u64).to_le_bytes());
    }
}

/// Bits of numbers; every NaN is the same: an invalid pixel has no value.
fn numbers(h: &mut blake3::Hasher, numbers: impl IntoIterator<Item = f64>) {
    let bits = |v: f64| if v.is_nan() { f64::NAN.to_bits() } else { v.to_bits() };
    let mut buffer = Vec::with_capacity(1 << 13);
    for v in numbers {
        buffer.extend(bits(v).to_le_bytes());
        if buffer.len() == 1 << 13 {
            h.update(&buffer);
            buffer.clear();
        }
    }
    h.update(&buffer);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::unit::Unit;

    #[test]
    fn numbers_and_places_count_names_do_not() {
        let content = |edit: &dyn Fn(&mut Map)| {
            let mut m = Map {
                values: ndarray::arr2(&[[1.0, f64::NAN], [3.0, 4.0]]),
                unit: Unit::of("Hz"),
                quantity: "Frequency".into(),
                pixel: Some([1e-9, 1e-9]),
                levelling: Vec::new(),
                convention: None,
            };
            edit(&mut m);
            content(&Artifact::Map(Arc::new(m)), "")
        };
        let base = content(&|_| ());
        assert_eq!(base, content(&|m| m.quantity = "Resonance".into()));
        assert_eq!(base, content(&|m| m.unit = Unit::of("kHz")));
        assert_eq!(base, content(&|m| m.values[[0, 1]] = -f64::NAN));
        assert_ne!(base, content(&|m| m.values[[0, 0]] = 1.0 + f64::EPSILON));
        assert_ne!(base, content(&|m| m.pixel = Some([2e-9, 1e-9])));
        assert_ne!(base, content(&|m| m.values = ndarray::arr2(&[[1.0, f64::NAN, 3.0, 4.0]])));
    }
}
