//! The table of unit symbols: spelling, factor, offset, dimension, whether prefixes apply.

/// One spelling of one unit.
pub(super) struct Symbol {
    pub name: &'static str,
    pub scale: f64,
    pub offset: f64,
    pub dims: [i8; 8],
    pub prefixable: bool,
}

const fn sym(name: &'static str, scale: f64, dims: [i8; 8], prefixable: bool) -> Symbol {
    Symbol { name, scale, offset: 0.0, dims, prefixable }
}

const NONE: [i8; 8] = [0; 8];
const M: [i8; 8] = [1, 0, 0, 0, 0, 0, 0, 0];
const S: [i8; 8] = [0, 0, 1, 0, 0, 0, 0, 0];
const HZ: [i8; 8] = [0, 0, -1, 0, 0, 0, 0, 0];
const K: [i8; 8] = [0, 0, 0, 0, 1, 0, 0, 0];
const ANGLE: [i8; 8] = [0, 0, 0, 0, 0, 0, 0, 1];
const N: [i8; 8] = [1, 1, -2, 0, 0, 0, 0, 0];
const PA: [i8; 8] = [-1, 1, -2, 0, 0, 0, 0, 0];
const J: [i8; 8] = [2, 1, -2, 0, 0, 0, 0, 0];
const V: [i8; 8] = [2, 1, -3, -1, 0, 0, 0, 0];
const OHM: [i8; 8] = [2, 1, -3, -2, 0, 0, 0, 0];
const SIEMENS: [i8; 8] = [-2, -1, 3, 2, 0, 0, 0, 0];

/// Degrees in a radian.
pub(super) const DEG_PER_RAD: f64 = 180.0 / std::f64::consts::PI;

/// Every known symbol. Exact matches win over prefix + symbol, so `min`, `Pa`, `cd`, `ft` are safe.
pub(super) static SYMBOLS: &[Symbol] = &[
    sym("", 1.0, NONE, false),
    sym("1", 1.0, NONE, false),
    sym("-", 1.0, NONE, false),
    sym("arb", 1.0, NONE, false),
    sym("arb.", 1.0, NONE, false),
    sym("a.u.", 1.0, NONE, false),
    sym("a. u.", 1.0, NONE, false),
    sym("arb. units", 1.0, NONE, false),
    sym("arb. unit", 1.0, NONE, false),
    sym("counts", 1.0, NONE, false),
    sym("LSB", 1.0, NONE, false),
    sym("px", 1.0, NONE, false),
    sym("pixel", 1.0, NONE, false),
    sym("pixels", 1.0, NONE, false),
    sym("%", 0.01, NONE, false),
    sym("‰", 1e-3, NONE, false),
    sym("ppm", 1e-6, NONE, false),
    sym("m", 1.0, M, true),
    sym("meter", 1.0, M, false),
    sym("metre", 1.0, M, false),
    sym("micron", 1e-6, M, false),
    sym("microns", 1e-6, M, false),
    sym("Å", 1e-10, M, false),
    sym("Ang", 1e-10, M, false),
    sym("Angstrom", 1e-10, M, false),
    sym("inch", 0.0254, M, false),
    sym("g", 1e-3, [0, 1, 0, 0, 0, 0, 0, 0], true),
    sym("s", 1.0, S, true),
    sym("sec", 1.0, S, false),
    sym("second", 1.0, S, false),
    sym("seconds", 1.0, S, false),
    sym("min", 60.0, S, false),
    sym("h", 3600.0, S, false),
    sym("hr", 3600.0, S, false),
    sym("d", 86400.0, S, false),
    sym("A", 1.0, [0, 0, 0, 1, 0, 0, 0, 0], true),
    sym("K", 1.0, K, true),
    Symbol { name: "°C", scale: 1.0, offset: 273.15, dims: K, prefixable: false },
    Symbol { name: "degC", scale: 1.0, offset: 273.15, dims: K, prefixable: false },
    Symbol { name: "deg C", scale: 1.0, offset: 273.15, dims: K, prefixable: false },
    Symbol { name: "degrees C", scale: 1.0, offset: 273.15, dims: K, prefixable: false },
    Symbol { name: "Celsius", scale: 1.0, offset: 273.15, dims: K, prefixable: false },
    Symbol { name: "°F", scale: 5.0 / 9.0, offset: 273.15 - 160.0 / 9.0, dims: K, prefixable: false },
    sym("mol", 1.0, [0, 0, 0, 0, 0, 1, 0, 0], true),
    sym("cd", 1.0, [0, 0, 0, 0, 0, 0, 1, 0], true),
    sym("deg", 1.0, ANGLE, false),
    sym("Deg", 1.0, ANGLE, false),
    sym("degree", 1.0, ANGLE, false),
    sym("degrees", 1.0, ANGLE, false),
    sym("°", 1.0, ANGLE, false),
    sym("rad", DEG_PER_RAD, ANGLE, true),
    sym("Hz", 1.0, HZ, true),
    sym("HZ", 1.0, HZ, false),
    sym("N", 1.0, N, true),
    sym("dyn", 1e-5, N, false),
    sym("kp", 9.80665, N, false),
    sym("kgf", 9.80665, N, false),
    sym("gf", 9.80665e-3, N, false),
    sym("Pa", 1.0, PA, true),
    sym("bar", 1e5, PA, true),
    sym("atm", 101_325.0, PA, false),
    sym("psi", 6_894.757_293_168_361, PA, false),
    sym("Torr", 133.322_368_421_052_63, PA, true),
    sym("J", 1.0, J, true),
    sym("eV", 1.602_176_634e-19, J, true),
    sym("erg", 1e-7, J, false),
    sym("cal", 4.184, J, true),
    sym("W", 1.0, [2, 1, -3, 0, 0, 0, 0, 0], true),
    sym("C", 1.0, [0, 0, 1, 1, 0, 0, 0, 0], true),
    sym("V", 1.0, V, true),
    sym("Volt", 1.0, V, false),
    sym("Volts", 1.0, V, false),
    sym("F", 1.0, [-2, -1, 4, 2, 0, 0, 0, 0], true),
    sym("Ω", 1.0, OHM, true),
    sym("Ohm", 1.0, OHM, true),
    sym("ohm", 1.0, OHM, true),
    sym("S", 1.0, SIEMENS, true),
    sym("T", 1.0, [0, 1, -2, -1, 0, 0, 0, 0], true),
    sym("Wb", 1.0, [2, 1, -2, -1, 0, 0, 0, 0], true),
    sym("H", 1.0, [2, 1, -2, -2, 0, 0, 0, 0], true),
    sym("L", 1e-3, [3, 0, 0, 0, 0, 0, 0, 0], true),
    sym("P", 0.1, [-1, 1, -1, 0, 0, 0, 0, 0], false),
];

