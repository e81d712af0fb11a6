//! Zarr: chunks, shards, orders and packings, each written by hand here, apart from the reader.

use softspot::io::{Limits, Window, open};

use super::containers::bzip2;
use super::fixtures::sheets::archive;
use super::fixtures::volumes::{self as fixture, write};
use super::fixtures::{self, ramp};
use super::volumes::{folder, is_ramp, near};
use super::*;

#[cfg(unix)]
#[test]
fn zarr_windows_missing_chunks_and_lies() {
    let (_, name, files) = fixture::folders().remove(2);
    let (_at, d) = folder(&files, name);
    let d = d.unwrap();
    is_ramp(volume(&d, "0").values.iter().copied(), 1e-3, 0.0);
    near(d.channels()[0].physical_size.as_ref(), &[8e-9, 9e-9, 5e-9]);
    assert_eq!(d.window(0, &Window::new([0..1, 1..3, 3..4])).unwrap(), [13.0 * 1e-3, 23.0 * 1e-3]);
    let (_at, d) = folder(&files[..5], name);
    assert_eq!(volume(&d.unwrap(), "0").values[[0, 2, 3]], 0.0);
    let text = String::from_utf8(files[2].1.clone()).unwrap();
    for (from, to) in [
        ("[1,3,4]", "[1,3,4000000000000]"),
        ("[1,2,4]", "[1,200000,400000]"),
        ("[1,2,4]", "[1,0,4]"),
        ("[1,2,4]", "[1,2]"),
        (">f4", ">f3"),
        ("\"zarr_format\":2", "\"zarr_format\":"),
        ("\"compressor\":null", "\"compressor\":{\"id\":\"unknown\"}"),
    ] {
        let mut files = files.clone();
        files[2].1 = text.replace(from, to).into();
        let (_at, d) = folder(&files, name);
        let read = d.and_then(|d| d.read(0).map(|_| ()));
        assert!(read.is_err(), "{to}");
    }
}

#[test]
fn a_volume_written_as_ome_zarr_is_read_again() {
    let d = open_as("a", fixtures::tiff_stack()).unwrap();
    let v = volume(&d, "volume");
    let at = tempfile::tempdir().unwrap();
    let path = at.path().join("out.zarr");
    for _ in 0..2 {
        softspot::io::write::ome_zarr(&v, false, &path).unwrap();
        let again = volume(&open(&path, None, &Limits::default()).unwrap(), "0");
        assert_eq!(again.values, v.values);
        assert!(again.voxel.unwrap().iter().zip(v.voxel.unwrap()).all(|(a, b)| (a / b - 1.0).abs() < 1e-12));
    }
    assert_eq!(std::fs::read_dir(at.path()).unwrap().count(), 1, "nothing is left beside it");
    let other = at.path().join("notes");
    std::fs::create_dir(&other).unwrap();
    assert!(softspot::io::write::ome_zarr(&v, false, &other).is_err(), "a folder that is no Zarr is not replaced");
}

/// An LZ4 block of plain bytes, as numcodecs packs it: the length before it.
fn lz4(bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len() as u8;
    [&u32::from(length).to_le_bytes()[..], &[0xf0, length - 15], bytes].concat()
}

