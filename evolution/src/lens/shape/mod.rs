//! A schema on its way through the operations of a lens: what events look like after each of them.
//!
//! The result is always large enough: every event an operation can give is valid under it. Where a schema says things
//! that no operation here can follow (branches, patterns, open-ended names), typing stops with [`Stop::Beyond`] and the
//! lens is tested instead of proved.

mod branch;
mod flow;
mod merge;
mod node;
mod null;
mod object;
mod origin;
mod part;
mod text;

use std::rc::Rc;

use serde_json::{Map, Value, json};

use self::object::{NAMED, Object};
pub(super) use self::{
    flow::{Test, carry},
    node::{Ground, types_of},
    part::either,
    text::{literal, only_texts},
};
use super::place::Parents;
use crate::{containment::ContentModel, pointer::Pointer, schema::Schema};

/// A schema in flow.
#[derive(Clone)]
pub(super) struct Shape {
    root: Value,
    ground: Rc<Ground>,
    base: Pointer,
    /// Whether the operations so far take every event of the schema they started from.
    total: bool,
    /// It is one of several, so perhaps no event is of this shape at all.
    alternative: bool,
}

/// Why typing does not go on.
#[derive(Debug)]
pub(super) enum Stop {
    /// The schema says something typing cannot follow.
    Beyond,
    /// What stands at this place says different things of different events: they have to be followed one at a time.
    Branches(Pointer),
    /// The lens does not fit the schema.
    Wrong(Wrong),
}

/// How a lens does not fit a schema.
#[derive(Debug)]
pub(super) struct Wrong {
    /// Where, in the events that flow here.
    pub(super) pointer: Pointer,
    /// What does not fit.
    pub(super) message: String,
    /// What to do about it.
    pub(super) hint: String,
}

/// A subschema, and whether every event has a value for it.
pub(super) struct Taken {
    pub(super) schema: Value,
    pub(super) always: bool,
}

