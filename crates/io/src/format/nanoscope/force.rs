//! Force curves and force volumes: `\*Ciao force image list` sections.
//!
//! Each section is one signal. Its data hold, curve after curve, the samples of the approach from the turning point
//! backwards, then those of the retraction, then those of a hold between the two; `Samps/line` counts the first two, `Hold
//! Samples` the last. A shorter approach may be filled up to the length of the retraction. One count is worth what stands in brackets in
//! `Z scale` (`0.000375 V/LSB`), unlike in images; it counts sixteen-bit numbers even where the data fill four bytes.
//! The curves of a volume are written line by line, `force/line` of them in each, the bottom line first. A step of the
//! ramp is its size by its samples. Sources: a curve of version 8.15; pyMFD and PyFMReader for the order of volumes; AtomicJ
//! and Gwyddion's nanoscope.c for the hold.

use crate::cursor::{Endian, Sample};
use crate::{Block, Channel, Dataset, Limits, ReadError, Source, Store, TableInfo, Window};
use softspot_data::unit::Unit;

use super::header::{self, Section};
use super::{FOUR_BYTES, ID, elsewhere, frame, version};

/// No converter reaches so many volts (or millivolts): the count is then that of a shorter number.
const BEYOND: f64 = 1e5;
/// Numbers that are looked at to tell whether they are such shorter ones, and what those do not exceed.
const LOOKED: usize = 1 << 16;
const SHORT: f64 = 262_144.0;

/// Whether a section holds force curves.
pub(super) fn is_force(section: &Section) -> bool {
    section.name.to_ascii_lowercase().ends_with("force image list")
}

/// One signal of all curves.
struct Signal {
    name: String,
    at: usize,
    /// Samples of approach, retraction and hold, as they are stored.
    samples: [usize; 3],
    /// Whether the approach is filled up by the least number there is.
    filled: bool,
    curves: usize,
    sample: Sample,
    count: f64,
    unit: Unit,
    /// N/m.
    spring_constant: Option<f64>,
}

impl Signal {
    fn of(source: &Source, section: &Section, all: &[Section]) -> Result<Signal, ReadError> {
        let name = section.get("Image Data").map_or("Signal", header::selected).to_string();
        let missing = |key: &str| {
            ReadError::new(ID, format!("force signal `{name}` has no `{key}` in its header"))
                .hint("the header is damaged; copy the file again")
        };
        let counts = section.get("Samps/line").or_else(|| elsewhere(all, "Samps/line"));
        let mut counts = counts.unwrap_or_default().split_whitespace().map(|n| n.parse::<usize>().unwrap_or(0));
        let approach = counts.next().filter(|n| *n > 0).ok_or_else(|| missing("Samps/line"))?;
        let retraction = counts.next().unwrap_or(approach);
        let hold = hold(all, "Hold Samples").map_or(0, |v| v as usize);
        let at = section.number("Data offset").ok_or_else(|| missing("Data offset"))?;
        let length = section.number("Data length").ok_or_else(|| missing("Data length"))?;
        // Of unequal halves the shorter one may be filled up: the length of the data tells.
        let fits = |total: usize| [2, 4].iter().any(|bytes| length.is_multiple_of(total.saturating_mul(*bytes).max(1)));
        let even = approach.max(retraction);
        let sum = |a: usize, b: usize| a.saturating_add(b).saturating_add(hold);
        let filled = approach != retraction && fits(sum(even, even)) && !fits(sum(approach, retraction));
        let (approach, retraction) = if filled { (even, even) } else { (approach, retraction) };
        let total = Some(sum(approach, retraction)).filter(|n| *n <= source.bytes().len()).ok_or_else(|| {
            ReadError::new(ID, format!("force signal `{name}` claims more samples than the file can hold"))
                .hint("the header is damaged; copy the file again")
        })?;
        // From version 9.2 on the data have four bytes whatever the header says.
        let wide = section.number("Bytes/pixel") == Some(4) || length == total.saturating_mul(4);
        let sample = if wide || version(all) >= FOUR_BYTES { Sample::I32 } else { Sample::I16 };
        let curves = length / total.saturating_mul(sample.size()).max(1);
        if curves == 0 || at.checked_add(length).is_none_or(|end| end > source.bytes().len()) {
            return Err(ReadError::new(ID, format!("the data of force signal `{name}` are not whole"))
                .at(source.bytes().len())
                .hint("the file is truncated; copy it again from the instrument"));
        }
        let long = sample == Sample::I32 && exceeds(source, at, length.min(4 * LOOKED));
        let (count, unit) = scale(section, all, long, &name)?;
        let spring_constant = section.get("Spring Constant").and_then(|v| v.trim().parse().ok());
        let samples = [approach, retraction, hold];
        Ok(Signal { name, at, samples, filled, curves, sample, count, unit, spring_constant })
    }

