//! Writing a node out: what was not touched is copied from the text, in runs as long as possible.

use std::ops::Range;

use serde_json::Value;

use super::{List, Member, Node, Object, depth};
use crate::raw::Part;

/// The text that comes out.
struct Writer<'n> {
    /// The text that came in, if the event was read from one.
    text: &'n str,
    out: String,
    /// The run of the text that is still to be copied.
    run: Range<usize>,
    /// How many objects and lists are open.
    depth: usize,
    /// The deepest so far, what was read being `read` deep wherever it stands.
    deepest: usize,
    read: usize,
}

impl Node<'_> {
    /// Writes the event out as JSON text, and tells how deep it is nested at most; what was read is `read` deep.
    pub(crate) fn write(&self, text: &str, read: usize) -> (String, usize) {
        let out = String::with_capacity(text.len() + text.len() / 8 + 64);
        let mut writer = Writer { text, out, run: 0..0, depth: 0, deepest: 0, read };
        let whole = self.source().filter(|part| part.is_root()).map(Part::span);
        if let Some(span) = &whole {
            writer.copy(0, span.start);
        }
        writer.node(self);
        if let Some(span) = whole {
            writer.copy(span.end, text.len());
        }
        writer.flush();
        (writer.out, writer.deepest)
    }

    /// The text it came from.
    fn source(&self) -> Option<Part<'_>> {
        match self {
            Node::Read(part) => Some(*part),
            Node::Object(object) => object.source,
            Node::List(list) => list.source,
            Node::Held(_) | Node::Made(_) => None,
        }
    }
}

impl Writer<'_> {
    fn flush(&mut self) {
        self.out.push_str(&self.text[self.run.clone()]);
        self.run = 0..0;
    }

    /// Copies a range of the text.
    fn copy(&mut self, from: usize, to: usize) {
        if self.run.end == from {
            self.run.end = to;
        } else if from < to {
            self.flush();
            self.run = from..to;
        }
    }

    fn made(&mut self, text: &str) {
        self.flush();
        self.out.push_str(text);
    }

    fn value(&mut self, value: &Value) {
        self.flush();
        match value {
            Value::Number(number) => self.out.push_str(number.as_str()),
            Value::Bool(true) => self.out.push_str("true"),
            Value::Bool(false) => self.out.push_str("false"),
            Value::Null => self.out.push_str("null"),
            Value::String(text) => self.string(text),
            nested => {
                self.deepest = self.deepest.max(self.depth + depth(nested));
                self.out.push_str(&nested.to_string());
            }
        }
    }

    fn string(&mut self, text: &str) {
        self.flush();
        if text.bytes().any(|byte| matches!(byte, b'"' | b'\\' | ..0x20)) {
            self.out.push_str(&Value::from(text).to_string());
        } else {
            self.out.push('"');
            self.out.push_str(text);
            self.out.push('"');
        }
    }

    fn node(&mut self, node: &Node<'_>) {
        match node {
            Node::Read(part) => {
                let span = part.span();
                self.copy(span.start, span.end);
                if part.is_nested() {
                    self.deepest = self.deepest.max(self.depth + self.read);
                }
            }
            Node::Held(value) => self.value(value),
            Node::Made(value) => self.value(value),
            Node::Object(object) => self.nested(|writer| writer.object(object)),
            Node::List(list) => self.nested(|writer| writer.list(list)),
        }
    }

    fn nested(&mut self, inside: impl FnOnce(&mut Self)) {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        inside(self);
        self.depth -= 1;
    }

    fn object(&mut self, object: &Object<'_>) {
        self.open(object.source, "{");
        let mut after = None;
        for (index, member) in object.members.iter().enumerate() {
            let lead = member.source.map(|(name, _)| before(self.text, name.span().start));
            self.comma(index, after, lead);
            after = self.member(member, lead);
        }
        self.close(object.source, "}");
    }

    /// One member with the white space around it; answers where in the text it ends, before a comma.
    fn member(&mut self, member: &Member<'_>, lead: Option<usize>) -> Option<usize> {
        let (Some((name, value)), Some(lead)) = (member.source, lead) else {
            self.string(&member.name);
            self.made(":");
            self.node(&member.node);
            return None;
        };
        let (name, value) = (name.span(), value.span());
        if member.renamed {
            self.copy(lead, name.start);
            self.string(&member.name);
            self.copy(name.end, value.start);
        } else {
            self.copy(lead, value.start);
        }
        self.node(&member.node);
        self.tail(value.end)
    }

    fn list(&mut self, list: &List<'_>) {
        // Which item stood where is only known while none was added or removed.
        let source = list.source.filter(|source| source.len() == list.items.len());
        self.open(source, "[");
        let mut places = source.map(Part::items);
        let mut after = None;
        for (index, item) in list.items.iter().enumerate() {
            let place = places.as_mut().and_then(Iterator::next).map(Part::span);
            let lead = place.as_ref().map(|place| before(self.text, place.start));
            self.comma(index, after, lead);
            if let (Some(lead), Some(place)) = (lead, &place) {
                self.copy(lead, place.start);
            }
            self.node(item);
            after = place.and_then(|place| self.tail(place.end));
        }
        self.close(source, "]");
    }

    fn open(&mut self, source: Option<Part<'_>>, bracket: &str) {
        match source.map(Part::span) {
            Some(span) => self.copy(span.start, span.start + 1),
            None => self.made(bracket),
        }
    }

    /// The comma before every child but the first: the text's own, where both stood beside each other there.
    fn comma(&mut self, index: usize, after: Option<usize>, lead: Option<usize>) {
        match (after, lead) {
            _ if index == 0 => {}
            (Some(after), Some(lead)) if after + 1 == lead => self.copy(after, lead),
            _ => self.made(","),
        }
    }

    /// The white space after a child, up to its comma; before a bracket, it belongs to the bracket.
    fn tail(&mut self, end: usize) -> Option<usize> {
        let comma = after(self.text, end);
        if self.text.as_bytes().get(comma) != Some(&b',') {
            return None;
        }
        self.copy(end, comma);
        Some(comma)
    }

    fn close(&mut self, source: Option<Part<'_>>, bracket: &str) {
        match source.map(Part::span) {
            Some(span) => self.copy(before(self.text, span.end - 1), span.end),
            None => self.made(bracket),
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r')
}

/// Where the white space right before a place begins.
fn before(text: &str, place: usize) -> usize {
    let bytes = &text.as_bytes()[..place];
    bytes.iter().rposition(|byte| !is_space(*byte)).map_or(0, |last| last + 1)
}

/// Where the white space right after a place ends.
fn after(text: &str, place: usize) -> usize {
    let bytes = &text.as_bytes()[place..];
    place + bytes.iter().position(|byte| !is_space(*byte)).unwrap_or(bytes.len())
}
