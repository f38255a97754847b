//! A node as a tolerant reader sees it: undeclared names left out of a value, or deleted from the event.

use serde_json::Value;

use super::{Member, Node, Object, View};
use crate::{
    containment::Sight,
    pointer::Pointer,
    raw::{Kind, Part},
};

/// The way from the whole event to a place, written down only where something is lost.
enum Trail<'t> {
    Root,
    Member(&'t Trail<'t>, &'t str),
    Item(&'t Trail<'t>, usize),
}

impl Trail<'_> {
    fn pointer(&self) -> Pointer {
        let mut tokens = Vec::new();
        let mut here = self;
        loop {
            here = match here {
                Trail::Root => break,
                Trail::Member(above, name) => {
                    tokens.push((*name).to_owned());
                    above
                }
                Trail::Item(above, index) => {
                    tokens.push(index.to_string());
                    above
                }
            };
        }
        tokens.into_iter().rev().collect()
    }
}

impl View<'_, '_> {
    /// Whether it has no undeclared name.
    pub(crate) fn shows_all(self, sight: &Sight<'_>) -> bool {
        if sight.is_open() {
            return true;
        }
        match self {
            View::Read(part) => part_shows_all(part, sight),
            View::Held(value) | View::Made(value) => shows_all(value, sight),
            View::Object(object) => object.members().all(|(name, node)| {
                sight.member(name).is_some_and(|below| node.view().shows_all(&below))
            }),
            View::List(list) => list
                .items()
                .iter()
                .enumerate()
                .all(|(index, item)| item.view().shows_all(&sight.item(index))),
        }
    }

    /// As a parsed value without undeclared names.
    pub(crate) fn seen(self, sight: &Sight<'_>) -> Value {
        match self.kind() {
            _ if sight.is_open() => self.to_value(),
            Kind::Object => {
                let kept = self.members().into_iter().filter_map(|(name, value)| {
                    let below = sight.member(&name)?;
                    Some((name.into_owned(), value.seen(&below)))
                });
                Value::Object(kept.collect())
            }
            Kind::List => {
                let items = self.items().into_iter().enumerate();
                Value::Array(items.map(|(index, item)| item.seen(&sight.item(index))).collect())
            }
            _ => self.to_value(),
        }
    }
}

fn part_shows_all(part: Part<'_>, sight: &Sight<'_>) -> bool {
    match part.kind() {
        _ if sight.is_open() => true,
        Kind::Object => part.members().all(|(name, value)| {
            let below = sight.member(&name.said().unwrap_or_default());
            below.is_some_and(|below| value.len() == 0 || part_shows_all(value, &below))
        }),
        Kind::List => part
            .items()
            .enumerate()
            .all(|(index, item)| item.len() == 0 || part_shows_all(item, &sight.item(index))),
        _ => true,
    }
}

impl Node<'_> {
    /// Deletes undeclared names, telling each as lost. Where there are none, nothing is opened.
    pub(crate) fn prune(&mut self, sight: &Sight<'_>, losses: &mut Vec<Pointer>) {
        self.prune_at(sight, &Trail::Root, losses);
    }

    fn prune_at(&mut self, sight: &Sight<'_>, here: &Trail<'_>, losses: &mut Vec<Pointer>) {
        if sight.is_open() {
            return;
        }
        match self {
            Node::Read(part) => {
                if let Some(pruned) = pruned(*part, sight, here, losses) {
                    *self = pruned;
                }
            }
            Node::Held(value) if shows_all(value, sight) => {}
            Node::Made(value) if shows_all(value, sight) => {}
            Node::List(_) | Node::Held(Value::Array(_)) | Node::Made(Value::Array(_)) => {
                let items = self.open_list().into_iter().flatten().enumerate();
                for (index, item) in items {
                    item.prune_at(&sight.item(index), &Trail::Item(here, index), losses);
                }
            }
            _ => {
                if let Some(object) = self.open() {
                    object.prune(sight, here, losses);
                }
            }
        }
    }
}

impl Object<'_> {
    fn prune(&mut self, sight: &Sight<'_>, here: &Trail<'_>, losses: &mut Vec<Pointer>) {
        self.members.retain_mut(|member| {
            let there = Trail::Member(here, &member.name);
            let below = sight.member(&member.name);
            match &below {
                Some(below) => member.node.prune_at(below, &there, losses),
                None => losses.push(there.pointer()),
            }
            below.is_some()
        });
    }
}

/// What is left of a part, opened as far as something is deleted; `None` where nothing is.
fn pruned<'n>(
    part: Part<'n>,
    sight: &Sight<'_>,
    here: &Trail<'_>,
    losses: &mut Vec<Pointer>,
) -> Option<Node<'n>> {
    match part.kind() {
        _ if sight.is_open() => None,
        Kind::Object => {
            let mut left: Option<Vec<Member<'n>>> = None;
            for (index, (name, value)) in part.members().enumerate() {
                let said = name.said().unwrap_or_default();
                let there = Trail::Member(here, &said);
                let below = sight.member(&said);
                let inner = below.as_ref().and_then(|below| pruned(value, below, &there, losses));
                if below.is_none() {
                    losses.push(there.pointer());
                }
                if left.is_none() && (below.is_none() || inner.is_some()) {
                    let before = part.members().take(index);
                    left = Some(before.map(|(name, value)| Member::read(name, value)).collect());
                }
                if let (Some(left), Some(_)) = (&mut left, below) {
                    let read = Member::read(name, value);
                    left.push(match inner {
                        Some(node) => Member { node, ..read },
                        None => read,
                    });
                }
            }
            left.map(|members| Node::Object(Object { members, source: Some(part) }))
        }
        Kind::List => {
            let mut whole = Node::Read(part);
            let mut changed = false;
            for (index, item) in part.items().enumerate() {
                let there = Trail::Item(here, index);
                let left = pruned(item, &sight.item(index), &there, losses);
                let Some(left) = left else { continue };
                *whole.open_list()?.get_mut(index)? = left;
                changed = true;
            }
            changed.then_some(whole)
        }
        _ => None,
    }
}

/// Whether a value has no undeclared name.
fn shows_all(value: &Value, sight: &Sight<'_>) -> bool {
    sight.is_open()
        || match value {
            Value::Object(members) => members.iter().all(|(name, value)| {
                sight.member(name).is_some_and(|below| shows_all(value, &below))
            }),
            Value::Array(items) => {
                items.iter().enumerate().all(|(index, item)| shows_all(item, &sight.item(index)))
            }
            _ => true,
        }
}
