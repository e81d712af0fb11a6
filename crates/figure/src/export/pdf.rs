//! PDF: vector, live text, lossless rasters; title and caption as metadata, no dates.

use super::tree;
use crate::{Figure, FigureError, Result};
use krilla::Document;
use krilla::geom::Size;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt, SvgSettings};

/// The figure as a PDF of one page of its own size.
///
/// # Errors
/// [`FigureError::Export`] with the writer's reason.
pub fn pdf(figure: &Figure) -> Result<Vec<u8>> {
    let failed = |reason: String| FigureError::Export { format: "PDF", reason };
    let tree = tree(figure, "PDF")?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let size = Size::from_wh(width, height).ok_or_else(|| failed("page without a size".into()))?;
    let mut document = Document::new();
    document.set_metadata(
        Metadata::new()
            .title(figure.title.clone())
            .description(figure.description.clone())
            .creator("softspot".into())
            .language("en".into()),
    );
    let mut page = document.start_page_with(PageSettings::new(size));
    let mut surface = page.surface();
    let drawn = surface.draw_svg(&tree, size, SvgSettings::default());
    surface.finish();
    page.finish();
    drawn.ok_or_else(|| failed("page could not be drawn".into()))?;
    document.finish().map_err(|e| failed(format!("{e:?}")))
}
