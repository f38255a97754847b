//! The event that operations work on: a tree that is opened only where an operation goes.
//!
//! A [`Node`] is a value in whatever form it is at hand: a slice of the text that came ([`Node::Read`]), a value that
//! somebody else holds ([`Node::Held`]), one that was made ([`Node::Made`]), or an object or list that was opened one
//! level ([`Node::Object`], [`Node::List`]), the values inside again being nodes. Everything that is never opened is
//! written out as it came, byte for byte; so is the white space of what was opened, and the order of its members.
//!
//! An operation changes it through its [`Scene`](super::op::Scene) and looks at it through a [`View`], which opens
//! nothing.

mod json;
mod sight;
mod view;
mod write;

use std::borrow::Cow;

use serde_json::Value;

pub(crate) use self::{
    json::{Seen, Viewed},
    view::View,
};
use crate::raw::{Kind, Part};

/// A value of the event. `'n` is how long the text, the held values and the lens live that it borrows from.
#[derive(Debug)]
pub(crate) enum Node<'n> {
    /// As it came, untouched.
    Read(Part<'n>),
    /// A value that is held elsewhere: in the event as somebody parsed it, or in a lens.
    Held(&'n Value),
    /// A value that was made on the way.
    Made(Value),
    /// An object, opened.
    Object(Object<'n>),
    /// A list, opened.
    List(List<'n>),
}

/// An opened object: its members in their order, no name twice.
#[derive(Debug, Default)]
pub(crate) struct Object<'n> {
    members: Vec<Member<'n>>,
    /// The text it was opened from.
    source: Option<Part<'n>>,
}

/// One member of an opened object.
#[derive(Debug)]
struct Member<'n> {
    name: Cow<'n, str>,
    node: Node<'n>,
    /// Its name and its value as they stood in the text, which is where the white space around it stands.
    source: Option<(Part<'n>, Part<'n>)>,
    /// It has another name now than in the text.
    renamed: bool,
}

/// An opened list.
#[derive(Debug)]
pub(crate) struct List<'n> {
    items: Vec<Node<'n>>,
    /// The text it was opened from, and its items there; they are not told apart once their number has changed.
    source: Option<Part<'n>>,
}

impl From<Value> for Node<'_> {
    fn from(value: Value) -> Self {
        Node::Made(value)
    }
}

impl<'n> From<&'n Value> for Node<'n> {
    fn from(value: &'n Value) -> Self {
        Node::Held(value)
    }
}

impl<'n> From<Vec<Node<'n>>> for Node<'n> {
    fn from(items: Vec<Node<'n>>) -> Self {
        Node::List(List { items, source: None })
    }
}

impl<'n> Node<'n> {
    /// An object without members.
    pub(crate) fn empty() -> Self {
        Node::Object(Object::default())
    }

    /// A look at it.
    pub(crate) fn view(&self) -> View<'_, 'n> {
        match self {
            Node::Read(part) => View::Read(*part),
            Node::Held(value) => View::Held(value),
            Node::Made(value) => View::Made(value),
            Node::Object(object) => View::Object(object),
            Node::List(list) => View::List(list),
        }
    }

    /// The object it is, opened; `None` if it is none.
    pub(crate) fn open(&mut self) -> Option<&mut Object<'n>> {
        if !matches!(self, Node::Object(_)) {
            let object = Object::opened(self)?;
            *self = Node::Object(object);
        }
        match self {
            Node::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The items of the list it is, opened; `None` if it is none. Items may be changed, added and removed.
    pub(crate) fn open_list(&mut self) -> Option<&mut Vec<Node<'n>>> {
        if !matches!(self, Node::List(_)) {
            let list = List::opened(self)?;
            *self = Node::List(list);
        }
        match self {
            Node::List(list) => Some(&mut list.items),
            _ => None,
        }
    }

    /// The node below, through objects only, opening them on the way.
    pub(crate) fn open_at(&mut self, tokens: &[String]) -> Option<&mut Node<'n>> {
        tokens.iter().try_fold(self, |node, token| node.open()?.member_mut(token))
    }

    /// How deep its objects and lists are nested; what was read is `read` deep and not looked into.
    pub(crate) fn height(&self, read: usize) -> usize {
        match self {
            Node::Read(part) => {
                if part.is_nested() {
                    read
                } else {
                    0
                }
            }
            Node::Held(value) => depth(value),
            Node::Made(value) => depth(value),
            Node::Object(object) => {
                1 + object.members.iter().map(|own| own.node.height(read)).max().unwrap_or(0)
            }
            Node::List(list) => {
                1 + list.items.iter().map(|item| item.height(read)).max().unwrap_or(0)
            }
        }
    }

    /// As a parsed value.
    pub(crate) fn into_value(self) -> Value {
        match self {
            Node::Made(value) => value,
            Node::Object(object) => Value::Object(
                object
                    .members
                    .into_iter()
                    .map(|member| (member.name.into_owned(), member.node.into_value()))
                    .collect(),
            ),
            Node::List(list) => {
                Value::Array(list.items.into_iter().map(Node::into_value).collect())
            }
            other => other.view().to_value(),
        }
    }
}

