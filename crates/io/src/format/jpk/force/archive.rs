//! The archive: which curves, segments and channels it has, and their headers.

use std::collections::BTreeMap;

use crate::container::zip;
use crate::format::jpk::conversion::Lookup;
use crate::format::jpk::properties::Properties;
use crate::{Limits, Metadata, ReadError, Source};

use super::ID;

/// Bytes of a header; the longest seen have 12 kB.
const HEADER: usize = 1 << 20;

/// An opened archive.
pub(super) struct Archive {
    zip: zip::Archive,
    limits: Limits,
    /// `header.properties`.
    pub general: Properties,
    /// `shared-data/header.properties`; empty before version 2.0.
    pub shared: Properties,
    pub curves: Vec<Curve>,
}

/// One curve, by members of the archive.
#[derive(Debug, Default)]
pub(super) struct Curve {
    /// Its place in the order of measurement.
    pub number: usize,
    header: Option<usize>,
    pub segments: Vec<Segment>,
}

/// One segment: approach, pause, retract.
#[derive(Debug, Default)]
pub(super) struct Segment {
    pub number: usize,
    header: Option<usize>,
    /// Channels by name: member and bytes.
    pub channels: BTreeMap<String, (usize, u64)>,
}

impl Archive {
    pub(super) fn open(source: &Source, limits: &Limits) -> Result<Archive, ReadError> {
        let zip = zip::Archive::open(ID, source)?;
        let mut curves: BTreeMap<usize, (Option<usize>, BTreeMap<usize, Segment>)> = BTreeMap::new();
        let (mut general, mut shared) = (None, None);
        for (member, name) in zip.names().iter().enumerate() {
            match name.as_str() {
                "header.properties" => general = Some(member),
                "shared-data/header.properties" => shared = Some(member),
                _ => {}
            }
            let (curve, rest) = match name.strip_prefix("index/").and_then(|n| n.split_once('/')) {
                Some((number, rest)) => match number.parse() {
                    Ok(number) => (number, rest),
                    Err(_) => continue,
                },
                None => (0, name.as_str()),
            };
            // The header of a map stands where that of a single curve does.
            if rest == "header.properties" && (name != rest || !curves.contains_key(&curve)) {
                curves.entry(curve).or_default().0 = Some(member);
            }
            let Some((segment, rest)) = rest.strip_prefix("segments/").and_then(|n| n.split_once('/')) else {
                continue;
            };
            let Ok(number) = segment.parse::<usize>() else { continue };
            let segment = curves.entry(curve).or_default().1.entry(number).or_default();
            segment.number = number;
            if rest == "segment-header.properties" {
                segment.header = Some(member);
            } else if let Some(channel) = rest.strip_prefix("channels/").and_then(|c| c.strip_suffix(".dat")) {
                let size = zip.size(member)?;
                segment.channels.insert(channel.to_string(), (member, size));
            }
        }
        let curves: Vec<Curve> = curves
            .into_iter()
            .map(|(number, (header, segments))| Curve { number, header, segments: segments.into_values().collect() })
            .filter(|c| c.segments.iter().any(|s| !s.channels.is_empty()))
            .collect();
        if curves.is_empty() {
            return Err(ReadError::new(ID, "there is no curve in the archive (`segments/0/channels/….dat`)")
                .hint("the file is incomplete; save it again from the JPK software"));
        }
        let mut archive =
            Archive { zip, limits: *limits, general: Properties::default(), shared: Properties::default(), curves };
        let header = |member: Option<usize>| member.map(|m| archive.properties(m)).transpose();
        let (general, shared) = (header(general)?, header(shared)?);
        archive.general = general.unwrap_or_default();
        archive.shared = shared.unwrap_or_default();
        Ok(archive)
    }

    fn properties(&self, member: usize) -> Result<Properties, ReadError> {
        Ok(Properties::parse(&self.zip.start(member, HEADER)?))
    }

    /// A curve's own header; of a file of one curve that is the general one.
    pub(super) fn curve_header(&self, curve: &Curve) -> Result<Option<Properties>, ReadError> {
        curve.header.map(|m| self.properties(m)).transpose()
    }

    /// A segment's header.
    pub(super) fn segment_header(&self, segment: &Segment) -> Result<Properties, ReadError> {
        match segment.header {
            Some(member) => self.properties(member),
            None => Ok(Properties::default()),
        }
    }

    /// All bytes of a member.
    pub(super) fn data(&self, member: usize) -> Result<Vec<u8>, ReadError> {
        self.zip.read(member, &self.limits)
    }

    /// Every header that the curves share; of a single curve those of its segments as well.
    pub(super) fn metadata(&self) -> Result<Metadata, ReadError> {
        let mut out = Metadata::new();
        let mut add = |before: &str, from: &Properties| {
            out.extend(from.iter().map(|(k, v)| (format!("{before}{k}"), v.to_string())));
        };
        add("", &self.general);
        add("shared-data/", &self.shared);
        if let [only] = self.curves.as_slice() {
            for segment in &only.segments {
                add(&format!("segments/{}/", segment.number), &self.segment_header(segment)?);
            }
        }
        Ok(out)
    }
}

/// The keys of one channel of a segment, wherever they stand: in the segment's header, below `data` there, or shared.
pub(super) struct ChannelKeys<'a> {
    pub segment: &'a Properties,
    pub shared: &'a Properties,
    pub channel: &'a str,
}

impl Lookup for ChannelKeys<'_> {
    fn get(&self, key: &str) -> Option<String> {
        let own = |below: &str| self.segment.get(&format!("channel.{}.{below}{key}", self.channel));
        let from_shared = || {
            let k = self.segment.get(&format!("channel.{}.lcd-info.*", self.channel))?;
            self.shared.get(&format!("lcd-info.{k}.{key}"))
        };
        own("").or_else(|| own("data.")).or_else(from_shared).map(str::to_string)
    }
}

/// Seconds that a segment took.
pub(super) fn duration(segment: &Properties, shared: &Properties) -> Option<f64> {
    let positive = |v: &f64| *v >= 0.0;
    let own = |key: &str| segment.number(&format!("force-segment-header.{key}"));
    let from_shared = || {
        let k = segment.get("force-segment-header.force-segment-header-info.*")?;
        shared.number(&format!("force-segment-header-info.{k}.settings.segment-settings.duration"))
    };
    own("duration").or_else(|| own("settings.segment-settings.duration")).or_else(from_shared).filter(positive)
}
