//! The normal form: every dialect brought to one small vocabulary that the prover reasons about.
//!
//! A schema object becomes a conjunction of *literals*, each speaking of one JSON type and true of all others ("if it
//! is a string, it is at most 5 long"). Next to it stands its *shape*: which names it mentions and where its
//! subschemas apply, untouched by any simplification, since declared names (spec verdicts, section 2) depend on what
//! is written, not on what it means.

mod decimal;
mod listed;
mod pattern;
mod read;
mod shape;
mod types;

use std::hash::{Hash, Hasher};

use sha2::{Digest, Sha256};

pub(crate) use self::{
    decimal::{Rational, integer, rational},
    listed::Listed,
    pattern::{Pattern, every_string, start},
    shape::{Shape, ShapeId},
    types::TypeSet,
};
use crate::containment::Reason;

/// The place of a node in its arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(pub u32);

/// What a node says.
#[derive(Debug, Clone)]
pub(crate) enum Form {
    /// Everything (an empty conjunction) or all of the parts.
    All(Vec<NodeId>),
    /// Nothing (an empty disjunction) or any of the parts.
    Any(Vec<NodeId>),
    /// Exactly one of the parts.
    One(Vec<NodeId>),
    /// Not this.
    Not(NodeId),
    /// The type is one of these.
    Types(TypeSet),
    /// The value is one of these.
    Values(Listed),
    /// A number is at least this (more than it, where `open`).
    AtLeast { bound: Rational, open: bool },
    /// A number is at most this (less than it, where `open`).
    AtMost { bound: Rational, open: bool },
    /// A number is a whole multiple of this positive integer.
    MultipleOf(Rational),
    /// A string has at least so many code points.
    MinLength(u64),
    /// A string has at most so many code points.
    MaxLength(u64),
    /// A string matches somewhere.
    Matches(Pattern),
    /// Something the prover cannot look into but recognises: an asserted format, a fractional `multipleOf`.
    Said(TypeSet, String),
    /// The item at this index, where there is one, is this.
    Item(u64, NodeId),
    /// Every item from this index on is this.
    ItemsFrom(u64, NodeId),
    /// An array has at least so many items.
    MinItems(u64),
    /// An array has at most so many items.
    MaxItems(u64),
    /// All items differ.
    Unique,
    /// At least so many items are this.
    ContainsMin(u64, NodeId),
    /// At most so many items are this.
    ContainsMax(u64, NodeId),
    /// The member of this name, where there is one, is this.
    Member(String, NodeId),
    /// Every member whose name matches is this.
    Matching(Pattern, NodeId),
    /// Every member whose name is none of these and matches none of the patterns is this.
    Others { names: Vec<String>, patterns: Vec<Pattern>, node: NodeId },
    /// An object has a member of this name.
    Required(String),
    /// An object has at least so many members.
    MinMembers(u64),
    /// An object has at most so many members.
    MaxMembers(u64),
    /// Every name of an object, as a string, is this.
    Names(NodeId),
    /// Something nobody can follow here.
    Opaque(Reason),
}

/// One node: what it says, where it was written, and a digest by which equal nodes are recognised.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub form: Form,
    /// JSON pointer of the schema object or keyword it came from.
    pub at: String,
    /// Equal digests mean equal meaning; `None` on recursion, where nothing is claimed.
    pub digest: Option<[u8; 16]>,
    /// It looks neither at members nor at items, so deleting members changes nothing for it.
    pub flat: bool,
}

/// A schema in normal form.
#[derive(Debug)]
pub(crate) struct Normal {
    pub nodes: Vec<Node>,
    pub root: NodeId,
    pub shapes: Vec<Shape>,
    pub root_shape: ShapeId,
    /// A reference leads back to itself without passing through a member or an item.
    pub unguarded: bool,
    /// Why some subschema was not followed, if one was not: the shapes then do not show every name that is declared.
    pub unfollowed: Option<Reason>,
    /// Integers are told from `2.0` by their spelling (draft 4).
    pub spelled_integers: bool,
}

