//! PDF: vector, live text, lossless rasters; title and caption as metadata, no dates.
//!
//! Written from the scene itself: the faces are small enough to be embedded whole, and carry no kerning.

mod font;
mod image;

use std::collections::BTreeMap;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::LineJoinStyle;
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect as Page, Ref, Str, TextStr};

use self::font::Font;
use crate::scene::{Align, Item, Paint, Path, Rect, Scene, Step, Text};
use crate::style::{PAPER, Rgb};
use crate::text::{Weight, runs, width};
use crate::{Figure, FigureError, Result};

/// The figure as a PDF of one page of its own size.
///
/// # Errors
/// [`FigureError::Export`] with the writer's reason.
pub fn pdf(figure: &Figure) -> Result<Vec<u8>> {
    let failed = |reason: String| FigureError::Export { format: "PDF", reason };
    let Scene { width, height, items } = &figure.scene;
    let mut page = Drawing {
        content: Content::new(),
        opacities: BTreeMap::new(),
        images: Vec::new(),
        fonts: [Weight::Regular, Weight::Bold].map(Font::new),
    };
    // The scene's y grows downwards.
    page.content.transform([1.0, 0.0, 0.0, -1.0, 0.0, number(*height)]);
    page.content.set_line_join(LineJoinStyle::RoundJoin);
    page.path(&Path::rect(Rect::new(0.0, 0.0, *width, *height), Some(Paint::solid(PAPER)), None));
    for item in items {
        page.item(item).map_err(failed)?;
    }
    page.finish(figure).map_err(failed)
}

/// What is drawn, and what it needs.
struct Drawing<'a> {
    content: Content,
    /// Opacities of fills and strokes in thousandths, with the number of their state.
    opacities: BTreeMap<[u32; 2], usize>,
    images: Vec<&'a [u8]>,
    fonts: [Font; 2],
}

impl<'a> Drawing<'a> {
    fn item(&mut self, item: &'a Item) -> std::result::Result<(), String> {
        match item {
            Item::Path(path) => self.path(path),
            Item::Text(text) => self.text(text),
            Item::Image(image) => {
                let r = image.rect;
                let name = format!("I{}", self.images.len());
                self.images.push(&image.png);
                let place = [r.width, 0.0, 0.0, -r.height, r.x, r.bottom()].map(number);
                self.content.save_state().transform(place).x_object(Name(name.as_bytes())).restore_state();
            }
            Item::Clip(r, items) => {
                let [x, y, w, h] = [r.x, r.y, r.width, r.height].map(number);
                self.content.save_state().rect(x, y, w, h).clip_nonzero().end_path();
                for item in items {
                    self.item(item)?;
                }
                self.content.restore_state();
            }
        }
        Ok(())
    }

    fn path(&mut self, path: &Path) {
        if path.steps.is_empty() || path.fill.is_none() && path.stroke.is_none() {
            return;
        }
        self.content.save_state();
        let opacity = |p: Option<Paint>| p.map_or(1000, |p| (1000.0 * p.opacity.clamp(0.0, 1.0)).round() as u32);
        self.opacity([opacity(path.fill), opacity(path.stroke.map(|s| s.paint))]);
        if let Some(fill) = path.fill {
            let [r, g, b] = colour(fill.colour);
            self.content.set_fill_rgb(r, g, b);
        }
        if let Some(stroke) = path.stroke {
            let [r, g, b] = colour(stroke.paint.colour);
            let dash = stroke.dash.lengths().iter().map(|l| number(*l));
            self.content.set_stroke_rgb(r, g, b).set_line_width(number(stroke.width)).set_dash_pattern(dash, 0.0);
        }
        for step in &path.steps {
            match step {
                Step::Move(x, y) => self.content.move_to(number(*x), number(*y)),
                Step::Line(x, y) => self.content.line_to(number(*x), number(*y)),
                Step::Cubic(c) => {
                    let [a, b, c, d, e, f] = c.map(number);
                    self.content.cubic_to(a, b, c, d, e, f)
                }
                Step::Close => self.content.close_path(),
            };
        }
        match (path.fill.is_some(), path.stroke.is_some()) {
            (true, true) => self.content.fill_nonzero_and_stroke(),
            (true, false) => self.content.fill_nonzero(),
            _ => self.content.stroke(),
        };
        self.content.restore_state();
    }

