use super::display::{choose, quantity};
use super::*;

#[test]
fn spellings_of_instruments() {
    // (spelling, factor, offset, coherent symbol): every spelling met in vendor headers and a few more.
    let table = [
        ("m", 1.0, 0.0, "m"),
        ("~m", 1e-6, 0.0, "m"),
        ("um", 1e-6, 0.0, "m"),
        ("µm", 1e-6, 0.0, "m"),
        ("\u{3bc}m", 1e-6, 0.0, "m"),
        ("Âµm", 1e-6, 0.0, "m"),
        ("ｵN", 1e-6, 0.0, "N"),
        ("nm2", 1e-18, 0.0, "m^2"),
        ("µm²", 1e-12, 0.0, "m^2"),
        ("mN/nm", 1e6, 0.0, "N/m"),
        ("mN/µm", 1e3, 0.0, "N/m"),
        ("N/mm2", 1e6, 0.0, "Pa"),
        ("kp/mm²", 9.80665e6, 0.0, "Pa"),
        ("1/MPa", 1e-6, 0.0, "1/Pa"),
        ("Pa.s", 1.0, 0.0, "Pa s"),
        ("Pa·s", 1.0, 0.0, "Pa s"),
        ("mN·m", 1e-3, 0.0, "N m"),
        ("eV", 1.602_176_634e-19, 0.0, "J"),
        ("kHz", 1e3, 0.0, "Hz"),
        ("rad/s", 1.0, 0.0, "rad/s"),
        ("rad", 180.0 / std::f64::consts::PI, 0.0, "deg"),
        ("°", 1.0, 0.0, "deg"),
        ("degrees", 1.0, 0.0, "deg"),
        ("°C", 1.0, 273.15, "K"),
        ("Â°C", 1.0, 273.15, "K"),
        ("degC", 1.0, 273.15, "K"),
        ("%", 0.01, 0.0, ""),
        ("min", 60.0, 0.0, "s"),
        ("counts", 1.0, 0.0, ""),
        ("kJ/mol", 1e3, 0.0, "J/mol"),
        ("s-1", 1.0, 0.0, "Hz"),
        ("nm/V", 1e-9, 0.0, "m/V"),
        ("mol", 1.0, 0.0, "mol"),
        ("J/(mol K)", 1.0, 0.0, "m^2 kg/(s^2 K mol)"),
        ("µm/mN", 1e-3, 0.0, "m/N"),
        ("° C", 1.0, 273.15, "K"),
        ("Grad C", 1.0, 273.15, "K"),
        ("C°", 1.0, 273.15, "K"),
        ("×10³ Pa", 1e3, 0.0, "Pa"),
        ("1e6 Pa", 1e6, 0.0, "Pa"),
        ("10E-9 m2/s", 1e-8, 0.0, "m^2/s"),
        ("A h", 3600.0, 0.0, "C"),
    ];
    for (text, scale, offset, si) in table {
        let u = Unit::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert!((u.scale / scale - 1.0).abs() < 1e-14, "{text}: {}", u.scale);
        assert_eq!(u.offset, offset, "{text}");
        assert_eq!(u.si_symbol(), si, "{text}");
    }
}

#[test]
fn squares_keep_the_scale_of_their_values() {
    // deg² must not be shown as rad²: the values are degrees squared.
    assert_eq!(Unit::of("deg").squared().si_symbol(), "deg^2");
    assert_eq!(Unit::parse("deg^2").unwrap().scale, 1.0);
    assert_eq!(choose(13.0, &Unit::of("deg").squared()).label, "deg²");
    let ev = Unit::of("eV").squared();
    assert_eq!((ev.si_symbol().as_str(), choose(4.0 * ev.scale, &ev).label.as_str()), ("J^2", "eV²"));
    assert_eq!(Unit::of("kHz").squared().si_symbol(), "Hz^2");
}

