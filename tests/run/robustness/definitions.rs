//! Definitions with mistakes: every one is told with its line and what to write instead.

use crate::common::{LEVEL_AND_DIST, Study, softspot, two_samples};

const BAD: &str = "{ path = \"bad.gsf\" }";

fn study() -> Study {
    let study = Study::new();
    study.field("good.gsf", 1).field("bad.gsf", 2);
    study
}

/// Check and run refuse the definition with status 2, say this, and leave nothing behind.
#[track_caller]
fn refused(text: &str, reason: &[&str]) {
    let study = study();
    study.definition(text);
    study.check().exits(2).says(reason);
    study.run(&[]).exits(2).says(reason);
    assert!(!study.path("results").exists(), "a refused definition leaves no folder");
}

#[test]
fn unknown_keys_are_shown_with_line_and_suggestion() {
    let text = two_samples(BAD);
    refused(&text.replace("[pipeline]", "[pipelin]"), &["study.toml:1", "unknown table `pipelin`", "pipeline"]);
    refused(&text.replace("name = \"s\"", "name = \"s\"\nsede = 1"), &["study.toml:3", "sede", "seed"]);
    refused(&text.replace(BAD, "{ path = \"bad.gsf\", chanel = \"x\" }"), &["study.toml:8", "chanel", "channel"]);
    refused(
        &text.replace("input = \"frequency\"", "input = \"frequency\"\ndegre = 1"),
        &["study.toml:13", "degre", "degree"],
    );
}

#[test]
fn stages_without_run_of_unknown_kind_or_input_are_refused() {
    let text = two_samples(BAD);
    refused(&text.replace("run = \"level\"\n", ""), &["study.toml:10", "`level` does not say what it runs", "add run"]);
    refused(&text.replace("run = \"level\"", "run = \"levle\""), &["study.toml:11", "no stage `levle`", "level"]);
    refused(
        &text.replace("input = \"frequency\"", "input = \"frequencey\""),
        &["study.toml:12", "`frequencey`", "frequency"],
    );
    refused(
        &text.replace("input = \"level\"", "input = \"level.mapp\""),
        &["study.toml:16", "no output `mapp`", "map"],
    );
    refused(&text.replace("input = \"frequency\"", "input = 7"), &["study.toml:12", "a name, a list of names"]);
    refused(&text.replace("input = \"frequency\"\n", ""), &["0 inputs", "write input"]);
    refused(&text.replace("input = \"level\"", "input = \"dist\""), &["dist", "wait for each other"]);
}

#[test]
fn a_cycle_names_its_stages() {
    let cycle = "[stage.a]\nrun = \"level\"\ninput = \"b\"\n[stage.b]\nrun = \"level\"\ninput = \"a\"\n";
    refused(&two_samples(BAD).replace(LEVEL_AND_DIST, cycle), &["study.toml:10", "a, b", "wait for each other"]);
}

#[test]
fn a_stage_named_like_a_role_is_refused_since_its_input_could_mean_either() {
    let text = two_samples(BAD)
        .replace("[stage.level]", "[stage.frequency]")
        .replace("\"level\"\nuncertainty", "\"frequency\"\nuncertainty");
    refused(&text, &["study.toml:10", "stage `frequency` has the name of an input", "rename one"]);
}

#[test]
fn an_input_of_the_wrong_kind_is_refused_before_anything_runs() {
    let more = "[stage.act]\nrun = \"arrhenius\"\ninput = \"level\"\n";
    refused(&format!("{}{more}", two_samples(BAD)), &["`level` is a map", "takes a table"]);
    let more = "[stage.peaks]\nrun = \"spectrum-peaks\"\ninput = \"frequency\"\n";
    refused(&format!("{}{more}", two_samples(BAD)), &["`frequency` is a map", "takes a spectrum"]);
    let more = "[stage.fig]\nrun = \"figure\"\ninput = \"level\"\nplot = \"loss\"\n";
    refused(&format!("{}{more}", two_samples(BAD)), &["`level`"]);
}

