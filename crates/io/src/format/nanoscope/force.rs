//! Force curves and force volumes: `\*Ciao force image list` sections.
//!
//! Each section is one signal. Its data hold, curve after curve, the samples of the approach from the turning point
//! backwards, then those of the retraction; `Samps/line` counts both. One count is worth what stands in brackets in
//! `Z scale` (`0.000375 V/LSB`), unlike in images; it counts sixteen-bit numbers even where the data have four bytes.
//! The curves of a volume are written line by line, `force/line` of them in each, the bottom line first. A step of the
//! ramp is its size by its samples. Sources: a curve of version 8.15; pyMFD and PyFMReader for the order of volumes.

use crate::cursor::{Endian, Sample};
use crate::{Block, Channel, Dataset, Limits, ReadError, Source, Store, TableInfo, Window};
use softspot_data::unit::Unit;

use super::header::{self, Section};
use super::{FOUR_BYTES, ID, elsewhere, frame, version};

/// No converter reaches so many volts (or millivolts): the count is then that of a shorter number.
const BEYOND: f64 = 1e5;

/// Whether a section holds force curves.
pub(super) fn is_force(section: &Section) -> bool {
    section.name.to_ascii_lowercase().ends_with("force image list")
}

/// One signal of all curves.
struct Signal {
    name: String,
    at: usize,
    /// Samples of approach and retraction.
    samples: [usize; 2],
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
        let at = section.number("Data offset").ok_or_else(|| missing("Data offset"))?;
        let length = section.number("Data length").ok_or_else(|| missing("Data length"))?;
        let total = approach.checked_add(retraction).filter(|n| *n <= source.bytes().len()).ok_or_else(|| {
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
        let (count, unit) = scale(section, all, sample, &name)?;
        let spring_constant = section.get("Spring Constant").and_then(|v| v.trim().parse().ok());
        let samples = [approach, retraction];
        Ok(Signal { name, at, samples, curves, sample, count, unit, spring_constant })
    }

    /// The samples of approach or retraction of one curve, in the order of time; `None` where there are none.
    fn part(&self, source: &Source, curve: usize, part: usize) -> Result<Option<Block>, ReadError> {
        let [approach, retraction] = self.samples;
        let size = self.sample.size();
        let start = self.at.saturating_add(curve.saturating_mul(approach + retraction).saturating_mul(size));
        let (start, n) = if part == 0 { (start, approach) } else { (start + approach * size, retraction) };
        if n == 0 {
            return Ok(None);
        }
        let block = Block::packed(ID, source, start, self.sample, Endian::Little, &[n])?.scaled(self.count, 0.0);
        Ok(Some(if part == 0 { block.right_to_left() } else { block }))
    }

    fn is_deflection(&self) -> bool {
        self.name.to_ascii_lowercase().contains("deflection") && self.unit.is_length()
    }

    fn is_height(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        (name.contains("height sensor") || name.contains("zsensor")) && self.unit.is_length()
    }
}

/// The value of one count of a force signal, and its unit.
fn scale(section: &Section, all: &[Section], sample: Sample, name: &str) -> Result<(f64, Unit), ReadError> {
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
    let wide = sample == Sample::I32 && count.abs() * 4_294_967_296.0 > BEYOND;
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
    // Two columns a signal, and what is derived.
    let columns = signals.len().saturating_mul(2).saturating_add(5);
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
            for (part, suffix) in ["extend", "retract"].iter().enumerate() {
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
        let [approach, retraction] = signal.samples;
        let curve = (approach + retraction).saturating_mul(size);
        let parts = [
            ("extend", approach, signal.at.saturating_add((approach - 1) * size), -(size as isize)),
            ("retract", retraction, signal.at.saturating_add(approach * size), size as isize),
        ];
        for (suffix, n, at, step) in parts {
            if n == 0 {
                continue;
            }
            let shape = [n, rows, columns];
            let strides = [step, columns.saturating_mul(curve) as isize, curve as isize];
            let block = Block::strided(ID, source, at, signal.sample, Endian::Little, &shape, &strides)?;
            let channel = Channel::volume(format!("{} {suffix}", signal.name), signal.unit.clone(), shape);
            dataset.push(channel, block.bottom_up().scaled(signal.count, 0.0))?;
        }
    }
    Ok(())
}

/// How the piezo moved.
struct Ramp {
    /// m.
    size: Option<f64>,
    /// Seconds of approach and retraction.
    seconds: Option<[f64; 2]>,
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
            [share / rate, (1.0 - share) / rate]
        });
        Ramp { size: size.filter(|s| s.is_finite() && *s != 0.0), seconds }
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
        let parts = [signal.part(source, curve, 0)?, signal.part(source, curve, 1)?];
        Ok(Store::whole(move || {
            let mut out = Vec::new();
            for part in parts.iter().flatten() {
                out.extend(part.window(&Window::whole(part.shape()))?.iter().map(|v| v * factor));
            }
            Ok(out)
        }))
    };
    let Some(first) = own().next() else { return Ok(()) };
    let [approach, retraction] = first.samples;
    if let Some((signal, k)) = own().filter(|s| s.is_deflection()).find_map(|s| Some((s, s.spring_constant?))) {
        let n = signal.samples.iter().sum();
        let store = joined(signal, signal.unit.scale * k)?;
        dataset.push(Channel::column(table, "force", Unit::of("N"), n), store)?;
    }
    if let Some(signal) = own().find(|s| s.is_height()) {
        let n = signal.samples.iter().sum();
        let store = joined(signal, -1.0)?;
        dataset.push(Channel::column(table, "height (measured)", signal.unit.clone(), n), store)?;
    }
    let count = approach.saturating_add(retraction);
    if let Some(size) = ramp.size {
        let step = move |n: usize| size / n.max(1) as f64;
        let store = Store::whole(move || {
            let down = (0..approach).rev().map(|i| i as f64 * step(approach));
            Ok(down.chain((0..retraction).map(|i| i as f64 * step(retraction))).collect())
        });
        dataset.push(Channel::column(table, "height (piezo)", Unit::of("m"), count), store)?;
    }
    let store = Store::whole(move || Ok((0..count).map(|i| f64::from(u8::from(i >= approach))).collect()));
    dataset.push(Channel::column(table, "segment", Unit::none(), count), store)?;
    if let Some([down, up]) = ramp.seconds {
        let store = Store::whole(move || {
            let first = (0..approach).map(|i| down * i as f64 / approach as f64);
            Ok(first.chain((0..retraction).map(|i| down + up * i as f64 / retraction as f64)).collect())
        });
        dataset.push(Channel::column(table, "time", Unit::of("s"), count), store)?;
    }
    Ok(())
}