/// How deep a value is nested.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

impl<'n> Object<'n> {
    fn opened(node: &mut Node<'n>) -> Option<Object<'n>> {
        match node {
            Node::Read(part) if part.kind() == Kind::Object => {
                let mut members = Vec::with_capacity(part.len() + 1);
                members.extend(part.members().map(|(name, value)| Member::read(name, value)));
                Some(Object { members, source: Some(*part) })
            }
            Node::Held(Value::Object(held)) => {
                let members = held.iter().map(|(name, value)| Member::of(name.as_str(), value));
                Some(Object { members: members.collect(), source: None })
            }
            Node::Made(Value::Object(made)) => {
                let members = std::mem::take(made).into_iter();
                let members = members.map(|(name, value)| Member::of(name, value));
                Some(Object { members: members.collect(), source: None })
            }
            _ => None,
        }
    }

    /// How many members it has.
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.members.iter().position(|member| member.name == name)
    }

    /// The value of a name.
    pub(crate) fn member(&self, name: &str) -> Option<&Node<'n>> {
        self.position(name).map(|index| &self.members[index].node)
    }

    /// The value of a name, to be changed.
    pub(crate) fn member_mut(&mut self, name: &str) -> Option<&mut Node<'n>> {
        self.position(name).map(|index| &mut self.members[index].node)
    }

    /// The value of a name; where there is none, it is made and put last.
    pub(crate) fn entry(
        &mut self,
        name: &'n str,
        made: impl FnOnce() -> Node<'n>,
    ) -> &mut Node<'n> {
        let index = self.position(name).unwrap_or_else(|| {
            self.push(name, made());
            self.members.len() - 1
        });
        &mut self.members[index].node
    }

    /// Takes a member out.
    pub(crate) fn remove(&mut self, name: &str) -> Option<Node<'n>> {
        self.position(name).map(|index| self.members.remove(index).node)
    }

    /// Puts a member last. The caller has seen that there is none of the name.
    pub(crate) fn push(&mut self, name: impl Into<Cow<'n, str>>, node: impl Into<Node<'n>>) {
        self.members.push(Member::of(name, node));
    }

    /// Gives a member another name, at its place. The caller has seen that there is none of the name.
    pub(crate) fn rename(&mut self, from: &str, to: impl Into<Cow<'n, str>>) {
        if let Some(index) = self.position(from) {
            let member = &mut self.members[index];
            member.name = to.into();
            member.renamed = member.source.is_some_and(|(name, _)| !name.is(&member.name));
        }
    }

    /// Every name with its value, in order.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Node<'n>)> {
        self.members.iter().map(|member| (&*member.name, &member.node))
    }
}

impl<'n> Member<'n> {
    fn of(name: impl Into<Cow<'n, str>>, node: impl Into<Node<'n>>) -> Self {
        Member { name: name.into(), node: node.into(), source: None, renamed: false }
    }

    fn read(name: Part<'n>, value: Part<'n>) -> Self {
        Member {
            name: name.said().unwrap_or_default(),
            node: Node::Read(value),
            source: Some((name, value)),
            renamed: false,
        }
    }
}

impl<'n> List<'n> {
    fn opened(node: &mut Node<'n>) -> Option<List<'n>> {
        match node {
            Node::Read(part) if part.kind() == Kind::List => {
                Some(List { items: part.items().map(Node::Read).collect(), source: Some(*part) })
            }
            Node::Held(Value::Array(held)) => {
                Some(List { items: held.iter().map(Node::Held).collect(), source: None })
            }
            Node::Made(Value::Array(made)) => {
                let items = std::mem::take(made).into_iter().map(Node::Made).collect();
                Some(List { items, source: None })
            }
            _ => None,
        }
    }

    /// Its items, in order.
    pub(crate) fn items(&self) -> &[Node<'n>] {
        &self.items
    }
}

#[cfg(test)]
mod tests;
