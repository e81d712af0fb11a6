//! The tiny files in `fixtures/`, made here from nothing: a writer a format, apart from the readers' code.

use std::io::Write;

/// Numbers in either byte order.
#[derive(Clone, Copy)]
pub(crate) enum Order {
    Little,
    Big,
}

pub(crate) struct Bytes {
    pub(crate) out: Vec<u8>,
    order: Order,
}

macro_rules! put {
    ($name:ident, $type:ty) => {
        pub(crate) fn $name(&mut self, v: $type) -> &mut Self {
            match self.order {
                Order::Little => self.out.extend(v.to_le_bytes()),
                Order::Big => self.out.extend(v.to_be_bytes()),
            }
            self
        }
    };
}

impl Bytes {
    pub(crate) fn new(order: Order) -> Bytes {
        Bytes { out: Vec::new(), order }
    }

    put!(u16, u16);
    put!(i16, i16);
    put!(u32, u32);
    put!(i32, i32);
    put!(f32, f32);
    put!(f64, f64);

    pub(crate) fn raw(&mut self, b: &[u8]) -> &mut Self {
        self.out.extend(b);
        self
    }

    /// Text in a field of fixed length.
    pub(crate) fn text(&mut self, t: &str, n: usize) -> &mut Self {
        let mut b = t.as_bytes().to_vec();
        b.resize(n, 0);
        self.raw(&b)
    }

    pub(crate) fn pad_to(&mut self, n: usize) -> &mut Self {
        self.out.resize(n, 0);
        self
    }
}

/// A value of every pixel that tells row from column: 10 · row + column.
pub(crate) fn ramp(rows: usize, columns: usize) -> Vec<f64> {
    (0..rows * columns).map(|i| (10 * (i / columns) + i % columns) as f64).collect()
}

fn object(kind: &str, body: &[u8]) -> Vec<u8> {
    let mut b = Bytes::new(Order::Little);
    b.raw(kind.as_bytes()).raw(&[0]).u32(body.len() as u32).raw(body);
    b.out
}

fn component(name: &str, kind: u8, value: &[u8]) -> Vec<u8> {
    [name.as_bytes(), &[0, kind], value].concat()
}

fn si_unit(name: &str, unit: &[u8]) -> Vec<u8> {
    let text = [unit, &[0]].concat();
    component(name, b'o', &object("GwySIUnit", &component("unitstr", b's', &text)))
}

fn data_field(values: &[f64], columns: usize, unit_xy: &[u8], unit_z: &[u8]) -> Vec<u8> {
    let rows = values.len() / columns;
    let mut data = Bytes::new(Order::Little);
    data.u32(values.len() as u32);
    values.iter().for_each(|v| {
        data.f64(*v);
    });
    let body = [
        component("xres", b'i', &(columns as i32).to_le_bytes()),
        component("yres", b'i', &(rows as i32).to_le_bytes()),
        component("xreal", b'd', &(columns as f64 * 2e-9).to_le_bytes()),
        component("yreal", b'd', &(rows as f64 * 3e-9).to_le_bytes()),
        si_unit("si_unit_xy", unit_xy),
        si_unit("si_unit_z", unit_z),
        component("data", b'D', &data.out),
    ];
    object("GwyDataField", &body.concat())
}

/// Two images of 3 × 4, a mask of the first, and a setting.
pub(crate) fn gwy() -> Vec<u8> {
    let scaled: Vec<f64> = ramp(3, 4).iter().map(|v| v * 1e3).collect();
    let body = [
        component("/0/data", b'o', &data_field(&ramp(3, 4), 4, b"m", b"m")),
        component("/0/data/title", b's', b"Height\0"),
        component("/0/mask", b'o', &data_field(&[1.0; 12], 4, b"m", b"")),
        component("/10/data", b'o', &data_field(&scaled, 4, b"m", b"Hz")),
        component("/10/data/title", b's', b"Frequency\0"),
        component("/0/meta", b'o', &object("GwyContainer", &component("Scan rate", b's', b"1 Hz\0"))),
        component("/filename", b's', b"scan.gwy\0"),
    ];
    [b"GWYP".to_vec(), object("GwyContainer", &body.concat())].concat()
}

