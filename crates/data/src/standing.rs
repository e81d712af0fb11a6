//! How far a number or a claim may be relied on: one word each, the same in every stage.

/// What a note begins with where a result needs a reserve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing limits it.
    Resolved,
    /// The interval was found to hold the truth in less than 93 % of trials like this.
    GuideOnly,
    /// The data do not decide between answers.
    CannotBeTold,
    /// The model that it rests on does not describe the data.
    ModelRejected,
    /// Featureless data give it as well.
    NotAboveTheNull,
}

impl Standing {
    /// All of them.
    pub const ALL: [Standing; 5] = [
        Standing::Resolved,
        Standing::GuideOnly,
        Standing::CannotBeTold,
        Standing::ModelRejected,
        Standing::NotAboveTheNull,
    ];

    /// The words that results carry.
    pub const fn words(self) -> &'static str {
        match self {
            Standing::Resolved => "resolved",
            Standing::GuideOnly => "guide only",
            Standing::CannotBeTold => "cannot be told",
            Standing::ModelRejected => "model-rejected",
            Standing::NotAboveTheNull => "not above the null",
        }
    }

    /// What they mean, for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Standing::Resolved => {
                "larger than what pixel, probe and noise make by themselves, and smaller than the window"
            }
            Standing::GuideOnly => {
                "in trials of known truth the interval held it in less than 93 %: use it to plan, not to conclude"
            }
            Standing::CannotBeTold => "the data do not decide between answers: there is no number, or no word",
            Standing::ModelRejected => {
                "data simulated from the fitted model do not show what these show: numbers of the model have no interval"
            }
            Standing::NotAboveTheNull => {
                "featureless data in the likeness of these give it as well, p ≥ 0.05: no claim"
            }
        }
    }

    /// As a note, with the reason.
    pub fn note(self, why: &str) -> String {
        if why.is_empty() { self.words().to_string() } else { format!("{}: {why}", self.words()) }
    }

    /// Whether a note says so.
    pub fn is_in(self, note: &str) -> bool {
        note.split("; ")
            .any(|part| part.strip_prefix(self.words()).is_some_and(|r| r.is_empty() || r.starts_with(": ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_told_by_their_first_words() {
        for s in Standing::ALL {
            let note = format!("2 of 3; {}", s.note("few points"));
            assert!(s.is_in(&note) && s.is_in(s.words()), "{note}");
            assert!(Standing::ALL.iter().all(|other| other == &s || !other.is_in(&note)));
            assert!(!s.is_in(&format!("it is {}", s.words())));
        }
    }
}
