//! A reader of one's own in a pipeline beside softspot's: a map as lines of whole numbers under a head of one's own, in
//! millivolts. `cargo run --example own_reader`.

use softspot::data::Value;
use softspot::io::{Channel, Confidence, Dataset, Format, Limits, ReadError, Reader, Source, Store};
use softspot::pipeline::{Options, Registry, prepare_with, run};
use softspot::unit::Unit;

struct Bench;

static FORMAT: Format = Format {
    id: "bench",
    name: "Text of our bench",
    extensions: &["bench"],
    about: "One map in mV with its width in nm in the first line.",
    reference: "an example",
};

impl Reader for Bench {
    fn format(&self) -> &'static Format {
        &FORMAT
    }

    /// By the content, never by the name alone.
    fn sniff(&self, source: &Source) -> Confidence {
        if source.head().starts_with(b"BENCH ") { 100 } else { 0 }
    }

    fn open(&self, source: &Source, limits: &Limits) -> Result<Dataset, ReadError> {
        let wrong = |what: &str| ReadError::new(FORMAT.id, what.to_string()).hint("save the map again from the bench");
        let text = std::str::from_utf8(source.bytes()).map_err(|_| wrong("the file is not UTF-8"))?;
        let (head, body) = text.split_once('\n').ok_or_else(|| wrong("there is no line but the first"))?;
        let nm: f64 = head["BENCH ".len()..].trim().parse().map_err(|_| wrong("the width is no number").line(1))?;
        let rows: Vec<Vec<f64>> = body
            .lines()
            .enumerate()
            .map(|(i, line)| line.split_whitespace().map(str::parse).collect::<Result<_, _>>().map_err(|_| i))
            .collect::<Result<_, _>>()
            .map_err(|i| wrong("a value is no number").line(i + 2))?;
        let columns = rows.first().map_or(0, Vec::len);
        if columns == 0 || rows.iter().any(|r| r.len() != columns) {
            return Err(wrong("the lines are not of one length"));
        }
        let side = nm * 1e-9;
        let size = Some(vec![side, side * rows.len() as f64 / columns as f64]);
        let mut dataset = Dataset::new(FORMAT.id, limits);
        let values: Vec<f64> = rows.concat();
        let shape = [values.len() / columns, columns];
        let channel = Channel::map("Signal", Unit::of("mV"), shape[0], shape[1]).sized(size);
        // A store gives the numbers of the file; the dataset brings them to SI.
        dataset.push(channel, Store::whole(move || Ok(values.clone())))?;
        dataset.finish()
    }
}

const DEFINITION: &str = r#"
[pipeline]
name = "own-reader"

[sample.A]
signal = { path = "map.bench" }

[stage.dist]
run         = "distribution"
input       = "signal"
uncertainty = "none"
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let rows: String = (0..16).map(|y| format!("{}\n", vec![(y % 4).to_string(); 16].join(" "))).collect();
    std::fs::write(folder.path().join("map.bench"), format!("BENCH 320\n{rows}"))?;
    let registry = Registry::default().reader(&Bench);
    let plan = prepare_with(DEFINITION, folder.path(), &[], &registry).map_err(|e| format!("{e:?}"))?;
    let run = run(&plan, &Options::new(folder.path().join("results")))?;
    let mean = &run.row("A", "dist", "mean").ok_or("no row")?.metric.value;
    // 0, 1, 2, 3 mV in turn.
    assert_eq!(*mean, Value::Number(1.5e-3));
    println!("mean {mean:?} V");
    Ok(())
}
