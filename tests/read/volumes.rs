//! Volumes: HDF5, OLE, raw numbers with a sidecar, sequences, stacks beyond memory.

use std::io::Write;

use softspot::io::{Limits, Window, open};

use super::fixtures::volumes as fixture;
use super::fixtures::{self, Bytes, Order, ramp};
use super::*;

pub(super) fn is_ramp(values: impl Iterator<Item = f64>, scale: f64, add: f64) {
    let have: Vec<f64> = values.collect();
    let want: Vec<f64> = ramp(3, 4).iter().map(|v| v * scale + add).collect();
    assert!(have.len() == want.len() && have.iter().zip(&want).all(|(a, b)| (a - b).abs() <= 1e-9 * scale), "{have:?}");
}

pub(super) fn near(have: Option<&Vec<f64>>, want: &[f64]) {
    let have = have.unwrap();
    assert!(have.len() == want.len() && have.iter().zip(want).all(|(a, b)| (a / b - 1.0).abs() < 1e-6), "{have:?}");
}

/// Opens a dataset of several files.
pub(super) fn folder(files: &[(&str, Vec<u8>)], name: &str) -> (tempfile::TempDir, Result<Dataset, ReadError>) {
    let at = tempfile::tempdir().unwrap();
    fixture::write(at.path(), files);
    let dataset = open(&at.path().join(name), None, &Limits::default());
    (at, dataset)
}

#[test]
fn datasets_of_several_files_are_recognised_by_one_reader() {
    for (format, name, files) in fixtures::several() {
        let at = tempfile::tempdir().unwrap();
        fixture::write(at.path(), &files);
        let source = Source::open(&at.path().join(name)).unwrap();
        let mut scores: Vec<_> = READERS.iter().map(|r| (r.sniff(&source), r.format().id)).collect();
        scores.sort();
        let [.., second, best] = scores.as_slice() else { panic!() };
        assert!(best.1 == format && best.0 > second.0, "{name}: {scores:?}");
        let d = open(&at.path().join(name), None, &Limits::default()).unwrap();
        assert_eq!(d.format(), format);
    }
}

#[test]
fn hdf5_groups_are_tables_and_chunks_are_unfolded() {
    let d = open_as("a", fixture::hdf5()).unwrap();
    let names: Vec<_> = d.channels().iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["height [nm]", "force", "time"]);
    is_ramp(map(&d, "height [nm]").values.iter().copied(), 1e-9, 0.0);
    assert_eq!(d.window(0, &Window::new([1..3, 2..3])).unwrap(), [12.0 * 1e-9, 22.0 * 1e-9]);
    assert_eq!(column(&d, "force"), [0.001, 0.002, 0.003]);
    assert_eq!(d.tables()[0].name, "test_1");
    assert_eq!(metadata(&d, "test_1/force/units"), "mN");
}

#[test]
fn data_exchange_and_topostats() {
    let d = open_as("a", fixture::exchange()).unwrap();
    is_ramp(volume(&d, "data").values.iter().skip(12).copied(), 1.0, 100.0);
    assert_eq!(column(&d, "theta"), [0.0, 90.0]);
    assert_eq!(d.channels()[1].unit.si_symbol(), "deg");
    assert_eq!(d.window(0, &Window::new([1..2, 2..3, 1..3])).unwrap(), [121.0, 122.0]);
    let d = open_as("a", fixture::topostats()).unwrap();
    is_ramp(map(&d, "image").values.iter().copied(), 1.0, 0.0);
    near(d.channels()[0].physical_size.as_ref(), &[8e-9, 6e-9]);
    assert_eq!(metadata(&d, "pixel_to_nm_scaling"), "2");
}

#[test]
fn hdf5_arrays_larger_than_their_file_are_left_out() {
    let set = fixture::Set::doubles("huge", &[1 << 20, 1 << 20], &[0.0], "");
    let ok = fixture::Set::doubles("ok", &[2], &[1.0, 2.0], "");
    let d = open_as("a", fixture::Hdf5::file(&[("", vec![set, ok])])).unwrap();
    assert_eq!((d.channels().len(), column(&d, "ok")), (1, vec![1.0, 2.0]));
    assert!(metadata(&d, "huge").contains("more than the file can hold"));
}

