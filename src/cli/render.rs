//! Diagnostics on standard error, with the line of the definition they are about.

use std::io::{IsTerminal, Write};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::diagnostic::Diagnostic;

/// Whether standard error may carry colours.
fn colours() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

fn renderer() -> Renderer {
    if colours() { Renderer::styled() } else { Renderer::plain() }
}

/// One line.
pub(super) fn error(message: &str) {
    note(&renderer().render(&[annotate_snippets::Group::with_title(Level::ERROR.primary_title(message))]));
}

/// Diagnostics of a definition, each with its line.
pub(super) fn diagnostics(list: &[Diagnostic], path: &str, text: &str) {
    for d in list {
        note(&format!("{}\n", one(d, path, text)));
    }
}

fn one(d: &Diagnostic, path: &str, text: &str) -> String {
    let level = if d.sample.is_some() { Level::WARNING } else { Level::ERROR };
    let title = match &d.sample {
        Some(s) => format!("sample `{s}`: {}", d.message),
        None => d.message.clone(),
    };
    let mut group = annotate_snippets::Group::with_title(level.primary_title(title.as_str()).id(d.code));
    // A table's span may reach over many lines: its first says where it is.
    let span = d
        .span
        .clone()
        .filter(|s| s.end <= text.len() && text.is_char_boundary(s.start) && text.is_char_boundary(s.end));
    if let Some(span) = span {
        let line_end = text[span.start..span.end].find('\n').map_or(span.end, |n| span.start + n);
        let snippet = Snippet::source(text)
            .path(path)
            .annotation(AnnotationKind::Primary.span(span.start..line_end.max(span.start)));
        group = group.element(snippet);
    }
    for h in &d.hints {
        group = group.element(Level::HELP.message(h.as_str()));
    }
    renderer().render(&[group])
}

/// A text whose control characters are shown: those that move the cursor, colour or rename a terminal, or turn the
/// direction of writing. Line feeds and tabs stay.
pub(super) fn visible(text: &str) -> std::borrow::Cow<'_, str> {
    let shown = |c: char| match c {
        '\n' | '\t' => None,
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)),
        '\x7f' => Some('\u{2421}'),
        '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some(char::REPLACEMENT_CHARACTER)
        }
        _ => None,
    };
    if text.chars().all(|c| shown(c).is_none()) {
        return text.into();
    }
    text.chars().map(|c| shown(c).unwrap_or(c)).collect::<String>().into()
}

/// A line on standard error.
///
/// `eprintln!` panics where nobody reads the other end (`2>&1 | head`) or the disk is full; a message that cannot be
/// shown must not end a run that works.
pub(super) fn note(message: &str) {
    let _ = std::io::stderr().write_all(format!("{message}\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(visible("a\tb\nµ"), "a\tb\nµ");
        assert_eq!(visible("x\x1b]0;pwn\x07\r\u{9b}31m\u{202e}"), "x␛]0;pwn␇␍\u{fffd}31m\u{fffd}");
    }
}
