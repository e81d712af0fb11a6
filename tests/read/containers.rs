//! Ways of packing and describing numbers that other programs trip over: each by hand, apart from the readers.

use std::io::Write;

use super::fixtures::volumes::{Hdf5, Set};
use super::fixtures::{self, Order, ramp};
use super::*;

fn bytes(rows: usize, columns: usize) -> Vec<u8> {
    ramp(rows, columns).iter().map(|v| *v as u8).collect()
}

pub(super) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut w = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    w.write_all(bytes).unwrap();
    w.finish().unwrap()
}

fn nrrd(lines: &str, numbers: &[u8]) -> Dataset {
    open_as("a.nrrd", [format!("NRRD0005\ntype: uchar\n{lines}\n\n").as_bytes(), numbers].concat()).unwrap()
}

#[test]
fn nrrd_of_every_encoding() {
    let plain = bytes(3, 4);
    let hex: String =
        plain.chunks(4).map(|r| r.iter().map(|b| format!("{b:02X}")).collect::<String>() + "\n").collect();
    let mut gzip = Vec::new();
    // Two members, which are one stream.
    for part in plain.chunks(7) {
        let mut w = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        w.write_all(part).unwrap();
        gzip.extend(w.finish().unwrap());
    }
    // A byte is skipped inside of what is unpacked.
    let skipped = bzip2(&[&[99][..], &plain].concat());
    for (encoding, numbers) in [
        ("bzip2", bzip2(&plain)),
        ("bz2\nbyte skip: 1", skipped),
        ("hex", hex.into_bytes()),
        ("gzip", gzip),
        ("raw", plain.clone()),
    ] {
        let d = nrrd(&format!("dimension: 2\nsizes: 4 3\nencoding: {encoding}"), &numbers);
        assert!(map(&d, "image").values.iter().eq(ramp(3, 4).iter()), "{encoding}");
    }
    let d =
        open_as("a.nrrd", b"NRRD0005\ntype: uchar\ndimension: 2\nsizes: 4 3\nencoding: hex\n\n0G".to_vec()).unwrap();
    assert!(d.read(0).is_err());
}

#[test]
fn nrrd_components_and_extents() {
    let planes: Vec<u8> = [0, 100].iter().flat_map(|add| bytes(3, 4).into_iter().map(move |v| v + add)).collect();
    let lines = "dimension: 3\nsizes: 4 3 2\nkinds: domain domain vector\nencoding: raw\n\
                 spacings: 2 3 NaN\nunits: \"nm\" \"nm\" \"\"";
    let d = nrrd(lines, &planes);
    let m = map(&d, "image 2");
    assert_eq!((m.shape(), m.values[[2, 1]], d.channels().len()), ([3, 4], 121.0, 2));
    assert!(close(d.channels()[0].physical_size.as_ref().unwrap()[0], 8e-9));
    // Planes whose distance nobody knows.
    let d = nrrd(&lines.replace("vector", "domain"), &planes);
    assert_eq!((&d.channels()[0].name[..], d.channels()[0].physical_size.as_ref().unwrap().len()), ("volume", 2));
    // From border to border, and from sample to sample.
    for (centers, to) in [("cell cell", "8 9"), ("node node", "6 6")] {
        let lines = format!(
            "dimension: 2\nsizes: 4 3\nencoding: raw\nunits: \"nm\" \"nm\"\naxis mins: 0 0\naxis maxs: {to}\ncenters: {centers}"
        );
        let size = nrrd(&lines, &bytes(3, 4)).channels()[0].physical_size.clone().unwrap();
        assert!(close(size[0], 8e-9) && close(size[1], 9e-9), "{size:?}");
    }
}