#[test]
fn xradia_turned_upright() {
    let d = open_as("a", fixture::xradia()).unwrap();
    let v = volume(&d, "images");
    is_ramp(v.values.iter().take(12).copied(), 1.0, 0.0);
    is_ramp(v.values.iter().skip(12).copied(), 1.0, 100.0);
    near(d.channels()[0].physical_size.as_ref(), &[2e-6, 1.5e-6]);
    assert_eq!(column(&d, "Angle"), [-45.0, 45.0]);
    assert_eq!(metadata(&d, "ImageInfo/ObjectiveName"), "Imaging");
    assert_eq!(d.window(0, &Window::new([1..2, 0..1, 1..3])).unwrap(), [101.0, 102.0]);
}

/// A scan that was stopped: angles for three planned projections, two of them taken.
#[test]
fn xradia_lists_are_as_long_as_there_are_images() {
    let d = open_as("a", fixture::xradia_stopped()).unwrap();
    assert_eq!(volume(&d, "images").values.dim(), (2, 3, 4));
    assert_eq!(column(&d, "Angle"), [-45.0, 45.0]);
}

#[test]
fn raw_numbers_behind_and_beside_their_header() {
    let d = open_as("a", fixture::mha()).unwrap();
    is_ramp(volume(&d, "volume").values.iter().copied(), 1.0, 0.0);
    near(d.channels()[0].physical_size.as_ref(), &[8e-6, 9e-6, 5e-6]);
    let d = open_as("a", fixture::nrrd()).unwrap();
    is_ramp(map(&d, "image").values.iter().copied(), 1.0, 0.0);
    near(d.channels()[0].physical_size.as_ref(), &[8e-9, 9e-9]);
    assert_eq!(metadata(&d, "sample"), "La60");
    for (format, name, files) in fixture::folders().into_iter().filter(|f| f.0 == "vol") {
        let (_at, d) = folder(&files, name);
        let d = d.unwrap();
        assert_eq!(d.format(), format);
        is_ramp(volume(&d, "volume").values.iter().copied(), 1.0, 0.0);
        near(d.channels()[0].physical_size.as_ref(), &[20e-6, 15e-6, 5e-6]);
    }
    let plain: Vec<u8> = ramp(3, 4).iter().map(|v| *v as u8).collect();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    zlib.write_all(&plain).unwrap();
    let mhd = |file: &str, more: &str| {
        format!("NDims = 2\nDimSize = 4 3\nElementType = MET_UCHAR\n{more}ElementDataFile = {file}\n")
    };
    let (_at, d) = folder(
        &[("a.mhd", mhd("a.zraw", "CompressedData = True\n").into()), ("a.zraw", zlib.finish().unwrap())],
        "a.mhd",
    );
    is_ramp(map(&d.unwrap(), "image").values.iter().copied(), 1.0, 0.0);
    let rows: Vec<_> = ["0.raw", "1.raw", "2.raw"].into_iter().zip(plain.chunks(4).map(<[u8]>::to_vec)).collect();
    for list in ["LIST\n0.raw\n1.raw\n2.raw", "%d.raw 0 2 1"] {
        let files: Vec<_> = rows.iter().cloned().chain([("a.mhd", mhd(list, "").into())]).collect();
        let d = folder(&files, "a.mhd").1.unwrap();
        assert_eq!(d.channels()[0].shape, [3, 4]);
    }
    for away in ["../a.raw", "/etc/hostname", "C:\\a.raw"] {
        let e = folder(&[("a.mhd", mhd(away, "").into())], "a.mhd").1.map(|_| ()).unwrap_err();
        assert!(e.what.contains("not in its folder") && !e.hint.is_empty(), "{e}");
    }
}

#[test]
fn slices_are_counted_as_people_count() {
    let (format, name, mut files) = fixture::folders().remove(0);
    let (at, d) = folder(&files, name);
    let d = d.unwrap();
    assert_eq!((d.format(), d.channels()[0].shape.as_slice()), (format, &[3, 3, 4][..]));
    assert_eq!(d.window(0, &Window::new([0..3, 2..3, 3..4])).unwrap(), [23.0, 123.0, 223.0]);
    drop(at);
    files.push(("slices/s_3.tif", fixtures::tiff(Order::Big, &[vec![0; 4]], [2, 2], 8, 1, "", (1, 1))));
    let e = folder(&files, name).1.map(|_| ()).unwrap_err();
    assert!(e.to_string().contains("s_3.tif") && e.what.contains("2 × 2"), "{e}");
}

