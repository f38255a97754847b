//! Where in a text the place stands that a JSON pointer leads to.

use std::ops::Range;

use stele_evolution::pointer::Pointer;

/// A JSON text and where everything in it stands.
#[derive(Debug)]
pub struct Spans {
    root: Node,
}

/// A place in a text: bytes, and the key before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The bytes of the key with its quotes, for a member of an object.
    pub key: Option<Range<usize>>,
    /// The bytes of the value.
    pub value: Range<usize>,
    /// Whether the pointer leads here, and not only into here.
    pub is_exact: bool,
}

#[derive(Debug)]
struct Node {
    key: Option<(String, Range<usize>)>,
    value: Range<usize>,
    inside: Vec<Node>,
    /// Where its `$ref` leads, within the same text.
    reference: Option<Pointer>,
}

impl Spans {
    /// Reads where everything stands; nothing for a text that is no JSON.
    pub fn of(text: &str) -> Option<Spans> {
        let mut reader = Reader { text, at: 0 };
        let root = reader.node(None)?;
        Some(Spans { root })
    }

    /// The place a pointer leads to, through the `$ref`s on its way; the nearest one around it where there is none.
    pub fn find(&self, pointer: &Pointer) -> Span {
        let mut node = &self.root;
        let mut is_exact = true;
        let mut steps = 0;
        let mut tokens = pointer.tokens().iter();
        while let Some(token) = tokens.next() {
            // Evaluation paths say where a reference was taken.
            if let ("$ref", Some(reference), true) =
                (token.as_str(), &node.reference, !tokens.as_slice().is_empty())
                && let Some(led) = self.plain(reference)
            {
                node = led;
                continue;
            }
            let mut from = node;
            let next = loop {
                if let Some(next) = from.inside(token) {
                    break Some(next);
                }
                // Only so far: references may lead in a circle.
                steps += 1;
                match from.reference.as_ref().filter(|_| steps < 64) {
                    Some(reference) => match self.plain(reference) {
                        Some(led) => from = led,
                        None => break None,
                    },
                    None => break None,
                }
            };
            let Some(next) = next else {
                is_exact = false;
                break;
            };
            node = next;
        }
        Span {
            key: node.key.as_ref().map(|(_, range)| range.clone()),
            value: node.value.clone(),
            is_exact,
        }
    }

    fn plain(&self, pointer: &Pointer) -> Option<&Node> {
        pointer.tokens().iter().try_fold(&self.root, |node, token| node.inside(token))
    }
}

impl Node {
    fn inside(&self, token: &str) -> Option<&Node> {
        let named = |node: &&Node| node.key.as_ref().is_some_and(|(key, _)| key == token);
        if self.inside.first().is_some_and(|first| first.key.is_none()) {
            return self.inside.get(token.parse::<usize>().ok()?);
        }
        self.inside.iter().find(named)
    }
}

/// Walks over a text that was parsed before: what it meets is JSON.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn node(&mut self, key: Option<(String, Range<usize>)>) -> Option<Node> {
        let start = self.next()?;
        let mut inside = Vec::new();
        let mut reference = None;
        match self.byte(start)? {
            b'{' => {
                self.at = start + 1;
                while self.byte(self.next()?)? != b'}' {
                    let (name, range) = self.string()?;
                    let colon = self.next()?;
                    self.at = colon + 1;
                    let node = self.node(Some((name, range)))?;
                    if node.key.as_ref().is_some_and(|(key, _)| key == "$ref") {
                        reference = local(self.text.get(node.value.clone())?);
                    }
                    inside.push(node);
                    self.comma()?;
                }
                self.at = self.next()? + 1;
            }
            b'[' => {
                self.at = start + 1;
                while self.byte(self.next()?)? != b']' {
                    inside.push(self.node(None)?);
                    self.comma()?;
                }
                self.at = self.next()? + 1;
            }
            b'"' => drop(self.string()?),
            _ => {
                let rest = self.text.get(start..)?;
                let length = rest.find(|c: char| c.is_ascii_whitespace() || ",]}".contains(c));
                self.at = start + length.unwrap_or(rest.len());
            }
        }
        Some(Node { key, value: start..self.at, inside, reference })
    }

    /// The next byte that is no white space.
    fn next(&self) -> Option<usize> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let space = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        (self.at + space < self.text.len()).then_some(self.at + space)
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn comma(&mut self) -> Option<()> {
        let next = self.next()?;
        if self.byte(next)? == b',' {
            self.at = next + 1;
        }
        Some(())
    }

    fn string(&mut self) -> Option<(String, Range<usize>)> {
        let start = self.next()?;
        let mut end = start + 1;
        loop {
            match self.byte(end)? {
                b'\\' => end += 2,
                b'"' => break,
                _ => end += 1,
            }
        }
        self.at = end + 1;
        let range = start..self.at;
        Some((serde_json::from_str(self.text.get(range.clone())?).ok()?, range))
    }
}

/// A `$ref` into the same text as a pointer.
fn local(text: &str) -> Option<Pointer> {
    let text: String = serde_json::from_str(text).ok()?;
    text.strip_prefix('#')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, pointer: &str) -> (String, bool) {
        let span = Spans::of(text).unwrap().find(&pointer.parse().unwrap());
        let start = span.key.map_or(span.value.start, |key| key.start);
        (text[start..span.value.end].to_owned(), span.is_exact)
    }

    #[test]
    fn a_pointer_leads_to_its_bytes() {
        let text = r#"{ "a": [1, {"b\"\u0061": -1.5e3 }], "ü": {} , "c":"}" }"#;

        assert_eq!(found(text, "/a/1/b\"a"), (r#""b\"\u0061": -1.5e3"#.to_owned(), true));
        assert_eq!(found(text, "/ü"), (r#""ü": {}"#.to_owned(), true));
        assert_eq!(found(text, "/c"), (r#""c":"}""#.to_owned(), true));
        assert_eq!(found(text, "/a/0"), ("1".to_owned(), true));
    }

    #[test]
    fn where_there_is_nothing_the_nearest_place_around_it_is_found() {
        assert_eq!(found(r#"{"a":{"b":1}}"#, "/a/c/d"), (r#""a":{"b":1}"#.to_owned(), false));
    }

    #[test]
    fn references_are_followed_and_circles_end() {
        let text = r##"{"properties":{"x":{"$ref":"#/$defs/X"}},"$defs":{"X":{"type":"string"},"L":{"$ref":"#/$defs/L"}}}"##;

        assert_eq!(found(text, "/properties/x/type"), (r#""type":"string""#.to_owned(), true));
        assert!(!found(text, "/$defs/L/type").1);
    }

    #[test]
    fn what_is_no_json_has_no_places() {
        assert!(Spans::of("{\"a\":").is_none());
        assert!(Spans::of("").is_none());
    }
}
