use super::*;

fn labels(axis: &Axis, length: f64) -> Vec<String> {
    axis.ticks(length, false).major.into_iter().map(|(_, l)| l).collect()
}

fn hz() -> Unit {
    Unit::of("Hz")
}

#[test]
fn even_ticks_are_round() {
    let plain = |low, high| labels(&Axis::plain("", Spacing::Linear, (low, high)), 110.0);
    assert_eq!(plain(0.0, 1.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    assert_eq!(plain(-1.0, 1.0), ["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
    assert_eq!(plain(-37.0, -12.0), ["−35", "−30", "−25", "−20", "−15"]);
}

#[test]
fn small_range_on_a_large_mean_subtracts_an_offset() {
    let axis = Axis::linear("Resonance frequency", &hz(), (1.0497e6, 1.0503e6));
    assert_eq!(axis.label, "Resonance frequency −\u{a0}1.05\u{a0}MHz\u{a0}(Hz)");
    assert!(labels(&axis, 110.0).contains(&"−200".to_string()));
    let wide = Axis::linear("Resonance frequency", &hz(), (1.048e6, 1.053e6));
    assert_eq!(wide.label, "Resonance frequency −\u{a0}1.05\u{a0}MHz\u{a0}(kHz)");
    let none = Axis::linear("Resonance frequency", &hz(), (850e3, 870e3));
    assert_eq!(none.label, "Resonance frequency\u{a0}(kHz)");
}

#[test]
fn prefix_keeps_three_digits() {
    assert_eq!(Axis::linear("r", &Unit::of("m"), (0.0, 4.2e-7)).label, "r\u{a0}(nm)");
    assert_eq!(Axis::linear("Phase", &Unit::of("deg"), (0.0, 90.0)).label, "Phase\u{a0}(°)");
    assert_eq!(Axis::linear("x", &Unit::none(), (0.0, 2e-6)).label, "x\u{a0}(10⁻⁶)");
    assert_eq!(Axis::log("r", &Unit::of("m"), (1e-9, 2e-6)).label, "r\u{a0}(nm)");
}

#[test]
fn decades_carry_minor_ticks() {
    let axis = Axis::plain("", Spacing::Log, (0.5, 2e3));
    let ticks = axis.ticks(110.0, false);
    let l: Vec<_> = ticks.major.iter().map(|(_, l)| l.as_str()).collect();
    assert_eq!(l, ["10⁰", "10¹", "10²", "10³"]);
    assert!(ticks.minor.len() > 20);
    assert_eq!(labels(&Axis::plain("", Spacing::Log, (0.8, 120.0)), 110.0), ["1", "10", "100"]);
    assert_eq!(labels(&Axis::plain("", Spacing::Log, (1.5, 7.0)), 110.0), ["2", "5"]);
    assert!(labels(&Axis::plain("", Spacing::Log, (3.1, 3.4)), 110.0).len() >= 2);
}

#[test]
fn limits_of_poor_data() {
    assert_eq!(Span::of([f64::NAN, f64::INFINITY]).limits(), None);
    assert_eq!(Span::of([0.0]).limits(), Some((-1.0, 1.0)));
    assert_eq!(Span::of([4.0, 4.0]).limits(), Some((2.0, 6.0)));
    assert_eq!(Span::positive([-1.0, 0.0]).padded_log(0.1), None);
    let (low, high) = Span::of([-1e300, 1e-308, 3.0]).padded(0.05).expect("finite values");
    assert!(low < 0.0 && high > 3.0);
}

#[test]
fn ticks_never_run_away() {
    let cases = [(1.0, 1.0 + 2e-12), (-1e199, 1e199), (1e-199, 2e-199), (-5.0, 1e12), (0.0, 1e-12)];
    for limits in cases {
        let axis = Axis::linear("q", &Unit::none(), limits);
        for length in [5.0, 60.0, 400.0] {
            let ticks = axis.ticks(length, true);
            assert!(ticks.major.len() <= 12 && ticks.minor.len() <= 80, "{limits:?} {ticks:?}");
        }
    }
}