/// One page and the planes behind it, as ImageJ writes stacks beyond 4 GB.
#[test]
fn planes_behind_one_page() {
    let planes: Vec<u8> = (0..3).flat_map(|z| ramp(3, 4).into_iter().map(move |v| v as u8 + 30 * z)).collect();
    let text = "ImageJ=1.53t\nimages=3\nslices=3\nunit=nm\nspacing=5\n";
    let one = fixtures::tiff(Order::Big, std::slice::from_ref(&planes), [3, 4], 8, 1, text, (1, 2));
    let d = open_as("a", one.clone()).unwrap();
    let v = volume(&d, "volume");
    assert_eq!((v.values.dim(), v.values[[2, 2, 3]]), ((3, 3, 4), 83.0));
    near(d.channels()[0].physical_size.as_ref(), &[8e-9, 6e-9, 15e-9]);
    let e = open_as("a", one[..one.len() - 1].to_vec()).map(|_| ()).unwrap_err();
    assert!(e.what.contains("truncated"), "{e}");
}

/// Channels, depths and times that ImageJ and OME tell apart: the page of each from the definitions of both.
#[test]
fn hyperstacks_by_channel_depth_and_time() {
    // Page p holds the numbers 30 p + 0 … 11.
    let page = |p: u8| ramp(3, 4).iter().map(|v| *v as u8 + 30 * p).collect::<Vec<u8>>();
    let stack = |n: u8, text: &str| {
        let pages: Vec<_> = (0..n).map(page).collect();
        open_as("a.tif", fixtures::tiff(Order::Little, &pages, [3, 4], 8, 1, text, (1, 2))).unwrap()
    };
    let pages_of = |d: &Dataset, name: &str| -> Vec<f64> {
        let values = volume(d, name).values.clone();
        values.outer_iter().map(|plane| plane[[0, 0]] / 30.0).collect()
    };
    let names = |d: &Dataset| d.channels().iter().map(|c| c.name.clone()).collect::<Vec<_>>();
    // ImageJ: channels run fastest, then depths, then times.
    let d = stack(8, "ImageJ=1.53t\nimages=8\nchannels=2\nslices=2\nframes=2\nhyperstack=true\nunit=nm\nspacing=5\n");
    assert_eq!(names(&d), ["volume t=0 c=0", "volume t=0 c=1", "volume t=1 c=0", "volume t=1 c=1"]);
    assert_eq!(pages_of(&d, "volume t=0 c=1"), [1.0, 3.0]);
    assert_eq!(pages_of(&d, "volume t=1 c=0"), [4.0, 6.0]);
    near(d.channels()[3].physical_size.as_ref(), &[8e-9, 6e-9, 10e-9]);
    let d = stack(3, "ImageJ=1.53t\nimages=3\nframes=3\nunit=nm\nspacing=5\n");
    assert_eq!(pages_of(&d, "volume"), [0.0, 1.0, 2.0]);
    near(d.channels()[0].physical_size.as_ref(), &[8e-9, 6e-9]);
    assert_eq!(volume(&d, "volume").voxel, None, "time has no length");
    assert_eq!(metadata(&d, "axes of volume"), "time, y, x");
    let d = stack(2, "ImageJ=1.53t\nimages=2\nchannels=2\nunit=nm\n");
    assert_eq!((names(&d), map(&d, "image c=1").values[[0, 0]]), (vec!["image c=0".into(), "image c=1".into()], 30.0));
    near(d.channels()[1].physical_size.as_ref(), &[8e-9, 6e-9]);
    // Planes that lie bare behind one page.
    let planes: Vec<u8> = (0..4).flat_map(page).collect();
    let text = "ImageJ=1.53t\nimages=4\nchannels=2\nslices=2\n";
    let d = open_as("a", fixtures::tiff(Order::Big, &[planes], [3, 4], 8, 1, text, (1, 2))).unwrap();
    assert_eq!((pages_of(&d, "volume c=0"), pages_of(&d, "volume c=1")), (vec![0.0, 2.0], vec![1.0, 3.0]));
    // OME: two images with sizes of their own; the order of planes is the image's.
    let image = |name: &str, size: &str, inner: &str| {
        format!("<Image Name='{name}'><Pixels DimensionOrder='XYZCT' {size}>{inner}</Pixels></Image>")
    };
    let first = image(
        "first",
        "SizeC='2' SizeZ='2' PhysicalSizeX='2' PhysicalSizeY='2' PhysicalSizeZ='3'",
        "<Channel Name='red'/><Channel Name='blue'/><TiffData IFD='1' PlaneCount='4'/>",
    );
    let size = "SizeZ='1' PhysicalSizeX='1' PhysicalSizeXUnit='nm' PhysicalSizeY='1' PhysicalSizeYUnit='nanometer'";
    let second = image("second", size, "<TiffData IFD='0'/>");
    let d = stack(5, &format!("<OME>{first}{second}</OME>"));
    assert_eq!(names(&d), ["volume of first red", "volume of first blue", "image of second"]);
    assert_eq!(pages_of(&d, "volume of first blue"), [3.0, 4.0]);
    near(d.channels()[0].physical_size.as_ref(), &[8e-6, 6e-6, 6e-6]);
    near(d.channels()[2].physical_size.as_ref(), &[4e-9, 3e-9]);
    // Planes in another file of a set: this one's pages are a plain stack.
    let away = image(
        "set",
        "SizeZ='2' PhysicalSizeX='1' PhysicalSizeY='1' PhysicalSizeZ='1'",
        "<TiffData IFD='0' PlaneCount='2'><UUID FileName='b.tif'>urn:uuid:1</UUID></TiffData>",
    );
    let d = stack(2, &format!("<OME>{away}</OME>"));
    assert_eq!(pages_of(&d, "volume"), [0.0, 1.0]);
    near(d.channels()[0].physical_size.as_ref(), &[4e-6, 3e-6]);
}