#[test]
fn two_samples_of_one_name_are_refused() {
    refused(&two_samples(BAD).replace("[sample.bad]", "[sample.good]"), &["study.toml:7", "duplicate", "rename"]);
    let clash = "[sample.\"*\"]\nfrequency = { path = \"{}.gsf\" }\n[stage.level]";
    refused(&two_samples(BAD).replacen("[stage.level]", clash, 1), &["two samples are named `good`", "rename"]);
}

#[test]
fn names_of_samples_may_be_anything_that_can_be_read_and_stay_in_the_folder() {
    for name in ["../../up", "a/b", "two words", "Zr₅₀Cu₅₀ – µ", "..", ".hidden", "a,\"b\"", &"x".repeat(400)]
    {
        let study = study();
        let key = name.replace('"', "\\\"");
        study.definition(two_samples(BAD).replace("[sample.bad]", &format!("[sample.\"{key}\"]")));
        study.run(&[]).exits(0);
        assert!(study.number(name, "dist", "std") > 0.0, "{name}");
        let data: Vec<_> = std::fs::read_dir(study.results("data")).unwrap().flatten().map(|e| e.path()).collect();
        assert_eq!(data.len(), 2, "{name}: {data:?}");
        assert!(data.iter().all(|d| d.join("level.gsf").is_file()));
        let outside = std::fs::read_dir(study.path(".")).unwrap().count();
        assert_eq!(outside, 4, "{name}: definition, two maps and results are all there is");
    }
    for name in ["", "  ", "a\\tb"] {
        refused(&two_samples(BAD).replace("[sample.bad]", &format!("[sample.\"{name}\"]")), &["study.toml:7", "name"]);
    }
}

#[test]
fn names_of_stages_and_pipelines_must_fit_a_file() {
    for name in ["../up", "a/b", "two words", "", "..", "a.b", &"x".repeat(300)] {
        refused(
            &two_samples(BAD).replace("[stage.dist]", &format!("[stage.\"{name}\"]")),
            &["study.toml:14", "cannot name a stage"],
        );
    }
    for name in ["../up", "a/b", "", "..", &"x".repeat(300)] {
        refused(&two_samples(BAD).replace("\"s\"", &format!("\"{name}\"")), &["cannot name a folder"]);
    }
    let study = study();
    study.definition(two_samples(BAD).replace("stage.dist", "stage.\"Ölstand-µ\""));
    study.run(&[]).exits(0);
    assert!(study.results("tables/Ölstand-µ.csv").exists());
}

#[test]
fn numbers_out_of_range_are_refused_with_their_line() {
    let text = two_samples(BAD);
    let with = |what: &str| text.replace("uncertainty = \"none\"", what);
    refused(&with("resamples = -5"), &["study.toml:17", "-5"]);
    refused(&with("resamples = 3"), &["study.toml:17", "resamples", "40 to 100000"]);
    refused(&with("resamples = 99999999999999999999"), &["study.toml:17"]);
    refused(&with("resamples = 1e300"), &["study.toml:17"]);
    refused(&with("uncertainty = \"maybe\""), &["study.toml:17", "maybe", "bootstrap"]);
    refused(
        &text.replace("input = \"frequency\"", "input = \"frequency\"\ndegree = 200"),
        &["study.toml:13", "at most 9"],
    );
    refused(&text.replace("name = \"s\"", "name = \"s\"\nseed = -1"), &["study.toml:3", "-1"]);
    refused(
        &text.replace(BAD, "{ path = \"bad.gsf\", pixel = [\"1e308 Gm\", \"1 nm\"] }"),
        &["study.toml:8", "too large"],
    );
    refused(
        &text.replace(BAD, "{ path = \"bad.gsf\", pixel = [\"1 Hz\", \"1 nm\"] }"),
        &["study.toml:8", "not a length"],
    );
    let lever = "[stage.c]\nrun = \"contact-resonance\"\ninput = \"frequency\"\nfree_frequency = \"-3 kHz\"\nspring_constant = \"40 N/m\"\n\
                 reference = { frequency = \"1.1 MHz\", modulus = \"76 GPa\" }\n";
    refused(&format!("{text}{lever}"), &["study.toml:21", "free_frequency", "positive"]);
}

