//! `softspot stages`.

use super::{args, out, wrong};
use crate::data::Kind;
use crate::io::READERS;
use crate::stage::figure::PLOTS;
use crate::stage::{Entry, Index, MetricDoc, STAGES, Scope, find};

pub(super) fn stages(a: &args::Stages) -> u8 {
    if let Some(name) = &a.name {
        let Some(entry) = find(name) else {
            let known: Vec<&str> = STAGES.iter().map(|e| e.doc.id).collect();
            let hint = crate::diagnostic::nearest(name, &known)
                .map_or_else(|| known.join(", "), |n| format!("did you mean `{n}`?"));
            return wrong(&format!("there is no stage `{name}`; {hint}"));
        };
        out(&describe(entry));
        return 0;
    }
    if a.formats {
        out(&formats());
        return 0;
    }
    let mut text = String::from("Stages (softspot stages NAME shows one in full)\n");
    for scope in [Scope::Sample, Scope::Study] {
        text.push_str(if scope == Scope::Sample { "\n  for every sample\n" } else { "\n  for the whole study\n" });
        for e in STAGES.iter().filter(|e| e.doc.scope == scope) {
            text.push_str(&format!("    {:<18} {}\n", e.doc.id, first_sentence(e.doc.about)));
        }
    }
    text.push_str(&format!("\n{}", formats()));
    out(&text);
    0
}

fn formats() -> String {
    let mut text = String::from("Formats (recognised by content)\n\n");
    for r in READERS {
        let f = r.format();
        text.push_str(&format!("    {:<10} {} (.{})\n", f.id, f.name, f.extensions.join(", .")));
        text.push_str(&wrap(f.about, 15));
    }
    text
}

fn first_sentence(text: &str) -> String {
    // A full stop before a space and a capital ends a sentence; `α. u.` does not.
    let mut end = text.len();
    for (i, _) in text.match_indices(". ") {
        if text[i + 2..].starts_with(char::is_uppercase) {
            end = i + 1;
            break;
        }
    }
    let line = &text[..end];
    if line.chars().count() <= 96 {
        return line.to_string();
    }
    let cut: String = line.chars().take(94).collect();
    format!("{} …", cut.rsplit_once(' ').map_or(cut.as_str(), |(a, _)| a).trim_end_matches([',', ';', ':']))
}

/// Indented by `indent`, wrapped at 100 columns.
fn wrap(text: &str, indent: usize) -> String {
    let mut out = String::new();
    let mut line = " ".repeat(indent);
    for word in text.split_whitespace() {
        if line.chars().count() + word.chars().count() > 100 && line.trim() != "" {
            out.push_str(line.trim_end());
            out.push('\n');
            line = " ".repeat(indent);
        }
        line.push_str(word);
        line.push(' ');
    }
    out.push_str(line.trim_end());
    out.push('\n');
    out
}

fn describe(entry: &Entry) -> String {
    let doc = entry.doc;
    let mut text = format!(
        "{} (version {}, {})\n\n{}",
        doc.id,
        doc.version,
        if doc.scope == Scope::Sample { "for every sample" } else { "once for the study" },
        wrap(doc.about, 2)
    );
    text.push_str(&format!("\nSource\n{}", wrap(doc.reference, 2)));
    text.push_str("\nInputs\n");
    for p in doc.inputs {
        text.push_str(&format!(
            "  {} ({}{}): {}\n",
            p.name,
            any_of(p.kinds),
            if p.repeated {
                ", one or several"
            } else if p.optional {
                ", optional"
            } else {
                ""
            },
            p.about
        ));
    }
    if !doc.outputs.is_empty() {
        text.push_str("\nOutputs (the first is the bare stage name)\n");
        for o in doc.outputs {
            text.push_str(&format!("  {} ({}): {}\n", o.name, o.kind, o.about));
        }
    }
    text.push_str("\nParameters\n");
    text.push_str(&parameters(entry));
    if doc.id == "figure" {
        text.push_str("\nPlots\n");
        for p in PLOTS {
            let d = p.doc();
            let drawn = d.of.map_or(String::new(), |s| format!(" of `{s}`"));
            text.push_str(&format!("  {:<20} {} (draws a {}{drawn})\n", d.id, d.about, any_of(d.kinds)));
        }
    }
    if !doc.metrics.is_empty() {
        text.push_str("\nMetrics\n");
        for m in doc.metrics {
            let unit = match m.unit {
                "" => String::new(),
                "map" => " [unit of the map]".into(),
                "data" => " [unit of the data]".into(),
                u => format!(" [{}]", u.trim_end_matches('|').replace('|', " or ").replace("map", "unit of the map")),
            };
            text.push_str(&format!("  {}{unit}: {}{}\n", m.name, m.about, beside(m)));
        }
    }
    text.push_str(&format!(
        "\nExample\n  [stage.name]\n{}",
        doc.example.lines().map(|l| format!("  {l}\n")).collect::<String>()
    ));
    text
}

