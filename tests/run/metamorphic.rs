//! What must not move a number does not: names, order, threads, memory, other stages, parameters of the verdict alone.
//!
//! Numbers are compared by their bits.

use std::collections::BTreeMap;

use softspot::pipeline::ResultRow;

use crate::common::every_stage::{How, bits, common, common_study, folder, results, whole, whole_rows};

/// Rows by sample, stage and metric, after undoing a change of names.
fn numbers(rows: &[ResultRow], undo: &dyn Fn(&str) -> String) -> BTreeMap<[String; 3], String> {
    let row = |r: &softspot::pipeline::ResultRow| ([undo(&r.sample), undo(&r.stage), undo(&r.metric.name)], bits(r));
    let rows: Vec<_> = rows.iter().map(row).collect();
    let map: BTreeMap<_, _> = rows.iter().cloned().collect();
    assert_eq!(map.len(), rows.len(), "two rows of one metric");
    map
}

/// Asserts that all numbers of the smaller of two runs are in the other.
#[track_caller]
fn same(a: &BTreeMap<[String; 3], String>, b: &BTreeMap<[String; 3], String>, but: &[&str]) {
    let mut compared = 0;
    let moved: Vec<String> = a
        .iter()
        .filter(|([_, _, metric], _)| !but.contains(&metric.as_str()))
        .filter_map(|(key, v)| {
            let other = b.get(key)?;
            compared += 1;
            (v != other).then(|| format!("{key:?}: {v} / {other}"))
        })
        .collect();
    assert!(moved.is_empty(), "{} of {compared} moved:\n{}", moved.len(), moved.join("\n"));
    let shared = a.keys().filter(|k| !but.contains(&k[2].as_str())).count();
    assert_eq!(compared, shared, "rows without a partner");
}

fn as_is(s: &str) -> String {
    s.to_string()
}

#[test]
fn names_order_threads_and_memory() {
    let folder = folder();
    let base = numbers(whole_rows(), &as_is);
    // Names of samples and stages, one thread, and volumes read block by block.
    let renamed = whole().replace("S-", "Z9-").replace("T-", "Q9-");
    let how = How { jobs: Some(1), memory: Some(3 << 20), ..How::default() };
    let other = results(&folder.path(""), &renamed, &how);
    same(&base, &numbers(&other.rows, &|s| s.replace("Z9-", "S-").replace("Q9-", "T-")), &[]);
}

#[test]
fn order_of_samples_and_presence_of_stages() {
    let folder = folder();
    let base = numbers(&results(&folder.path(""), &common_study(&[0, 1, 2]), &How::default()).rows, &as_is);
    let turned = numbers(&results(&folder.path(""), &common_study(&[2, 1, 0]), &How::default()).rows, &as_is);
    same(&base, &turned, &[]);
    let alone = numbers(&results(&folder.path(""), &common(&[1]), &How::default()).rows, &as_is);
    same(&alone, &base, &[]);
}

#[test]
fn parameters_of_the_verdict_alone() {
    let folder = folder();
    let base = numbers(&results(&folder.path(""), &common(&[1]), &How::default()).rows, &as_is);
    let with = |overrides: &[&str]| {
        let how = How { overrides: overrides.iter().map(ToString::to_string).collect(), ..How::default() };
        numbers(&results(&folder.path(""), &common(&[1]), &how).rows, &as_is)
    };
    let verdict = ["xi_verdict", "xi_null", "xi_excess"];
    same(&base, &with(&["stage.T-corr.contact_radius=\"5 nm\""]), &verdict);
    same(&with(&["stage.T-corr.surrogates=0"]), &base, &verdict);
    // What one stage does not take from another does not reach it: peaks are described at one frequency.
    same(&base, &with(&["stage.T-contact.tip_modulus=\"170 GPa\""]), &["modulus_per_frequency"]);
}

/// A seed is the one thing that moves all random numbers, and nothing else.
#[test]
fn the_seed_moves_intervals_and_no_plain_estimate() {
    let folder = folder();
    let base = numbers(&results(&folder.path(""), &common(&[1]), &How::default()).rows, &as_is);
    let how = How { overrides: vec!["pipeline.seed=8".into()], ..How::default() };
    let other = numbers(&results(&folder.path(""), &common(&[1]), &how).rows, &as_is);
    let key = |stage: &str, metric: &str| ["S-two".to_string(), stage.into(), metric.into()];
    assert_ne!(base[&key("T-corr", "xi")], other[&key("T-corr", "xi")]);
    for (stage, metric) in [("T-corr", "xi_raw"), ("T-contact", "sensitivity"), ("T-level", "degrees_of_freedom")] {
        // The value; how many independent patches it rests on follows the length that is found.
        let value = |of: &BTreeMap<[String; 3], String>| of[&key(stage, metric)][..16].to_string();
        assert_eq!(value(&base), value(&other), "{stage}.{metric}");
    }
}

/// Surrogates to compare with enter no resample of the sizes themselves.
#[test]
fn an_optional_input_moves_nothing_but_what_it_adds() {
    let folder = folder();
    let law = |input: &str| {
        let text = format!(
            "[pipeline]\nname = \"law\"\n[sample.A]\nfrequency = {{ phantom = \"la-cu-zr/vit105\" }}\n\
             [stage.part]\nrun = \"crop\"\ninput = \"frequency\"\nrows = [0, 192]\ncolumns = [0, 192]\n\
             [stage.top]\nrun = \"regions\"\ninput = \"part\"\ntop = \"10 %\"\nsurrogates = 40\nresamples = 40\n\
             [stage.law]\nrun = \"cluster-sizes\"\ninput = {input}\nresamples = 40\n"
        );
        numbers(&results(&folder.path(""), &text, &How::default()).rows, &as_is)
    };
    let alone = law("\"top\"");
    let compared = law("{ sizes = \"top\", surrogates = \"top.surrogates\" }");
    let own = ["alpha", "x_min", "tail_n", "ks_p", "p_exponential", "lr_log-normal"];
    for metric in own {
        let key = ["A".to_string(), "law".into(), metric.into()];
        assert_eq!(alone[&key], compared[&key], "{metric}");
    }
}
