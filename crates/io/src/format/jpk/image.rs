//! JPK images (`.jpk`, `.jpk-qi-image`, `.jpk-force-map` previews): TIFF, one page a channel.
//!
//! Known writers: NanoWizard and CellHesion of JPK Instruments, later Bruker. The first page is a thumbnail in colours
//! and holds what the pages share: the grid's extent (0x8042, 0x8043 in m). Each further page names its channel
//! (0x8052, else 0x8050), its direction (0x8051) and its calibration slots (0x8080 of them, from 0x8090 on in steps of
//! 0x30): name, unit, multiplier and offset from the stored number. The default slot (0x8081) is read, as Gwyddion does.
//! The bottom line comes first unless the grid is reflected (0x8045). Numbers that an encoder `…WithValidity` marks as
//! invalid are missing. Sources: Gwyddion's `jpk.h` by JPK's own S. Neumann, and files of versions 6.0 and 6.1.

use std::collections::BTreeMap;

use crate::format::tiff::directory::Header;
use crate::format::tiff::page::Page;
use crate::format::tiff::private::{self, Tags, Vendor};
use crate::{Channel, Confidence, Dataset, Format, Limits, Metadata, ReadError, Reader, Source, Store, Window};
use softspot_data::unit::Unit;

const ID: &str = "jpk";

const FORMAT_VERSION: u16 = 0x8000;
const WIDTH: u16 = 0x8042;
const HEIGHT: u16 = 0x8043;
const REFLECT: u16 = 0x8045;
const CHANNEL: u16 = 0x8050;
const RETRACE: u16 = 0x8051;
const FANCY_NAME: u16 = 0x8052;
const SLOTS: u16 = 0x8080;
const DEFAULT_SLOT: u16 = 0x8081;
/// Tags of one slot, from its name on.
const SLOT: u16 = 0x8090;
const SLOT_STEP: u16 = 0x30;
/// Slots that fit between the first and the end of the numbers of tags.
const MOST_SLOTS: u16 = 64;

/// Tags that say something of the whole scan, as people call them.
const SHARED: &[(u16, &str)] = &[
    (FORMAT_VERSION, "program version"),
    (0x8003, "start"),
    (0x8004, "name"),
    (0x8005, "comment"),
    (0x8006, "end"),
    (0x8007, "sample"),
    (0x8008, "unique id"),
    (0x8009, "account"),
    (0x8010, "cantilever"),
    (0x8011, "spring constant"),
    (0x8015, "approach id"),
    (0x8030, "feedback mode"),
    (0x8031, "P gain"),
    (0x8032, "I gain"),
    (0x8033, "setpoint"),
    (0x8040, "grid x0 (m)"),
    (0x8041, "grid y0 (m)"),
    (WIDTH, "grid u length (m)"),
    (HEIGHT, "grid v length (m)"),
    (0x8044, "grid angle (rad)"),
    (REFLECT, "grid reflected"),
    (0x8049, "scan rate (Hz)"),
    (0x804a, "duty cycle"),
    (0x804b, "motion"),
];

/// The reader.
pub struct Jpk;

static FORMAT: Format = Format {
    id: ID,
    name: "JPK image",
    extensions: &["jpk", "jpk-qi-image"],
    about: "Every channel in its default calibration, forward (name) and backward (name and `(retrace)`).",
    reference: "Gwyddion's jpk.h, written by S. Neumann of JPK Instruments",
};

impl Reader for Jpk {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        if private::vendor(source.bytes()) == Some(Vendor::Jpk) { 95 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let directories = private::all(source.bytes()).map_err(own)?;
        let first = directories.first().ok_or_else(|| {
            ReadError::new(ID, "the TIFF directory is broken").at(4).hint("copy the file again from the instrument")
        })?;
        let grid = Grid {
            size: first.number(WIDTH).zip(first.number(HEIGHT)).map(|(w, h)| vec![w.abs(), h.abs()]),
            bottom_up: first.number(REFLECT).is_none_or(|r| r == 0.0),
        };
        let mut metadata: Metadata =
            SHARED.iter().filter_map(|(id, name)| Some(((*name).into(), shown(first, *id)?))).collect();
        let mut dataset = Dataset::new(ID, limits);
        for directory in &directories {
            // The thumbnail is a palette image; the channels are grey (1) and of 16 or 32 bits.
            if directory.number(262) != Some(1.0) || directory.number(SLOTS).is_none() {
                continue;
            }
            if !matches!(directory.number(258), Some(16.0 | 32.0 | 64.0)) {
                continue;
            }
            let page = directory.page().map_err(own)?;
            if page.samples != 1 {
                continue;
            }
            let slot = Slot::of(directory)?;
            let name = name(directory);
            metadata.extend(
                slot.names.iter().enumerate().map(|(i, n)| (format!("{name}/calibration slot {i}"), n.clone())),
            );
            metadata.push((format!("{name}/default slot"), slot.name.clone()));
            let channel =
                Channel::map(name, Unit::parse_or_keep(&slot.unit), page.rows, page.columns).sized(grid.size.clone());
            let view = View { source: source.clone(), header: directory.header(), page, slot, up: grid.bottom_up };
            dataset.push(channel, Store::windowed(move |w| view.read(w)))?;
        }
        if dataset.channels().is_empty() {
            return Err(ReadError::new(ID, "no page of the file holds a channel")
                .hint("the file is cut behind its thumbnail; copy it again from the instrument"));
        }
        dataset.metadata = metadata;
        dataset.finish()
    }
}

