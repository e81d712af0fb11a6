//! Tracks of peaks over ageing time as rows and as a table.

use crate::data::{Metric, Table};
use crate::relax::times::tracks::{NoTrend, TrackPoint, Tracks, Trend};
use crate::stage::tables::PeakTracks;
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
    let column = |f: fn(&TrackPoint) -> f64| tracks.points.iter().map(f).collect();
    let rows = PeakTracks {
        ageing_time: column(|r| r.age),
        track: column(|r| (r.track + 1) as f64),
        tau: column(|r| r.peak.tau.0),
        tau_low: column(|r| r.peak.tau.1[0]),
        tau_high: column(|r| r.peak.tau.1[1]),
        c: column(|r| r.peak.area.0),
        c_low: column(|r| r.peak.area.1[0]),
        c_high: column(|r| r.peak.area.1[1]),
        units: vec![unit.clone()],
    };
    rows.table()
}