#[test]
fn zarr_in_an_archive_by_other_codecs_and_axes() {
    let column_first: Vec<u8> = (0..4).flat_map(|x| (0..5).map(move |y| 10 * y + x)).collect();
    let store = |codec: &str, chunk: Vec<u8>, root: &str| -> Vec<(String, Vec<u8>)> {
        let array = format!(
            "{{\"zarr_format\":2,\"shape\":[4,5],\"chunks\":[4,5],\"dtype\":\"|u1\",\"order\":\"C\",\"fill_value\":0,\"filters\":null,\"compressor\":{{\"id\":\"{codec}\"}}}}"
        );
        let axis = |n: &str| format!("{{\"name\":\"{n}\",\"type\":\"space\",\"unit\":\"nanometer\"}}");
        let group = format!(
            "{{\"multiscales\":[{{\"version\":\"0.4\",\"axes\":[{},{}],\"datasets\":[{{\"path\":\"0\",\"coordinateTransformations\":[{{\"type\":\"scale\",\"scale\":[2.0,3.0]}}]}}]}}]}}",
            axis("x"),
            axis("y")
        );
        vec![
            (format!("{root}.zgroup"), b"{\"zarr_format\":2}".to_vec()),
            (format!("{root}.zattrs"), group.into_bytes()),
            (format!("{root}0/.zarray"), array.into_bytes()),
            (format!("{root}0/0.0"), chunk),
        ]
    };
    for (codec, chunk) in [("lz4", lz4(&column_first)), ("bz2", bzip2(&column_first))] {
        for root in ["", "sample.zarr/"] {
            let parts = store(codec, chunk.clone(), root);
            let d = open_as("a.zip", archive(&parts)).unwrap();
            assert_eq!(d.format(), "zarr");
            // Rows run along x, whatever the order of the axes.
            let m = map(&d, "0");
            assert!(m.shape() == [5, 4] && m.values.iter().eq(ramp(5, 4).iter()), "{codec} {root}: {:?}", m.values);
            let size = d.channels()[0].physical_size.clone().unwrap();
            assert!(close(size[0], 8e-9) && close(size[1], 15e-9), "{size:?}");
        }
        let at = tempfile::tempdir().unwrap();
        let parts = store(codec, chunk.clone(), "");
        let files: Vec<(&str, Vec<u8>)> = parts.iter().map(|(n, b)| (n.as_str(), b.clone())).collect();
        write(at.path(), &files);
        let d = softspot::io::open(at.path(), None, &Limits::default()).unwrap();
        assert_eq!(map(&d, "0").values[[4, 3]], 43.0);
        // A chunk that is cut.
        let parts = store(codec, chunk[..chunk.len() - 3].to_vec(), "");
        assert!(open_as("a.zip", archive(&parts)).unwrap().read(0).is_err());
    }
}

/// CRC-32C bit by bit.
fn crc32c(bytes: &[u8]) -> [u8; 4] {
    let bit = |c: u32| if c & 1 == 1 { c >> 1 ^ 0x82f6_3b78 } else { c >> 1 };
    let sum = bytes.iter().fold(!0u32, |c, b| (0..8).fold(c ^ u32::from(*b), |c, _| bit(c)));
    (!sum).to_le_bytes()
}

/// A map of 4 × 6 in shards of 4 × 4 that hold chunks of 2 × 2, each turned; 0 is left out, as is one chunk. The second
/// shard reaches beyond the map.
fn sharded(index_first: bool, before: &str, turned: bool) -> Vec<(&'static str, Vec<u8>)> {
    let value = |y: usize, x: usize| if y < 2 && x < 2 { 0 } else { (10 * y + x) as u16 };
    let shard = |first: usize| -> Vec<u8> {
        let head = if index_first { 4 * 16 + 4 } else { 0 };
        let (mut index, mut chunks) = (Vec::new(), Vec::new());
        for k in 0..4 {
            // Turned before they are cut: the chunks stand column by column.
            let (i, j) = if turned { (k % 2, k / 2) } else { (k / 2, k % 2) };
            let (y, x) = (2 * i, first + 2 * j);
            if (y, x) == (0, 0) {
                index.extend([0xff; 16]);
                continue;
            }
            let at = (head + chunks.len()) as u64;
            // The first index runs fastest.
            let chunk: Vec<u8> =
                [(0, 0), (1, 0), (0, 1), (1, 1)].iter().flat_map(|(a, b)| value(y + a, x + b).to_be_bytes()).collect();
            let chunk = [&chunk[..], &crc32c(&chunk)].concat();
            index.extend([at.to_le_bytes(), (chunk.len() as u64).to_le_bytes()].concat());
            chunks.extend(chunk);
        }
        index.extend(crc32c(&index));
        if index_first { [index, chunks].concat() } else { [chunks, index].concat() }
    };
    let location = if index_first { "start" } else { "end" };
    let inner = if turned { "" } else { r#"{"name":"transpose","configuration":{"order":[1,0]}},"# };
    let metadata = format!(
        r#"{{"zarr_format":3,"node_type":"array","shape":[4,6],"data_type":"uint16","fill_value":0,
        "chunk_grid":{{"name":"regular","configuration":{{"chunk_shape":[4,4]}}}},
        "chunk_key_encoding":{{"name":"default"}},"codecs":[{before}{{"name":"sharding_indexed","configuration":{{
        "chunk_shape":[2,2],"index_location":"{location}","codecs":[{inner}
        {{"name":"bytes","configuration":{{"endian":"big"}}}},{{"name":"crc32c"}}],
        "index_codecs":[{{"name":"bytes","configuration":{{"endian":"little"}}}},{{"name":"crc32c"}}]}}}}]}}"#
    );
    vec![("a.zarr/zarr.json", metadata.into_bytes()), ("a.zarr/c/0/0", shard(0)), ("a.zarr/c/0/1", shard(4))]
}