    /// Sets the opacity of fills and strokes, where either is not whole.
    fn opacity(&mut self, of: [u32; 2]) {
        if of != [1000, 1000] {
            let next = self.opacities.len();
            let k = *self.opacities.entry(of).or_insert(next);
            self.content.set_parameters(Name(format!("G{k}").as_bytes()));
        }
    }

    fn text(&mut self, text: &Text) {
        let back = match text.align {
            Align::Start => 0.0,
            Align::Middle => 0.5,
            Align::End => 1.0,
        };
        let mut along = -back * width(&text.markup, text.size, text.weight);
        let [r, g, b] = colour(text.colour);
        self.content.begin_text().set_fill_rgb(r, g, b);
        for (shift, run) in runs(&text.markup) {
            let font = &mut self.fonts[usize::from(text.weight == Weight::Bold)];
            let size = text.size * shift.scale();
            let down = shift.drop() * text.size;
            let (x, y) = text.at;
            // Glyphs grow upwards; upright text reads from bottom to top.
            let matrix = match text.upright {
                false => [1.0, 0.0, 0.0, -1.0, x + along, y + down],
                true => [0.0, -1.0, -1.0, 0.0, x + down, y - along],
            };
            self.content.set_font(Name(font.name()), number(size)).set_text_matrix(matrix.map(number));
            self.content.show(Str(&font.encode(&run)));
            along += font.advance(&run) * size;
        }
        self.content.end_text();
    }

    fn finish(self, figure: &Figure) -> std::result::Result<Vec<u8>, String> {
        let mut pdf = Pdf::new();
        let mut last = 0;
        let mut next = || {
            last += 1;
            Ref::new(last)
        };
        let [catalog, pages, page, content, info] = [(); 5].map(|()| next());
        pdf.catalog(catalog).pages(pages).lang(TextStr("en"));
        pdf.pages(pages).kids([page]).count(1);
        let (w, h) = (number(figure.scene.width), number(figure.scene.height));
        let fonts: Vec<(&Font, Ref)> = self.fonts.iter().filter(|f| f.is_used()).map(|f| (f, next())).collect();
        let images: Vec<Ref> = self.images.iter().map(|_| next()).collect();
        let states: Vec<(usize, [u32; 2], Ref)> = self.opacities.iter().map(|(o, k)| (*k, *o, next())).collect();
        let mut sheet = pdf.page(page);
        sheet.parent(pages).media_box(Page::new(0.0, 0.0, w, h)).contents(content);
        let mut resources = sheet.resources();
        let mut by_name = resources.fonts();
        for (font, id) in &fonts {
            by_name.pair(Name(font.name()), *id);
        }
        by_name.finish();
        let mut by_name = resources.x_objects();
        for (k, id) in images.iter().enumerate() {
            by_name.pair(Name(format!("I{k}").as_bytes()), *id);
        }
        by_name.finish();
        let mut by_name = resources.ext_g_states();
        for (k, _, id) in &states {
            by_name.pair(Name(format!("G{k}").as_bytes()), *id);
        }
        by_name.finish();
        resources.finish();
        sheet.finish();
        for (_, [fill, stroke], id) in states {
            let part = |o: u32| o as f32 / 1000.0;
            pdf.ext_graphics(id).non_stroking_alpha(part(fill)).stroking_alpha(part(stroke));
        }
        for (png, id) in self.images.iter().zip(images) {
            image::write(&mut pdf, id, png, &mut next)?;
        }
        for (font, id) in fonts {
            font.write(&mut pdf, id, &mut next)?;
        }
        pdf.stream(content, &packed(&self.content.finish())?).filter(Filter::FlateDecode);
        let mut about = pdf.document_info(info);
        about.title(TextStr(&figure.title)).subject(TextStr(&figure.description)).creator(TextStr("softspot"));
        about.finish();
        Ok(pdf.finish())
    }
}

/// Deflated bytes, the same every time.
fn packed(bytes: &[u8]) -> std::result::Result<Vec<u8>, String> {
    let mut out = ZlibEncoder::new(Vec::new(), Compression::default());
    std::io::Write::write_all(&mut out, bytes).and_then(|()| out.finish()).map_err(|e| e.to_string())
}

/// Two decimals at most, as in the SVG; what is no number becomes 0.
fn number(value: f64) -> f32 {
    if value.is_finite() { ((value * 100.0).round() / 100.0) as f32 } else { 0.0 }
}

fn colour(rgb: Rgb) -> [f32; 3] {
    rgb.map(|v| f32::from(v) / 255.0)
}