#[test]
fn gsf_whose_size_nobody_knew() {
    let field = |lines: &str, padding: usize, title: &[u8]| {
        let mut out =
            [format!("Gwyddion Simple Field 1.0\nXRes = 4\nYRes = 3\n{lines}Title = ").as_bytes(), title, b"\n"]
                .concat();
        out.resize((out.len() / 4 + 1) * 4 + padding, 0);
        out.extend(ramp(3, 4).iter().flat_map(|v| (*v as f32).to_le_bytes()));
        open_as("a.gsf", out).unwrap()
    };
    for lines in
        ["XReal = 0\nYReal = 0\nXYUnits = m\n", "XReal = nan\nYReal = 1e-6\nXYUnits = m\n", "XReal = 1e-6\n", ""]
    {
        let d = field(lines, 0, b"x");
        assert_eq!((map(&d, "x").values[[2, 3]], d.channels()[0].physical_size.clone()), (23.0, None), "{lines}");
        assert_eq!(
            d.metadata().iter().any(|(k, _)| k == "XReal not used"),
            lines.contains("0\n") || lines.contains("nan")
        );
    }
    // Padded to eight bytes, or four bytes behind: it is said. A title in Latin-1.
    assert!(metadata(&field("", 4, b"x"), "behind the numbers").starts_with("4 bytes"));
    assert_eq!(map(&field("", 0, b"H\xf6he"), "Höhe").values[[0, 1]], 1.0);
}

#[test]
fn one_page_of_a_stack_that_cannot_be_read() {
    let page = |add: u16| ramp(3, 4).iter().flat_map(|v| (*v as u16 + add).to_le_bytes()).collect::<Vec<u8>>();
    let sound = fixtures::tiff(Order::Little, &[page(0), page(100), page(200)], [3, 4], 16, 1, "", (1, 1));
    assert_eq!(open_as("a.tif", sound.clone()).unwrap().channels()[0].name, "volume");
    let second =
        sound.windows(2).enumerate().filter(|(_, w)| *w == 259u16.to_le_bytes()).map(|(i, _)| i).nth(1).unwrap();
    // A compression that nobody knows, and one whose stream is none.
    for (compression, what) in [(34_999u16, "page 2"), (8, "page 2")] {
        let mut broken = sound.clone();
        broken[second + 8..second + 10].copy_from_slice(&compression.to_le_bytes());
        let d = open_as("a.tif", broken).unwrap();
        let names: Vec<&str> = d.channels().iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["image 1", "image 3"], "{compression}");
        assert_eq!(map(&d, "image 3").values[[2, 3]], 223.0);
        assert!(metadata(&d, what).starts_with("not read: "));
    }
    // A chain that leads back to its first page.
    let mut circle = sound;
    let next = 8 + 2 + 12 * 12;
    circle[next..next + 4].copy_from_slice(&8u32.to_le_bytes());
    assert_eq!(open_as("a.tif", circle).unwrap().channels()[0].shape, [3, 4]);
}

#[test]
fn pixels_of_twelve_bits() {
    // Two pixels take three bytes, and a row of three begins at a byte: 0xABC 0x123 0xFFF, 0x001 0x002 0x003.
    let rows = [0xab, 0xc1, 0x23, 0xff, 0xf0, 0x00, 0x10, 0x02, 0x00, 0x30].to_vec();
    let d = open_as("a.tif", fixtures::tiff(Order::Big, &[rows], [2, 3], 12, 1, "", (1, 1))).unwrap();
    let want = [f64::from(0xabc), f64::from(0x123), f64::from(0xfff), 1.0, 2.0, 3.0];
    assert!(map(&d, "image").values.iter().eq(want.iter()));
}

#[test]
fn hdf5_integers_of_some_of_their_bits_and_axes() {
    let camera: Vec<f64> = ramp(3, 4).iter().map(|v| v * 16.0).collect();
    let set = Set { kind: "u12", ..Set::shorts("camera", &[3, 4], &camera, "") };
    assert!(
        map(&open_as("a.h5", Hdf5::file(&[("", vec![set])])).unwrap(), "camera").values.iter().eq(ramp(3, 4).iter())
    );
    let nexus = |x: &[f64]| {
        let counts = Set::doubles("counts", &[3, 4], &ramp(3, 4), "");
        let axes = (Set::doubles("x", &[4], x, "um"), Set::doubles("y", &[3], &[5.0, 4.5, 4.0], "mm"));
        open_as("a.nxs", Hdf5::file(&[("data axes=y, x", vec![counts, axes.0, axes.1])])).unwrap()
    };
    let size = nexus(&[-1.0, -0.5, 0.0, 0.5]).channels()[0].physical_size.clone().unwrap();
    assert!(close(size[0], 2e-6) && close(size[1], 1.5e-3), "{size:?}");
    // Uneven steps are no pixel.
    assert_eq!(nexus(&[0.0, 1.0, 2.0, 4.0]).channels()[0].physical_size, None);
}