/// Words for units, in the singular, and the symbols that they stand for.
pub(super) static WORDS: &[(&str, &str)] = &[
    ("meter", "m"),
    ("metre", "m"),
    ("angstrom", "Å"),
    ("ångström", "Å"),
    ("gram", "g"),
    ("gramme", "g"),
    ("second", "s"),
    ("minute", "min"),
    ("hour", "h"),
    ("day", "d"),
    ("kelvin", "K"),
    ("celsius", "°C"),
    ("degree", "deg"),
    ("radian", "rad"),
    ("hertz", "Hz"),
    ("newton", "N"),
    ("pascal", "Pa"),
    ("joule", "J"),
    ("electronvolt", "eV"),
    ("watt", "W"),
    ("volt", "V"),
    ("ampere", "A"),
    ("coulomb", "C"),
    ("farad", "F"),
    ("ohm", "Ω"),
    ("siemens", "S"),
    ("tesla", "T"),
    ("mole", "mol"),
    ("percent", "%"),
];

/// Prefixes of words.
pub(super) static WORD_PREFIXES: &[(&str, f64)] = &[
    ("femto", 1e-15),
    ("pico", 1e-12),
    ("nano", 1e-9),
    ("micro", 1e-6),
    ("milli", 1e-3),
    ("centi", 1e-2),
    ("kilo", 1e3),
    ("mega", 1e6),
    ("giga", 1e9),
    ("tera", 1e12),
];

/// SI prefixes as headers spell them, longest spelling first.
pub(super) static PREFIXES: &[(&str, f64)] = &[
    ("da", 1e1),
    ("y", 1e-24),
    ("z", 1e-21),
    ("a", 1e-18),
    ("f", 1e-15),
    ("p", 1e-12),
    ("n", 1e-9),
    ("u", 1e-6),
    ("µ", 1e-6),
    ("m", 1e-3),
    ("c", 1e-2),
    ("d", 1e-1),
    ("h", 1e2),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("P", 1e15),
    ("E", 1e18),
];

/// Coherent units with a name of their own, for tables: the first that fits a dimension is used.
pub(super) static COHERENT: &[(&str, [i8; 8])] = &[
    ("", NONE),
    ("m", M),
    ("m^2", [2, 0, 0, 0, 0, 0, 0, 0]),
    ("m^3", [3, 0, 0, 0, 0, 0, 0, 0]),
    ("1/m", [-1, 0, 0, 0, 0, 0, 0, 0]),
    ("1/m^2", [-2, 0, 0, 0, 0, 0, 0, 0]),
    ("kg", [0, 1, 0, 0, 0, 0, 0, 0]),
    ("s", S),
    ("Hz", HZ),
    ("A", [0, 0, 0, 1, 0, 0, 0, 0]),
    ("K", K),
    ("1/K", [0, 0, 0, 0, -1, 0, 0, 0]),
    ("mol", [0, 0, 0, 0, 0, 1, 0, 0]),
    ("deg", ANGLE),
    ("rad/s", [0, 0, -1, 0, 0, 0, 0, 1]),
    ("N", N),
    ("N/m", [0, 1, -2, 0, 0, 0, 0, 0]),
    ("Pa", PA),
    ("Pa^2", [-2, 2, -4, 0, 0, 0, 0, 0]),
    ("1/Pa", [1, -1, 2, 0, 0, 0, 0, 0]),
    ("Pa s", [-1, 1, -1, 0, 0, 0, 0, 0]),
    ("J", J),
    ("J^2", [4, 2, -4, 0, 0, 0, 0, 0]),
    ("J/mol", [2, 1, -2, 0, 0, -1, 0, 0]),
    ("W", [2, 1, -3, 0, 0, 0, 0, 0]),
    ("C", [0, 0, 1, 1, 0, 0, 0, 0]),
    ("V", V),
    ("V/m", [1, 1, -3, -1, 0, 0, 0, 0]),
    ("F", [-2, -1, 4, 2, 0, 0, 0, 0]),
    ("Ohm", OHM),
    ("S", SIEMENS),
    ("T", [0, 1, -2, -1, 0, 0, 0, 0]),
    ("m/s", [1, 0, -1, 0, 0, 0, 0, 0]),
    ("m/V", [-1, -1, 3, 1, 0, 0, 0, 0]),
    ("K/s", [0, 0, -1, 0, 1, 0, 0, 0]),
    ("Hz^2", [0, 0, -2, 0, 0, 0, 0, 0]),
];
