//! What Asylum Research writes into Igor waves: layer labels that name the channel, whose unit the name implies.

/// Starts of layer and column labels, and their unit. The wave's own data unit is `m` whatever a layer holds.
const UNITS: &[(&str, &str)] = &[
    ("Height", "m"),
    ("ZSensor", "m"),
    ("ZSnsr", "m"),
    ("ZPiezo", "m"),
    ("Raw", "m"),
    ("LVDT", "m"),
    ("DeflV", "V"),
    ("Defl", "m"),
    ("Indentation", "m"),
    ("Amplitude", "m"),
    ("Amp", "m"),
    ("Phase", "deg"),
    ("Phas", "deg"),
    ("Frequency", "Hz"),
    ("Freq", "Hz"),
    ("Current", "A"),
    ("Cur", "A"),
    ("Potential", "V"),
    ("Bias", "V"),
    ("Lateral", "V"),
    ("UserIn", "V"),
    ("Force", "N"),
    ("Adhesion", "N"),
    ("Stiffness", "N/m"),
    ("Young", "Pa"),
];

/// The unit that a label implies.
pub(super) fn unit(label: &str) -> Option<&'static str> {
    UNITS.iter().find(|(start, _)| label.starts_with(start)).map(|(_, unit)| *unit)
}

/// Mends a label over which a shorter one was written without clearing its end: `PhaseRetracerace`.
pub(super) fn mend(label: &str) -> &str {
    for direction in ["Retrace", "Trace"] {
        if let Some(at) = label.rfind(direction) {
            let end = at + direction.len();
            let rest = label.get(end..).unwrap_or("");
            if !rest.is_empty() && direction.ends_with(rest) {
                return label.get(..end).unwrap_or(label);
            }
            return label;
        }
    }
    label
}

#[cfg(test)]
mod tests {
    #[test]
    fn labels() {
        assert_eq!(super::mend("PhaseRetracerace"), "PhaseRetrace");
        assert_eq!(super::mend("PhaseRetrace"), "PhaseRetrace");
        assert_eq!(super::mend("HeightTracee"), "HeightTrace");
        assert_eq!(super::mend("Traced"), "Traced");
        assert_eq!(super::unit("ZSensorRetrace"), Some("m"));
        assert_eq!(super::unit("LossTangent"), None);
    }
}