impl Normal {
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub(crate) fn shape(&self, id: ShapeId) -> &Shape {
        &self.shapes[id.0 as usize]
    }
}

/// The digest of a form whose parts have the given digests, in order.
fn digest(form: &Form, parts: &[[u8; 16]]) -> [u8; 16] {
    struct Feed(Sha256);
    impl Hasher for Feed {
        fn finish(&self) -> u64 {
            0
        }
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
    }
    let mut feed = Feed(Sha256::new());
    std::mem::discriminant(form).hash(&mut feed);
    match form {
        Form::All(_)
        | Form::Any(_)
        | Form::One(_)
        | Form::Not(_)
        | Form::Unique
        | Form::Names(_) => {}
        Form::Types(types) => types.hash(&mut feed),
        Form::Values(listed) => {
            for value in listed.values() {
                value.to_string().hash(&mut feed);
            }
        }
        Form::AtLeast { bound, open } | Form::AtMost { bound, open } => {
            (bound, open).hash(&mut feed);
        }
        Form::MultipleOf(step) => step.hash(&mut feed),
        Form::MinLength(n)
        | Form::MaxLength(n)
        | Form::MinItems(n)
        | Form::MaxItems(n)
        | Form::MinMembers(n)
        | Form::MaxMembers(n)
        | Form::Item(n, _)
        | Form::ItemsFrom(n, _)
        | Form::ContainsMin(n, _)
        | Form::ContainsMax(n, _) => n.hash(&mut feed),
        Form::Matches(pattern) | Form::Matching(pattern, _) => pattern.text().hash(&mut feed),
        Form::Said(types, text) => (types, text).hash(&mut feed),
        Form::Member(name, _) | Form::Required(name) => name.hash(&mut feed),
        Form::Others { names, patterns, .. } => {
            names.hash(&mut feed);
            for pattern in patterns {
                pattern.text().hash(&mut feed);
            }
        }
        Form::Opaque(reason) => reason.hash(&mut feed),
    }
    parts.len().hash(&mut feed);
    for part in parts {
        feed.write(part);
    }
    let mut out = [0; 16];
    out.copy_from_slice(&feed.0.finalize()[..16]);
    out
}

impl Form {
    /// The nodes it is made of.
    pub(crate) fn parts(&self) -> &[NodeId] {
        match self {
            Form::All(parts) | Form::Any(parts) | Form::One(parts) => parts,
            Form::Not(part)
            | Form::Item(_, part)
            | Form::ItemsFrom(_, part)
            | Form::ContainsMin(_, part)
            | Form::ContainsMax(_, part)
            | Form::Member(_, part)
            | Form::Matching(_, part)
            | Form::Others { node: part, .. }
            | Form::Names(part) => std::slice::from_ref(part),
            _ => &[],
        }
    }

    /// Whether it looks at nothing inside an array or an object by itself.
    pub(crate) fn is_flat(&self) -> bool {
        match self {
            Form::Values(values) => {
                !values.values().iter().any(|value| value.is_array() || value.is_object())
            }
            Form::Said(types, _) => !types.meets(TypeSet::ARRAY.or(TypeSet::OBJECT)),
            Form::Item(..)
            | Form::ItemsFrom(..)
            | Form::Unique
            | Form::ContainsMin(..)
            | Form::ContainsMax(..)
            | Form::Member(..)
            | Form::Matching(..)
            | Form::Others { .. }
            | Form::Required(_)
            | Form::MinMembers(_)
            | Form::MaxMembers(_)
            | Form::Names(_)
            | Form::Opaque(_) => false,
            _ => true,
        }
    }

    /// Whether its parts speak of the same instance.
    pub(crate) fn is_in_place(&self) -> bool {
        matches!(self, Form::All(_) | Form::Any(_) | Form::One(_) | Form::Not(_))
    }
}
