//! Names of samples and quantities as figures show them.

/// Digits of a chemical formula as subscripts: `La60Ni15Al25` → `La_{60}Ni_{15}Al_{25}`; other names stay as they are.
///
/// The formula is the leading run of element symbols with numbers, at least two elements; what follows is kept, with
/// `-` and `_` as spaces.
pub(super) fn formula(id: &str) -> String {
    let chars: Vec<char> = id.chars().collect();
    let (mut at, mut elements, mut out) = (0, 0, String::new());
    while at < chars.len() && chars[at].is_ascii_uppercase() {
        let mut end = at + 1;
        if end < chars.len() && chars[end].is_ascii_lowercase() {
            end += 1;
        }
        let digits = end;
        while end < chars.len() && (chars[end].is_ascii_digit() || (chars[end] == '.' && end > digits)) {
            end += 1;
        }
        if end == digits {
            break;
        }
        out.extend(&chars[at..digits]);
        out.push_str("_{");
        out.extend(&chars[digits..end]);
        out.push('}');
        elements += 1;
        at = end;
    }
    if elements < 2 {
        return id.to_string();
    }
    out.extend(chars[at..].iter().map(|c| if matches!(c, '-' | '_') { ' ' } else { *c }));
    out
}

/// Quantity of a map as an axis names it; what was levelled is a shift from the background.
pub(super) fn quantity(map: &crate::data::Map) -> String {
    let levelled = !map.levelling.is_empty();
    let frequency = matches!(
        map.quantity.to_lowercase().as_str(),
        "frequency" | "resonance frequency" | "contact resonance frequency"
    );
    match (map.quantity.as_str(), frequency, levelled) {
        (_, true, true) => "Resonance shift".into(),
        (_, true, false) => "Resonance frequency".into(),
        ("" | "data", ..) => "Value".into(),
        (name, ..) => name.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_and_names() {
        assert_eq!(formula("La60Ni15Al25"), "La_{60}Ni_{15}Al_{25}");
        assert_eq!(formula("Pd40Ni10Cu30P20-as-cast"), "Pd_{40}Ni_{10}Cu_{30}P_{20} as cast");
        assert_eq!(formula("Zr52.5Cu17.9"), "Zr_{52.5}Cu_{17.9}");
        for plain in ["Vit105", "sample_3", "A1", "", "scan 7"] {
            assert_eq!(formula(plain), plain);
        }
    }
}