#[test]
fn a_definition_that_is_no_text_is_told_apart() {
    let study = study();
    for (bytes, reason) in [
        (&b"[pipeline]\nname = \"s\xff\"\n"[..], &["not UTF-8", "line 2", "offset 20"][..]),
        (b"", &["no [pipeline] table"]),
        (b"\xef\xbb\xbf", &["no [pipeline] table"]),
        (b"[pipeline\n", &["study.toml:1"]),
        (b"pipeline = 3\nsample = 4\nstage = 5\n", &["table"]),
        (
            b"[pipeline]\nname = \"s\"\n[sample]\na = 3\n[stage]\nb = 4\n",
            &["sample `a` is not a table", "stage `b` is not a table"],
        ),
    ] {
        study.write("study.toml", bytes);
        study.run(&[]).exits(2).says(reason);
        study.check().exits(2).says(reason);
    }
    softspot(&["run".into(), study.path(".")]).exits(2).says(&["Is a directory", "pipeline definition"]);
    softspot(&["run".into(), study.path("away.toml")]).exits(2).says(&[
        "away.toml",
        "No such file",
        "pipeline definition",
    ]);
    softspot(&["check", "/dev/zero"]).exits(2).says(&["longer than 16 MiB"]);
}

#[test]
fn megabytes_of_garbage_and_deep_nesting_are_refused_quickly() {
    let study = study();
    let garbage: Vec<u8> =
        (0..10_000_000u32).map(|i| b' ' + (i.wrapping_mul(2_654_435_761) >> 24) as u8 % 90).collect();
    study.write("study.toml", garbage);
    study.run(&[]).exits(2).says(&["study.toml:1"]);
    for (open, close) in [("[", "]"), ("{ a = ", "}")] {
        let deep = format!("[pipeline]\nname = \"s\"\nseed = {}1{}\n", open.repeat(50_000), close.repeat(50_000));
        study.definition(&deep);
        study.run(&[]).exits(2).says(&["study.toml"]);
    }
    let set = format!("stage.dist.resamples={}1{}", "[".repeat(5_000), "]".repeat(5_000));
    study.definition(two_samples(BAD));
    study.run(&["--set", &set]).exits(2).says(&[]);
}

#[test]
fn overrides_that_make_no_sense_are_refused() {
    let study = study();
    study.definition(two_samples(BAD));
    for (set, reason) in [
        ("nonsense", "there is no `=`"),
        ("=3", "there is no key"),
        ("stage.disst.resamples=3", "no `disst`"),
        ("stage.dist.resample=50", "resamples"),
        ("stage.dist.resamples=many", "many"),
        ("stage.dist.run.deeper=1", "not a table"),
        ("stage.dist.input=nowhere", "`nowhere`"),
        ("pipeline.name=../up", "cannot name a folder"),
        ("pipeline=3", "`pipeline` is a table"),
        ("stage=[]", "stage"),
        ("sample.bad=[[[", "bad"),
        ("stage.dist.run=", "no stage"),
    ] {
        study.run(&["--set", set]).exits(2).says(&[reason]);
    }
    assert!(!study.path("results").exists());
    study.run(&["--only", "dits"]).exits(2).says(&["no stage `dits`", "level, dist"]);
    study.run(&["--only", "dits", "--dry-run"]).exits(2).says(&["no stage `dits`"]);
    study.run(&["--jobs", "0"]).exits(2).says(&["0", "1..=1024"]);
    study.run(&["--jobs", "-1"]).exits(2);
    study.run(&["--jobs", "many"]).exits(2).says(&["many"]);
    study.run(&["--frce"]).exits(2).says(&["--force"]);
    assert!(!study.path("results").exists());
}

