use softspot::{
    data::*,
    num::normal::Random,
    prepare::level::level,
    spatial::{bootstrap::*, covariance::*, estimate::*, field::Simulator},
};
fn main() {
    let a: Vec<f64> = std::env::args().skip(1).map(|a| a.parse().unwrap()).collect();
    let (n, ratio, alpha, fields, res, deg) = (a[0] as usize, a[1], a[2], a[3] as usize, a[4] as usize, a[5] as i32);
    let c = Covariance { sigma: 1.0, xi: n as f64 / ratio, alpha, noise: a.get(6).copied().unwrap_or(0.0) };
    let sim = Simulator::new([n, n], [1.0, 1.0], &c);
    let steps: Vec<Levelling> =
        if deg >= 0 { vec![Levelling::Rows { row: RowMethod::Polynomial, degree: deg as u8 }] } else { vec![] };
    let options =
        Options { model: Model::SelfAffine, noise: a.get(6).is_some(), r_max: n as f64 / 4.0, reach: 0.0, sectors: 8 };
    let mut raw = vec![];
    let mut cor = vec![];
    let mut cover = [0; 3];
    let mut tot = 0;
    let mut iso = 0;
    let t = std::time::Instant::now();
    for i in 0..fields / 2 {
        for (k, mut z) in sim.pair(&mut Random::named("tune", i as u64)).into_iter().enumerate() {
            for s in &steps {
                level(&mut z, s).unwrap();
            }
            let (_, e) = estimate(z.view(), [1.0, 1.0], &options, false).unwrap();
            let s = Setting {
                values: &z,
                pixel: [1.0, 1.0],
                levelling: &steps,
                options: &options,
                seed: &format!("{i}{k}"),
                resamples: res,
                cancelled: &|| false,
            };
            let b = bootstrap(&s, &e).unwrap();
            raw.push((e.fitted.covariance.xi / c.xi, e.fitted.covariance.sigma, e.fitted.covariance.alpha));
            cor.push((b.corrected.xi / c.xi, b.corrected.sigma, b.corrected.alpha));
            for (q, t) in [c.xi, c.sigma, c.alpha].iter().enumerate() {
                if b.intervals[q][0] <= *t && *t <= b.intervals[q][1] {
                    cover[q] += 1;
                }
            }
            if b.isotropy_p < 0.05 {
                iso += 1;
            }
            tot += 1;
        }
    }
    let med = |v: Vec<f64>| {
        let mut v = v;
        v.sort_by(f64::total_cmp);
        let m = v.iter().sum::<f64>() / v.len() as f64;
        let sd = (v.iter().map(|x| (x - m).powi(2)).sum::<f64>() / v.len() as f64).sqrt();
        (v[v.len() / 2], sd)
    };
    println!(
        "raw xi {:?} sigma {:?} alpha {:?}",
        med(raw.iter().map(|r| r.0).collect()),
        med(raw.iter().map(|r| r.1).collect()),
        med(raw.iter().map(|r| r.2).collect())
    );
    println!(
        "cor xi {:?} sigma {:?} alpha {:?}",
        med(cor.iter().map(|r| r.0).collect()),
        med(cor.iter().map(|r| r.1).collect()),
        med(cor.iter().map(|r| r.2).collect())
    );
    println!(
        "coverage {:?} of {tot}; isotropy p<.05 {iso}; {:.2} s a field",
        cover,
        t.elapsed().as_secs_f64() / tot as f64
    );
}
