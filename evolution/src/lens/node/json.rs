//! A look at a node as the validator takes it, so that an event is validated without a value being made of it.
//!
//! The validator is the one that validates parsed values; only how it gets at members, items and texts is said here.

use std::borrow::Cow;

use jsonschema::{
    JsonType,
    json::{Array, Json, JsonNumber, Node, NodeIdentity, Object, cmp},
};
use serde_json::{Number, Value};

use super::View;
use crate::raw::Kind;

/// Events as operations and plans have them at hand.
#[derive(Debug)]
pub(crate) struct Viewed;

/// A value of the event, or a name in it that is looked at as a text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Seen<'a> {
    Value(View<'a, 'a>),
    Name(&'a str),
}

/// A number, as it is spelled.
#[derive(Debug)]
pub(crate) struct Spelled<'a>(&'a str);

/// An object or a list.
#[derive(Debug)]
pub(crate) struct Inside<'a>(View<'a, 'a>);

impl Json for Viewed {
    type Node<'a> = Seen<'a>;
    type PreparedKey = String;
    type StringBuffer = String;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(
        buffer: &mut String,
        string: &str,
        look: impl FnOnce(Seen<'_>) -> T,
    ) -> T {
        buffer.clear();
        buffer.push_str(string);
        look(Seen::Name(buffer))
    }
}

impl<'a> Seen<'a> {
    fn kind(self) -> Kind {
        match self {
            Seen::Value(view) => view.kind(),
            Seen::Name(_) => Kind::Text,
        }
    }

    fn inside(self, kind: Kind) -> Option<Inside<'a>> {
        match self {
            Seen::Value(view) if view.kind() == kind => Some(Inside(view)),
            _ => None,
        }
    }

    fn number(self) -> Option<&'a str> {
        match self {
            Seen::Value(view) => view.number(),
            Seen::Name(_) => None,
        }
    }
}

impl<'a> Node<'a, Viewed> for Seen<'a> {
    type Object = Inside<'a>;
    type Array = Inside<'a>;
    type Number = Spelled<'a>;

    fn as_object(&self) -> Option<Inside<'a>> {
        self.inside(Kind::Object)
    }

    fn as_array(&self) -> Option<Inside<'a>> {
        self.inside(Kind::List)
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        match *self {
            Seen::Value(view) => view.text(),
            Seen::Name(name) => Some(Cow::Borrowed(name)),
        }
    }

    fn as_number(&self) -> Option<Spelled<'a>> {
        self.number().map(Spelled)
    }

    fn as_boolean(&self) -> Option<bool> {
        match self.kind() {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        self.kind() == Kind::Null
    }

    fn is_number(&self) -> bool {
        self.kind() == Kind::Number
    }

    fn is_string(&self) -> bool {
        self.kind() == Kind::Text
    }

    fn json_type(&self) -> JsonType {
        match self.kind() {
            Kind::Null => JsonType::Null,
            Kind::False | Kind::True => JsonType::Boolean,
            Kind::Number => JsonType::Number,
            Kind::Text => JsonType::String,
            Kind::List => JsonType::Array,
            Kind::Object => JsonType::Object,
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        match (self.as_string(), expected) {
            (Some(own), Value::String(text)) => own == *text,
            (Some(_), _) | (None, Value::String(_)) => false,
            _ => cmp::equal(&self.to_value(), expected),
        }
    }

    fn to_value(&self) -> Cow<'a, Value> {
        match *self {
            Seen::Value(View::Held(value) | View::Made(value)) => Cow::Borrowed(value),
            Seen::Value(view) => Cow::Owned(view.to_value()),
            Seen::Name(name) => Cow::Owned(name.into()),
        }
    }

    fn identity(&self) -> Option<NodeIdentity> {
        match self {
            Seen::Value(view) => {
                let (address, tag) = view.identity();
                Some(NodeIdentity::tagged(address, tag))
            }
            Seen::Name(_) => None,
        }
    }
}

impl<'a> Object<'a, Viewed> for Inside<'a> {
    type Node = Seen<'a>;
    type MemberName = Cow<'a, str>;
    type MembersIter = std::vec::IntoIter<(Cow<'a, str>, Seen<'a>)>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, key: &String) -> Option<Seen<'a>> {
        self.0.member(key).map(Seen::Value)
    }

    fn members(&self) -> Self::MembersIter {
        let members = self.0.members().into_iter();
        members.map(|(name, view)| (name, Seen::Value(view))).collect::<Vec<_>>().into_iter()
    }
}

impl<'a> Array<'a, Viewed> for Inside<'a> {
    type Node = Seen<'a>;
    type ElementsIter =
        std::iter::Map<std::vec::IntoIter<View<'a, 'a>>, fn(View<'a, 'a>) -> Seen<'a>>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn elements(&self) -> Self::ElementsIter {
        self.0.items().into_iter().map(Seen::Value)
    }
}

impl JsonNumber for Spelled<'_> {
    fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok().filter(|number: &f64| number.is_finite())
    }

    fn as_str(&self) -> Cow<'_, str> {
        match self.to_number() {
            Cow::Owned(number) if self.0.contains(['e', 'E']) => Cow::Owned(number.to_string()),
            _ => Cow::Borrowed(self.0),
        }
    }

    fn to_number(&self) -> Cow<'_, Number> {
        // Spelled as JSON spells it, so it is one.
        Cow::Owned(self.0.parse().unwrap_or_else(|_| Number::from(0)))
    }

    fn is_integer(&self) -> bool {
        self.as_i64().is_some() || JsonNumber::is_integer(&*self.to_number())
    }
}
