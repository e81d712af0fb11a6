//! What the readers of text share: encodings, numbers, header labels.

pub(super) mod columns;
pub(super) mod encoding;
pub(super) mod label;
pub(super) mod length;
pub(super) mod number;
pub(super) mod xml;
