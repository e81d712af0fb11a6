//! Errors that name an input as the definition does.

use std::path::Path;

use super::super::input::InputDef;

/// An error with the input called what the definition calls it: the same study fails with the same words in every folder.
pub(in crate::pipeline) fn as_written(error: String, input: &InputDef, folder: &Path) -> String {
    let named = replaced(&error, &input.file(folder).display().to_string(), input.name());
    // Another file beside it, such as the data of a header.
    match folder.display().to_string() {
        empty if empty.is_empty() || empty == "." => named,
        place => replaced(&named, &format!("{}/", place.trim_end_matches('/')), ""),
    }
}

/// The text with a path called otherwise where it begins: a folder `m` is no part of `nm/s`.
fn replaced(text: &str, path: &str, name: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(path) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let begins = !out.ends_with(|c: char| c.is_alphanumeric() || "/._-".contains(c));
        out.push_str(if begins { name } else { path });
        rest = &from[path.len()..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_renamed_where_it_begins_and_nowhere_else() {
        assert_eq!(replaced("m/a.csv: 3 nm/s, see `m/b.raw`", "m/", ""), "a.csv: 3 nm/s, see `b.raw`");
        assert_eq!(replaced("/x/m/a.csv: broken", "/x/m/", ""), "a.csv: broken");
        assert_eq!(replaced("no path", "m/", ""), "no path");
    }
}