/// Which values can stand at a place.
pub(super) enum Domain<'d> {
    /// Exactly some of these.
    Values(&'d [Value]),
    /// Whatever this schema takes, and perhaps more.
    Schema(&'d Map<String, Value>),
}

impl Wrong {
    pub(super) fn new(
        pointer: &Pointer,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Wrong { pointer: pointer.clone(), message: message.into(), hint: hint.into() }
    }
}

impl Stop {
    /// The same, told by the operation inside another.
    pub(super) fn by(self, name: &str) -> Self {
        match self {
            Stop::Beyond | Stop::Branches(_) => self,
            Stop::Wrong(wrong) => {
                Stop::Wrong(Wrong { message: format!("`{name}`: {}", wrong.message), ..wrong })
            }
        }
    }
}

impl Shape {
    pub(super) fn of(schema: &Schema, model: ContentModel) -> Self {
        Shape {
            root: schema.value().clone(),
            ground: Rc::new(Ground::of(schema, model)),
            base: Pointer::root(),
            total: true,
            alternative: false,
        }
    }

    /// The schema of what comes out, if it can be written down, and whether everything that goes in comes out.
    pub(super) fn finish(mut self, started: &Schema) -> (Option<Schema>, bool) {
        unmark(&mut self.root);
        if !self.ground.settle(&mut self.root) {
            return (None, self.total);
        }
        let schema = Schema::read(&self.root.to_string())
            .default_dialect(started.dialect())
            .formats(started.formats())
            .references(started.references().clone())
            .parse();
        (schema.ok(), self.total)
    }

    /// Whether it is one of several, and perhaps of no event at all.
    pub(super) fn is_alternative(&self) -> bool {
        self.alternative
    }

    /// Some event of the schema is not taken by an operation, or it cannot be told.
    pub(super) fn not_total(&mut self) {
        self.total = false;
    }

    /// The subschema at a place.
    pub(super) fn look(&mut self, at: &Pointer) -> Result<Taken, Stop> {
        let ground = Rc::clone(&self.ground);
        let mut always = true;
        let mut here = self.base.clone();
        let mut node = &mut self.root;
        for token in at.tokens() {
            let object = ground.object(node, &here)?;
            always &= object.always_object() && object.requires(token);
            object.known(token, &here)?;
            here = here.child(token.clone());
            node = object.into_property(token).ok_or(Stop::Beyond)?;
        }
        Ok(Taken { schema: node.clone(), always })
    }

    /// Takes the subschema out. What becomes of its parents is as for events.
    pub(super) fn take(
        &mut self,
        at: &Pointer,
        parents: Parents,
        floor: usize,
    ) -> Result<Taken, Stop> {
        let taken = self.look(at)?;
        let ground = Rc::clone(&self.ground);
        remove(&ground, &mut self.root, at.tokens(), parents, floor)?;
        Ok(taken)
    }

    /// Puts a subschema at a place that nothing declares yet.
    pub(super) fn put(&mut self, at: &Pointer, taken: Taken) -> Result<(), Stop> {
        let ground = Rc::clone(&self.ground);
        let Some((leaf, above)) = at.tokens().split_last() else { return Err(Stop::Beyond) };
        let mut here = self.base.clone();
        let mut node = &mut self.root;
        let mut present = true;
        let mut made = false;
        for token in above {
            let mut object = ground.object(node, &here)?;
            self.total &= object.always_object() && (made || object.closed_to(token));
            let declared = object.declares(token);
            if declared {
                object.known(token, &here)?;
            } else {
                if !made {
                    object.takes_new(token)?;
                }
                object.insert(token, json!({"type": "object", "properties": {}}));
            }
            present &= declared && object.always_object() && object.requires(token);
            if taken.always || made {
                object.require(token);
            }
            made |= !declared;
            here = here.child(token.clone());
            node = object.into_property(token).ok_or(Stop::Beyond)?;
            // It may be made just now, with nothing in it but what is put.
            if declared && !present {
                ground.object(node, &here)?.require_nothing();
            }
        }
        let mut object = ground.object(node, &here)?;
        self.total &= object.always_object() && (made || object.closed_to(leaf));
        if object.declares(leaf) {
            let place = here.child(leaf.clone());
            return Err(Stop::Wrong(Wrong::new(
                &place,
                format!("`{place}` is declared already, so it can be occupied"),
                "move or drop what is there first, or choose another name",
            )));
        }
        if !made {
            object.takes_new(leaf)?;
        }
        object.insert(leaf, taken.schema);
        if taken.always || made {
            object.require(leaf);
        }
        Ok(())
    }

    /// The value is at the place wherever nothing was; with kept parents, only where the object for it is there.
    pub(super) fn set(
        &mut self,
        at: &Pointer,
        value: &Value,
        parents: Parents,
    ) -> Result<(), Stop> {
        let constant = json!({"enum": [value]});
        let Some((parent, leaf)) = at.split_last() else { return Err(Stop::Beyond) };
        match (self.look(at), parents) {
            (Ok(Taken { schema, .. }), _) => {
                if parents == Parents::Made && !self.is_always(&parent)? {
                    return Err(Stop::Beyond);
                }
                let here = self.base.join(&parent);
                let ground = Rc::clone(&self.ground);
                let mut object = ground.object(self.node(&parent)?, &here)?;
                let always = object.always_object();
                let mut total = always;
                object.insert(leaf, part::either(&[schema, constant], &mut total));
                object.require(leaf);
                self.total &= total;
                Ok(())
            }
            (Err(stop @ (Stop::Beyond | Stop::Branches(_))), _) => Err(stop),
            (Err(Stop::Wrong(_)), Parents::Made) => {
                self.put(at, Taken { schema: constant, always: true })
            }
            (Err(Stop::Wrong(_)), Parents::Kept) => self.inside(&parent, |mut inner| {
                let at: Pointer = [leaf].into_iter().collect();
                inner.put(&at, Taken { schema: constant, always: true })?;
                Ok(vec![inner])
            }),
        }
    }

    /// Whether every event has a value at the place.
    fn is_always(&mut self, at: &Pointer) -> Result<bool, Stop> {
        self.look(at).map(|found| found.always)
    }

    fn node(&mut self, at: &Pointer) -> Result<&mut Value, Stop> {
        let ground = Rc::clone(&self.ground);
        let mut here = self.base.clone();
        let mut node = &mut self.root;
        for token in at.tokens() {
            let object = ground.object(node, &here)?;
            object.known(token, &here)?;
            here = here.child(token.clone());
            node = object.into_property(token).ok_or(Stop::Beyond)?;
        }
        Ok(node)
    }

    /// Whether it is proved that every value of a subschema is a text that matches.
    pub(super) fn is_only(&self, schema: &Value, pattern: &str) -> bool {
        let mut schema = schema.clone();
        text::only_texts(self.ground.leaf(&mut schema).members(), pattern)
    }
}

/// Takes the marks of typing out of a schema.
fn unmark(node: &mut Value) {
    match node {
        Value::Object(members) => {
            members.remove(NAMED);
            members.values_mut().for_each(unmark);
        }
        Value::Array(items) => items.iter_mut().for_each(unmark),
        _ => {}
    }
}

/// Takes a property out of a schema, and of its parents what only it made necessary.
fn remove(
    ground: &Ground,
    node: &mut Value,
    tokens: &[String],
    parents: Parents,
    floor: usize,
) -> Result<(), Stop> {
    let here = Pointer::root();
    let Some((token, rest)) = tokens.split_first() else { return Err(Stop::Beyond) };
    let mut object: Object<'_> = ground.object(node, &here)?;
    if rest.is_empty() {
        object.remove(token);
        return Ok(());
    }
    let child = object.property(token).ok_or(Stop::Beyond)?;
    let required_below = ground.object(child, &here)?.requires(&rest[0]);
    remove(ground, child, rest, parents, floor.saturating_sub(1))?;
    if parents == Parents::Made && floor == 0 {
        let below = ground.object(child, &here)?;
        if !below.requires_anything() {
            // What is no object stays where it is, whatever is taken out.
            let gone = required_below && below.always_object() && below.is_bare() && below.closed();
            object.require_not(token);
            if gone {
                object.remove(token);
            }
        }
    }
    Ok(())
}
