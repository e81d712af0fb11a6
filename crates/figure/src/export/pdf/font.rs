//! A bundled face in a PDF: embedded whole, addressed by glyph, with the way back to letters for copy and search.

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str};
use ttf_parser::Face;

use crate::text::{BOLD, REGULAR, UNKNOWN, Weight};

/// A face and the glyphs of it that are used, each with its letter.
pub(super) struct Font {
    weight: Weight,
    face: Option<Face<'static>>,
    used: BTreeMap<u16, char>,
}

const IDENTITY: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

impl Font {
    pub(super) fn new(weight: Weight) -> Font {
        Font { weight, face: Face::parse(data(weight), 0).ok(), used: BTreeMap::new() }
    }

    /// Its name among the resources of the page.
    pub(super) fn name(&self) -> &'static [u8] {
        if self.weight == Weight::Bold { b"F1" } else { b"F0" }
    }

    pub(super) fn is_used(&self) -> bool {
        !self.used.is_empty()
    }

    /// Numbers of glyphs, two bytes each; a letter that the face has not is its box.
    pub(super) fn encode(&mut self, text: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(2 * text.len());
        for c in text.chars() {
            let glyph = self.face.as_ref().and_then(|f| f.glyph_index(c)).map_or(0, |g| g.0);
            self.used.entry(glyph).or_insert(c);
            out.extend(glyph.to_be_bytes());
        }
        out
    }

    /// Sum of advances in parts of the size, as the viewer adds them.
    pub(super) fn advance(&self, text: &str) -> f64 {
        let Some(face) = &self.face else { return UNKNOWN * text.chars().count() as f64 };
        let em = f64::from(face.units_per_em().max(1));
        let glyph = |c: char| face.glyph_index(c).unwrap_or_default();
        text.chars().map(|c| face.glyph_hor_advance(glyph(c)).map_or(UNKNOWN, |a| f64::from(a) / em)).sum()
    }

    /// Writes the face under `id`.
    pub(super) fn write(&self, pdf: &mut Pdf, id: Ref, next: &mut dyn FnMut() -> Ref) -> Result<(), String> {
        let Some(face) = &self.face else { return Err("the bundled font cannot be read".into()) };
        let [descendant, descriptor, file, letters] = [(); 4].map(|()| next());
        let name: &[u8] = if self.weight == Weight::Bold { b"softspotSans-Bold" } else { b"softspotSans-Regular" };
        pdf.type0_font(id)
            .base_font(Name(name))
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(descendant)
            .to_unicode(letters);
        // Thousandths of the size.
        let em = f32::from(face.units_per_em().max(1));
        let part = |v: f32| (v * 1000.0 / em).round();
        let mut cid = pdf.cid_font(descendant);
        cid.subtype(CidFontType::Type2)
            .base_font(Name(name))
            .system_info(IDENTITY)
            .font_descriptor(descriptor)
            .default_width(part(f32::from(face.glyph_hor_advance(ttf_parser::GlyphId(0)).unwrap_or(0))))
            .cid_to_gid_map_predefined(Name(b"Identity"));
        let mut widths = cid.widths();
        for glyph in self.used.keys() {
            let advance = face.glyph_hor_advance(ttf_parser::GlyphId(*glyph)).unwrap_or(0);
            widths.consecutive(*glyph, [f32::from(advance) * 1000.0 / em]);
        }
        widths.finish();
        cid.finish();
        let b = face.global_bounding_box();
        let corner = |v: i16| part(f32::from(v));
        pdf.font_descriptor(descriptor)
            .name(Name(name))
            .flags(FontFlags::NON_SYMBOLIC)
            .bbox(Rect::new(corner(b.x_min), corner(b.y_min), corner(b.x_max), corner(b.y_max)))
            .italic_angle(0.0)
            .ascent(corner(face.ascender()))
            .descent(corner(face.descender()))
            .cap_height(corner(face.capital_height().unwrap_or(face.ascender())))
            .stem_v(if self.weight == Weight::Bold { 140.0 } else { 80.0 })
            .font_file2(file);
        let whole = data(self.weight);
        pdf.stream(file, &super::packed(whole)?)
            .filter(Filter::FlateDecode)
            .pair(Name(b"Length1"), i32::try_from(whole.len()).map_err(|e| e.to_string())?);
        let mut cmap = UnicodeCmap::new(Name(b"Letters"), IDENTITY);
        // The box of letters that the face has not stands for many.
        for (glyph, letter) in self.used.iter().filter(|(glyph, _)| **glyph != 0) {
            cmap.pair(*glyph, *letter);
        }
        pdf.cmap(letters, &cmap.finish());
        Ok(())
    }
}

fn data(weight: Weight) -> &'static [u8] {
    if weight == Weight::Bold { BOLD } else { REGULAR }
}
