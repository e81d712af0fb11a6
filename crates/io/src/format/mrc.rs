//! MRC images, stacks and volumes of electron microscopes: `.mrc`, `.map`, `.rec`, `.st`.
//!
//! A header of 1,024 bytes, an extended header, then the numbers, x fastest, of which the first line is the lowest. The cell
//! is in ångström. Source: the MRC2014 format (Cheng et al. 2015, doi:10.1016/j.jsb.2015.04.002).

use crate::cursor::{Cursor, Endian, Sample};
use crate::format::text::encoding;
use crate::{Block, Channel, Confidence, Dataset, Format, Limits, ReadError, Reader, Source};
use softspot_data::unit::Unit;

const ID: &str = "mrc";
const HEADER: usize = 1024;
const ANGSTROM: f64 = 1e-10;

/// The reader.
pub struct Mrc;

static FORMAT: Format = Format {
    id: ID,
    name: "MRC",
    extensions: &["mrc", "map", "rec", "st", "mrcs"],
    about: "Images and volumes of 8 to 32 bits, with their voxel. A cell of 1 Å a voxel, the default, is not believed.",
    reference: "https://www.ccpem.ac.uk/mrc_format/mrc2014.php",
};

impl Reader for Mrc {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        if source.head().get(208..211) == Some(b"MAP") { 90 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let bytes = source.bytes();
        let endian = if bytes.get(212) == Some(&0x11) { Endian::Big } else { Endian::Little };
        let number = |at: usize| -> Result<i32, ReadError> {
            let mut c = Cursor::new(ID, bytes, endian);
            c.seek(at)?;
            c.i32()
        };
        let real = |at: usize| number(at).map(|v| f64::from(f32::from_bits(v as u32)));
        let count = |at: usize| -> Result<usize, ReadError> {
            let n = number(at)?;
            usize::try_from(n).map_err(|_| {
                ReadError::new(ID, format!("the header gives {n} elements"))
                    .at(at)
                    .hint("the file is damaged; copy it again")
            })
        };
        let [nx, ny, nz] = [count(0)?, count(4)?, count(8)?];
        let sample = match number(12)? {
            0 => Sample::I8,
            1 => Sample::I16,
            2 => Sample::F32,
            6 => Sample::U16,
            12 => Sample::F16,
            mode => {
                return Err(ReadError::new(ID, format!("numbers of mode {mode} are not read"))
                    .at(12)
                    .hint("complex and four-bit numbers are left out; save it as 32-bit floats"));
            }
        };
        limits.count(ID, &[nz, ny, nx])?;
        let start = HEADER + count(92)?;
        // The cell holds `mx` × `my` × `mz` voxels, which need not be those of the file.
        let mut step = [0.0; 3];
        for (i, step) in step.iter_mut().enumerate() {
            *step = real(40 + 4 * i)? / f64::from(number(28 + 4 * i)?.max(1));
        }
        let known = step.iter().all(|s| s.is_finite() && *s > 0.0) && step != [1.0; 3];
        let size = |n: &[usize]| {
            known.then(|| n.iter().zip(step).map(|(n, s)| *n as f64 * s * ANGSTROM).collect::<Vec<f64>>())
        };
        let mut dataset = Dataset::new(ID, limits);
        let channel = match nz {
            1 => Channel::map("data", Unit::none(), ny, nx).sized(size(&[nx, ny])),
            _ => Channel::volume("data", Unit::none(), [nz, ny, nx]).sized(size(&[nx, ny, nz])),
        };
        let block = Block::packed(ID, source, start, sample, endian, &channel.shape)?.bottom_up();
        dataset.push(channel, block)?;
        let labels = count(220)?.min(10);
        for i in 0..labels {
            let label = encoding::field(bytes.get(224 + 80 * i..304 + 80 * i).unwrap_or_default());
            let label = label.trim_matches(['\0', ' ']).to_string();
            if !label.is_empty() {
                dataset.metadata.push((format!("label {}", i + 1), label));
            }
        }
        dataset.metadata.push(("voxel of the header".into(), format!("{} {} {} Å", step[0], step[1], step[2])));
        dataset.finish()
    }
}
