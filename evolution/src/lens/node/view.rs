//! A look at a node: what it is and what it says, without opening it.

use std::borrow::Cow;

use serde_json::Value;

use super::{List, Node, Object};
use crate::{
    lens::number::same,
    raw::{Kind, Part},
};

/// A value of the event as an operation looks at it. Cheap to copy.
#[derive(Debug, Clone, Copy)]
pub(crate) enum View<'v, 'n> {
    Read(Part<'n>),
    Held(&'n Value),
    Made(&'v Value),
    Object(&'v Object<'n>),
    List(&'v List<'n>),
}

impl<'v, 'n: 'v> View<'v, 'n> {
    /// What it is.
    pub(crate) fn kind(self) -> Kind {
        match self {
            View::Read(part) => part.kind(),
            View::Held(value) | View::Made(value) => match value {
                Value::Null => Kind::Null,
                Value::Bool(false) => Kind::False,
                Value::Bool(true) => Kind::True,
                Value::Number(_) => Kind::Number,
                Value::String(_) => Kind::Text,
                Value::Array(_) => Kind::List,
                Value::Object(_) => Kind::Object,
            },
            View::Object(_) => Kind::Object,
            View::List(_) => Kind::List,
        }
    }

    /// What it is, in words for a message.
    pub(crate) fn kind_name(self) -> &'static str {
        match self.kind() {
            Kind::Null => "null",
            Kind::False | Kind::True => "a boolean",
            Kind::Number => "a number",
            Kind::Text => "a text",
            Kind::List => "a list",
            Kind::Object => "an object",
        }
    }

    pub(crate) fn is_object(self) -> bool {
        self.kind() == Kind::Object
    }

    /// The text it is.
    pub(crate) fn text(self) -> Option<Cow<'v, str>> {
        match self {
            View::Read(part) => part.said(),
            View::Held(value) | View::Made(value) => value.as_str().map(Cow::Borrowed),
            View::Object(_) | View::List(_) => None,
        }
    }

