//! Scene to SVG text: live text, fonts and rasters embedded, every coordinate rounded to 0.01 pt.

use crate::Figure;
use crate::scene::{Align, Image, Item, Path, Rect, Scene, Step, Stroke, Text};
use crate::style::{PAPER, Rgb};
use crate::text::{BOLD, FAMILY, REGULAR, Shift, Weight, runs};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write;

/// The figure as SVG with live text and the fonts it needs.
pub fn svg(figure: &Figure) -> String {
    text(figure, true)
}

/// The SVG with or without the fonts; renderers that hold the fonts need no second copy.
pub(super) fn text(figure: &Figure, fonts: bool) -> String {
    let Scene { width, height, items } = &figure.scene;
    let (w, h) = (number(*width), number(*height));
    let mut out = Writer { text: String::new(), clips: 0 };
    out.add(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}pt\" height=\"{h}pt\" viewBox=\"0 0 {w} {h}\" \
         font-family=\"'{FAMILY}', 'Noto Sans', sans-serif\" fill=\"none\" stroke-linejoin=\"round\">\n"
    ));
    out.add(&format!("<title>{}</title>\n", escape(&figure.title)));
    out.add(&format!("<desc>{}</desc>\n", escape(&figure.description)));
    if fonts {
        out.fonts(holds(items, Weight::Bold));
    }
    out.add(&format!("<rect width=\"{w}\" height=\"{h}\" fill=\"{}\"/>\n", colour(PAPER)));
    for item in items {
        out.item(item);
    }
    out.add("</svg>\n");
    out.text
}

fn holds(items: &[Item], weight: Weight) -> bool {
    items.iter().any(|item| match item {
        Item::Text(t) => t.weight == weight,
        Item::Clip(_, items) => holds(items, weight),
        _ => false,
    })
}

struct Writer {
    text: String,
    clips: usize,
}

impl Writer {
    fn add(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn fonts(&mut self, bold: bool) {
        self.add("<style>\n");
        for (face, weight) in [(REGULAR, 400), (BOLD, 700)].into_iter().take(if bold { 2 } else { 1 }) {
            let data = STANDARD.encode(face);
            self.add(&format!(
                "@font-face{{font-family:'{FAMILY}';font-weight:{weight};src:url(data:font/ttf;base64,{data})}}\n"
            ));
        }
        self.add("</style>\n");
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Path(path) => self.path(path),
            Item::Text(text) => self.line_of_text(text),
            Item::Image(image) => self.image(image),
            Item::Clip(rect, items) => {
                self.clips += 1;
                let id = self.clips;
                let b = sides(*rect);
                self.add(&format!("<clipPath id=\"c{id}\"><rect {b}/></clipPath>\n<g clip-path=\"url(#c{id})\">\n"));
                for item in items {
                    self.item(item);
                }
                self.add("</g>\n");
            }
        }
    }

    fn path(&mut self, path: &Path) {
        let d = outline(&path.steps);
        if d.is_empty() {
            return;
        }
        let mut tag = format!("<path d=\"{d}\"");
        if let Some(fill) = path.fill {
            tag.push_str(&format!(" fill=\"{}\"", colour(fill.colour)));
            if fill.opacity < 1.0 {
                tag.push_str(&format!(" fill-opacity=\"{}\"", number(fill.opacity)));
            }
        }
        if let Some(stroke) = path.stroke {
            tag.push_str(&line_style(&stroke));
        }
        tag.push_str("/>\n");
        self.add(&tag);
    }

    fn image(&mut self, image: &Image) {
        let b = sides(image.rect);
        let rendering = if image.hard { "pixelated" } else { "optimizeQuality" };
        let data = STANDARD.encode(&image.png);
        self.add(&format!(
            "<image {b} preserveAspectRatio=\"none\" style=\"image-rendering:{rendering}\" \
             href=\"data:image/png;base64,{data}\"/>\n"
        ));
    }

    fn line_of_text(&mut self, text: &Text) {
        let runs = runs(&text.markup);
        if runs.is_empty() {
            return;
        }
        let (x, y) = (number(text.at.0), number(text.at.1));
        let anchor = match text.align {
            Align::Start => "",
            Align::Middle => " text-anchor=\"middle\"",
            Align::End => " text-anchor=\"end\"",
        };
        let weight = if text.weight == Weight::Bold { " font-weight=\"700\"" } else { "" };
        let turn = if text.upright { format!(" transform=\"rotate(-90 {x} {y})\"") } else { String::new() };
        let mut tag = format!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" fill=\"{}\" xml:space=\"preserve\"{weight}{anchor}{turn}>",
            number(text.size),
            colour(text.colour)
        );
        let mut drop = 0.0;
        for (shift, run) in runs {
            let dy = shift.drop() * text.size - drop;
            drop += dy;
            let content = escape(&run);
            if shift == Shift::Base && dy == 0.0 {
                tag.push_str(&content);
            } else {
                let size = number(text.size * shift.scale());
                tag.push_str(&format!("<tspan dy=\"{}\" font-size=\"{size}\">{content}</tspan>", number(dy)));
            }
        }
        tag.push_str("</text>\n");
        self.add(&tag);
    }
}

fn sides(r: Rect) -> String {
    let [x, y, w, h] = [r.x, r.y, r.width, r.height].map(number);
    format!("x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"")
}

fn line_style(stroke: &Stroke) -> String {
    let mut out = format!(" stroke=\"{}\" stroke-width=\"{}\"", colour(stroke.paint.colour), number(stroke.width));
    if stroke.paint.opacity < 1.0 {
        out.push_str(&format!(" stroke-opacity=\"{}\"", number(stroke.paint.opacity)));
    }
    let dash = stroke.dash.lengths();
    if !dash.is_empty() {
        let lengths: Vec<String> = dash.iter().map(|l| number(*l)).collect();
        out.push_str(&format!(" stroke-dasharray=\"{}\"", lengths.join(" ")));
    }
    out
}

/// Path data; points that round to the one before are left out.
fn outline(steps: &[Step]) -> String {
    let mut out = String::new();
    let mut last = String::new();
    for step in steps {
        let text = match step {
            Step::Move(x, y) => format!("M{} {}", number(*x), number(*y)),
            Step::Line(x, y) => format!("L{} {}", number(*x), number(*y)),
            Step::Cubic(c) => format!("C{}", c.map(number).join(" ")),
            Step::Close => "Z".to_string(),
        };
        if text != last {
            out.push_str(&text);
        }
        last = text;
    }
    out
}

/// Two decimals at most, no trailing zeros, no negative zero; what is no number becomes 0.
pub(super) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_string();
    }
    let rounded = (value * 100.0).round() / 100.0;
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write!(out, "{:.2}", if rounded == 0.0 { 0.0 } else { rounded });
    let short = out.trim_end_matches('0').trim_end_matches('.').len();
    out.truncate(short);
    out
}

fn colour([r, g, b]: Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            // XML has no other control characters and no non-characters.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_rounded() {
        assert_eq!([1.005, 2.0, -0.001, 0.126, f64::NAN].map(number), ["1", "2", "0", "0.13", "0"]);
        assert_eq!(number(-12.5), "-12.5");
    }

    #[test]
    fn outline_drops_repeats() {
        let steps = [Step::Move(0.0, 0.0), Step::Line(1.0, 1.0), Step::Line(1.001, 1.0), Step::Line(2.0, 1.0)];
        assert_eq!(outline(&steps), "M0 0L1 1L2 1");
    }

    #[test]
    fn markup_of_xml_is_escaped() {
        assert_eq!(escape("a<b & \u{1}"), "a&lt;b &amp; \u{fffd}");
    }
}
