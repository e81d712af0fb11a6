//! Tables as CSV: numbers in shortest round-trip form, units in the header.

use crate::data::{Cells, Table};

/// A number in coherent SI as text that reads back to the same bits: `0.5`, `592`, `2.4e-8`.
pub fn number(v: f64) -> String {
    let text = format!("{v:?}");
    text.strip_suffix(".0").map(str::to_string).unwrap_or(text)
}

/// One field, quoted where it must be. Words that a spreadsheet program would take for a formula – a name or a unit from a
/// file may be `=cmd|…` – get an apostrophe before them, as OWASP advises.
pub(super) fn field(text: &str) -> String {
    let text = if is_formula(text) { format!("'{text}") } else { text.to_string() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// Whether words begin as a formula does, and are no number.
fn is_formula(text: &str) -> bool {
    let start = text.trim_start_matches(['\u{feff}', '\u{200b}', ' ']);
    let Some(first) = start.chars().next() else { return false };
    let sign = matches!(first, '-' | '+' | '\u{ff0b}' | '\u{ff0d}');
    let plain = start.chars().count() == 1 || start.parse::<f64>().is_ok();
    matches!(first, '=' | '@' | '\t' | '\r' | '\u{ff1d}' | '\u{ff20}') || sign && !plain
}

/// Tables of several samples under one header, the sample first; columns in order of first appearance.
///
/// `None` stands for a table that has its own `sample` column.
pub(super) fn csv(tables: &[(Option<&str>, &Table)]) -> String {
    let mut headers: Vec<String> = Vec::new();
    for (_, table) in tables {
        for h in table.columns.iter().filter(|c| c.name != "sample").map(crate::data::Column::header) {
            if !headers.contains(&h) {
                headers.push(h);
            }
        }
    }
    let mut out = String::from("sample");
    for h in &headers {
        out.push(',');
        out.push_str(&field(h));
    }
    out.push('\n');
    for (sample, table) in tables {
        let columns: Vec<_> = headers.iter().map(|h| table.columns.iter().find(|c| c.header() == *h)).collect();
        let own = table.column("sample");
        for row in 0..table.rows() {
            let cell = |cells: &Cells| match cells {
                Cells::Number(v) => v.get(row).copied().flatten().map(number).unwrap_or_default(),
                Cells::Text(v) => v.get(row).map(|t| field(t)).unwrap_or_default(),
            };
            match (sample, own) {
                (Some(s), _) => out.push_str(&field(s)),
                (None, Some(c)) => out.push_str(&cell(&c.cells)),
                (None, None) => out.push('*'),
            }
            for c in &columns {
                out.push(',');
                if let Some(c) = c {
                    out.push_str(&cell(&c.cells));
                }
            }
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Column;
    use crate::unit::Unit;

    #[test]
    fn numbers_round_trip_and_tables_join() {
        for v in [0.1, 592.0, 2.4e-8, -1.054_571_817e-34, 1e300, f64::MIN_POSITIVE] {
            assert_eq!(number(v).parse::<f64>().unwrap().to_bits(), v.to_bits());
        }
        assert_eq!(number(592.0), "592");
        for text in ["=cmd|' /C calc'!A0", "@SUM(1)", "+1+1", "-2+3", "\u{feff}=1", "\u{ff1d}1", "\t=1", "="] {
            assert!(field(text).trim_start_matches('"').starts_with('\''), "{text}");
        }
        for text in ["-2.5", "+1e-9", "-", "as-cast", "a=b", "", "x@y", "1 = 2"] {
            assert_eq!(field(text), text);
        }
        let a = Table {
            columns: vec![
                Column::number("r", &Unit::of("m"), [1e-9, f64::NAN]),
                Column::text("t", vec!["x,y".into(), "z".into()]),
            ],
        };
        let b = Table { columns: vec![Column::number("h", &Unit::of("Hz^2"), [4.0])] };
        assert_eq!(
            csv(&[(Some("A"), &a), (Some("B"), &b)]),
            "sample,r [m],t,h [Hz^2]\nA,1e-9,\"x,y\",\nA,,z,\nB,,,4\n"
        );
    }
}
