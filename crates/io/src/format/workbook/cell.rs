//! Cells of a sheet, whatever the file it comes from.

use std::sync::Arc;

use crate::format::text::number::{self, Mark};

/// Magnitude from which a number is a mark for a missing one: NanoSuite writes the largest double there is.
const MISSING: f64 = 1e300;

/// Bytes of a text beyond which it is no number.
const LONGEST: usize = 64;

/// What stands in a cell. Texts are shared: a workbook keeps one copy of a text that a thousand cells show.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Number(f64),
    /// A number that is shown a hundred times as large with `%` behind it.
    Percent(f64),
    Text(Arc<str>),
    /// A date, a time, or both, as words.
    Date(Arc<str>),
    /// `#N/A`, `#DIV/0!`: no value.
    Error,
}

/// One row that is not empty.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// From 0.
    pub number: u32,
    /// Column from 0 and cell, by column; no empty ones.
    pub cells: Vec<(u32, Cell)>,
}

/// One sheet.
#[derive(Debug)]
pub(super) struct Sheet {
    pub name: String,
    /// What of it is not read, and why.
    pub notes: Vec<(String, String)>,
    /// By number.
    pub rows: Vec<Row>,
}

impl Sheet {
    /// From cells in any order; of two at one place the later one counts. Shared texts come trimmed, so that a long one
    /// in many cells is not copied.
    pub(super) fn new(name: String, mut cells: Vec<(u32, u32, Cell)>) -> Sheet {
        // Blanks around words are layout.
        cells.retain_mut(|(_, _, cell)| cell.trim());
        if !cells.is_sorted_by_key(|(row, column, _)| (*row, *column)) {
            cells.sort_by_key(|(row, column, _)| (*row, *column));
        }
        let mut rows: Vec<Row> = Vec::new();
        for (number, column, cell) in cells {
            if rows.last().is_none_or(|r| r.number != number) {
                rows.push(Row { number, cells: Vec::new() });
            }
            let Some(row) = rows.last_mut() else { continue };
            match row.cells.last_mut().filter(|(c, _)| *c == column) {
                Some(last) => last.1 = cell,
                None => row.cells.push((column, cell)),
            }
        }
        Sheet { name, notes: Vec::new(), rows }
    }
}

impl Cell {
    /// Removes blanks around words; whether anything is left.
    fn trim(&mut self) -> bool {
        let Cell::Text(text) = self else { return true };
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return false;
        }
        if trimmed.len() < text.len() {
            *text = Arc::from(trimmed);
        }
        true
    }

    /// Text or date.
    pub(super) fn words(&self) -> Option<&str> {
        match self {
            Cell::Text(t) | Cell::Date(t) => Some(t),
            _ => None,
        }
    }

    /// A number, also one that is stored as text; NaN where the cell says that there is none; `None` for words.
    pub(super) fn value(&self, mark: Mark) -> Option<f64> {
        match self {
            Cell::Number(v) | Cell::Percent(v) if v.abs() < MISSING => Some(*v),
            Cell::Number(_) | Cell::Percent(_) | Cell::Error => Some(f64::NAN),
            Cell::Date(_) => None,
            Cell::Text(t) if t.len() > LONGEST => None,
            Cell::Text(t) => match number::parse(t, mark) {
                Some(v) if v.abs() < MISSING => Some(v),
                Some(_) => Some(f64::NAN),
                None if is_missing(t) => Some(f64::NAN),
                None => None,
            },
        }
    }

    /// Whether it counts as a measured number when the rows of a table are looked for.
    pub(super) fn is_number(&self, mark: Mark) -> bool {
        match self {
            Cell::Number(_) | Cell::Percent(_) => true,
            Cell::Text(t) => t.len() <= LONGEST && number::parse(t, mark).is_some(),
            Cell::Date(_) | Cell::Error => false,
        }
    }

    /// As people read it.
    pub(super) fn show(&self) -> String {
        match self {
            Cell::Number(v) => v.to_string(),
            Cell::Percent(v) => format!("{} %", v * 100.0),
            Cell::Text(t) | Cell::Date(t) => t.to_string(),
            Cell::Error => "#N/A".into(),
        }
    }
}

/// What [`number::is_missing`] knows, and what Excel shows where there is no value.
fn is_missing(text: &str) -> bool {
    number::is_missing(text) || text.chars().all(|c| c == '#') || text.starts_with('#') && text.ends_with(['!', '?'])
}

/// The decimal mark of the numbers that a sheet stores as text, and whether it is beyond doubt.
pub(super) fn mark(sheet: &Sheet) -> (Mark, bool) {
    let (mut points, mut commas, mut grouped) = (0usize, 0usize, 0usize);
    for (_, cell) in sheet.rows.iter().flat_map(|r| &r.cells) {
        let Cell::Text(text) = cell else { continue };
        if text.len() > LONGEST {
            continue;
        }
        if text.contains('.') && number::parse(text, Mark::Point).is_some() {
            points += 1;
        } else if text.contains(',') && number::parse(text, Mark::Comma).is_some() {
            commas += 1;
            grouped += usize::from(number::may_group_thousands(text));
        }
    }
    if commas > points { (Mark::Comma, grouped < commas) } else { (Mark::Point, true) }
}