/// One image in the serialisation before 2004, its unit with a prefix that means nothing.
pub(crate) fn gwyo() -> Vec<u8> {
    let mut body = Bytes::new(Order::Little);
    body.u32(16 << 2).raw(b"/0/base/palette\0Blue\0");
    body.u32(20 << 2).raw(b"/0/data\0").raw(&data_field(&ramp(3, 4), 4, b"\xb5m", b"nm"));
    [b"GWYO".to_vec(), object("GwyContainer", &body.out)].concat()
}

/// Writes the checksum that makes the words of the header add up to zero.
fn check(out: &mut [u8], at: usize, covered: usize, order: Order) {
    let word = |b: &[u8]| match order {
        Order::Little => u16::from_le_bytes([b[0], b[1]]),
        Order::Big => u16::from_be_bytes([b[0], b[1]]),
    };
    let sum = out[..covered].chunks(2).fold(0u16, |a, b| a.wrapping_add(word(b)));
    let fix = 0u16.wrapping_sub(sum);
    let b = match order {
        Order::Little => fix.to_le_bytes(),
        Order::Big => fix.to_be_bytes(),
    };
    out[at..at + 2].copy_from_slice(&b);
}

/// A wave of version 5 of 32-bit floats; labels are those of the last dimension.
pub(crate) fn ibw5(
    order: Order,
    dims: &[usize],
    values: &[f32],
    labels: &[&str],
    dim_unit: &str,
    note: &str,
) -> Vec<u8> {
    let mut b = Bytes::new(order);
    let label_bytes = if labels.is_empty() { 0 } else { 32 * (labels.len() + 1) };
    b.u16(5).u16(0).i32((320 + 4 * values.len()) as i32).i32(0).i32(note.len() as i32);
    (0..5).for_each(|_| {
        b.i32(0);
    });
    for d in 0..4 {
        b.i32(if d + 1 == dims.len() { label_bytes as i32 } else { 0 });
    }
    b.pad_to(64 + 12).i32(values.len() as i32).u16(2).pad_to(64 + 26).i16(1).text("scan", 32).pad_to(64 + 68);
    (0..4).for_each(|d| {
        b.i32(dims.get(d).copied().unwrap_or(0) as i32);
    });
    [2e-9, 3e-9, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0].iter().for_each(|v| {
        b.f64(*v);
    });
    b.text("m", 4).text(dim_unit, 4).text(dim_unit, 4).pad_to(64 + 320);
    values.iter().for_each(|v| {
        b.f32(*v);
    });
    b.raw(note.as_bytes());
    if !labels.is_empty() {
        b.text("", 32);
        labels.iter().for_each(|l| {
            b.text(l, 32);
        });
    }
    let mut out = b.out;
    check(&mut out, 2, 64 + 320, order);
    out
}

/// Two layers of 4 × 3 pixels, stored from the bottom line.
pub(crate) fn ibw_image(order: Order) -> Vec<u8> {
    let bottom_up: Vec<f32> = ramp(3, 4).chunks(4).rev().flatten().map(|v| *v as f32).collect();
    let both = [bottom_up.clone(), bottom_up].concat();
    ibw5(order, &[4, 3, 2], &both, &["HeightRetrace", "PhaseRetracerace"], "m", "ScanRate: 1.5\rTip:new\r")
}

/// Three columns of a force curve.
pub(crate) fn ibw_columns() -> Vec<u8> {
    let v: Vec<f32> = (0..12).map(|i| i as f32).collect();
    ibw5(Order::Little, &[4, 3], &v, &["Raw", "Defl", "ZSnsr"], "s", "")
}

