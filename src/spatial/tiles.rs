//! A matrix of half spectra cut into tiles, so that rows and columns can both be worked on in parallel, in place.

use std::sync::{Mutex, MutexGuard, PoisonError};

use num_complex::Complex64;

/// Rows in a tile.
pub(super) const ROWS: usize = 32;
/// Columns in a tile.
pub(super) const COLUMNS: usize = 16;

/// `rows × columns` complex numbers in tiles of [`ROWS`] × [`COLUMNS`], row-major inside.
///
/// Each tile has a lock that is never contended: a pass over rows owns whole rows of tiles, a pass over columns
/// whole columns of them.
pub(super) struct Tiles {
    down: usize,
    across: usize,
    tiles: Vec<Mutex<Vec<Complex64>>>,
}

impl Tiles {
    pub(super) fn new(rows: usize, columns: usize) -> Tiles {
        let (down, across) = (rows.div_ceil(ROWS), columns.div_ceil(COLUMNS));
        let tile = || Mutex::new(vec![Complex64::default(); ROWS * COLUMNS]);
        Tiles { down, across, tiles: (0..down * across).map(|_| tile()).collect() }
    }

    /// Rows of tiles.
    pub(super) fn down(&self) -> usize {
        self.down
    }

    /// Columns of tiles.
    pub(super) fn across(&self) -> usize {
        self.across
    }

    pub(super) fn tile(&self, down: usize, across: usize) -> MutexGuard<'_, Vec<Complex64>> {
        // A poisoned lock means that another thread panicked; its panic is what the caller sees.
        self.tiles[down * self.across + across].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes row `row` of the band `down` from `line`.
    pub(super) fn put_row(&self, down: usize, row: usize, line: &[Complex64]) {
        for (across, part) in line.chunks(COLUMNS).enumerate() {
            self.tile(down, across)[row * COLUMNS..][..part.len()].copy_from_slice(part);
        }
    }

    /// Reads row `row` of the band `down` into `line`.
    pub(super) fn get_row(&self, down: usize, row: usize, line: &mut [Complex64]) {
        for (across, part) in line.chunks_mut(COLUMNS).enumerate() {
            part.copy_from_slice(&self.tile(down, across)[row * COLUMNS..][..part.len()]);
        }
    }

    /// Copies the columns of one column of tiles into `buffer`: column k occupies `buffer[k · length ..]`, zero below.
    pub(super) fn get_columns(&self, across: usize, rows: usize, length: usize, buffer: &mut [Complex64]) {
        buffer.fill(Complex64::default());
        for down in 0..self.down {
            let tile = self.tile(down, across);
            for (r, line) in tile.chunks_exact(COLUMNS).enumerate() {
                let y = down * ROWS + r;
                if y >= rows {
                    break;
                }
                for (k, v) in line.iter().enumerate() {
                    buffer[k * length + y] = *v;
                }
            }
        }
    }

    /// Writes the first `rows` of each column of `buffer` back.
    pub(super) fn put_columns(&self, across: usize, rows: usize, length: usize, buffer: &[Complex64]) {
        for down in 0..self.down {
            let mut tile = self.tile(down, across);
            for (r, line) in tile.chunks_exact_mut(COLUMNS).enumerate() {
                let y = down * ROWS + r;
                if y >= rows {
                    break;
                }
                for (k, v) in line.iter_mut().enumerate() {
                    *v = buffer[k * length + y];
                }
            }
        }
    }
}
