//! An excerpt shows where in a document something stands: a file, a line, and the bytes to underline.

use std::{ops::Range, sync::Arc};

use serde::Serialize;
use stele_evolution::pointer::Pointer;

use crate::source::{
    Document,
    spans::{Span, Spans},
};

/// A place in the text of a document. Lines and columns count from 1; columns count characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Excerpt {
    /// Where the document is, as a person would look it up.
    pub origin: String,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// The line of the last character.
    pub end_line: usize,
    /// The column after the last character.
    pub end_column: usize,
    /// Whether the place is there, and not only what is around it.
    pub exact: bool,
    /// The whole text.
    #[serde(skip)]
    pub text: Arc<str>,
    /// The bytes to underline.
    #[serde(skip)]
    pub range: Range<usize>,
}

/// The same place in both documents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Places {
    /// In the older document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Excerpt>,
    /// In the newer document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Excerpt>,
}

/// A document whose places can be shown.
pub struct Excerpts {
    origin: String,
    text: Arc<str>,
    spans: Spans,
}

/// The longest value that is underlined itself; of a longer one only the key is.
const LONGEST: usize = 60;

impl Excerpts {
    /// The places of a document; nothing where its text cannot be read any more.
    pub fn of(document: &Document) -> Option<Excerpts> {
        let text = document.text().ok()?;
        let spans = Spans::of(&text)?;
        Some(Excerpts { origin: document.origin.clone(), text, spans })
    }

    /// The place a pointer leads to.
    pub fn at(&self, pointer: &str) -> Option<Excerpt> {
        let pointer: Pointer = pointer.parse().ok()?;
        let Span { key, value, is_exact } = self.spans.find(&pointer);
        let written = self.text.get(value.clone())?;
        let is_short = written.len() <= LONGEST && !written.contains('\n');
        let range = match (key, is_short) {
            (Some(key), true) => key.start..value.end,
            (Some(key), false) => key,
            (None, true) => value,
            (None, false) => value.start..value.start + 1,
        };
        let (line, column) = self.position(range.start)?;
        let (end_line, end_column) = self.position(range.end)?;
        let (origin, text) = (self.origin.clone(), Arc::clone(&self.text));
        Some(Excerpt { origin, line, column, end_line, end_column, exact: is_exact, text, range })
    }

    fn position(&self, at: usize) -> Option<(usize, usize)> {
        let before = self.text.get(..at)?;
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        Some((line, before.get(start..)?.chars().count() + 1))
    }
}
