//! Text of the FischerScope (HM500, Picodentor, WIN-HCU).
//!
//! First the results of a block, one line an indent: values, then as many names (`3928,59 44,652 6,01398 HM x y`), and its
//! statistics (`3677,88 X. Statistics of block`). Then an indent each: a head (`FS1.hap   26.05.2020  15:17:54`,
//! `Block : 1   Value : 1`, `x=    44.65  y=     6.01`, `HIT [N/mm²] 8553.6`), a line of names (`F h t`) and the curve.
//! Tabs; Latin-1; line ends of both kinds in one file; decimal commas in the results and curves but points in the heads.
//!
//! The file writes no unit beside `F h t`: their numbers stay as they are, and the units that the program shows for them
//! (checked against the `hmax [µm]` and the test load in the same head) are told in the table's metadata.

use crate::{Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, TableInfo};
use softspot_data::unit::Unit;

use super::text::number::{self, Mark};
use super::text::{columns, encoding, label};

const ID: &str = "fischer";
/// Units of results, of which the file writes the names only (ISO 14577, stage in mm).
const RESULTS: &[(&str, &str)] =
    &[("HM", "N/mm2"), ("HU", "N/mm2"), ("x", "mm"), ("y", "mm"), ("X", "mm"), ("Y", "mm")];
/// Units in which the program shows a curve.
const CURVE: &[(&str, &str)] = &[("F", "mN"), ("h", "µm"), ("t", "s")];

/// The reader.
pub struct Fischer;

static FORMAT: Format = Format {
    id: ID,
    name: "FischerScope text",
    extensions: &["txt", "hap"],
    about: "The table of results and a table an indent with its position.",
    reference: "exports of WIN-HCU of the FischerScope HM500",
};

impl Reader for Fischer {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn folder_of_curves(&self) -> bool {
        true
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let text = encoding::decode(source.head());
        let has = |end: &str| text.lines().any(|l| l.trim_end().ends_with(end));
        let exported = has("\tName of the application") && has("\tNumber of block");
        let head = text.lines().any(|l| place(l).is_some()) && text.lines().any(|l| block(l).is_some());
        90 * Confidence::from(exported || head)
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let text = encoding::lines(source.bytes());
        let file = File::parse(&text)?;
        let mut dataset = Dataset::new(ID, limits);
        let results = file.results();
        dataset.metadata = file.metadata.clone();
        if let Some(results) = &results {
            let table = dataset.add_table(TableInfo::named("results"));
            for (c, name) in results.names.iter().enumerate() {
                let cells: Vec<&str> = results.rows.iter().map(|r| r.get(c).map_or("", |c| c)).collect();
                let unit =
                    file.curves.iter().find_map(|curve| curve.unit_of(name)).unwrap_or_else(|| known(RESULTS, name));
                columns::push(&mut dataset, table, name, unit, &cells, file.mark)?;
            }
        }
        let several = file.curves.windows(2).any(|w| matches!(w, [a, b] if a.block != b.block));
        for (i, curve) in file.curves.iter().enumerate() {
            // The results have more digits of the position than the head of the curve.
            let exact =
                results.as_ref().filter(|r| r.rows.len() == file.curves.len()).and_then(|r| r.position(i, file.mark));
            let name = match (&curve.block, &curve.value) {
                (Some(b), Some(v)) if several => format!("block {b} indent {v}"),
                (_, Some(v)) => format!("indent {v}"),
                _ => format!("indent {}", i + 1),
            };
            let mut metadata = curve.metadata.clone();
            for (name, unit) in CURVE.iter().filter(|(n, _)| curve.names.contains(n)) {
                metadata.push((format!("unit of {name}, not written in the file"), (*unit).into()));
            }
            let position = exact.or(curve.position);
            let table = dataset.add_table(TableInfo { position, metadata, ..TableInfo::named(name) });
            for (c, name) in curve.names.iter().enumerate() {
                let cells: Vec<&str> = curve.rows.iter().map(|r| r.get(c).copied().unwrap_or("")).collect();
                columns::push(&mut dataset, table, name, Unit::none(), &cells, file.mark)?;
            }
        }
        dataset.finish().map_err(|e| e.hint("export results or curves of the application as text again"))
    }
}

fn known(table: &[(&str, &str)], name: &str) -> Unit {
    table.iter().find(|(n, _)| *n == name).map_or_else(Unit::none, |(_, u)| Unit::of(u))
}

/// Results of all indents.
struct Results<'a> {
    names: Vec<&'a str>,
    rows: Vec<Vec<String>>,
}

impl Results<'_> {
    /// Where an indent is, in m.
    fn position(&self, row: usize, mark: Mark) -> Option<[f64; 2]> {
        let get = |name: &str| {
            let column = self.names.iter().position(|n| n.eq_ignore_ascii_case(name))?;
            number::parse(self.rows.get(row)?.get(column)?, mark).map(|v| v * 1e-3)
        };
        Some([get("x")?, get("y")?])
    }
}

/// One indent.
#[derive(Default)]
struct Curve<'a> {
    block: Option<String>,
    value: Option<String>,
    position: Option<[f64; 2]>,
    metadata: Metadata,
    names: Vec<&'a str>,
    rows: Vec<Vec<&'a str>>,
}

impl Curve<'_> {
    /// The unit in the head of a quantity of that name.
    fn unit_of(&self, name: &str) -> Option<Unit> {
        let (key, _) = self.metadata.iter().find(|(k, _)| k.split_once(" [").is_some_and(|(own, _)| own == name))?;
        label::unit_of(key.split_once(" [")?.1.trim_end_matches(']'), name)
    }
}

