//! MATLAB files of version 5, which `save` writes unless told otherwise: `.mat`.
//!
//! A head of 128 bytes that ends with the version and the order of bytes, then one element a variable, packed by zlib or
//! not. Source: MATLAB's description of level 5 MAT-files. Matrices are maps, arrays of three axes are volumes whose planes
//! are the pages, rows and columns are columns of a table; single values and words are metadata. Fields of a structure are
//! variables `structure.field`. Cells, sparse and complex arrays are named in the metadata and not read. MATLAB stores
//! columns one behind the other; the last version, 7.3, is HDF5 and has a reader of its own.

pub(in crate::format) mod element;

use crate::dataset::GroupTables;
use crate::{Channel, Confidence, Dataset, Format, Limits, ReadError, Reader, Source, Store};
use softspot_data::unit::Unit;

use element::{Content, File, Variable};

const ID: &str = "matlab";

/// The reader.
pub struct Matlab;

static FORMAT: Format = Format {
    id: ID,
    name: "MATLAB 5",
    extensions: &["mat"],
    about: "Numeric arrays of versions 5 to 7, packed or not, also in structures. No cells, sparse or complex arrays.",
    reference: "https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf",
};

impl Reader for Matlab {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    fn sniff(&self, source: &Source) -> Confidence {
        let order = source.head().get(124..128);
        let known = order.is_some_and(|o| matches!(o, [_, 1, b'I', b'M'] | [1, _, b'M', b'I']));
        match (known, source.head().starts_with(b"MATLAB 5.0")) {
            (true, true) => 100,
            (true, false) => 60,
            _ => 0,
        }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let file = File::open(source, limits)?;
        let mut dataset = Dataset::new(ID, limits);
        let mut tables = GroupTables::default();
        dataset.metadata.push(("head".into(), file.head()));
        for variable in file.variables()? {
            push(&mut dataset, &mut tables, variable, &file)?;
        }
        let left_out = dataset.metadata.iter().find(|(_, v)| v.starts_with("not read"));
        let left_out = left_out.map(|(name, why)| format!(" (`{name}` is {why})")).unwrap_or_default();
        dataset.finish().map_err(|e| {
            let what = format!("{}{left_out}", e.what);
            ReadError { what, ..e }.hint("`whos` lists what the file holds; save real numeric arrays")
        })
    }
}

/// Adds a variable as what its shape makes it.
fn push(dataset: &mut Dataset, tables: &mut GroupTables, variable: Variable, file: &File) -> Result<(), ReadError> {
    let Variable { name, shape, content } = variable;
    let numbers = match content {
        Content::Numbers(numbers) => numbers,
        Content::Words(words) => {
            dataset.metadata.push((name, words));
            return Ok(());
        }
    };
    let (parent, own) = name.rsplit_once('.').unwrap_or(("", &name));
    let file = file.clone();
    match *shape.as_slice() {
        [n, 1] | [1, n] => {
            let table = tables.of(dataset, parent, n);
            let store = Store::whole(move || file.numbers(&numbers));
            dataset.push(Channel::column(table, own, Unit::none(), n), store)
        }
        [rows, columns] => {
            let store = Store::whole(move || Ok(by_rows(&file.numbers(&numbers)?, rows, columns)));
            dataset.push(Channel::map(name, Unit::none(), rows, columns), store)
        }
        [rows, columns, ref pages @ ..] => {
            let shape = [pages.iter().product(), rows, columns];
            let store = Store::whole(move || Ok(by_rows(&file.numbers(&numbers)?, rows, columns)));
            dataset.push(Channel::volume(name, Unit::none(), shape), store)
        }
        _ => Ok(()),
    }
}

/// Planes stored column by column, row by row.
fn by_rows(values: &[f64], rows: usize, columns: usize) -> Vec<f64> {
    let plane = |p: &[f64]| (0..rows * columns).map(|i| p[i % columns * rows + i / columns]).collect::<Vec<f64>>();
    values.chunks_exact((rows * columns).max(1)).flat_map(plane).collect()
}
