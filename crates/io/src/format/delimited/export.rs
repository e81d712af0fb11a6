//! Maps exported as text: a head of name, width, height and unit, in whatever language, and the rows below.

use crate::Metadata;
use softspot_data::unit::{Quantity, Unit};

use super::stretches::{Line, LineKind};

/// What the head of an exported map says.
#[derive(Debug, PartialEq)]
pub(super) struct MapHead {
    pub name: String,
    /// Width and height in m.
    pub size: Option<[f64; 2]>,
    pub unit: Unit,
    /// Whether it has the words of Gwyddion's export.
    pub exported: bool,
}

/// The head in the entries above a map: `Channel`, `Width`, `Height`, `Value units` of Gwyddion and of ourselves, where the map
/// may have no size; else, in any other language, a name, two lengths and a unit in that order.
pub(super) fn head(entries: &Metadata) -> Option<MapHead> {
    let get = |key: &str| entries.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
    let size = get("Width").and_then(length).zip(get("Height").and_then(length)).map(|(w, h)| [w, h]);
    if size.is_some() || entries.first().is_some_and(|(k, _)| k == "Channel") {
        let unit = Unit::parse_or_keep(get("Value units").unwrap_or(""));
        return Some(MapHead { name: get("Channel").unwrap_or_default().to_string(), size, unit, exported: true });
    }
    let at =
        entries.windows(2).position(|w| matches!(w, [(_, w), (_, h)] if length(w).is_some() && length(h).is_some()))?;
    let size = length(&entries.get(at)?.1).zip(length(&entries.get(at + 1)?.1)).map(|(w, h)| [w, h]);
    let name = at.checked_sub(1).and_then(|i| entries.get(i)).map_or("", |(_, v)| v.as_str());
    // The unit is what follows and is one; a number is none.
    let unit = |(_, text): &(String, String)| {
        let words = text.is_empty() || text.starts_with(|c: char| c.is_alphabetic() || matches!(c, '%' | '°'));
        Unit::parse(text).ok().filter(|_| words)
    };
    let unit = entries.iter().skip(at + 2).take(4).find_map(unit)?;
    Some(MapHead { name: name.to_string(), size, unit, exported: false })
}

/// The head of a map below one line that names it: `# Height [m]`, `Phase (deg)`.
pub(super) fn named(title: &str) -> MapHead {
    let (name, unit) = crate::format::text::label::split(title);
    MapHead { name, size: None, unit, exported: false }
}

/// A positive length in m, also with a decimal comma.
fn length(text: &str) -> Option<f64> {
    let q = Quantity::parse(&text.replace(',', ".")).ok()?;
    (q.unit.is_length() && q.si > 0.0).then_some(q.si)
}

/// Where the blocks of rows begin that are maps of their own: below heads that come again, or, among rows without names, below
/// blank lines.
pub(super) fn begins(lines: &[Line<'_>], from: usize, to: usize, wide: bool) -> Vec<usize> {
    let key = |l: &Line<'_>| {
        let text = l.text.trim().trim_start_matches(['#', '%']).trim();
        text.split_once([':', '：', '=']).map(|(k, _)| k.trim().to_string()).filter(|_| l.kind == LineKind::Comment)
    };
    let outside = |l: &&Line<'_>| matches!(l.kind, LineKind::Comment | LineKind::Empty);
    let above = lines.get(..from).unwrap_or_default().iter().rev().take_while(outside);
    let comments: Vec<&Line<'_>> = above.filter(|l| l.kind == LineKind::Comment).collect();
    let first = comments.last().and_then(|l| key(l));
    // Comments above the first rows of a wide table without names name a map, and those above others do as well.
    let all = wide && !comments.is_empty();
    let is_head = wide || head(&super::metadata(&comments.into_iter().rev().collect::<Vec<_>>())).is_some();
    let (mut by_head, mut by_gap, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    let (mut again, mut gap) = (false, false);
    for (i, line) in lines.iter().enumerate().take(to).skip(from) {
        match line.kind {
            LineKind::Comment => again |= all && first.is_none() || is_head && first.is_some() && key(line) == first,
            LineKind::Empty => gap = true,
            _ if line.is_row() => {
                if again {
                    by_head.push(i);
                }
                if gap {
                    by_gap.push(i);
                    rows.push(0);
                }
                rows.iter_mut().last().into_iter().for_each(|n| *n += 1);
                (again, gap) = (false, false);
            }
            _ => {}
        }
    }
    // Lines parted one by one are no maps.
    let blocks = wide && rows.iter().any(|n| *n > 1) && by_gap.first().is_some_and(|g| g - from > 2);
    if !by_head.is_empty() {
        by_head
    } else if blocks {
        by_gap
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_in_any_language() {
        let entries = |pairs: &[(&str, &str)]| -> Metadata {
            pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()
        };
        let head = |pairs: &[(&str, &str)]| head(&entries(pairs));
        let french =
            head(&[("Canal", "Phase"), ("Largeur", "2,50 µm"), ("Hauteur", "1 µm"), ("Unités", "deg")]).unwrap();
        assert_eq!((french.name.as_str(), french.unit.symbol.as_str()), ("Phase", "deg"));
        assert!(french.size.is_some_and(|s| (s[0] - 2.5e-6).abs() < 1e-18 && s[1] == 1e-6));
        let bare = head(&[("Channel", "Height"), ("Value units", "V")]).unwrap();
        assert_eq!((bare.size, bare.unit.symbol.as_str()), (None, "V"));
        // The sizes of a sample are no head of a map.
        assert_eq!(head(&[("Thickness", "2 mm"), ("Span", "5 mm"), ("Mode", "bending"), ("Run", "3")]), None);
        let more = head(&[("Breite", "5 µm"), ("Höhe", "4 µm"), ("X-Versatz", "1 µm"), ("Einheit", "nm")]).unwrap();
        assert_eq!((more.name.as_str(), more.unit.symbol.as_str()), ("", "nm"));
    }
}
