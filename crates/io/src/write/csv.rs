//! CSV out: UTF-8, `.` decimals, shortest numbers that read back the same, coherent SI.

use softspot_data::{Cells, Map, Table};

/// A table with a header of `name [unit]`; an empty cell is empty.
pub fn csv_table(table: &Table) -> Vec<u8> {
    let mut out = String::new();
    let headers: Vec<String> = table.columns.iter().map(|c| quoted(&c.header())).collect();
    out += &headers.join(",");
    out.push('\n');
    for row in 0..table.rows() {
        let cells: Vec<String> = table
            .columns
            .iter()
            .map(|c| match &c.cells {
                Cells::Number(v) => v.get(row).copied().flatten().map_or(String::new(), number),
                Cells::Text(v) => v.get(row).map_or(String::new(), |t| quoted(t)),
            })
            .collect();
        out += &cells.join(",");
        out.push('\n');
    }
    out.into_bytes()
}

/// A map as a matrix, row 0 first; sizes and unit in comments, an invalid pixel as `nan`.
pub fn csv_map(map: &Map) -> Vec<u8> {
    let [rows, columns] = map.shape();
    let mut out = format!("# Channel: {}\n", map.quantity.replace(['\n', '\r'], " "));
    if let Some([dy, dx]) = map.pixel {
        out += &format!("# Width: {} m\n# Height: {} m\n", number(dx * columns as f64), number(dy * rows as f64));
    }
    let unit = map.unit.si_symbol();
    if !unit.is_empty() {
        out += &format!("# Value units: {unit}\n");
    }
    for row in map.values.rows() {
        let cells: Vec<String> =
            row.iter().map(|v| if v.is_finite() { number(*v) } else { "nan".to_string() }).collect();
        out += &cells.join(",");
        out.push('\n');
    }
    out.into_bytes()
}

/// The shortest text that reads back as the same number, with an exponent where that is shorter.
fn number(v: f64) -> String {
    let (plain, exponent) = (v.to_string(), format!("{v:e}"));
    if exponent.len() < plain.len() { exponent } else { plain }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_string() }
}
