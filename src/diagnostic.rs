//! A message for the author of a definition: code, text, place, proposals.

use std::ops::Range;

/// Something wrong with a definition or an input it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable name, such as `unknown-key`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// Bytes of the definition it is about.
    pub span: Option<Range<usize>>,
    /// What to do.
    pub hints: Vec<String>,
    /// The sample whose input is at fault; `None` where the definition itself is.
    pub sample: Option<String>,
}

impl Diagnostic {
    /// A diagnostic.
    pub fn new(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code, message: message.into(), span: None, hints: Vec::new(), sample: None }
    }

    /// At bytes of the definition; an empty range says nothing and is dropped.
    pub fn at(mut self, span: Range<usize>) -> Diagnostic {
        self.span = (span.end > span.start).then_some(span);
        self
    }

    /// With a proposal.
    pub fn hint(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hints.push(hint.into());
        self
    }

    /// With the nearest of the names there are, if one is near.
    pub fn suggest<'a>(self, wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
        let known: Vec<&str> = known.into_iter().collect();
        match nearest(wrong, &known) {
            Some(name) => self.hint(format!("did you mean `{name}`?")),
            None if known.is_empty() => self,
            None => self.hint(format!("there are: {}", known.join(", "))),
        }
    }

    /// About one sample's input.
    pub fn of_sample(mut self, id: &str) -> Diagnostic {
        self.sample = Some(id.to_string());
        self
    }
}

/// The known name with the fewest edits, if they are few for its length.
pub fn nearest<'a>(wrong: &str, known: &[&'a str]) -> Option<&'a str> {
    let (distance, name) =
        known.iter().map(|k| (edits(&wrong.to_lowercase(), &k.to_lowercase()), *k)).min_by_key(|p| p.0)?;
    (distance <= 1 + name.chars().count() / 3).then_some(name)
}

/// Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name() {
        assert_eq!(nearest("resampels", &["resamples", "model"]), Some("resamples"));
        assert_eq!(nearest("Correlation", &["correlation", "compare"]), Some("correlation"));
        assert_eq!(nearest("xyz", &["resamples", "model"]), None);
        assert_eq!(edits("kitten", "sitting"), 3);
    }
}
