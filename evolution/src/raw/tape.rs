//! The tape: one entry for every value and key of a text, in the order of the text.

use std::{borrow::Cow, fmt, ops::Range};

use serde_json::{Map, Number, Value};

use super::text;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    False,
    True,
    Number,
    Text,
    List,
    Object,
}

/// Where one value or key stands.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    start: u32,
    end: u32,
    /// The entry after everything that is inside this one.
    next: u32,
    /// How many items or members; of a text, whether it has escapes.
    count: u32,
    kind: Kind,
}

/// A text that was read, with its entries.
pub(super) struct Tape<'e> {
    text: &'e str,
    entries: Vec<Entry>,
    depth: usize,
}

/// One value of a text that was read. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Part<'n> {
    tape: &'n Tape<'n>,
    entry: u32,
}

/// Texts of 4 GiB and more are refused, so that no place in one is cut off.
#[expect(clippy::cast_possible_truncation, reason = "bounded by the length of the text")]
fn short(place: usize) -> u32 {
    place as u32
}

impl Entry {
    pub(super) fn starting(kind: Kind, start: usize) -> Self {
        Entry { start: short(start), end: 0, next: 0, count: 0, kind }
    }

    pub(super) fn finish(&mut self, end: usize, next: usize, count: u32) {
        (self.end, self.next, self.count) = (short(end), short(next), count);
    }

    pub(super) fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    pub(super) fn next(&self) -> usize {
        self.next as usize
    }
}

impl<'e> Tape<'e> {
    pub(super) fn new(text: &'e str, entries: Vec<Entry>, depth: usize) -> Self {
        Tape { text, entries, depth }
    }

    pub(super) fn text(&self) -> &'e str {
        self.text
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }
}

impl fmt::Debug for Tape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tape({} bytes, {} entries)", self.text.len(), self.entries.len())
    }
}

impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl<'n> Part<'n> {
    pub(super) fn root(tape: &'n Tape<'n>) -> Self {
        Part { tape, entry: 0 }
    }

    fn at(self, entry: u32) -> Self {
        Part { entry, ..self }
    }

    fn entry(self) -> &'n Entry {
        &self.tape.entries[self.entry as usize]
    }

    pub(crate) fn kind(self) -> Kind {
        self.entry().kind
    }

    /// What tells it from every other part that is there at the same time.
    pub(crate) fn identity(self) -> (usize, u32) {
        (std::ptr::from_ref(self.tape).addr(), self.entry)
    }

    /// Whether it is the whole event.
    pub(crate) fn is_root(self) -> bool {
        self.entry == 0
    }

    /// Where it stands in the whole text.
    pub(crate) fn span(self) -> Range<usize> {
        self.entry().span()
    }

    /// Its own text, as it came.
    pub(crate) fn text(self) -> &'n str {
        &self.tape.text[self.span()]
    }

    /// Whether it is an object or a list.
    pub(crate) fn is_nested(self) -> bool {
        matches!(self.kind(), Kind::List | Kind::Object)
    }

    /// How many items or members it has.
    pub(crate) fn len(self) -> usize {
        match self.kind() {
            Kind::List | Kind::Object => self.entry().count as usize,
            _ => 0,
        }
    }

    /// How many values it is, inner ones and names included.
    pub(crate) fn values(self) -> usize {
        (self.entry().next - self.entry) as usize
    }

    /// What a text says, its escapes undone.
    pub(crate) fn said(self) -> Option<Cow<'n, str>> {
        let entry = self.entry();
        if entry.kind != Kind::Text {
            return None;
        }
        let inside = &self.tape.text[entry.start as usize + 1..entry.end as usize - 1];
        Some(if entry.count == 0 { Cow::Borrowed(inside) } else { text::unescaped(inside) })
    }

    /// The items of a list, in order; of anything else, none.
    pub(crate) fn items(self) -> impl Iterator<Item = Part<'n>> {
        let (mut at, end) = match self.kind() {
            Kind::List => (self.entry + 1, self.entry().next),
            _ => (0, 0),
        };
        std::iter::from_fn(move || {
            let item = (at < end).then(|| self.at(at))?;
            at = item.entry().next;
            Some(item)
        })
    }

    /// The names and values of an object, in order; of anything else, none.
    pub(crate) fn members(self) -> impl Iterator<Item = (Part<'n>, Part<'n>)> {
        let (mut at, end) = match self.kind() {
            Kind::Object => (self.entry + 1, self.entry().next),
            _ => (0, 0),
        };
        std::iter::from_fn(move || {
            let name = (at < end).then(|| self.at(at))?;
            let value = self.at(at + 1);
            at = value.entry().next;
            Some((name, value))
        })
    }

    /// The member of a name.
    pub(crate) fn member(self, name: &str) -> Option<Part<'n>> {
        self.members().find(|(own, _)| own.is(name)).map(|(_, value)| value)
    }

    /// Whether it is the text `said`.
    pub(crate) fn is(self, said: &str) -> bool {
        let entry = self.entry();
        if entry.kind != Kind::Text {
            return false;
        }
        let inside = &self.tape.text.as_bytes()[entry.start as usize + 1..entry.end as usize - 1];
        if entry.count == 0 {
            inside == said.as_bytes()
        } else {
            self.said().as_deref() == Some(said)
        }
    }

    /// As a parsed value, exactly as `serde_json` would read it.
    pub(crate) fn to_value(self) -> Value {
        match self.kind() {
            Kind::Null => Value::Null,
            Kind::False => Value::Bool(false),
            Kind::True => Value::Bool(true),
            Kind::Number => number(self.text()).map_or(Value::Null, Value::Number),
            Kind::Text => Value::String(self.said().unwrap_or_default().into_owned()),
            Kind::List => Value::Array(self.items().map(Part::to_value).collect()),
            Kind::Object => {
                let members = self.members().map(|(name, value)| {
                    (name.said().unwrap_or_default().into_owned(), value.to_value())
                });
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}

/// A number with the spelling that `serde_json` gives it.
fn number(text: &str) -> Option<Number> {
    text.parse().ok()
}