/// Strips of two rows in the wrong order, BigTIFF, compressed strips: a window of each.
#[test]
fn strips_and_tiles_of_every_packing() {
    use ::tiff::encoder::{Compression, Rational, TiffEncoder, colortype, compression::DeflateLevel};
    let window = Window::new([1..3, 1..3]);
    let values: Vec<u16> = ramp(3, 4).iter().map(|v| *v as u16).collect();
    for compression in
        [Compression::Uncompressed, Compression::Lzw, Compression::Deflate(DeflateLevel::Fast), Compression::Packbits]
    {
        for big in [false, true] {
            let mut out = std::io::Cursor::new(Vec::new());
            macro_rules! page {
                ($new:ident) => {{
                    let mut encoder = TiffEncoder::$new(&mut out).unwrap().with_compression(compression);
                    let mut image = encoder.new_image::<colortype::Gray16>(4, 3).unwrap();
                    image.rows_per_strip(2).unwrap();
                    image.x_resolution(Rational { n: 1, d: 1 });
                    image.write_data(&values).unwrap();
                }};
            }
            if big {
                page!(new_big)
            } else {
                page!(new)
            }
            let d = open_as("a", out.into_inner()).unwrap();
            is_ramp(map(&d, "image").values.iter().copied(), 1.0, 0.0);
            assert_eq!(d.window(0, &window).unwrap(), [11.0, 12.0, 21.0, 22.0]);
        }
    }
    // Strips out of order, of an image dark on bright: numbers as stored.
    let mut b = Bytes::new(Order::Little);
    b.raw(b"II").u16(42).u32(8).u16(8);
    let (strips, data) = (8 + 2 + 8 * 12 + 4, 8 + 2 + 8 * 12 + 4 + 8);
    for (tag, kind, n, v) in [
        (256, 3, 1, 4u32),
        (257, 3, 1, 3),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 0),
        (273, 4, 2, strips),
        (277, 3, 1, 1),
        (278, 3, 1, 2),
    ] {
        b.u16(tag).u16(kind).u32(n).u32(v);
    }
    b.u32(0).u32(data + 4).u32(data).raw(&[20, 21, 22, 23]).raw(&[0, 1, 2, 3, 10, 11, 12, 13]);
    let d = open_as("a", b.out).unwrap();
    is_ramp(map(&d, "image").values.iter().copied(), 1.0, 0.0);
    assert_eq!(d.window(0, &window).unwrap(), [11.0, 12.0, 21.0, 22.0]);
}

/// One strip of 8-bit numbers, packed by LZW.
fn packed_tile(values: &[u8], columns: u32, rows: u32) -> Vec<u8> {
    use ::tiff::encoder::{Compression, TiffEncoder, colortype};
    let mut out = std::io::Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut out).unwrap().with_compression(Compression::Lzw);
    encoder.write_image::<colortype::Gray8>(columns, rows, values).unwrap();
    let bytes = out.into_inner();
    let mut decoder = ::tiff::decoder::Decoder::new(std::io::Cursor::new(&bytes)).unwrap();
    let mut tag = |tag| decoder.get_tag_u32_vec(tag).unwrap()[0] as usize;
    let (at, n) = (tag(::tiff::tags::Tag::StripOffsets), tag(::tiff::tags::Tag::StripByteCounts));
    bytes[at..at + n].to_vec()
}

