//! Tracks of peaks over ageing time as rows and as a table.

use crate::data::{Column, Metric, Table};
use crate::relax::times::tracks::{NoTrend, TrackPoint, Tracks, Trend};
use crate::unit::Unit;

pub(super) fn metrics(tracks: &Tracks) -> Vec<Metric> {
    let row = |name: String, trend: Result<Trend, NoTrend>| match trend {
        Ok(t) => Metric::number(&name, t.slope, "").interval(t.slope - t.half, t.slope + t.half).n(t.n as f64),
        Err(why) => Metric::missing(&name, &why.to_string()),
    };
    let mut out = vec![Metric::number("tracks", tracks.count as f64, "").n(tracks.ages as f64)];
    for k in 0..tracks.count {
        out.push(row(format!("tau_trend_{}", k + 1), tracks.trend(k, |p| p.tau.0)));
        out.push(row(format!("c_trend_{}", k + 1), tracks.trend(k, |p| p.area.0)));
    }
    out
}

pub(super) fn table(tracks: &Tracks, unit: &Unit) -> Table {
    let number = |name: &str, unit: &Unit, of: &dyn Fn(&TrackPoint) -> f64| {
        Column::number(name, unit, tracks.points.iter().map(of))
    };
    let s = Unit::of("s");
    Table {
        columns: vec![
            number("ageing_time", &s, &|r| r.age),
            number("track", &Unit::none(), &|r| (r.track + 1) as f64),
            number("tau", &s, &|r| r.peak.tau.0),
            number("tau_low", &s, &|r| r.peak.tau.1[0]),
            number("tau_high", &s, &|r| r.peak.tau.1[1]),
            number("c", unit, &|r| r.peak.area.0),
            number("c_low", unit, &|r| r.peak.area.1[0]),
            number("c_high", unit, &|r| r.peak.area.1[1]),
        ],
    }
}