#[test]
fn an_unmatched_wildcard_fails_alone_and_a_wildcard_without_braces_is_refused() {
    let study = study();
    let more = "[sample.\"x-*\"]\nfrequency = { path = \"none/{}.gsf\" }\n[stage.level]";
    study.definition(two_samples(BAD).replacen("[stage.level]", more, 1));
    study.run(&[]).exits(1).says(&["x-*", "no file matches"]);
    assert!(study.row("x-*", "*", "status")["note"].contains("no file matches"));
    assert!(study.number("good", "dist", "std") > 0.0);
    refused(
        &two_samples(BAD).replace("[sample.bad]", "[sample.\"b-*\"]"),
        &["study.toml:7", "no input path with {}", "path ="],
    );
}

#[test]
fn study_stages_refuse_metrics_samples_and_pairs_that_do_not_exist() {
    let text = two_samples(BAD);
    let with = |stage: &str| format!("{text}{stage}");
    refused(
        &with("[stage.link]\nrun = \"link\"\ninput = [\"dist\"]\npairs = [[\"dist.spann\", \"dist.std\"]]\n"),
        &["no metric `spann`", "span"],
    );
    refused(
        &with("[stage.link]\nrun = \"link\"\ninput = [\"dist\"]\npairs = [[\"dits.span\", \"dist.std\"]]\n"),
        &["`dits`", "dist"],
    );
    refused(
        &with("[stage.link]\nrun = \"link\"\ninput = [\"level\"]\npairs = [[\"dist.span\", \"dist.std\"]]\n"),
        &["not among its inputs", "add \"dist\""],
    );
    refused(&with("[stage.link]\nrun = \"link\"\ninput = [\"dist\"]\npairs = []\n"), &["pairs", "at least one"]);
    refused(
        &with("[stage.c]\nrun = \"compare\"\ninput = [\"dist\"]\npairs = [[\"good\", \"bda\"]]\n"),
        &["no sample `bda`", "bad"],
    );
    refused(
        &with("[stage.f]\nrun = \"figure\"\ninput = [\"level\", \"dist\"]\nplot = \"map\"\n"),
        &["1 plots for 2 inputs"],
    );
    refused(&with("[stage.f]\nrun = \"figure\"\ninput = \"level\"\nplot = \"mapp\"\n"), &["no plot `mapp`", "map"]);
    refused(
        &with("[stage.f]\nrun = \"figure\"\ninput = \"level\"\nplot = \"map\"\ncolumns = 0\n"),
        &["columns", "1 to 12"],
    );
}

/// Numbers of regions and classes are no values: nothing averages them.
#[test]
fn labels_are_refused_where_values_are_wanted() {
    let study = Study::new();
    study.field("a.gsf", 3);
    let check = |stages: &str, parts: &[&str]| {
        let head = "[pipeline]\nname = \"s\"\n[sample.A]\nfrequency = { path = \"a.gsf\" }\n";
        study.definition(format!("{head}{stages}")).check().exits(2).says(parts);
    };
    let seg = "[stage.seg]\nrun = \"segment\"\ninput = \"frequency\"\n";
    for stage in ["distribution", "correlation", "level", "pattern", "segment", "regions"] {
        check(
            &format!("{seg}[stage.x]\nrun = \"{stage}\"\ninput = \"seg\"\n"),
            &["`seg` is a label image", "holds no values", "name the map that it was made of"],
        );
    }
    let map = "[stage.f]\nrun = \"figure\"\ninput = \"frequency\"\nplot = \"classes\"\n";
    check(map, &["takes a label image", "run = \"regions\" or \"segment\""]);
}

