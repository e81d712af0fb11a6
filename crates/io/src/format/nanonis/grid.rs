//! Nanonis grid spectroscopy (`.3ds`).
//!
//! A text header of `key=value` lines up to `:HEADER_END:`, then for every point of the grid its parameters and one
//! sweep a channel as big-endian 32-bit floats. Points run along the lines of the grid from the bottom line upwards
//! (the parameters `X` and `Y` of the points show it). An aborted grid ends early: what is missing is NaN.
//!
//! Every channel is a volume of rows, columns and points of the sweep, row 0 on top; every parameter is a map.

use crate::cursor::{Endian, Sample};
use crate::format::text::encoding;
use crate::{
    Block, Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, Store, TableInfo, Window,
};

use super::{number, signal};

const ID: &str = "nanonis-3ds";
const END: &[u8] = b":HEADER_END:";
/// An aborted grid may claim so many times the bytes that it holds.
const MOST_MISSING: usize = 4096;

/// The reader.
pub struct Nanonis3ds;

static FORMAT: Format = Format {
    id: ID,
    name: "Nanonis grid spectroscopy",
    extensions: &["3ds"],
    about: "Channels as volumes of rows, columns and sweep, parameters of the points as maps, the sweep as a table.",
    reference: "Nanonis file formats, SPECS Zurich",
};

impl Reader for Nanonis3ds {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let head = source.head();
        let has = |what: &[u8]| head.windows(what.len()).any(|w| w == what);
        match head.starts_with(b"Grid dim=") {
            true if has(b"Experiment size (bytes)=") || has(END) => 100,
            true => 60,
            false => 0,
        }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let bytes = source.bytes();
        let end = bytes.windows(END.len()).position(|w| w == END).ok_or_else(|| {
            ReadError::new(ID, "the header has no `:HEADER_END:`")
                .at(bytes.len())
                .hint("the file is cut; copy it again")
        })?;
        // The line ends with CR LF, of old versions with LF.
        let after = end + END.len();
        let start = after
            + match bytes.get(after..) {
                Some([b'\r', b'\n', ..]) => 2,
                Some([b'\n', ..]) => 1,
                _ => 0,
            };
        let header = Header::parse(&encoding::field(bytes.get(..end).unwrap_or_default()));
        let layout = header.layout(bytes.len().saturating_sub(start), start, limits)?;
        let size = header.size();
        let mut dataset = Dataset::new(ID, limits);
        for (i, text) in header.list("Channels").into_iter().enumerate() {
            let (name, unit) = signal(text);
            let shape = [layout.rows, layout.columns, layout.points];
            let store = layout.store(source, layout.parameters + i * layout.points, &shape)?;
            dataset.push(Channel::volume(name, unit, shape), store)?;
        }
        let parameters = header.parameters();
        let swept = signal(header.get("Sweep Signal").filter(|s| !s.is_empty()).unwrap_or("Sweep"));
        for (i, text) in parameters.iter().enumerate().take(layout.parameters) {
            let (name, mut unit) = signal(text);
            // The ends of the sweep have the unit of what is swept.
            if matches!(name.as_str(), "Sweep Start" | "Sweep End") {
                unit = swept.1.clone();
            }
            let store = layout.store(source, i, &[layout.rows, layout.columns])?;
            let channel = Channel::map(name, unit, layout.rows, layout.columns).sized(size.clone());
            dataset.push(channel, store)?;
        }
        if let Some((first, last)) = layout.sweep(bytes, &parameters)
            && !header.get("Filetype").is_some_and(|t| t.eq_ignore_ascii_case("MLS"))
        {
            let steps = (layout.points.max(2) - 1) as f64;
            let table = dataset.add_table(TableInfo::default());
            let values = (0..layout.points).map(|i| first + (last - first) * i as f64 / steps).collect();
            dataset.push_column(table, &swept.0, swept.1, values)?;
        }
        dataset.metadata = header.0;
        dataset.metadata.push(("points stored".into(), layout.stored.to_string()));
        dataset.finish()
    }
}

/// Keys and values, quotes taken off.
struct Header(Metadata);

