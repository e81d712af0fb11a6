//! The columns of a curve, and how each is put together from its segments.

use std::collections::BTreeMap;

use crate::ReadError;
use crate::cursor::{Endian, Sample};
use crate::format::jpk::conversion::{self, Conversion, Lookup};
use crate::format::jpk::properties::Properties;

use super::ID;
use super::archive::{Archive, ChannelKeys, Curve, Segment, duration};

/// A column that several channels can give: its name, the channels in the order in which they are tried, and the slot.
type Derived = (&'static str, &'static [&'static str], &'static str);

const DERIVED: [Derived; 3] = [
    ("force", &["vDeflection"], "force"),
    ("height (measured)", &["capacitiveSensorHeight", "measuredHeight", "strainGaugeHeight"], "nominal"),
    ("height (piezo)", &["head-height", "height"], "calibrated"),
];

/// What a column shows.
#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// One of [`DERIVED`].
    Derived(usize),
    Segment,
    Time,
    /// A channel in its default slot.
    Own(String),
}

/// One column of the tables.
#[derive(Clone, Debug)]
pub(super) struct Column {
    kind: Kind,
    pub unit: String,
}

impl Column {
    pub(super) fn name(&self) -> &str {
        match &self.kind {
            Kind::Derived(i) => DERIVED.get(*i).map_or("", |d| d.0),
            Kind::Segment => "segment",
            Kind::Time => "time",
            Kind::Own(name) => name,
        }
    }

    /// The channel of a segment that gives it, and the slots in the order in which they are tried.
    fn channel<'a>(&'a self, segment: &Segment) -> Option<(&'a str, Option<&'static str>)> {
        match &self.kind {
            Kind::Derived(i) => {
                let (_, channels, slot) = DERIVED.get(*i)?;
                let channel = channels.iter().find(|c| segment.channels.contains_key(**c))?;
                Some((channel, Some(slot)))
            }
            Kind::Own(name) => Some((name, None)),
            Kind::Segment | Kind::Time => None,
        }
    }
}

/// What all curves of a file have in common.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub columns: Vec<Column>,
    /// Bytes of a stored number, by channel.
    samples: BTreeMap<String, Sample>,
}

impl Plan {
    /// Looks into the header of the first segment in which a channel appears.
    pub(super) fn of(archive: &Archive) -> Result<Plan, ReadError> {
        let mut samples: BTreeMap<String, Sample> = BTreeMap::new();
        let mut derived: [Option<String>; 3] = [None, None, None];
        let mut own: BTreeMap<String, String> = BTreeMap::new();
        for segment in archive.curves.iter().flat_map(|c| &c.segments) {
            if segment.channels.keys().all(|c| samples.contains_key(c)) {
                continue;
            }
            let header = archive.segment_header(segment)?;
            for name in segment.channels.keys().filter(|c| !samples.contains_key(*c)).cloned().collect::<Vec<_>>() {
                let keys = ChannelKeys { segment: &header, shared: &archive.shared, channel: &name };
                let sample = conversion::sample(&keys).ok_or_else(|| {
                    ReadError::new(ID, format!("the header does not say how the numbers of `{name}` are stored"))
                        .hint("save the file again from the JPK software")
                })?;
                samples.insert(name.clone(), sample);
                let place = DERIVED.iter().position(|d| d.1.contains(&name.as_str()));
                let slot = place.and_then(|i| DERIVED.get(i)).map(|d| d.2);
                let Some(conversion) = convert(&keys, slot) else { continue };
                match place.and_then(|i| derived.get_mut(i)) {
                    // A deflection that was not calibrated is no force.
                    Some(_) if slot == Some("force") && conversion.unit != "N" => {
                        own.insert(name, conversion.unit);
                    }
                    Some(unit) => {
                        unit.get_or_insert(conversion.unit);
                    }
                    None => {
                        own.insert(name, conversion.unit);
                    }
                }
            }
        }
        let mut columns: Vec<Column> = Vec::new();
        for (i, unit) in derived.into_iter().enumerate() {
            columns.extend(unit.map(|unit| Column { kind: Kind::Derived(i), unit }));
        }
        columns.push(Column { kind: Kind::Segment, unit: String::new() });
        columns.push(Column { kind: Kind::Time, unit: "s".into() });
        // A sensor that another one outranks somewhere is shown by itself as well.
        let mut plan = Plan { columns, samples };
        for name in plan.samples.keys() {
            let hidden = archive.curves.iter().flat_map(|c| &c.segments).any(|s| {
                let shown = plan.columns.iter().filter_map(|c| c.channel(s)).any(|(c, _)| c == name);
                s.channels.contains_key(name) && !shown
            });
            if hidden && !own.contains_key(name) {
                let unit = DERIVED.iter().position(|d| d.1.contains(&name.as_str()));
                let unit = unit.and_then(|i| plan.columns.iter().find(|c| c.kind == Kind::Derived(i)));
                own.extend(unit.map(|c| (name.clone(), c.unit.clone())));
            }
        }
        plan.columns.extend(own.into_iter().map(|(name, unit)| Column { kind: Kind::Own(name), unit }));
        Ok(plan)
    }