/// An error of the pages beneath, under our name.
fn own(e: ReadError) -> ReadError {
    ReadError { format: ID.into(), ..e }
}

struct Grid {
    size: Option<Vec<f64>>,
    bottom_up: bool,
}

fn shown(directory: &Tags<'_>, id: u16) -> Option<String> {
    directory.shown(id).filter(|t| !t.is_empty())
}

fn name(directory: &Tags<'_>) -> String {
    let filled = |id| directory.text(id).filter(|t| !t.is_empty());
    let name = filled(FANCY_NAME).or_else(|| filled(CHANNEL)).unwrap_or_else(|| "image".into());
    match directory.number(RETRACE) {
        Some(r) if r != 0.0 => format!("{name} (retrace)"),
        _ => name,
    }
}

/// What turns stored numbers into the unit of the default slot.
struct Slot {
    name: String,
    unit: String,
    scale: f64,
    offset: f64,
    /// The stored number that stands for no value.
    invalid: Option<f64>,
    /// Every slot of the channel.
    names: Vec<String>,
}

impl Slot {
    fn of(directory: &Tags<'_>) -> Result<Slot, ReadError> {
        let count = directory.number(SLOTS).filter(|n| (1.0..=f64::from(MOST_SLOTS)).contains(n)).unwrap_or(0.0) as u16;
        let tag = |slot: u16, field: u16| SLOT + slot * SLOT_STEP + field;
        let slots: BTreeMap<u16, String> = (0..count).filter_map(|i| Some((i, directory.text(tag(i, 0))?))).collect();
        let wanted = directory.text(DEFAULT_SLOT);
        let found = slots.iter().find(|(_, name)| Some(*name) == wanted.as_ref());
        let Some((&i, name)) = found else {
            let wanted = wanted.unwrap_or_default();
            return Err(ReadError::new(ID, format!("a channel has no calibration slot `{wanted}`, its default"))
                .hint("save the image again in JPK SPM Data Processing"));
        };
        let (scale, offset) = match directory.text(tag(i, 0x13)).as_deref() {
            Some("LinearScaling") => {
                (directory.number(tag(i, 0x14)).unwrap_or(1.0), directory.number(tag(i, 0x15)).unwrap_or(0.0))
            }
            Some("NullScaling") | None => (1.0, 0.0),
            Some(other) => {
                return Err(ReadError::new(ID, format!("the scaling `{other}` of slot `{name}` is not read"))
                    .hint("choose a linear calibration in JPK SPM Data Processing, or export the channel"));
            }
        };
        let validity = directory.text(tag(i, 0x11)).is_some_and(|e| e.ends_with("WithValidity"));
        Ok(Slot {
            name: name.clone(),
            unit: directory.text(tag(i, 0x12)).unwrap_or_default(),
            scale,
            offset,
            invalid: directory.number(tag(i, 0x1a)).filter(|_| validity),
            names: slots.values().cloned().collect(),
        })
    }
}

/// One channel: a page and how to read it.
struct View {
    source: Source,
    header: Header,
    page: Page,
    slot: Slot,
    up: bool,
}

impl View {
    fn read(&self, window: &Window) -> Result<Vec<f64>, ReadError> {
        let [rows, columns] = window.ranges() else { return Err(ReadError::new(ID, "a window of a map has two axes")) };
        let (rows, columns) = (rows.clone(), columns.clone());
        let stored = if self.up {
            let turn = |r: usize| self.page.rows.saturating_sub(r);
            turn(rows.end)..turn(rows.start)
        } else {
            rows
        };
        let width = columns.len().max(1);
        let window = Window::new([stored, columns]);
        let mut values = self.page.window(&self.source, self.header, &window).map_err(own)?;
        for v in &mut values {
            let invalid = self.slot.invalid == Some(*v);
            *v = if invalid { f64::NAN } else { *v * self.slot.scale + self.slot.offset };
        }
        if self.up {
            values = values.rchunks_exact(width).flatten().copied().collect();
        }
        Ok(values)
    }
}