/// What the brackets of a family stand for, and the rows of a null.
fn beside(m: &MetricDoc) -> String {
    let mut out = match m.index {
        Index::Name(names) => format!(" ({})", names().join(", ")),
        Index::Number(first, _) => format!(" (from {first} on)"),
        Index::One | Index::Text => String::new(),
    };
    if !m.nulls.is_empty() {
        let rows: Vec<String> = m.nulls.iter().map(|end| format!("{}_{end}", m.name)).collect();
        out += &format!("; with {}", rows.join(", "));
    }
    out
}

fn any_of(kinds: &[Kind]) -> String {
    kinds.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

/// From the schema: name, type, default, description.
fn parameters(entry: &Entry) -> String {
    let mut generator = schemars::SchemaGenerator::default();
    let schema = entry.schema(&mut generator).to_value();
    let definitions = serde_json::Value::Object(generator.take_definitions(true));
    let Some(properties) = schema.get("properties").and_then(|p| p.as_object()) else { return "  none\n".into() };
    let required: Vec<&str> = schema
        .get("required")
        .and_then(|r| r.as_array())
        .map(|r| r.iter().filter_map(|v| v.as_str()).collect())
        .unwrap_or_default();
    let mut text = String::new();
    for (name, p) in properties {
        let default = match p.get("default") {
            _ if required.contains(&name.as_str()) => " (required)".to_string(),
            Some(serde_json::Value::Null) | None => " (optional)".to_string(),
            Some(v) => format!(" (default {v})"),
        };
        let about = p.get("description").and_then(|d| d.as_str()).unwrap_or("");
        text.push_str(&format!("  {name}: {}{default}\n{}", kind(p, &definitions), wrap(about, 6)));
    }
    text
}

/// A schema's type in words.
fn kind(schema: &serde_json::Value, definitions: &serde_json::Value) -> String {
    if let Some(r) = schema.get("$ref").and_then(|r| r.as_str()) {
        let name = r.rsplit('/').next().unwrap_or(r);
        return definitions.get(name).map_or_else(|| name.to_string(), |s| kind(s, definitions));
    }
    if let Some(c) = schema.get("const") {
        return c.to_string();
    }
    if let Some(e) = schema.get("enum").and_then(|e| e.as_array()) {
        return e.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ");
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(list) = schema.get(key).and_then(|l| l.as_array()) {
            let parts: Vec<String> = list.iter().map(|s| kind(s, definitions)).filter(|k| k != "null").collect();
            return parts.join(" | ");
        }
    }
    if let Some(example) = schema.pointer("/examples/0").and_then(|e| e.as_str()) {
        return format!("quantity such as \"{example}\"");
    }
    let one = |t: &str| match t {
        "array" => format!("list of {}", schema.get("items").map_or_else(|| "values".into(), |i| kind(i, definitions))),
        "object" => {
            let keys: Vec<&str> = schema
                .get("properties")
                .and_then(|p| p.as_object())
                .map(|p| p.keys().map(String::as_str).collect())
                .unwrap_or_default();
            format!("table {{ {} }}", keys.join(", "))
        }
        t => t.to_string(),
    };
    match schema.get("type") {
        Some(serde_json::Value::String(t)) => one(t),
        Some(serde_json::Value::Array(types)) => {
            types.iter().filter_map(|t| t.as_str()).filter(|t| *t != "null").map(one).collect::<Vec<_>>().join(" | ")
        }
        _ => "value".into(),
    }
}
