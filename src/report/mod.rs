//! `report.html`: one page that opens from disk with no network – warnings first, then overview, figures, metrics,
//! definition, provenance. It holds no clock: the same run gives the same bytes.

mod content;

use minijinja::Environment;

use crate::io::write::{WriteError, atomic};
use crate::pipeline::{Plan, Run, RunError};

/// Writes the report into the results folder.
///
/// `definition` is the text of the TOML.
///
/// # Errors
/// [`RunError`] if the file cannot be written.
pub fn write(plan: &Plan, run: &Run, definition: &str) -> Result<(), RunError> {
    let path = run.path("report.html");
    let html = html(plan, run, definition).map_err(|e| WriteError::new(&path, std::io::Error::other(e)))?;
    if std::fs::read(&path).is_ok_and(|old| old == html.as_bytes()) {
        return Ok(());
    }
    atomic(&path, html.as_bytes())?;
    Ok(())
}

/// The page.
///
/// # Errors
/// The template's, which a test rules out.
pub fn html(plan: &Plan, run: &Run, definition: &str) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.add_template("report.html", include_str!("report.html"))?;
    environment.get_template("report.html")?.render(minijinja::value::Serde(content::content(plan, run, definition)))
}
