//! A figure as SVG, PNG or PDF. PNG is rendered from the SVG with the bundled fonts alone, PDF is written from the scene.

mod pdf;
mod png;
mod svg;

pub use pdf::pdf;
pub use png::png;
pub use svg::svg;

use super::text::{BOLD, FAMILY, REGULAR};
use super::{Figure, FigureError, Result};
use resvg::usvg::{Options, Tree, fontdb};
use std::sync::{Arc, OnceLock};

/// Resolution of a PNG unless asked otherwise (dots per inch).
pub const DPI: u32 = 300;

/// The figure as a render tree that knows only the bundled fonts.
fn tree(figure: &Figure, format: &'static str) -> Result<Tree> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_data(REGULAR.to_vec());
        fonts.load_font_data(BOLD.to_vec());
        Arc::new(fonts)
    });
    // One user unit is one point, whatever the reader's resolution.
    let options = Options { font_family: FAMILY.to_string(), fontdb: fonts.clone(), dpi: 72.0, ..Options::default() };
    Tree::from_str(&svg::text(figure, false), &options)
        .map_err(|e| FigureError::Export { format, reason: e.to_string() })
}
