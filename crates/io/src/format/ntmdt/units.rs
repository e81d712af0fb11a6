//! Units as codes.

use softspot_data::unit::Unit;

/// Units of scans and curves, by their code.
const CODES: &[(i16, &str)] = &[
    (-10, "1/cm"),
    (-5, "m"),
    (-4, "cm"),
    (-3, "mm"),
    (-2, "µm"),
    (-1, "nm"),
    (0, "Å"),
    (1, "nA"),
    (2, "V"),
    (3, ""),
    (4, "kHz"),
    (5, "deg"),
    (6, "%"),
    (7, "°C"),
    (8, "V"),
    (9, "s"),
    (10, "ms"),
    (11, "µs"),
    (12, "ns"),
    (13, "counts"),
    (14, "px"),
    (20, "A"),
    (21, "mA"),
    (22, "µA"),
    (23, "nA"),
    (24, "pA"),
    (25, "V"),
    (26, "mV"),
    (27, "µV"),
    (28, "nV"),
    (29, "pV"),
    (30, "N"),
    (31, "mN"),
    (32, "µN"),
    (33, "nN"),
    (34, "pN"),
];

/// Units of arrays whose name is empty: powers of base units in one number.
const SI: &[(u64, &str)] = &[(0x101, "m"), (0x10_0001, "A"), (0xff_fd01_0200, "V"), (0x100_0001, "s")];

pub(super) fn of_code(code: i16) -> Unit {
    CODES.iter().find(|(c, _)| *c == code).map_or_else(Unit::none, |(_, u)| Unit::of(u))
}

pub(super) fn of_si(code: u64) -> Unit {
    SI.iter().find(|(c, _)| *c == code).map_or_else(Unit::none, |(_, u)| Unit::of(u))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_a_unit() {
        for (code, text) in CODES {
            assert!(!of_code(*code).opaque, "{text}");
        }
        assert!(SI.iter().all(|(c, _)| !of_si(*c).opaque));
    }
}
