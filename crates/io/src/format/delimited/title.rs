//! What the lines above one of several tables call it.

use super::labview;
use super::stretches::{self, Layout, Line, LineKind};

/// Names of tables in the order of the file.
#[derive(Default)]
pub(super) struct Titles {
    /// The last `Result: …`, under which Anton Paar numbers the intervals.
    result: String,
}

/// Settings that number or name what follows.
const NUMBERED: &[&str] = &["interval", "segment", "step", "block", "cycle", "curve", "test", "sweep", "run", "table"];
/// Longest name taken over.
const LONGEST: usize = 80;

impl Titles {
    /// The line of words or comment nearest above a map, where it is no setting.
    pub(super) fn nearest(layout: &Layout<'_>, index: usize) -> Option<String> {
        let from = index.checked_sub(1).and_then(|i| layout.tables.get(i)).map_or(0, |g| g.rows.end);
        let to = layout.tables.get(index).map_or(from, |g| g.header_from);
        let found = layout.lines.get(from..to)?.iter().rev().find_map(title)?;
        (!found.contains([':', '=', '：'])).then_some(found)
    }

    /// The name of the table: the word line or the numbering setting nearest above it, else its number.
    pub(super) fn of(&mut self, layout: &Layout<'_>, index: usize) -> String {
        let from = index.checked_sub(1).and_then(|i| layout.tables.get(i)).map_or(0, |g| g.rows.end);
        let to = layout.tables.get(index).map_or(from, |g| g.header_from);
        let above = layout.lines.get(from..to).unwrap_or_default();
        if let Some((_, value)) = above.iter().rev().filter_map(setting).find(|(k, _)| k == "Result") {
            self.result = value;
        }
        let found = above.iter().rev().find_map(title).unwrap_or_else(|| format!("table {}", index + 1));
        if self.result.is_empty() || self.result == found { found } else { format!("{}, {found}", self.result) }
    }
}

/// The name that a line gives.
fn title(line: &Line<'_>) -> Option<String> {
    if let Some((key, value)) = setting(line) {
        let first = key.split_whitespace().next().unwrap_or("");
        let numbers = NUMBERED.contains(&first.to_lowercase().as_str());
        return (numbers && !value.is_empty()).then(|| format!("{first} {value}")).filter(|t| t.len() <= LONGEST);
    }
    if !matches!(line.kind, LineKind::Words | LineKind::Comment) || labview::is_mark(line) {
        return None;
    }
    let text = line.text.trim().trim_matches(|c: char| matches!(c, '#' | '%' | '*' | '=' | '-' | ':' | '/')).trim();
    let text = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text).trim();
    let alone = line.kind == LineKind::Comment || line.cells.iter().filter(|c| !c.is_empty()).count() == 1;
    (alone && text.len() <= LONGEST && text.contains(char::is_alphabetic)).then(|| text.to_string())
}

/// `key: value`, `key = value`: the key and the first cell of the value.
fn setting(line: &Line<'_>) -> Option<(String, String)> {
    if stretches::is_setting(line) {
        let key = line.cells.first()?.trim_end_matches(['=', ':', ' ']);
        let value = line.cells.iter().skip(1).find(|c| !matches!(c.as_ref(), "=" | ":" | ""));
        return Some((key.to_string(), value.map_or(String::new(), |v| v.to_string())));
    }
    let (key, value) = line.text.split_once(": ").or_else(|| line.text.split_once(" = "))?;
    let key = key.trim().trim_start_matches(['#', '%', ' ']);
    Some((key.to_string(), value.trim().to_string()))
}