    /// Samples of a curve.
    fn total(&self) -> usize {
        self.samples.iter().sum()
    }

    /// Bytes of a curve before a part of it.
    fn before(&self, part: usize) -> usize {
        self.samples.iter().take(part).sum::<usize>() * self.sample.size()
    }

    /// The samples of a part of one curve, in the order of time; `None` where there are none.
    fn part(&self, source: &Source, curve: usize, part: usize) -> Result<Option<Block>, ReadError> {
        let Some(&n) = self.samples.get(part).filter(|n| **n > 0) else { return Ok(None) };
        let start = self.at.saturating_add(curve.saturating_mul(self.total()).saturating_mul(self.sample.size()));
        let at = start + self.before(part);
        let block = self.complete(Block::packed(ID, source, at, self.sample, Endian::Little, &[n])?);
        Ok(Some(if part == 0 { block.right_to_left() } else { block }))
    }

    fn complete(&self, block: Block) -> Block {
        let least = if self.sample == Sample::I16 { f64::from(i16::MIN) } else { f64::from(i32::MIN) };
        let block = if self.filled { block.missing(least) } else { block };
        block.scaled(self.count, 0.0)
    }

    fn is_deflection(&self) -> bool {
        self.name.to_ascii_lowercase().contains("deflection") && self.unit.is_length()
    }

    fn is_height(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        (name.contains("height sensor") || name.contains("zsensor")) && self.unit.is_length()
    }
}

/// The parts of a curve in the order of time: approach, hold, retraction.
const PARTS: [(usize, &str); 3] = [(0, "extend"), (2, "pause"), (1, "retract")];

/// A number of the list of force settings that says how long the hold is.
fn hold(all: &[Section], key: &str) -> Option<f64> {
    let list = all.iter().find(|s| s.name.to_ascii_lowercase().ends_with("force list"))?;
    let value: f64 = list.get(key)?.split_whitespace().next()?.parse().ok()?;
    (value.is_finite() && value > 0.0 && value < 1e9).then_some(value)
}

/// Whether numbers of four bytes use more of them than two and a little.
fn exceeds(source: &Source, at: usize, length: usize) -> bool {
    let bytes = source.bytes().get(at..).and_then(|b| b.get(..length)).unwrap_or_default();
    Sample::I32.decode(bytes, Endian::Little, 1.0, 0.0).iter().any(|v| v.abs() > SHORT && *v > f64::from(i32::MIN))
}

/// The value of one count of a force signal, and its unit; `long` numbers use all of their four bytes.
fn scale(section: &Section, all: &[Section], long: bool, name: &str) -> Result<(f64, Unit), ReadError> {
    let text = section.get("Z scale").ok_or_else(|| {
        ReadError::new(ID, format!("force signal `{name}` has no `Z scale`, so its values have no unit"))
            .hint("files older than NanoScope III are not read")
    })?;
    let z = header::scaled(text).ok_or_else(|| {
        ReadError::new(ID, format!("force signal `{name}`: `Z scale: {text}` is not a scaled value"))
            .hint("the header is damaged; copy the file again")
    })?;
    if let Some(counts) = z.counts {
        return Ok((z.value / counts, Unit::parse_or_keep(&z.unit)));
    }
    let (count, hard) = z.least.unwrap_or((z.value / 65_536.0, z.unit.clone()));
    let wide = long && count.abs() * 4_294_967_296.0 > BEYOND;
    let count = if wide { count / 65_536.0 } else { count };
    let sensitivity = z.soft.as_deref().and_then(|soft| elsewhere(all, soft)).and_then(header::scaled);
    Ok(match sensitivity {
        Some(s) => (count * s.value, header::product(&s.unit, &hard)),
        None => (count, Unit::parse_or_keep(&hard)),
    })
}