/// Number of the block, values of an indent, their names.
type Line<'a> = (String, Vec<&'a str>, Vec<&'a str>);

/// What the file says, in its order.
struct File<'a> {
    mark: Mark,
    metadata: Metadata,
    lines: Vec<Line<'a>>,
    curves: Vec<Curve<'a>>,
}

impl<'a> File<'a> {
    fn parse(text: &'a str) -> Result<File<'a>, ReadError> {
        let cells = |l: &'a str| l.split('\t').map(str::trim);
        let firsts = text.lines().filter_map(|l| cells(l).next());
        let mut file =
            File { mark: columns::mark(firsts), metadata: Metadata::new(), lines: Vec::new(), curves: Vec::new() };
        let mut number_of_block = String::new();
        // The head of the next curve; none while the results of the block are listed.
        let mut head: Option<Curve<'a>> = None;
        let mut open = false;
        let mut lines = text.lines().enumerate().peekable();
        while let Some((i, line)) = lines.next() {
            let row: Vec<&str> = cells(line).collect();
            if open && let Some(curve) = file.curves.last_mut() {
                if row.len() == curve.names.len() && columns::is_row(&row, file.mark) {
                    curve.rows.push(row);
                    continue;
                }
                let begins_with_number = row.first().is_some_and(|c| number::parse(c, file.mark).is_some());
                if row.len() == curve.names.len() && begins_with_number {
                    return Err(ReadError::new(ID, format!("`{}` is no row of the curve", line.trim()))
                        .line(i + 1)
                        .hint("the file is damaged; export it again"));
                }
                open = false;
            }
            if line.trim().is_empty() {
                continue;
            }
            let follows = lines.peek().map(|(_, l)| cells(l).collect::<Vec<_>>()).unwrap_or_default();
            let words = row.len() > 1 && row.iter().all(|c| c.starts_with(char::is_alphabetic));
            if words && follows.len() == row.len() && columns::is_row(&follows, file.mark) {
                let mut curve = head.take().unwrap_or_default();
                curve.names = row;
                file.curves.push(curve);
                open = true;
                continue;
            }
            let half = row.len() / 2;
            let (values, names) = row.split_at(half);
            let named = !names.is_empty() && names.iter().all(|n| n.contains(char::is_alphabetic));
            if head.is_none() && half * 2 == row.len() && half > 1 && named && columns::is_row(values, file.mark) {
                file.lines.push((number_of_block.clone(), values.to_vec(), names.to_vec()));
                continue;
            }
            match row.as_slice() {
                [value, "Number of block"] => {
                    head = None;
                    number_of_block = (*value).to_string();
                    file.metadata.push(("Number of block".into(), (*value).into()));
                }
                [value, key] if head.is_none() => file.metadata.push(((*key).into(), (*value).into())),
                [value, key, of] if head.is_none() => file.metadata.push((format!("{of}: {key}"), (*value).into())),
                _ if head.is_none() && file.curves.is_empty() && !begins(line) => {
                    let pair = line.split_once('=');
                    let (key, value) = pair.map_or((format!("line {}", i + 1), line), |(k, v)| (k.trim().into(), v));
                    file.metadata.push((key, value.trim().into()));
                }
                _ => head.get_or_insert_default().line(line, &row, i + 1),
            }
        }
        Ok(file)
    }

    /// The results that have the names of the first line.
    fn results(&self) -> Option<Results<'_>> {
        let (first, _, own) = self.lines.first()?;
        let same = || self.lines.iter().filter(|(_, _, n)| n == own);
        // The number of the block matters where there are several.
        let several = same().any(|(block, _, _)| block != first);
        let mut names = own.clone();
        if several {
            names.push("Block");
        }
        let row = |(block, values, _): &'_ Line<'a>| -> Vec<String> {
            let block = several.then(|| block.clone());
            values.iter().map(|v| (*v).to_string()).chain(block).collect()
        };
        Some(Results { names, rows: same().map(row).collect() })
    }
}

/// `FS1.hap   26.05.2020  15:17:54`: the head of a curve begins.
fn begins(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let clock = |w: &&str| w.matches(':').count() == 2 && w.chars().all(|c| c.is_ascii_digit() || c == ':');
    words.len() >= 3 && words.last().is_some_and(clock)
}

impl Curve<'_> {
    /// A line of the head.
    fn line(&mut self, line: &str, cells: &[&str], number: usize) {
        if let Some([b, v]) = block(line) {
            (self.block, self.value) = (Some(b.to_string()), Some(v.to_string()));
            self.metadata.extend([("Block".into(), b.into()), ("Value".into(), v.into())]);
        } else if let Some(mm) = place(line) {
            self.position = Some(mm.map(|v| v * 1e-3));
            self.metadata.push(("position".into(), line.trim().into()));
        } else if let [key, unit, value @ ..] = cells
            && unit.starts_with('[')
        {
            self.metadata.push((format!("{key} {unit}"), value.join(" ")));
        } else {
            self.metadata.push((format!("line {number}"), line.trim().into()));
        }
    }
}

/// `Block : 1   Value : 3`.
fn block(line: &str) -> Option<[&str; 2]> {
    let rest = line.trim().strip_prefix("Block")?.trim_start().strip_prefix(':')?;
    let (block, value) = rest.split_once("Value")?;
    Some([block.trim(), value.trim_start().strip_prefix(':')?.trim()])
}

/// `x=    44.65  y=     6.01`, in mm.
fn place(line: &str) -> Option<[f64; 2]> {
    let (x, y) = line.trim().strip_prefix("x=")?.split_once("y=")?;
    let get = |t: &str| number::parse(t, Mark::Point).or_else(|| number::parse(t, Mark::Comma));
    Some([get(x)?, get(y)?])
}