/// What would make the file the right kind is said for the stage at hand.
#[test]
fn a_table_is_told_the_columns_of_the_stage() {
    let study = Study::new();
    study.write("t.csv", "t (s),P (uN),h (nm)\n0,0,0\n1,2,3\n2,3,4\n");
    let check = |columns: &str, stage: &str, parts: &[&str]| {
        let head = format!("[pipeline]\nname = \"s\"\n[sample.A]\ncurves = {{ path = \"t.csv\"{columns} }}\n");
        study.definition(format!("{head}[stage.x]\ninput = \"curves\"\n{stage}")).check().exits(2).says(parts);
    };
    let indentation = "run = \"indentation\"\nmodel = \"kelvin\"\nradius = \"2 um\"\npoisson = 0.3\n";
    check("", indentation, &["is a table", "time = \"…\", load = \"…\", depth = \"…\""]);
    check("", "run = \"spectrum-peaks\"\n", &["temperature = \"…\", loss = \"…\""]);
    let columns = ", columns = { time = \"t\", load = \"P\", depth = \"h\" }";
    check(columns, "run = \"spectrum-peaks\"\n", &["is a set of curves", "takes a spectrum", "loss = \"…\""]);
}

#[test]
fn an_option_that_would_do_nothing_is_an_error() {
    let study = Study::new();
    study.field("a.gsf", 3);
    let check = |plot: &str, parts: &[&str]| {
        let head =
            "[pipeline]\nname = \"s\"\n[sample.A]\nfrequency = { path = \"a.gsf\" }\n[stage.f]\nrun = \"figure\"\n";
        let study = study.definition(format!("{head}input = \"frequency\"\n{plot}"));
        study.check().exits(if parts.is_empty() { 0 } else { 2 }).says(parts);
    };
    check("plot = \"map\"\nlog = true\n", &["log: does nothing here", "`loss`", "`link`"]);
    check("plot = \"map\"\npairs = [[\"a.b\", \"c.d\"]]\n", &["pairs: does nothing here", "`link`"]);
    check("plot = \"histogram\"\nshare_range = false\n", &["share_range: does nothing here", "`map`"]);
    check("plot = \"map\"\nshare_range = false\n", &[]);
    for (stage, part) in [
        ("run = \"segment\"\nk = 3\nk_max = 5\n", "k_max: does nothing here: it is for k = \"auto\""),
        ("run = \"box-counting\"\ngrids = 4\n", "grids: does nothing here"),
        ("run = \"mask\"\noutliers = 6\nscar_length = 4\n", "scar_length: does nothing here: it is for `scars`"),
        ("run = \"regions\"\nby = \"absolute\"\nthreshold = \"1 MHz\"\ntop = \"5 %\"\n", "top: does nothing here"),
        ("run = \"regions\"\nuncertainty = \"none\"\nresamples = 99\n", "resamples: does nothing here"),
        ("run = \"regions\"\nsurrogates = 0\nsurrogate_kind = \"spectrum\"\n", "surrogate_kind: does nothing here"),
    ] {
        let head = "[pipeline]\nname = \"s\"\n[sample.A]\nfrequency = { path = \"a.gsf\" }\n[stage.x]\ninput = \"frequency\"\n";
        study.definition(format!("{head}{stage}")).check().exits(2).says(&[part]);
    }
}