/// Tiles that reach beyond the page, as GDAL and tifffile write them: the packed stream ends with the tile.
#[test]
fn packed_tiles_beyond_the_right_edge() {
    let (width, height, across, down) = (53usize, 20usize, 2usize, 2usize);
    for seed in 0..40usize {
        let value = |y: usize, x: usize| ((y * 31 + x * (seed + 3)) * (seed + 1) / 7 % 251) as u8;
        let mut tiles = Vec::new();
        for tile in 0..across * down {
            let (top, left) = (tile / across * 16, tile % across * 32);
            let inside = |y: usize, x: usize| if y < height && x < width { value(y, x) } else { 0 };
            let values: Vec<u8> = (0..16 * 32).map(|i| inside(top + i / 32, left + i % 32)).collect();
            tiles.push(packed_tile(&values, 32, 16));
        }
        let mut b = Bytes::new(Order::Little);
        b.raw(b"II").u16(42).u32(8).u16(10);
        let lists = 8 + 2 + 10 * 12 + 4;
        let mut at = lists + 2 * 4 * tiles.len() as u32;
        for (tag, kind, n, v) in [
            (256, 3, 1, width as u32),
            (257, 4, 1, height as u32),
            (258, 3, 1, 8),
            (259, 3, 1, 5),
            (262, 3, 1, 1),
            (277, 3, 1, 1),
            (322, 3, 1, 32),
            (323, 3, 1, 16),
            (324, 4, tiles.len() as u32, lists),
            (325, 4, tiles.len() as u32, lists + 4 * tiles.len() as u32),
        ] {
            b.u16(tag).u16(kind).u32(n).u32(v);
        }
        b.u32(0);
        for tile in &tiles {
            b.u32(at);
            at += tile.len() as u32;
        }
        tiles.iter().for_each(|t| {
            b.u32(t.len() as u32);
        });
        tiles.iter().for_each(|t| {
            b.raw(t);
        });
        let d = open_as("a", b.out).unwrap();
        let have = map(&d, "image");
        assert_eq!(have.shape(), [height, width]);
        assert!(have.values.indexed_iter().all(|((y, x), v)| *v == f64::from(value(y, x))), "seed {seed}");
        let part = d.window(0, &Window::new([15..18, 30..35])).unwrap();
        assert_eq!(part[7], f64::from(value(16, 32)), "seed {seed}");
    }
}

/// Two thousand pages of a sparse file: opened by their headers alone, read by the planes asked for.
#[cfg(unix)]
#[test]
fn a_stack_beyond_the_limit_opens_and_is_read_in_windows() {
    use std::os::unix::fs::FileExt;
    let file = tempfile::NamedTempFile::new().unwrap();
    let (n, side) = (2048u64, 1024u32);
    let plane = u64::from(side) * u64::from(side);
    file.as_file().write_all_at(b"II*\0\x08\0\0\0", 0).unwrap();
    for i in 0..n {
        let at = 8 + i * (plane + 200);
        let mut b = Bytes::new(Order::Little);
        b.u16(8);
        for (tag, v) in
            [(256, side), (257, side), (258, 8), (259, 1), (262, 1), (273, at as u32 + 200), (277, 1), (278, side)]
        {
            b.u16(tag).u16(4).u32(1).u32(v);
        }
        b.u32(if i + 1 < n { (at + plane + 200) as u32 } else { 0 });
        file.as_file().write_all_at(&b.out, at).unwrap();
        file.as_file().write_all_at(&[i as u8], at + 200 + 5).unwrap();
    }
    file.as_file().set_len(8 + n * (plane + 200)).unwrap();
    let d = open(file.path(), None, &Limits::default()).unwrap();
    assert_eq!(d.channels()[0].shape, [2048, 1024, 1024]);
    assert!(d.read(0).is_err(), "more than the limit at once");
    let read = d.window(0, &Window::new([2046..2048, 0..1, 4..7])).unwrap();
    assert_eq!(read, [0.0, 254.0, 0.0, 0.0, 255.0, 0.0]);
}