#[test]
fn what_is_no_unit_is_said() {
    // Half powers have no place among whole ones; words that look like units side by side are none.
    for text in ["MPa m^0.5", "MPa m^1/2", "s^1/2", "m^-1/2", "F (N)", "h (nm)", "bar g", "h nm", "t (s)"] {
        assert!(Unit::parse(text).is_err(), "{text}");
    }
    for text in ["Vickers", "m//s", "(m", "m^", "m^999", "furlong/s", "/", "((((((((((m))))))))))"] {
        assert!(Unit::parse(text).is_err(), "{text}");
    }
    let kept = Unit::parse_or_keep("Vickers");
    assert!(kept.opaque && kept.si_symbol() == "Vickers");
    assert!(!kept.same_dimension(&Unit::none()));
}

#[test]
fn the_coherent_symbol_parses_to_itself() {
    for (name, dims) in symbol::COHERENT.iter().chain(symbol::QUOTIENTS) {
        let u = Unit::parse(name).unwrap();
        assert_eq!(u.dimension.0, *dims, "{name}");
        assert_eq!(u.scale, 1.0, "{name}");
    }
    // And so does the spelled-out fallback for any dimension.
    let mut rng = 1u64;
    for _ in 0..500 {
        let mut d = [0i8; 8];
        for e in &mut d {
            rng = rng.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *e = ((rng >> 60) as i8) % 4 - 1;
        }
        let dim = Dimension(d);
        let back = Unit::parse(&dim.si_symbol()).unwrap();
        assert_eq!(back.dimension, dim, "{}", dim.si_symbol());
        assert_eq!(Unit::parse(&dim.powers()).unwrap().dimension, dim, "{}", dim.powers());
    }
}

#[test]
fn prefixes_leave_at_most_three_digits() {
    let hz = Unit::of("Hz");
    assert_eq!(choose(1.05e6, &hz).label, "MHz");
    assert_eq!(choose(700.0, &hz).label, "Hz");
    assert_eq!(choose(1e-6, &Unit::of("m")).label, "µm");
    assert_eq!(choose(999.0e-9, &Unit::of("m")).label, "nm");
    assert_eq!(choose(5e-13, &Unit::of("m^2")).label, "nm²");
    assert_eq!(choose(3e14, &Unit::of("1/m^2")).label, "µm⁻²");
    assert_eq!(choose(83e3, &Unit::of("J/mol")).label, "kJ/mol");
    assert_eq!(choose(461.0, &Unit::of("K")).label, "K");
    assert_eq!(choose(30.0 * 1.6e-19, &Unit::of("eV")).label, "eV");
    assert_eq!(quantity(35.42e-9, &Unit::of("m")), "35.4\u{a0}nm");
    assert_eq!(quantity(-1200.0, &hz), "−1.20\u{a0}kHz");
}

#[test]
fn quantities_of_definitions() {
    for (text, si, symbol) in [
        ("1.2 kHz", 1200.0, "Hz"),
        ("80nm", 80e-9, "m"),
        ("5 %", 0.05, ""),
        ("45 deg", 45.0, "deg"),
        ("-3 °C", 270.15, "K"),
        ("1e-3 N/m", 1e-3, "N/m"),
        ("2 eV", 3.204_353_268e-19, "J"),
    ] {
        let q = Quantity::parse(text).unwrap();
        assert!((q.si / si - 1.0).abs() < 1e-12, "{text}: {}", q.si);
        assert_eq!(q.unit.si_symbol(), symbol, "{text}");
    }
    for bad in ["", "nm", "1 furlong", "1e999 m", "--3 m"] {
        assert!(Quantity::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn words_and_signs_are_their_symbols() {
    for (text, symbol) in [
        ("nanometers", "nm"),
        ("Micrometres", "µm"),
        ("kilohertz", "kHz"),
        ("megapascals", "MPa"),
        ("angstroms", "Å"),
        ("degrees C", "°C"),
        ("℃", "°C"),
        ("㎚", "nm"),
        ("meters/second", "m/s"),
    ] {
        let (a, b) = (Unit::parse(text).unwrap(), Unit::of(symbol));
        assert!(a.same_dimension(&b) && a.scale == b.scale && a.offset == b.offset, "{text}: {a:?}");
    }
    // A word with a prefix of a symbol, and symbols that only look like words, are none.
    assert!(Unit::parse("nmeters").is_err() && Unit::parse("amp").is_err() && Unit::parse("kilo").is_err());
}