/// What does something depends on what is connected: a map or a volume, one input or several, a file or a stage.
#[test]
fn an_option_that_does_nothing_for_this_input_is_an_error() {
    let study = Study::new();
    study.field("a.gsf", 3);
    study.field("b.gsf", 4);
    study.write("s.csv", "size (nm)\n1\n2\n");
    study.write("ct.raw", "softspot".repeat(15));
    let head = "[pipeline]\nname = \"s\"\n[sample.A]\nf = { path = \"a.gsf\" }\ng = { path = \"b.gsf\" }\n\
                ct = { path = \"ct.raw\", raw = { shape = [4, 5, 6], type = \"u8\" }, pixel = \"1 um\" }\nsizes = { path = \"s.csv\", columns = { size = \"size\" } }\n\
                [stage.top]\nrun = \"regions\"\ninput = \"f\"\n";
    let check = |stage: &str, key: &str| {
        let made = study.definition(format!("{head}[stage.x]\n{stage}")).check();
        if key.is_empty() {
            made.exits(0)
        } else {
            made.exits(2).says(&[&format!("{key}: does nothing here")])
        };
    };
    check("run = \"segment\"\ninput = \"f\"\nstarts = 5\n", "starts");
    check("run = \"segment\"\ninput = [\"f\", \"g\"]\nstarts = 5\n", "");
    check("run = \"distribution\"\ninput = \"f\"\nblock = \"1 um\"\n", "block");
    check("run = \"correlation\"\ninput = \"f\"\nradial = \"1 um\"\n", "radial");
    check("run = \"correlation\"\ninput = \"ct\"\nradial = \"1 um\"\n", "");
    check("run = \"correlation\"\ninput = \"ct\"\nsectors = 4\n", "sectors");
    // The verdict of a volume looks at the contact as that of a map does.
    check("run = \"correlation\"\ninput = \"ct\"\ncontact_radius = \"2 um\"\n", "");
    check("run = \"regions\"\ninput = \"ct\"\nsurrogate_kind = \"spectrum\"\n", "surrogate_kind");
    check("run = \"cluster-sizes\"\ninput = \"top\"\nsurrogates = 40\n", "surrogates");
    check(
        "run = \"cluster-sizes\"\ninput = { sizes = \"top\", surrogates = \"top.surrogates\" }\nsurrogates = 40\n",
        "",
    );
    check("run = \"cluster-sizes\"\ninput = \"sizes\"\nborder = \"include\"\n", "border");
    check("run = \"cluster-sizes\"\ninput = \"top\"\nborder = \"include\"\n", "");
    let pairs = "run = \"compare\"\ninput = \"top\"\npairs = [[\"A\", \"A\"]]\n";
    check(&format!("{pairs}metrics = [\"top.density\"]\ncentre = false\n"), "centre");
    let nothing = study.definition(format!("{head}[stage.x]\n{pairs}")).check();
    nothing.exits(2).says(&["metrics: none is named and no input is a map: there is nothing to compare"]);
}

#[test]
fn a_table_of_another_stage_is_refused() {
    let study = Study::new();
    study.field("a.gsf", 3);
    let head = "[pipeline]\nname = \"s\"\n[sample.A]\nf = { path = \"a.gsf\" }\n[stage.corr]\nrun = \"correlation\"\n\
                input = \"f\"\n[stage.top]\nrun = \"regions\"\ninput = \"f\"\n[stage.x]\n";
    for (stage, parts) in [
        (
            "run = \"cluster-sizes\"\ninput = \"corr\"\n",
            ["the table `curve` of a stage `correlation`", "`regions` of `regions`"],
        ),
        (
            "run = \"orientation\"\ninput = { regions = \"top.surrogates\" }\n",
            ["the table `surrogates`", "`regions` of `regions`"],
        ),
        (
            "run = \"arrhenius\"\ninput = \"top\"\n",
            ["the table `regions`", "`peaks` of `spectrum-peaks` or `shifts` of `master-curve`"],
        ),
    ] {
        study.definition(format!("{head}{stage}")).check().exits(2).says(&parts);
    }
}

/// Parameters of shared groups are flattened into those of a stage: what is wrong with one has its place all the same.
#[test]
fn parameters_of_groups_have_their_place() {
    let study = Study::new();
    study.field("a.gsf", 3);
    let check = |stage: &str, parts: &[&str]| {
        let head = "[pipeline]\nname = \"s\"\n[sample.A]\nf = { path = \"a.gsf\" }\n[stage.x]\ninput = \"f\"\n";
        study.definition(format!("{head}{stage}")).check().exits(2).says(parts);
    };
    let regions = "run = \"regions\"\ntop = \"5 %\"\n";
    check(&format!("{regions}resamples = \"many\"\n"), &["study.toml:9", "resamples", "many"]);
    check(&format!("{regions}uncertainty = \"sometimes\"\n"), &["study.toml:9", "uncertainty", "bootstrap"]);
    check(&format!("{regions}surrogates = 7\n"), &["study.toml:9", "7 surrogates; 0 for none, or 40 to 100000"]);
    check(
        &format!("{regions}resampels = 7\n"),
        &["study.toml:9", "`regions` has no parameter `resampels`", "`resamples`"],
    );
    check(&format!("{regions}resampels = 7\nsurogates = 9\n"), &["study.toml:9", "study.toml:10", "`surrogates`"]);
    let times = "run = \"relaxation-times\"\n[stage.x.stz]\npoisson = 0.3\nstrian = 0.2\n";
    check(times, &["study.toml:10", "no parameter `strian`", "`strain`"]);
}