/// A point in time as words: `2021-09-07`, `13:45:08`, `2021-09-07 13:45:08`. Days count from 1899-12-30, or from
/// 1904-01-01 in workbooks from old Macs; day 60 of the first is a 29 February that never was.
pub(super) fn date(days: f64, from_1904: bool) -> Cell {
    // Year 9999 is the last that spreadsheets know.
    if !(0.0..2_958_466.0).contains(&days) {
        return Cell::Number(days);
    }
    // Milliseconds, so that 0.573 of a day is not a second too early.
    let milliseconds = (days * 86_400_000.0).round();
    let (mut day, rest) = ((milliseconds / 86_400_000.0).floor() as i64, milliseconds % 86_400_000.0);
    let seconds = (rest / 1000.0).round().min(86_399.0) as i64;
    let time = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if day == 0 && !from_1904 {
        return Cell::Date(time.into());
    }
    if from_1904 {
        day += 1462;
    } else if day < 60 {
        day += 1;
    }
    let (year, month, day) = civil(day - 25_569);
    let date = format!("{year:04}-{month:02}-{day:02}");
    Cell::Date(if seconds == 0 { date.into() } else { format!("{date} {time}").into() })
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    // Years begin in March, so that the odd day comes last; 146097 days are 400 years.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// How a format shows a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shown {
    #[default]
    Plain,
    Date,
    Percent,
}

impl Shown {
    /// A number format: one of those that are built in, or a code with date letters or `%`.
    pub(super) fn of(id: u32, code: Option<&str>) -> Shown {
        let date = code.map_or(matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58), is_date_code);
        let percent = code.map_or(matches!(id, 9 | 10), |c| c.split('"').step_by(2).any(|t| t.contains('%')));
        match (date, percent) {
            (true, _) => Shown::Date,
            (_, true) => Shown::Percent,
            _ => Shown::Plain,
        }
    }

    /// A number in that format.
    pub(super) fn cell(self, value: f64, from_1904: bool) -> Cell {
        match self {
            Shown::Date => date(value, from_1904),
            Shown::Percent => Cell::Percent(value),
            Shown::Plain => Cell::Number(value),
        }
    }
}

fn is_date_code(code: &str) -> bool {
    let mut letters = code.chars();
    let mut word = String::new();
    while let Some(c) = letters.next() {
        match c {
            // What is quoted or escaped is shown as it is.
            '"' => letters.by_ref().take_while(|c| *c != '"').for_each(drop),
            '\\' | '_' | '*' => drop(letters.next()),
            // `[Red]`, `[$-409]` say nothing; `[h]` is a time.
            '[' => {
                let inner: String = letters.by_ref().take_while(|c| *c != ']').collect();
                if !inner.is_empty() && inner.chars().all(|c| matches!(c, 'h' | 'H' | 'm' | 'M' | 's' | 'S')) {
                    return true;
                }
            }
            ';' => break,
            _ => word.push(c.to_ascii_lowercase()),
        }
    }
    !word.contains("general") && word.contains(['y', 'm', 'd', 'h', 's'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let show = |days, mac| date(days, mac).show();
        assert_eq!(show(43668.0, false), "2019-07-22");
        assert_eq!(show(0.573_009_259_259_259_3, false), "13:45:08");
        assert_eq!(show(44_446.5, false), "2021-09-07 12:00:00");
        assert_eq!(show(1.0, false), "1900-01-01");
        assert_eq!(show(61.0, false), "1900-03-01");
        assert_eq!(show(0.0, true), "1904-01-01");
        assert_eq!(date(-1.0, false), Cell::Number(-1.0));
        assert_eq!(date(1e9, false), Cell::Number(1e9));
    }

    #[test]
    fn formats_of_dates() {
        for (code, is) in [
            ("General", false),
            ("0.00E+00", false),
            ("#,##0.00\\ \"s\"", false),
            ("0.000_s", false),
            ("[Red]0.0", false),
            ("dd.mm.yyyy", true),
            ("[$-409]h:mm:ss AM/PM", true),
            ("[h]:mm", true),
            ("0;\\-0;;@", false),
        ] {
            assert_eq!(is_date_code(code), is, "{code}");
        }
        for (id, code, shown) in [
            (14, None, Shown::Date),
            (2, None, Shown::Plain),
            (10, None, Shown::Percent),
            (170, Some("0.000%"), Shown::Percent),
            (171, Some("0.0\"%\""), Shown::Plain),
        ] {
            assert_eq!(Shown::of(id, code), shown, "{id} {code:?}");
        }
    }

    #[test]
    fn marks() {
        let sheet = |texts: &[&str]| {
            Sheet::new("s".into(), texts.iter().map(|t| (0, 0, Cell::Text((*t).into()))).collect::<Vec<_>>())
        };
        let one = |t: &str| mark(&sheet(&[t]));
        assert_eq!(one("1,5"), (Mark::Comma, true));
        assert_eq!(one("1,300"), (Mark::Comma, false));
        assert_eq!(one("1.5"), (Mark::Point, true));
        assert_eq!(Cell::Number(f64::MAX).value(Mark::Point).map(f64::is_nan), Some(true));
        assert_eq!(Cell::Text("#DIV/0!".into()).value(Mark::Point).map(f64::is_nan), Some(true));
    }
}
