//! Netpbm's grey and colour images (PGM, PPM) and PFM, their kin of floating-point numbers.
//!
//! Known writers: Netpbm, ImageMagick, GIMP, OpenCV, cameras of microscopes. A head of words – kind, columns, rows and the
//! largest number, comments from `#` to the end of a line – one blank, then numbers: of one byte, of two (most significant
//! first) where the largest is beyond 255, or as words. PFM has a scale instead of the largest number, negative where the
//! least significant byte stands first, and its bottom line first. Binary images may follow one another. Source:
//! netpbm.sourceforge.net, `pgm`, `ppm`, `pfm`.

use super::png::luminance;
use crate::cursor::{Endian, Sample};
use crate::{Block, Channel, Confidence, Dataset, Format, Limits, ReadError, Reader, Source, Store, Window};
use softspot_data::unit::Unit;

const ID: &str = "pnm";

/// The reader.
pub struct Pnm;

static FORMAT: Format = Format {
    id: ID,
    name: "PGM, PPM, PFM",
    extensions: &["pgm", "ppm", "pnm", "pfm"],
    about: "Grey images of 8 and 16 bits and of floating-point numbers, colours as luminance (Rec. 709); no pixel size.",
    reference: "https://netpbm.sourceforge.net/doc/pnm.html",
};

/// The head of an image.
struct Head {
    /// Colours of a pixel.
    colours: usize,
    rows: usize,
    columns: usize,
    /// The largest number, or the scale of PFM.
    most: f64,
    form: Form,
    /// Byte of the first number.
    at: usize,
}

#[derive(PartialEq)]
enum Form {
    Words,
    Bytes,
    Floats,
}

fn form(magic: &[u8]) -> Option<(Form, usize)> {
    Some(match magic {
        b"P2" => (Form::Words, 1),
        b"P3" => (Form::Words, 3),
        b"P5" => (Form::Bytes, 1),
        b"P6" => (Form::Bytes, 3),
        b"Pf" => (Form::Floats, 1),
        b"PF" => (Form::Floats, 3),
        _ => return None,
    })
}

impl Reader for Pnm {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        if head(source.head(), 0).is_ok() { 90 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let mut dataset = Dataset::new(ID, limits);
        let mut at = 0;
        for i in 1..=limits.channels {
            let own = head(source.bytes(), at)?;
            let name = if own.colours == 1 { "grey" } else { "luminance" };
            let name = if i == 1 { name.to_string() } else { format!("{name} {i}") };
            let what = if own.form == Form::Floats { "scale" } else { "largest number" };
            dataset.metadata.push((format!("{name}: {what}"), own.most.to_string()));
            limits.count(ID, &[own.rows, own.columns, own.colours])?;
            let channel = Channel::map(name, Unit::none(), own.rows, own.columns);
            if own.form == Form::Words {
                let source = source.clone();
                let n = own.rows * own.columns * own.colours;
                let read = move || Ok(luminance(&words(&source, own.at, n)?, own.colours, own.colours));
                dataset.push(channel, Store::whole(read))?;
                break;
            }
            let (block, end) = block(source, &own)?;
            if own.colours == 1 {
                dataset.push(channel, block)?;
            } else {
                let all = Window::whole(block.shape());
                dataset.push(channel, Store::whole(move || Ok(luminance(&block.window(&all)?, 3, 3))))?;
            }
            at = end;
            if !source.bytes().get(at..).is_some_and(|rest| rest.starts_with(b"P")) {
                break;
            }
        }
        dataset.finish()
    }
}

/// The numbers of a binary image, and where they end.
fn block(source: &Source, own: &Head) -> Result<(Block, usize), ReadError> {
    let (sample, endian) = match own.form {
        Form::Floats if own.most < 0.0 => (Sample::F32, Endian::Little),
        Form::Floats => (Sample::F32, Endian::Big),
        _ if own.most > 255.0 => (Sample::U16, Endian::Big),
        _ => (Sample::U8, Endian::Big),
    };
    let (rows, line) = (own.rows, own.columns.saturating_mul(own.colours));
    let mut block = Block::packed(ID, source, own.at, sample, endian, &[rows, line])?;
    if own.form == Form::Floats {
        block = block.bottom_up();
    }
    Ok((block, own.at + rows * line * sample.size()))
}

/// Words of an image, which must be as many as its pixels have numbers.
fn words(source: &Source, at: usize, n: usize) -> Result<Vec<f64>, ReadError> {
    let text = String::from_utf8_lossy(source.bytes().get(at..).unwrap_or_default());
    let plain = text.lines().flat_map(|l| l.split('#').next().unwrap_or_default().split_ascii_whitespace());
    let number = |w: &str| {
        w.parse::<u16>().map(f64::from).map_err(|_| ReadError::new(ID, format!("`{w}` is no number of a pixel")).at(at))
    };
    let out: Vec<f64> = plain.take(n + 1).map(number).collect::<Result<_, _>>()?;
    if out.len() == n {
        return Ok(out);
    }
    let what =
        if out.len() < n { format!("{} numbers of {n}", out.len()) } else { format!("more than its {n} numbers") };
    Err(ReadError::new(ID, format!("the image has {what}")).hint("the file is damaged or cut off; copy it again"))
}

/// Reads the head of the image that begins at a byte.
fn head(bytes: &[u8], start: usize) -> Result<Head, ReadError> {
    let fail = |what: &str, at: usize| ReadError::new(ID, what).at(at).hint("the head is damaged; copy the file again");
    let (form, colours) =
        bytes.get(start..start + 2).and_then(form).ok_or_else(|| fail("no image begins here", start))?;
    let mut at = start + 2;
    let mut word = || -> Option<&str> {
        loop {
            let blanks = bytes.get(at..)?.iter().take_while(|b| b.is_ascii_whitespace()).count();
            at += blanks;
            if bytes.get(at) != Some(&b'#') {
                // A word stands apart from what is before it.
                let length = bytes.get(at..)?.iter().take_while(|b| !b.is_ascii_whitespace()).take(32).count();
                let own = bytes.get(at..at + length).filter(|w| !w.is_empty() && blanks > 0)?;
                at += length;
                return std::str::from_utf8(own).ok();
            }
            at += bytes.get(at..)?.iter().take_while(|b| **b != b'\n').count();
        }
    };
    let mut size = || word()?.parse::<usize>().ok().filter(|n| (1..1 << 31).contains(n));
    let columns = size().ok_or_else(|| fail("its width is no number", start))?;
    let rows = size().ok_or_else(|| fail("its height is no number", start))?;
    let most = word().and_then(|w| w.parse::<f64>().ok());
    let sound = |m: &f64| match form {
        Form::Floats => m.is_finite() && *m != 0.0,
        _ => m.fract() == 0.0 && (1.0..=65535.0).contains(m),
    };
    let most = most.filter(sound).ok_or_else(|| fail("its largest number, or its scale, is none", start))?;
    // One blank, then numbers.
    if !bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        return Err(fail("the head has no end", at));
    }
    Ok(Head { colours, rows, columns, most, form, at: at + 1 })
}