/// One column of 64-bit floats in version 2.
pub(crate) fn ibw2(order: Order) -> Vec<u8> {
    let mut b = Bytes::new(order);
    b.u16(2).i32(110 + 5 * 8 + 16).i32(4).i32(0).u16(0);
    b.u16(4).pad_to(16 + 6).text("wave0", 20).pad_to(16 + 34).text("V", 4).text("s", 4).i32(5).u16(0);
    b.f64(0.5).f64(0.0).pad_to(16 + 110);
    [5.0, 4.0, 3.0, 2.0, 1.0].iter().for_each(|v| {
        b.f64(*v);
    });
    b.pad_to(16 + 110 + 40 + 16).raw(b"note");
    let mut out = b.out;
    check(&mut out, 14, 126, order);
    out
}

/// Trace and retrace of a height, and a phase; `bytes` a pixel in the data, two in the header.
pub(crate) fn nanoscope(bytes: usize) -> Vec<u8> {
    let (rows, columns) = (3, 4);
    let length = rows * columns * bytes;
    let start = 2048;
    let version = if bytes == 4 { "0x09300201" } else { "0x05310001" };
    let mut head = format!(
        "\\*File list\r\n\\Version: {version}\r\n\\*Scanner list\r\n\\@Sens. Zscan: V 8.000000 nm/V\r\n\
         \\*Ciao scan list\r\n\\Scan size: 8 nm\r\n\\@Sens. Phase: V 1.000000 \r\n"
    );
    let images =
        [("Height", "Zscan", "V", "Trace"), ("Height", "Zscan", "V", "Retrace"), ("Phase", "Phase", "\u{b0}", "Trace")];
    for (i, (name, sens, unit, direction)) in images.iter().enumerate() {
        head += &format!(
            "\\*Ciao image list\r\n\\Data offset: {}\r\n\\Data length: {length}\r\n\\Bytes/pixel: 2\r\n\
             \\Samps/line: {columns}\r\n\\Number of lines: {rows}\r\n\\Scan size: 8 9 nm\r\n\\Line direction: {direction}\r\n\
             \\@2:Image Data: S [{name}] \"{name}\"\r\n\\@2:Z scale: V [Sens. {sens}] (0.01 {unit}/LSB) 64.00000 {unit}\r\n",
            start + i * length
        );
    }
    head += "\\*File list end\r\n\u{1a}";
    // The degree sign is Latin-1.
    let mut b = Bytes::new(Order::Little);
    b.out.extend(head.chars().map(|c| c as u8));
    b.pad_to(start);
    for _ in images {
        for line in ramp(rows, columns).chunks(columns).rev() {
            for v in line {
                if bytes == 2 {
                    b.i16(*v as i16)
                } else {
                    b.i32(*v as i32)
                };
            }
        }
    }
    b.out
}

/// A force curve's header: no image in it.
pub(crate) fn nanoscope_force() -> Vec<u8> {
    let mut out = b"\\*Force file list\r\n\\Version: 0x08150308\r\n\\*Ciao force image list\r\n\\Data offset: 512\r\n\\*File list end\r\n\x1a".to_vec();
    out.resize(600, 0);
    out
}

/// Pages of grey without compression. `format` is 1 unsigned, 2 signed, 3 float.
pub(crate) fn tiff(
    order: Order,
    pages: &[Vec<u8>],
    size: [u32; 2],
    bits: u16,
    format: u16,
    text: &str,
    per_unit: (u32, u32),
) -> Vec<u8> {
    let mut b = Bytes::new(order);
    match order {
        Order::Little => b.raw(b"II"),
        Order::Big => b.raw(b"MM"),
    };
    b.u16(42).u32(8);
    for (i, page) in pages.iter().enumerate() {
        let at = b.out.len() as u32;
        let after = at + 2 + 12 * 12 + 4;
        let text_at = after;
        let resolution_at = text_at + text.len() as u32 + 1;
        let data_at = resolution_at + 8;
        let next = if i + 1 < pages.len() { data_at + page.len() as u32 } else { 0 };
        b.u16(12);
        let long = |b: &mut Bytes, tag: u16, v: u32| {
            b.u16(tag).u16(4).u32(1).u32(v);
        };
        let short = |b: &mut Bytes, tag: u16, v: u16| {
            b.u16(tag).u16(3).u32(1).u16(v).u16(0);
        };
        long(&mut b, 256, size[1]);
        long(&mut b, 257, size[0]);
        short(&mut b, 258, bits);
        short(&mut b, 259, 1);
        short(&mut b, 262, 1);
        b.u16(270).u16(2).u32(text.len() as u32 + 1).u32(text_at);
        long(&mut b, 273, data_at);
        long(&mut b, 278, size[0]);
        long(&mut b, 279, page.len() as u32);
        b.u16(282).u16(5).u32(1).u32(resolution_at);
        b.u16(283).u16(5).u32(1).u32(resolution_at);
        short(&mut b, 339, format);
        b.u32(next).raw(text.as_bytes()).raw(&[0]).u32(per_unit.0).u32(per_unit.1).raw(page);
    }
    b.out
}