impl Header {
    fn parse(text: &str) -> Header {
        let pair = |l: &str| {
            let (key, value) = l.split_once('=')?;
            Some((key.trim().to_string(), value.trim().trim_matches('"').to_string()))
        };
        Header(text.lines().filter_map(pair).collect())
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    fn list(&self, key: &str) -> Vec<&str> {
        self.get(key).unwrap_or("").split(';').map(str::trim).filter(|t| !t.is_empty()).collect()
    }

    fn parameters(&self) -> Vec<&str> {
        let mut all = self.list("Fixed parameters");
        all.extend(self.list("Experiment parameters"));
        all
    }

    fn whole(&self, key: &str) -> Result<usize, ReadError> {
        let text = self.get(key).unwrap_or("");
        text.trim().parse().map_err(|_| {
            ReadError::new(ID, format!("`{key}={text}` is not a whole number"))
                .hint("the header is damaged; copy the file again")
        })
    }

    /// Width and height of the grid in m: centre x, centre y, width, height, angle.
    fn size(&self) -> Option<Vec<f64>> {
        let numbers: Option<Vec<f64>> = self.list("Grid settings").into_iter().map(number).collect();
        numbers?.get(2..4).map(<[f64]>::to_vec)
    }

    fn layout(&self, have: usize, start: usize, limits: &Limits) -> Result<Layout, ReadError> {
        let wrong = |what: String| ReadError::new(ID, what).hint("the header is damaged; copy the file again");
        let text = self.get("Grid dim").unwrap_or("");
        let dim: Vec<usize> = text.split(['x', 'X']).filter_map(|t| t.trim().parse().ok()).collect();
        let [columns, rows] = dim[..] else { return Err(wrong(format!("`Grid dim={text}` is not two numbers"))) };
        let points = self.whole("Points")?;
        let parameters = self.whole("# Parameters (4 byte)")?;
        let channels = self.list("Channels").len();
        let pixels = limits.count(ID, &[rows, columns])?;
        limits.count(ID, &[pixels, points])?;
        let record = channels.checked_mul(points).and_then(|n| n.checked_add(parameters)?.checked_mul(4));
        let record = record.filter(|r| *r > 0 && *r <= have).ok_or_else(|| {
            let what = format!("the file is truncated: not one point of {channels} sweeps of {points} is whole");
            wrong(what).at(start)
        })?;
        let stored = (have / record).min(pixels);
        if pixels / stored.max(1) > MOST_MISSING {
            let what = format!("the header claims {pixels} points of the grid, more than the file can hold: {stored}");
            return Err(wrong(what).at(start));
        }
        Ok(Layout { start, rows, columns, points, parameters, record, stored })
    }
}

/// Where the numbers are.
#[derive(Clone)]
struct Layout {
    start: usize,
    rows: usize,
    columns: usize,
    points: usize,
    /// Numbers before the sweeps of a point.
    parameters: usize,
    /// Bytes of a point.
    record: usize,
    /// Points that are whole.
    stored: usize,
}

impl Layout {
    /// Numbers that begin at the `first` of every point.
    fn store(&self, source: &Source, first: usize, shape: &[usize]) -> Result<Store, ReadError> {
        let at = self.start + first * 4;
        if self.stored == self.rows * self.columns {
            let line = self.columns * self.record;
            let strides = [-(line as isize), self.record as isize, 4];
            let top = at + (self.rows - 1) * line;
            let strides = strides.get(..shape.len()).unwrap_or_default();
            return Ok(Block::strided(ID, source, top, Sample::F32, Endian::Big, shape, strides)?.into());
        }
        let (layout, source) = (self.clone(), source.clone());
        Ok(Store::windowed(move |window| Ok(layout.window(source.bytes(), at, window))))
    }

    /// As a block, with NaN for the points that were never measured.
    fn window(&self, bytes: &[u8], at: usize, window: &Window) -> Vec<f64> {
        let mut out = Vec::with_capacity(window.shape().iter().product());
        let volume = window.ranges().len() == 3;
        let mut one = |row: usize, column: usize, from: usize, n: usize| {
            let point = (self.rows - 1 - row) * self.columns + column;
            let end = out.len() + n;
            if point < self.stored {
                let from = at + point * self.record + 4 * from;
                let raw = bytes.get(from..from + 4 * n).unwrap_or_default();
                Sample::F32.extend(&mut out, raw, Endian::Big, 1.0, 0.0);
            }
            out.resize(end, f64::NAN);
        };
        window.runs(|start, n| match (start, volume) {
            ([row, column, from], true) => one(*row, *column, *from, n),
            ([row, column], false) => (*column..column + n).for_each(|c| one(*row, c, 0, 1)),
            _ => {}
        });
        out
    }

    /// First and last value of the sweep, from the parameters of the first point.
    fn sweep(&self, bytes: &[u8], parameters: &[&str]) -> Option<(f64, f64)> {
        let value = |name: &str| {
            let i = parameters.iter().take(self.parameters).position(|p| signal(p).0 == name)?;
            let raw = bytes.get(self.start + 4 * i..)?.first_chunk::<4>()?;
            Some(f64::from(f32::from_be_bytes(*raw))).filter(|v| v.is_finite())
        };
        Some((value("Sweep Start")?, value("Sweep End")?))
    }
}
