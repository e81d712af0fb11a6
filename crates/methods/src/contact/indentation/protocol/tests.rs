use super::*;

const SPHERE: Sphere = Sphere { radius: 2e-6, poisson: 0.36 };

fn protocol(model: Model) -> Protocol {
    Protocol {
        indenter: Indenter::Sphere(model, SPHERE),
        contact_point: ContactPoint::Zero,
        parts: Parts::All,
        drift: Drift::None,
        pull_off: None,
        frame_compliance: None,
        poisson: Some(0.36),
    }
}

/// Loading and unloading of an elastic sphere in a second each: h = (C P/G)^{2/3}.
fn elastic(modulus: f64) -> Curve {
    let time: Vec<f64> = (0..=200).map(|i| 0.01 * f64::from(i)).collect();
    let load: Vec<f64> = time.iter().map(|t| 1e-3 * (1.0 - (t - 1.0).abs())).collect();
    let depth = load.iter().map(|p| libm::pow(SPHERE.factor() * p / modulus, 2.0 / 3.0)).collect();
    Curve { time, load, depth }
}

#[test]
fn an_elastic_curve_has_its_modulus() {
    let found = protocol(Model::Hertz).evaluate(&elastic(30e9));
    assert_eq!(found.flag, Flag::Good, "{}", found.why);
    assert!((found.modulus / 30e9 - 1.0).abs() < 1e-9, "{:e}", found.modulus);
    assert!((found.young / (2.0 * 30e9 * 1.36) - 1.0).abs() < 1e-9);
    assert!((found.load / 1e-3 - 1.0).abs() < 1e-12 && found.unloaded && found.trace.is_some());
}

/// A frame of known compliance, a known rate of drift and the elastic curve add up; both are taken off.
#[test]
fn frame_and_drift_are_taken_off() {
    let mut curve = elastic(30e9);
    for i in 0..curve.len() {
        curve.depth[i] += 2e-6 * curve.load[i] + 0.3e-9 * curve.time[i];
    }
    let p = Protocol { frame_compliance: Some(2e-6), drift: Drift::Rate(0.3e-9), ..protocol(Model::Hertz) };
    let found = p.evaluate(&curve);
    assert!((found.modulus / 30e9 - 1.0).abs() < 1e-9, "{:e} {}", found.modulus, found.why);
    let fitted = Protocol { frame_compliance: Some(2e-6), drift: Drift::Fitted, ..protocol(Model::Hertz) };
    let found = fitted.evaluate(&curve);
    assert!((found.drift / 0.3e-9 - 1.0).abs() < 1e-6 && (found.modulus / 30e9 - 1.0).abs() < 1e-6);
}

/// Half of the depth remains after the unloading: that is not elastic, and the point says so.
#[test]
fn what_remains_is_plastic() {
    let mut curve = elastic(30e9);
    let top = curve.top();
    let deepest = curve.depth[top];
    for i in top + 1..curve.len() {
        curve.depth[i] = 0.5 * deepest + 0.5 * curve.depth[i];
    }
    let found = protocol(Model::Hertz).evaluate(&curve);
    assert_eq!(found.flag, Flag::Plastic, "{}", found.why);
}

#[test]
fn impossible_curves_are_damaged() {
    let evaluate = |change: &dyn Fn(&mut Curve)| {
        let mut curve = elastic(30e9);
        change(&mut curve);
        protocol(Model::Hertz).evaluate(&curve)
    };
    let flags = [
        evaluate(&|c| c.load.iter_mut().for_each(|p| *p = -*p)),
        evaluate(&|c| c.depth.iter_mut().for_each(|h| *h *= 1e-9)),
        evaluate(&|c| c.depth.iter_mut().for_each(|h| *h *= 1e3)),
    ];
    for e in flags {
        assert_eq!(e.flag, Flag::Damaged, "{}", e.why);
        assert!(e.modulus.is_nan() && !e.why.is_empty());
    }
}

/// Hold, then unload along S = 2βE_r√(A/π) with A = 24.5 h_c²: the reduced modulus is the one that was put in.
#[test]
fn a_pyramid_has_its_reduced_modulus() {
    let (reduced, beta, epsilon) = (100e9, 1.034, 0.75);
    let instrument = Instrument { epsilon, beta, ..Instrument::default() };
    // At the largest load: h_c = 200 nm, so that S and, with P = 2 mN, the depth follow.
    let (contact, peak) = (200e-9, 2e-3);
    let stiffness = 2.0 * beta * reduced * (24.5 * contact * contact / std::f64::consts::PI).sqrt();
    let deepest = contact + epsilon * peak / stiffness;
    // P = P_max ((h − h_f)/(h_max − h_f))^1.5 has the slope 1.5 P_max/(h_max − h_f).
    let last = deepest - 1.5 * peak / stiffness;
    let mut curve = Curve::default();
    for i in 0..=400 {
        let u = f64::from(i) / 200.0;
        let (load, depth) = if u <= 1.0 {
            (peak * u * u, deepest * u)
        } else {
            let rest = 2.0 - u;
            (peak * libm::pow(rest, 1.5), last + (deepest - last) * rest)
        };
        curve.time.push(u);
        curve.load.push(load);
        curve.depth.push(depth);
    }
    let p = Protocol {
        indenter: Indenter::Pyramid { instrument, modulus: 1147e9 },
        poisson: Some(0.3),
        ..protocol(Model::Hertz)
    };
    let found = p.evaluate(&curve);
    assert_eq!(found.flag, Flag::Good, "{}", found.why);
    assert!((found.modulus / reduced - 1.0).abs() < 1e-3, "{:e}", found.modulus);
    assert!((found.stiffness / stiffness - 1.0).abs() < 1e-3);
}