/// Adds a table a curve.
pub(super) fn push(dataset: &mut Dataset, source: &Source, all: &[Section], limits: &Limits) -> Result<(), ReadError> {
    let mut signals = Vec::new();
    for section in all.iter().filter(|s| is_force(s)) {
        signals.push(Signal::of(source, section, all)?);
    }
    let curves = signals.iter().map(|s| s.curves).max().unwrap_or(0);
    let line = elsewhere(all, "force/line").and_then(|v| v.split_whitespace().next()?.parse::<usize>().ok());
    let line = line.filter(|n| *n > 0 && *n <= curves);
    // Three columns a signal, and what is derived.
    let columns = signals.len().saturating_mul(3).saturating_add(5);
    if curves.saturating_mul(columns) > limits.channels {
        return volumes(dataset, source, &signals, line);
    }
    let size = elsewhere(all, "Scan size").and_then(|_| frame::size(all.iter().find(|s| is_force(s))?, all, None));
    for curve in 0..curves {
        let mut info = TableInfo::default();
        if curves > 1 {
            info.name = format!("curve {curve}");
            info.cell = line.and_then(|n| Some([curves.div_ceil(n).checked_sub(1 + curve / n)?, curve % n]));
            if let (Some(n), Some([width, height])) = (line, size.as_deref()) {
                let part = |i: usize, of: usize| (i as f64 + 0.5) / of as f64;
                info.position = Some([width * part(curve % n, n), height * part(curve / n, curves.div_ceil(n))]);
            }
        }
        let table = dataset.add_table(info);
        let ramp = Ramp::of(all);
        derive(dataset, table, source, &signals, curve, &ramp)?;
        for signal in signals.iter().filter(|s| curve < s.curves) {
            for (part, suffix) in PARTS {
                let Some(block) = signal.part(source, curve, part)? else { continue };
                let name = format!("{} {suffix}", signal.name);
                let n = block.shape().iter().product();
                dataset.push(Channel::column(table, name, signal.unit.clone(), n), block)?;
            }
        }
    }
    Ok(())
}

/// Where there are too many curves for a table each: volumes `[sample, row, column]` of approach and retraction.
fn volumes(dataset: &mut Dataset, source: &Source, signals: &[Signal], line: Option<usize>) -> Result<(), ReadError> {
    for signal in signals {
        let columns = line.filter(|n| signal.curves % n == 0).ok_or_else(|| {
            let what = format!("{} force curves on no whole grid are more than the limit of channels", signal.curves);
            ReadError::new(ID, what).hint("export a part of the volume from NanoScope Analysis")
        })?;
        let rows = signal.curves / columns;
        let size = signal.sample.size();
        let curve = signal.total().saturating_mul(size);
        for (part, suffix) in PARTS {
            let Some(&n) = signal.samples.get(part).filter(|n| **n > 0) else { continue };
            // The approach is stored from its end on.
            let (first, step) = if part == 0 { ((n - 1) * size, -(size as isize)) } else { (0, size as isize) };
            let at = signal.at.saturating_add(signal.before(part) + first);
            let shape = [n, rows, columns];
            let strides = [step, columns.saturating_mul(curve) as isize, curve as isize];
            let block = Block::strided(ID, source, at, signal.sample, Endian::Little, &shape, &strides)?;
            let channel = Channel::volume(format!("{} {suffix}", signal.name), signal.unit.clone(), shape);
            dataset.push(channel, signal.complete(block.bottom_up()))?;
        }
    }
    Ok(())
}

/// How the piezo moved.
struct Ramp {
    /// m.
    size: Option<f64>,
    /// Seconds of approach, retraction and hold.
    seconds: Option<[f64; 3]>,
    /// Whether the piezo stands still in the hold.
    still: bool,
}

