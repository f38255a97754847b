//! A YAML document as a JSON value, where every value knows its line and column.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};
use serde_saphyr::Spanned;
use stele_evolution::pointer::Pointer;

/// Where something stands, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A value, or what is in it, with places.
enum Node {
    Scalar(Value),
    List(Vec<Spanned<Node>>),
    Object(Vec<(Spanned<String>, Spanned<Node>)>),
}

/// A whole document.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Document(Spanned<Node>);

impl Document {
    /// The document without its places.
    pub fn value(&self) -> Value {
        value(&self.0.value)
    }

    /// Where the value at a pointer stands, or what is nearest above it.
    pub fn locate(&self, pointer: &Pointer) -> Location {
        let mut at = location(&self.0);
        let mut node = &self.0.value;
        for token in pointer.tokens() {
            let next = match node {
                Node::Scalar(_) => None,
                Node::List(items) => token.parse::<usize>().ok().and_then(|index| items.get(index)),
                Node::Object(members) => {
                    members.iter().find(|(name, _)| name.value == *token).map(|(_, value)| value)
                }
            };
            let Some(next) = next else { return at };
            at = location(next);
            node = &next.value;
        }
        at
    }
}

fn location<T>(spanned: &Spanned<T>) -> Location {
    let at = spanned.referenced;
    Location { line: at.line(), column: at.column() }
}

fn value(node: &Node) -> Value {
    match node {
        Node::Scalar(value) => value.clone(),
        Node::List(items) => items.iter().map(|item| value(&item.value)).collect(),
        Node::Object(members) => {
            let members =
                members.iter().map(|(name, member)| (name.value.clone(), value(&member.value)));
            Value::Object(members.collect::<Map<_, _>>())
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Scalar(Value::Null))
            }

            fn visit_bool<E>(self, bool: bool) -> Result<Node, E> {
                Ok(Node::Scalar(bool.into()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
                Ok(Node::Scalar(number.into()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
                Ok(Node::Scalar(number.into()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
                Ok(Node::Scalar(Number::from_f64(number).map_or(Value::Null, Value::Number)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Node, E> {
                Ok(Node::Scalar(text.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(Node::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
                let mut object = Vec::new();
                while let Some(member) = members.next_entry()? {
                    object.push(member);
                }
                Ok(Node::Object(object))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_value_knows_where_it_stands() {
        let text = "a: 1\nlist:\n  - { b: true }\n  - x: null\n    y: '7'\n";

        let document: Document = serde_saphyr::from_str(text).unwrap();

        assert_eq!(document.value(), json!({"a": 1, "list": [{"b": true}, {"x": null, "y": "7"}]}));
        let at = |pointer: &str| document.locate(&pointer.parse().unwrap()).to_string();
        assert_eq!(at("/list/1/y"), "line 5, column 8");
        assert_eq!(at("/list/0/b"), "line 3, column 10");
        assert_eq!(at("/list/0/zzz"), "line 3, column 5");
    }
}