#[test]
fn bitmaps_of_every_depth() {
    for (depth, bottom_up) in [(8, true), (8, false), (24, true), (32, false)] {
        let d = open_as("a.bmp", fixtures::bmp(depth, bottom_up)).unwrap();
        let m = map(&d, if depth == 8 { "grey" } else { "luminance" });
        assert!(
            m.values.iter().zip(ramp(3, 3)).all(|(a, b)| (a - b).abs() < 1e-12),
            "{depth} {bottom_up}: {:?}",
            m.values
        );
        let size = d.channels()[0].physical_size.clone().unwrap();
        assert!(close(size[0], 3e-6) && close(size[1], 1.5e-6));
    }
    // Four bits a pixel, two colours: number 1 is red, 2 is not in the palette.
    let mut small = fixtures::bmp(8, true)[..54].to_vec();
    (small[10], small[11], small[28], small[46]) = (62, 0, 4, 2);
    small.extend([0, 0, 0, 0, 0, 0, 100, 0]);
    small.extend([[0x01, 0x20, 0, 0], [0x10, 0x10, 0, 0], [0, 0, 0, 0]].concat());
    let d = open_as("a.bmp", small.clone()).unwrap();
    let m = map(&d, "luminance");
    assert!(close(m.values[[2, 1]], 21.26) && m.values[[2, 2]].is_nan() && close(m.values[[1, 0]], 21.26));
    small[30] = 1;
    let e = open_as("a.bmp", small).map(|_| ()).unwrap_err().to_string();
    assert!(e.contains("method 1") && e.contains("PNG"), "{e}");
}

#[test]
fn images_of_netpbm() {
    let values = |bytes: Vec<u8>, name: &str| {
        map(&open_as("a.pgm", bytes).unwrap(), name).values.iter().copied().collect::<Vec<_>>()
    };
    let thousands: Vec<f64> = ramp(3, 4).iter().map(|v| v * 1000.0).collect();
    assert_eq!(values(fixtures::pgm(), "grey"), thousands);
    // A comment may stand between numbers that are words.
    assert_eq!(values(b"P2 2 2 9\n1 2 # of four\n3 4\n".to_vec(), "grey"), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(values(b"P3 1 1 9\n1 2 3".to_vec(), "luminance"), [0.2126 + 2.0 * 0.7152 + 3.0 * 0.0722]);
    // One behind the other.
    let two = [&b"P5 2 1 255\n\x01\x02"[..], b"P6 1 1 255\n\x05\x05\x05"].concat();
    assert_eq!(values(two.clone(), "grey"), [1.0, 2.0]);
    assert!(close(values(two, "luminance 2")[0], 5.0));
    // The bottom line of PFM is first.
    let floats: Vec<u8> = [3.5f32, 4.5, 1.5, -2.5].iter().flat_map(|v| v.to_le_bytes()).collect();
    assert_eq!(values([&b"Pf\n2 2\n-1.0\n"[..], &floats].concat(), "grey"), [1.5, -2.5, 3.5, 4.5]);
    for (bytes, says) in [
        (&b"P2 2 2 9\n1 2 3"[..], "3 numbers of 4"),
        (b"P2 2 2 9\n1 2 3 4 5", "more than its 4"),
        (b"P2 2 2 9\n1 2 3 x", "`x`"),
        (b"P5 2 2 255\nabc", "truncated"),
    ] {
        let e = open_as("a.pgm", bytes.to_vec()).and_then(|d| d.read(0).map(|_| ())).unwrap_err().to_string();
        assert!(e.contains(says), "{e}");
    }
}