    /// The number it is, as it is spelled.
    pub(crate) fn number(self) -> Option<&'v str> {
        match self {
            View::Read(part) if part.kind() == Kind::Number => Some(part.text()),
            View::Held(Value::Number(number)) | View::Made(Value::Number(number)) => {
                Some(number.as_str())
            }
            _ => None,
        }
    }

    /// What tells it from every other value that is there at the same time.
    pub(crate) fn identity(self) -> (usize, u32) {
        match self {
            View::Read(part) => part.identity(),
            View::Held(value) | View::Made(value) => (std::ptr::from_ref(value).addr(), u32::MAX),
            View::Object(object) => (std::ptr::from_ref(object).addr(), u32::MAX - 1),
            View::List(list) => (std::ptr::from_ref(list).addr(), u32::MAX - 2),
        }
    }

    /// How many items or members it has; of anything else, none.
    pub(crate) fn len(self) -> usize {
        match self {
            View::Read(part) => part.len(),
            View::Held(value) | View::Made(value) => match value {
                Value::Array(items) => items.len(),
                Value::Object(members) => members.len(),
                _ => 0,
            },
            View::Object(object) => object.len(),
            View::List(list) => list.items().len(),
        }
    }

    /// The member of a name, if it is an object and has one.
    pub(crate) fn member(self, name: &str) -> Option<View<'v, 'n>> {
        match self {
            View::Read(part) => part.member(name).map(View::Read),
            View::Held(value) => value.as_object()?.get(name).map(View::Held),
            View::Made(value) => value.as_object()?.get(name).map(View::Made),
            View::Object(object) => object.member(name).map(Node::view),
            View::List(_) => None,
        }
    }

    /// Calls `each` with every name of an object, in order.
    pub(crate) fn each_name(self, mut each: impl FnMut(&str)) {
        match self {
            View::Read(part) => {
                part.members().for_each(|(name, _)| each(&name.said().unwrap_or_default()));
            }
            View::Held(Value::Object(members)) | View::Made(Value::Object(members)) => {
                members.keys().for_each(|name| each(name));
            }
            View::Object(object) => object.members().for_each(|(name, _)| each(name)),
            _ => {}
        }
    }

    /// The value below, through objects only.
    pub(crate) fn find(self, tokens: &[String]) -> Option<View<'v, 'n>> {
        tokens.iter().try_fold(self, |view, token| view.member(token))
    }

    /// The items of a list, in order; of anything else, none.
    pub(crate) fn items(self) -> Vec<View<'v, 'n>> {
        match self {
            View::Read(part) => part.items().map(View::Read).collect(),
            View::Held(Value::Array(items)) => items.iter().map(View::Held).collect(),
            View::Made(Value::Array(items)) => items.iter().map(View::Made).collect(),
            View::List(list) => list.items().iter().map(Node::view).collect(),
            _ => Vec::new(),
        }
    }

    /// The members of an object, in order; of anything else, none.
    pub(crate) fn members(self) -> Vec<(Cow<'v, str>, View<'v, 'n>)> {
        match self {
            View::Read(part) => part
                .members()
                .map(|(name, value)| (name.said().unwrap_or_default(), View::Read(value)))
                .collect(),
            View::Held(Value::Object(members)) => {
                members.iter().map(|(name, value)| (name.into(), View::Held(value))).collect()
            }
            View::Made(Value::Object(members)) => {
                members.iter().map(|(name, value)| (name.into(), View::Made(value))).collect()
            }
            View::Object(object) => {
                object.members().map(|(name, node)| (name.into(), node.view())).collect()
            }
            _ => Vec::new(),
        }
    }

    /// How many values it is, inner ones included; of what was read, names count too.
    pub(crate) fn values(self) -> usize {
        match self {
            View::Read(part) => part.values(),
            other => {
                // Names count, as they do in what is read.
                let members = other.members().into_iter().map(|(_, value)| 1 + value.values());
                let items = other.items().into_iter().map(View::values);
                1 + members.chain(items).sum::<usize>()
            }
        }
    }

    /// Whether it says the same as a value: numbers by value, everything else as written.
    pub(crate) fn same(self, value: &Value) -> bool {
        match (self, value) {
            (View::Held(own) | View::Made(own), value) => same(own, value),
            (View::Read(part), Value::String(text)) => part.is(text),
            (View::Read(part), Value::Number(number)) if part.kind() == Kind::Number => {
                part.text() == number.as_str() || same(&part.to_value(), value)
            }
            (View::Read(part), Value::Null) => part.kind() == Kind::Null,
            (View::Read(part), Value::Bool(flag)) => {
                part.kind() == if *flag { Kind::True } else { Kind::False }
            }
            (own, Value::Array(_) | Value::Object(_)) if own.len() > 0 => {
                same(&own.to_value(), value)
            }
            (own, Value::Array(items)) => own.kind() == Kind::List && items.is_empty(),
            (own, Value::Object(members)) => own.is_object() && members.is_empty(),
            _ => false,
        }
    }

    /// Whether both say the same.
    pub(crate) fn agrees(self, other: View<'_, 'n>) -> bool {
        match (self, other) {
            (View::Read(left), View::Read(right)) if left.text() == right.text() => true,
            (_, View::Held(value) | View::Made(value)) => self.same(value),
            (own, other) => own.kind() == other.kind() && own.same(&other.to_value()),
        }
    }

    /// As a parsed value.
    pub(crate) fn to_value(self) -> Value {
        match self {
            View::Read(part) => part.to_value(),
            View::Held(value) | View::Made(value) => value.clone(),
            View::Object(object) => Value::Object(
                object
                    .members()
                    .map(|(name, node)| (name.to_owned(), node.view().to_value()))
                    .collect(),
            ),
            View::List(list) => {
                Value::Array(list.items().iter().map(|item| item.view().to_value()).collect())
            }
        }
    }

    /// A second node that says the same; what was read or is held elsewhere is not copied.
    pub(crate) fn to_node(self) -> Node<'n> {
        match self {
            View::Read(part) => Node::Read(part),
            View::Held(value) => Node::Held(value),
            View::Made(value) => Node::Made(value.clone()),
            View::Object(object) => {
                let mut copy = Object::default();
                for (name, node) in object.members() {
                    copy.push(name.to_owned(), node.view().to_node());
                }
                Node::Object(copy)
            }
            View::List(list) => {
                list.items().iter().map(|item| item.view().to_node()).collect::<Vec<_>>().into()
            }
        }
    }
}