/// What a deserializer swallows or blames on another is told where it stands: lists that are too long, wrong values beside
/// parameters that must be there, and those that are not.
#[test]
fn lists_and_required_parameters_have_their_place() {
    let study = Study::new();
    study.field("a.gsf", 3);
    let check = |stage: &str, parts: &[&str]| {
        let head = "[pipeline]\nname = \"s\"\n[sample.A]\nf = { path = \"a.gsf\" }\n[stage.x]\ninput = \"f\"\n";
        study.definition(format!("{head}{stage}")).check().exits(2).says(parts);
    };
    check(
        "run = \"crop\"\nrows = [0, 5, 7]\ncolumns = [0, 5]\n",
        &["study.toml:8", "rows: 3 values where there are 2"],
    );
    check("run = \"profile\"\nfrom = [0.5, 0.1, 0.7]\n", &["study.toml:8", "from: 3 values"]);
    let pairs = "run = \"link\"\npairs = [[\"d.std\", \"tg\", \"more\"]]\n";
    check(pairs, &["study.toml:8", "pairs: 3 values where there are 2"]);
    let resonance = "run = \"contact-resonance\"\nspring_constant = \"40 N/m\"\nreference = { frequency = \"700 kHz\", \
                     modulus = \"100 GPa\" }\n";
    check(resonance, &["`contact-resonance` needs `free_frequency`", "Free resonance"]);
    let free = format!("{resonance}free_frequency = \"170 kHz\"\n");
    check(&format!("{free}mode = \"one\"\n"), &["study.toml:11", "mode", "one"]);
    check(&format!("{free}contact = \"spher\"\n"), &["study.toml:11", "contact", "sphere"]);
}

/// A metric that is not printed with these parameters cannot be named.
#[test]
fn metrics_that_are_not_printed_are_refused() {
    let study = Study::new();
    study.field("a.gsf", 3).field("b.gsf", 4).field("c.gsf", 5);
    let check = |stage: &str, metric: &str, parts: &[&str]| {
        let samples: String =
            ["a", "b", "c"].map(|s| format!("[sample.{s}]\nf = {{ path = \"{s}.gsf\" }}\ntg = 3\n")).concat();
        let link = format!("[stage.l]\nrun = \"link\"\ninput = [\"x\"]\npairs = [[\"x.{metric}\", \"tg\"]]\n");
        let text = format!("[pipeline]\nname = \"s\"\n{samples}[stage.x]\ninput = \"f\"\n{stage}{link}");
        let code = if parts.is_empty() { 0 } else { 2 };
        study.definition(text).check().exits(code).says(parts);
    };
    check("run = \"regions\"\n", "r_eq_null", &[]);
    check("run = \"regions\"\nsurrogates = 0\n", "r_eq_null", &["reports no metric `r_eq_null`"]);
    check("run = \"correlation\"\nsectors = 0\n", "anisotropy", &["reports no metric `anisotropy`"]);
    check("run = \"correlation\"\nsurrogates = 0\n", "xi_excess", &["reports no metric `xi_excess`"]);
    check("run = \"distribution\"\nsurrogates = 0\n", "std_p", &["reports no metric `std_p`"]);
    check("run = \"segment\"\nmixture = false\n", "gmm_mean_0", &["reports no metric `gmm_mean_0`"]);
}