impl Ramp {
    fn of(all: &[Section]) -> Ramp {
        let text = ["Ramp size Zsweep", "Ramp size", "Z scan size"].iter().find_map(|k| elsewhere(all, k));
        let size = text.and_then(header::scaled).and_then(|z| {
            let sensitivity = z.soft.as_deref().and_then(|soft| elsewhere(all, soft)).and_then(header::scaled)?;
            let unit = header::product(&sensitivity.unit, &z.unit);
            unit.is_length().then(|| unit.to_si(z.value * sensitivity.value))
        });
        let list = all.iter().find(|s| s.name.to_ascii_lowercase().ends_with("force list"));
        let number = |key: &str| {
            let v: f64 = list?.get(key)?.split_whitespace().next()?.parse().ok()?;
            (v.is_finite() && v > 0.0).then_some(v)
        };
        let seconds = number("Scan rate").map(|rate| {
            let share = number("Forward vel.").zip(number("Reverse vel.")).map_or(0.5, |(f, r)| r / (f + r));
            [share / rate, (1.0 - share) / rate, hold(all, "Hold Time").unwrap_or(0.0)]
        });
        let still = list.and_then(|l| l.get("Hold Type")).is_some_and(|t| t.trim().eq_ignore_ascii_case("Z Drive"));
        Ramp { size: size.filter(|s| s.is_finite() && *s != 0.0), seconds, still }
    }
}

/// The columns under the names that curves of other instruments have: approach and retraction, one behind the other.
fn derive(
    dataset: &mut Dataset,
    table: usize,
    source: &Source,
    signals: &[Signal],
    curve: usize,
    ramp: &Ramp,
) -> Result<(), ReadError> {
    let own = || signals.iter().filter(|s| curve < s.curves);
    let joined = |signal: &Signal, factor: f64| -> Result<Store, ReadError> {
        let parts = PARTS.map(|(part, _)| signal.part(source, curve, part));
        let parts = parts.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(Store::whole(move || {
            let mut out = Vec::new();
            for part in parts.iter().flatten() {
                out.extend(part.window(&Window::whole(part.shape()))?.iter().map(|v| v * factor));
            }
            Ok(out)
        }))
    };
    let Some(first) = own().next() else { return Ok(()) };
    let [approach, retraction, hold] = first.samples;
    if let Some((signal, k)) = own().filter(|s| s.is_deflection()).find_map(|s| Some((s, s.spring_constant?))) {
        let store = joined(signal, signal.unit.scale * k)?;
        dataset.push(Channel::column(table, "force", Unit::of("N"), signal.total()), store)?;
    }
    if let Some(signal) = own().find(|s| s.is_height()) {
        let store = joined(signal, -1.0)?;
        dataset.push(Channel::column(table, "height (measured)", signal.unit.clone(), signal.total()), store)?;
    }
    let count = first.total();
    if let Some(size) = ramp.size {
        let step = move |n: usize| size / n.max(1) as f64;
        let still = if ramp.still { 0.0 } else { f64::NAN };
        let store = Store::whole(move || {
            let down = (0..approach).rev().map(|i| i as f64 * step(approach));
            let up = (0..retraction).map(|i| i as f64 * step(retraction));
            Ok(down.chain(std::iter::repeat_n(still, hold)).chain(up).collect())
        });
        dataset.push(Channel::column(table, "height (piezo)", Unit::of("m"), count), store)?;
    }
    let store = Store::whole(move || {
        let parts = [approach, hold, retraction].into_iter().filter(|n| *n > 0).enumerate();
        Ok(parts.flat_map(|(i, n)| std::iter::repeat_n(i as f64, n)).collect())
    });
    dataset.push(Channel::column(table, "segment", Unit::none(), count), store)?;
    // A hold of unknown length leaves no time behind it.
    if let Some([down, up, pause]) = ramp.seconds.filter(|s| hold == 0 || s[2] > 0.0) {
        let store = Store::whole(move || {
            let part = |from: f64, length: f64, n: usize| (0..n).map(move |i| from + length * i as f64 / n as f64);
            let last = if hold > 0 { down + pause } else { down };
            Ok(part(0.0, down, approach).chain(part(down, pause, hold)).chain(part(last, up, retraction)).collect())
        });
        dataset.push(Channel::column(table, "time", Unit::of("s"), count), store)?;
    }
    Ok(())
}
