//! The header of 512 bytes that begins every object.

use crate::cursor::{Cursor, Endian};
use crate::format::text::encoding;
use crate::{Metadata, ReadError};

use super::ID;

/// Bytes of the header.
pub(super) const SIZE: usize = 512;

/// What the first lines of the description are.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub compressed: bool,
    /// 0 for little-endian files; Macintosh files have 257.
    pub order: i16,
    pub objects: i16,
    pub kind: i16,
    pub name: String,
    pub channels: i16,
    /// Whether some points were not measured.
    pub special: i16,
    /// Length of the third axis of a hyperspectral map.
    pub depth: i32,
    pub bits: i16,
    pub lowest: i32,
    pub columns: i32,
    pub rows: i32,
    /// Steps of the axes x, y, z.
    pub step: [f64; 3],
    pub axis: [String; 3],
    pub unit: [String; 3],
    pub comment: usize,
    pub private: usize,
    pub offset: [f64; 3],
    /// Step, offset, name and unit of the axis of spectra.
    pub spectral: (f64, f64, String, String),
    pub fields: Metadata,
}

impl Header {
    /// Reads the header that begins at `at`.
    ///
    /// # Errors
    /// [`ReadError`] where there is none.
    pub(super) fn read(bytes: &[u8], at: usize) -> Result<Header, ReadError> {
        let mut c = Cursor::new(ID, bytes, Endian::Little);
        c.seek(at)?;
        let signature = c.take(12)?;
        if !super::is_signature(signature) {
            return Err(ReadError::new(ID, "no object of Digital Surf begins here")
                .at(at)
                .hint("the file is damaged, or cut; copy it again"));
        }
        let compressed = signature == super::PACKED;
        let mut f = Fields { c, out: Metadata::new() };
        let (order, objects, _, kind) =
            (f.short("byte order")?, f.short("objects")?, f.short("version")?, f.short("type")?);
        let (name, _) = (f.text("object name", 30)?, f.text("operator name", 30)?);
        let (channels, _, _) = (f.short("channels")?, f.short("acquisition type")?, f.short("range type")?);
        let (special, _) = (f.short("special points")?, f.short("absolute")?);
        f.real("gauge resolution")?;
        let (depth, bits) = (f.long("third axis")?, f.short("bits")?);
        let (lowest, _) = (f.long("z min")?, f.long("z max")?);
        let (columns, rows, _) = (f.long("points")?, f.long("lines")?, f.long("all points")?);
        let step = [f.real("x step")?, f.real("y step")?, f.real("z step")?];
        let axis = [f.text("x axis", 16)?, f.text("y axis", 16)?, f.text("z axis", 16)?];
        let unit = [f.text("x step unit", 16)?, f.text("y step unit", 16)?, f.text("z step unit", 16)?];
        for name in ["x length unit", "y length unit", "z length unit"] {
            f.text(name, 16)?;
        }
        for name in ["x unit ratio", "y unit ratio", "z unit ratio"] {
            f.real(name)?;
        }
        for name in ["imprint", "inverted", "levelled"] {
            f.short(name)?;
        }
        f.c.take(12)?;
        for name in ["seconds", "minutes", "hours", "day", "month", "year", "day of week"] {
            f.short(name)?;
        }
        f.real("duration")?;
        f.c.take(4 + 6)?;
        // Written as signed numbers, but sizes beyond 32 kB occur.
        let (comment, private) = (f.c.u16()?, f.c.u16()?);
        f.text("client zone", 128)?;
        let offset = [f.real("x offset")?, f.real("y offset")?, f.real("z offset")?];
        let spectral = (f.real("t step")?, f.real("t offset")?, f.text("t axis", 13)?, f.text("t step unit", 13)?);
        let size = |v: u16| usize::from(v);
        let (comment, private) = (size(comment), size(private));
        Ok(Header {
            compressed,
            order,
            objects,
            kind,
            name,
            channels,
            special,
            depth,
            bits,
            lowest,
            columns,
            rows,
            step,
            axis,
            unit,
            comment,
            private,
            offset,
            spectral,
            fields: f.out,
        })
    }
}

/// Reads fields and keeps them as metadata.
struct Fields<'a> {
    c: Cursor<'a>,
    out: Metadata,
}

impl Fields<'_> {
    fn keep(&mut self, name: &str, value: String) {
        if !name.is_empty() && !value.is_empty() {
            self.out.push((name.to_string(), value));
        }
    }

    fn short(&mut self, name: &str) -> Result<i16, ReadError> {
        let v = self.c.i16()?;
        self.keep(name, v.to_string());
        Ok(v)
    }

    fn long(&mut self, name: &str) -> Result<i32, ReadError> {
        let v = self.c.i32()?;
        self.keep(name, v.to_string());
        Ok(v)
    }

    fn real(&mut self, name: &str) -> Result<f64, ReadError> {
        let v = f64::from(self.c.f32()?);
        self.keep(name, v.to_string());
        Ok(v)
    }

    fn text(&mut self, name: &str, n: usize) -> Result<String, ReadError> {
        let raw = self.c.take(n)?;
        let end = raw.iter().position(|b| *b == 0).unwrap_or(n);
        let v = encoding::field(raw.get(..end).unwrap_or_default()).trim().to_string();
        self.keep(name, v.clone());
        Ok(v)
    }
}
