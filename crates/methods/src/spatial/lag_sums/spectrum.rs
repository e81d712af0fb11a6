//! A matrix of half spectra cut into tiles, so that rows and columns can both be worked on in parallel, in place.

use crate::num::fft::{LANES, Lanes};

/// Rows in a band: two blocks of rows are transformed for each.
pub(super) const ROWS: usize = 4 * LANES;

/// Half spectra of the rows of a matrix, [`LANES`] columns side by side (a group), [`ROWS`] rows to a band.
///
/// In a band group follows group, in a group row follows row: a row of tiles is one piece of memory, and a column
/// of tiles is made of whole pages.
pub(super) struct Spectrum(Vec<Vec<Lanes>>);

/// One pair of groups through all bands; a piece holds the rows of the first and then those of the second.
pub(super) struct Columns<'a>(Vec<&'a mut [Lanes]>);

/// Groups for `columns` columns; even, since groups are worked on in pairs.
pub(super) fn groups(columns: usize) -> usize {
    columns.div_ceil(LANES).next_multiple_of(2)
}

impl Spectrum {
    pub(super) fn new(bands: Vec<Vec<Lanes>>) -> Spectrum {
        Spectrum(bands)
    }

    /// Every pair of groups, to be worked on independently.
    pub(super) fn columns(&mut self) -> Vec<Columns<'_>> {
        let pairs = self.0.first().map_or(0, |band| band.len() / (2 * ROWS));
        let mut columns: Vec<Columns> = (0..pairs).map(|_| Columns(Vec::with_capacity(self.0.len()))).collect();
        for band in &mut self.0 {
            for (column, piece) in columns.iter_mut().zip(band.chunks_exact_mut(2 * ROWS)) {
                column.0.push(piece);
            }
        }
        columns
    }

    /// Row `row` of band `band` at the frequencies of group `group`.
    #[inline(always)]
    pub(super) fn at(&self, band: usize, group: usize, row: usize) -> &Lanes {
        &self.0[band][group * ROWS + row]
    }

    /// Gives the memory of all but the first `bands` back.
    pub(super) fn keep(&mut self, bands: usize) {
        self.0.truncate(bands);
    }
}

impl Columns<'_> {
    /// The first `rows` rows of the first or the second group, zero below.
    pub(super) fn get(&self, second: bool, rows: usize, out: &mut [Lanes]) {
        let (data, rest) = out.split_at_mut(rows);
        for (to, piece) in data.chunks_mut(ROWS).zip(&self.0) {
            to.copy_from_slice(&piece[usize::from(second) * ROWS..][..to.len()]);
        }
        rest.fill(Lanes::default());
    }

    /// Writes row `row` of both groups.
    #[inline(always)]
    pub(super) fn put(&mut self, row: usize, first: Lanes, second: Lanes) {
        let piece = &mut self.0[row / ROWS];
        piece[row % ROWS] = first;
        piece[ROWS + row % ROWS] = second;
    }

    /// Writes row `row` of the first or the second group.
    #[inline(always)]
    pub(super) fn put_one(&mut self, second: bool, row: usize, value: Lanes) {
        self.0[row / ROWS][usize::from(second) * ROWS + row % ROWS] = value;
    }
}