#[test]
fn shards_with_the_index_at_either_end() {
    let turn = r#"{"name":"transpose","configuration":{"order":[1,0]}},"#;
    for (index_first, before, turned) in [(false, "", false), (true, "", false), (false, turn, true)] {
        let files = sharded(index_first, before, turned);
        let (_at, d) = folder(&files, "a.zarr");
        let d = d.unwrap();
        let mut want = ramp(4, 6);
        [0, 1, 6, 7].iter().for_each(|i| want[*i] = 0.0);
        assert_eq!(map(&d, "array").values.iter().copied().collect::<Vec<_>>(), want, "{index_first} {before}");
        assert_eq!(d.window(0, &Window::new([1..3, 3..5])).unwrap(), [13.0, 14.0, 23.0, 24.0]);
        // Every byte of a shard is behind a checksum.
        for i in 0..files[1].1.len() {
            let mut files = files.clone();
            files[1].1[i] ^= 1;
            let (_at, d) = folder(&files, "a.zarr");
            let e = d.unwrap().read(0).map(|_| ()).unwrap_err().to_string();
            assert!(e.contains("damaged"), "{i}: {e}");
        }
        // A shard that is not there is the fill value.
        let (_at, d) = folder(&files[..2], "a.zarr");
        assert_eq!(map(&d.unwrap(), "array").values[[3, 5]], 0.0);
    }
}

#[test]
fn fill_values_in_every_spelling() {
    for (kind, fill, want) in [
        ("<f4", "1.5", 1.5),
        ("<f4", "\"0x3fc00000\"", 1.5),
        ("<f8", "\"-Infinity\"", f64::NEG_INFINITY),
        ("<f8", "\"NaN\"", f64::NAN),
        ("|b1", "true", 1.0),
        ("<i2", "-3", -3.0),
        ("<i2", "null", 0.0),
        ("<c8", "[2, 3]", 2.0),
    ] {
        let metadata = format!(
            r#"{{"zarr_format":2,"shape":[2,3],"chunks":[2,2],"dtype":"{kind}","order":"C","fill_value":{fill},
            "filters":[{{"id":"bitround","keepbits":3}}],"compressor":null}}"#
        );
        let (_at, d) = folder(&[("a.zarr/.zarray", metadata.into_bytes())], "a.zarr");
        let have = d.unwrap().window(0, &Window::new([1..2, 2..3])).unwrap()[0];
        assert!(have == want || have.is_nan() && want.is_nan(), "{kind} {fill}: {have}");
    }
    for fill in ["\"0xzz\"", "[1, 2]", "\"nothing\"", "{}"] {
        let metadata = format!(
            r#"{{"zarr_format":2,"shape":[2,3],"chunks":[2,2],"dtype":"<f4","fill_value":{fill},"compressor":null}}"#
        );
        let e = folder(&[("a.zarr/.zarray", metadata.into_bytes())], "a.zarr").1.map(|_| ()).unwrap_err();
        assert!(e.to_string().contains("fill value"), "{fill}: {e}");
    }
}

#[test]
fn what_is_not_read_is_named() {
    for (from, to, says) in [
        ("\"crc32c\"}],", "\"pcodec\"}],", "pcodec"),
        ("\"default\"", "\"hashed\"", "hashed"),
        ("[2,2]", "[3,2]", "shards"),
        ("[1,0]", "[1,1]", "turned"),
        ("\"endian\":\"big\"", "\"endian\":\"middle\"", "order of its bytes"),
        ("\"fill_value\":0", "\"fill_value\":0,\"storage_transformers\":[{}]", "transformers"),
    ] {
        let mut files = sharded(false, "", false);
        let text = String::from_utf8(files[0].1.clone()).unwrap();
        assert!(text.contains(from), "{from}");
        files[0].1 = text.replace(from, to).into();
        let e = folder(&files, "a.zarr").1.map(|_| ()).unwrap_err().to_string();
        assert!(e.contains(says), "{to}: {e}");
    }
}