    /// The columns that a curve has.
    pub(super) fn columns_of(&self, curve: &Curve) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(move |column| match column.kind {
            Kind::Segment | Kind::Time => true,
            _ => curve.segments.iter().any(|s| column.channel(s).is_some_and(|(c, _)| s.channels.contains_key(c))),
        })
    }

    /// Points of a curve.
    pub(super) fn length(&self, curve: &Curve) -> usize {
        curve.segments.iter().fold(0usize, |sum, s| sum.saturating_add(self.points(s)))
    }

    /// Points of a segment: what its longest channel has room for.
    pub(super) fn points(&self, segment: &Segment) -> usize {
        let count = |(name, (_, bytes)): (&String, &(usize, u64))| {
            let size = self.samples.get(name).map_or(1, |s| s.size());
            usize::try_from(*bytes).unwrap_or(usize::MAX) / size
        };
        segment.channels.iter().map(count).max().unwrap_or(0)
    }
}

/// Into the wanted slot, else into the default one, else into what the encoder gives.
fn convert(keys: &ChannelKeys<'_>, slot: Option<&str>) -> Option<Conversion> {
    let wanted = slot.and_then(|s| conversion::into_slot(keys, s));
    let default = || conversion::into_slot(keys, &conversion::default_slot(keys)?);
    let base = || conversion::into_slot(keys, &keys.get("conversion-set.conversions.base").unwrap_or_default());
    wanted.or_else(default).or_else(base)
}

/// The numbers of a column.
pub(super) fn read(archive: &Archive, plan: &Plan, curve: usize, column: &Column) -> Result<Vec<f64>, ReadError> {
    let curve = archive.curves.get(curve).ok_or_else(|| ReadError::new(ID, "there is no such curve"))?;
    let mut out = Vec::new();
    let mut start = 0.0;
    for segment in &curve.segments {
        let n = plan.points(segment);
        match column.kind {
            Kind::Segment => out.extend(std::iter::repeat_n(segment.number as f64, n)),
            Kind::Time => {
                let header = archive.segment_header(segment)?;
                let seconds = duration(&header, &archive.shared).ok_or_else(|| {
                    ReadError::new(ID, format!("the header of segment {} gives no duration", segment.number))
                        .hint("save the file again from the JPK software")
                })?;
                out.extend((0..n).map(|i| start + seconds * (i as f64 / n as f64)));
                start += seconds;
            }
            Kind::Derived(_) | Kind::Own(_) => {
                let from = out.len();
                if let Some((channel, slot)) = column.channel(segment)
                    && let Some((member, _)) = segment.channels.get(channel)
                {
                    let header = archive.segment_header(segment)?;
                    let raw = archive.data(*member)?;
                    out.extend(decode(&raw, &header, archive, plan, channel, slot, &column.unit)?);
                }
                // Where a segment lacks the channel there is no value.
                out.resize(from.saturating_add(n), f64::NAN);
            }
        }
    }
    Ok(out)
}

fn decode(
    raw: &[u8],
    header: &Properties,
    archive: &Archive,
    plan: &Plan,
    channel: &str,
    slot: Option<&str>,
    unit: &str,
) -> Result<Vec<f64>, ReadError> {
    let keys = ChannelKeys { segment: header, shared: &archive.shared, channel };
    let stored = keys.get("file.format").unwrap_or_else(|| "raw".into());
    if stored != "raw" {
        return Err(ReadError::new(
            ID,
            format!("the numbers of `{channel}` are stored as `{stored}`, which is not read"),
        )
        .hint("export the curve as text from the JPK software"));
    }
    let conversion = convert(&keys, slot).filter(|c| c.unit == unit).ok_or_else(|| {
        ReadError::new(ID, format!("`{channel}` cannot be brought to `{unit}` in every segment of the curve"))
            .hint("calibrate the file anew in JPK SPM Data Processing")
    })?;
    // The count of points goes by the type that the first segment gave.
    let sample = plan.samples.get(channel).copied().unwrap_or(Sample::I16);
    if conversion::sample(&keys).is_some_and(|s| s != sample) {
        return Err(ReadError::new(ID, format!("`{channel}` is stored differently in different segments"))
            .hint("save the file again from the JPK software"));
    }
    Ok(sample.decode(raw, Endian::Big, conversion.scale, conversion.offset))
}