/// Two planes of 3 × 4 unsigned 16-bit numbers with ImageJ's calibration: pixels of 0.5 µm, planes 2 µm apart.
pub(crate) fn tiff_stack() -> Vec<u8> {
    let plane = |add: u16| ramp(3, 4).iter().flat_map(|v| (*v as u16 + add).to_be_bytes()).collect::<Vec<u8>>();
    let text = "ImageJ=1.53t\nimages=2\nslices=2\nunit=\\u00B5m\nspacing=2.0\nloop=false\n";
    tiff(Order::Big, &[plane(0), plane(100)], [3, 4], 16, 1, text, (2_000_000, 1_000_000))
}

/// One page of 32-bit floats without a scale.
pub(crate) fn tiff_float() -> Vec<u8> {
    let plane = ramp(3, 4).iter().flat_map(|v| (*v as f32 / 2.0).to_le_bytes()).collect();
    tiff(Order::Little, &[plane], [3, 4], 32, 3, "a note", (72, 1))
}

/// An NPY file of version 1.
pub(crate) fn npy(descr: &str, fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let fortran = if fortran { "True" } else { "False" };
    let head = format!("{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
    [b"\x93NUMPY\x01\x00", (head.len() as u16).to_le_bytes().as_slice(), head.as_bytes(), data].concat()
}

/// A map of big-endian 16-bit integers, columns first.
pub(crate) fn npy_fortran() -> Vec<u8> {
    let r = ramp(3, 4);
    let data: Vec<u8> = (0..12).flat_map(|i| (r[i % 3 * 4 + i / 3] as i16).to_be_bytes()).collect();
    npy("'>i2'", true, "(3, 4)", &data)
}

/// Records of a voltage and a count.
pub(crate) fn npy_compound() -> Vec<u8> {
    let data: Vec<u8> =
        (0..6).flat_map(|i| [&(i as f32).to_le_bytes()[..], &(i as u16 * 2).to_le_bytes()[..]].concat()).collect();
    npy("[('Amplitude [mV]', '<f4'), ('n', '<u2')]", false, "(2, 3)", &data)
}

/// A zip of two arrays, not compressed unless asked.
pub(crate) fn npz(deflate: bool) -> Vec<u8> {
    let method = if deflate { zip::CompressionMethod::Deflated } else { zip::CompressionMethod::Stored };
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(method)
        .last_modified_time(zip::DateTime::default());
    let mut w = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let long: Vec<u8> = (0..120).flat_map(|i| f64::from(i).to_le_bytes()).collect();
    let members = [
        ("pores.npy", npy("'|b1'", false, "(2, 2, 2)", &[0, 1, 0, 1, 1, 1, 0, 0])),
        ("grid.npy", npy("'<f8'", false, "(2, 3, 4, 5)", &long)),
    ];
    for (name, bytes) in members {
        w.start_file(name, options).unwrap();
        w.write_all(&bytes).unwrap();
    }
    w.finish().unwrap().into_inner()
}

/// Grey of 16 bits with a pixel of 1 µm.
pub(crate) fn png() -> Vec<u8> {
    let mut out = Vec::new();
    let mut e = png::Encoder::new(&mut out, 4, 3);
    e.set_color(png::ColorType::Grayscale);
    e.set_depth(png::BitDepth::Sixteen);
    e.set_pixel_dims(Some(png::PixelDimensions { xppu: 1_000_000, yppu: 1_000_000, unit: png::Unit::Meter }));
    let data: Vec<u8> = ramp(3, 4).iter().flat_map(|v| (*v as u16 * 1000).to_be_bytes()).collect();
    let mut w = e.write_header().unwrap();
    w.write_image_data(&data).unwrap();
    w.finish().unwrap();
    out
}

/// Names with units, a column of words, an empty cell.
pub(crate) fn csv() -> Vec<u8> {
    "\u{feff}# heating run\nsample,T (C),E'' [MPa],tan δ\nLa60,20.0,12.5,0.01\nLa60,30.0,,0.02\nLa60,40.5,1e1,0.03\n"
        .as_bytes()
        .to_vec()
}

/// A rheometer's export: UTF-16, tabs, decimal commas, a row of units.
pub(crate) fn utf16() -> Vec<u8> {
    let text = "\u{feff}Test:\trun 1\r\n\r\nInterval:\t1\r\nPoint No.\tTime\tTorque\tTemperature\tStatus\r\n\t\t\t\t\r\n\t[s]\t[mN·m]\t[°C]\t\r\n1\t0,010\t7,922\t20,00\tok\t\r\n2\t0,021\t-1,2326\t20,50\tok\t\r\n";
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Latin-1, blanks between numbers, tabs between names.
pub(crate) fn latin1() -> Vec<u8> {
    "label=PI;T=30;\nFreq\tG'\tLoad (µN)\tTemp\nrad/s\tPa\t\tC\n   31.6    3.9E5   1.5  29.99\n   21.5    3.8E5   2.5  30.01\n"
        .chars()
        .map(|c| c as u8)
        .collect()
}

/// A matrix of 3 × 9 as Gwyddion exports it.
pub(crate) fn matrix() -> Vec<u8> {
    let rows: Vec<String> =
        ramp(3, 9).chunks(9).map(|r| r.iter().map(|v| format!("{v}e-9")).collect::<Vec<_>>().join("\t")).collect();
    format!("# Channel: Height\n# Width: 9.0 µm\n# Height: 6.0 µm\n# Value units: m\n{}\n", rows.join("\n"))
        .into_bytes()
}

/// A matrix of GSF.
pub(crate) fn gsf() -> Vec<u8> {
    let mut out = b"Gwyddion Simple Field 1.0\nXRes = 4\nYRes = 3\nXReal = 8e-9\nYReal = 9e-9\nXYUnits = m\nZUnits = V\nTitle = Potential\n".to_vec();
    out.resize((out.len() / 4 + 1) * 4, 0);
    out.extend(ramp(3, 4).iter().flat_map(|v| (*v as f32).to_le_bytes()));
    out
}

/// Name, format that reads it, bytes. Compressed files come last: their bytes may change with a compressor.
pub(crate) fn all() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    vec![
        ("map.gsf", "gsf", gsf()),
        ("two_images.gwy", "gwy", gwy()),
        ("before_2004.gwy", "gwy", gwyo()),
        ("image_little_endian.ibw", "ibw", ibw_image(Order::Little)),
        ("image_big_endian.ibw", "ibw", ibw_image(Order::Big)),
        ("force_curve.ibw", "ibw", ibw_columns()),
        ("column_v2_big_endian.ibw", "ibw", ibw2(Order::Big)),
        ("column_v2_little_endian.ibw", "ibw", ibw2(Order::Little)),
        ("two_bytes.spm", "nanoscope", nanoscope(2)),
        ("four_bytes.spm", "nanoscope", nanoscope(4)),
        ("imagej_stack.tif", "tiff", tiff_stack()),
        ("float.tif", "tiff", tiff_float()),
        ("fortran_big_endian.npy", "npy", npy_fortran()),
        ("compound.npy", "npy", npy_compound()),
        ("two_arrays.npz", "npz", npz(false)),
        ("table.csv", "text", csv()),
        ("rheometer_utf16.csv", "text", utf16()),
        ("latin1.osc", "text", latin1()),
        ("matrix.txt", "text", matrix()),
        ("grey16.png", "png", png()),
    ]
}
