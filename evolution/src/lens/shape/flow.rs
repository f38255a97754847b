//! Operations carried over a schema, and over every branch of it where it has branches.

use std::rc::Rc;

use serde_json::{Value, json};

use super::{Shape, Stop, part};
use crate::{
    lens::{Direction, op::Op, same},
    pointer::Pointer,
};

/// How many alternatives are followed.
const MOST: usize = 64;

/// What a condition asks of the value at its place.
pub(in crate::lens) enum Test<'t> {
    /// It is one of these values.
    Among(&'t [Value]),
    /// There is one.
    Present,
    /// It is of this type.
    Type(&'t str),
}

/// Carries shapes through an operation; a shape that has branches becomes several.
pub(in crate::lens) fn carry(
    op: &Op,
    direction: Direction,
    shapes: Vec<Shape>,
) -> Result<Vec<Shape>, Stop> {
    let mut out = Vec::new();
    for shape in shapes {
        one(op, direction, &shape, &mut out)?;
    }
    Ok(out)
}

fn one(op: &Op, direction: Direction, shape: &Shape, out: &mut Vec<Shape>) -> Result<(), Stop> {
    match op.shape(direction, shape.clone()) {
        Ok(shapes) => out.extend(shapes),
        Err(Stop::Branches(at)) => {
            for alternative in shape.split(&at)? {
                one(op, direction, &alternative, out)?;
            }
        }
        // Perhaps no event at all is of this one of several shapes.
        Err(Stop::Wrong(_)) if shape.alternative => return Err(Stop::Beyond),
        Err(stop) => return Err(stop),
    }
    if out.len() > MOST { Err(Stop::Beyond) } else { Ok(()) }
}

/// Several shapes as one node, and whether all of them take everything.
pub(super) fn collapse(shapes: Vec<Shape>) -> (Value, bool) {
    // Of several, one may name what another leaves open, and together they would seem to hide it.
    let total = shapes.len() < 2 && shapes.iter().all(|shape| shape.total);
    let mut roots: Vec<Value> = shapes.into_iter().map(|shape| shape.root).collect();
    let root = match roots.len() {
        0 => json!({"not": {}}),
        1 => roots.swap_remove(0),
        _ => json!({"anyOf": roots}),
    };
    (root, total)
}

impl Shape {
    /// The shapes that this one is, by what can stand at a place (told from the root of the event).
    fn split(&self, at: &Pointer) -> Result<Vec<Shape>, Stop> {
        let depth = self.base.tokens().len();
        let at: Pointer = at.tokens().get(depth..).ok_or(Stop::Beyond)?.iter().cloned().collect();
        let ground = Rc::clone(&self.ground);
        let mut whole = self.clone();
        let node = whole.node(&at)?;
        let flat = ground.flat(node).ok_or(Stop::Beyond)?;
        let alternatives = ground.alternatives(&flat)?;
        let several = self.alternative || alternatives.len() != 1;
        alternatives
            .into_iter()
            .map(|alternative| {
                let mut shape = self.clone();
                shape.alternative = several;
                *shape.node(&at)? = alternative;
                Ok(shape)
            })
            .collect()
    }

    /// The events for which a condition holds, or does not; never fewer than that. Nothing if there are none.
    pub(in crate::lens) fn narrowed(
        mut self,
        at: &Pointer,
        test: &Test<'_>,
        holds: bool,
    ) -> Result<Option<Shape>, Stop> {
        let found = self.look(at)?;
        let ground = Rc::clone(&self.ground);
        let types = part::types(&ground, &found.schema, 4);
        let values = ground.leaf(&mut found.schema.clone()).values();
        match (test, holds) {
            (Test::Among(listed), true) => {
                let own = |value: &&Value| match &values {
                    Some(values) => values.iter().any(|known| same(known, value)),
                    None => true,
                };
                let left: Vec<&Value> = listed.iter().filter(own).collect();
                if left.is_empty() {
                    return Ok(None);
                }
                *self.node(at)? = json!({"enum": left});
                self.insist(at)?;
            }
            (Test::Among(listed), false) => {
                if let Some(values) = values {
                    let is_listed = |value: &Value| listed.iter().any(|other| same(value, other));
                    let left: Vec<&Value> = values.iter().filter(|it| !is_listed(it)).collect();
                    if left.is_empty() && found.always {
                        return Ok(None);
                    }
                    if left.is_empty() {
                        self.forgo(at)?;
                    } else {
                        *self.node(at)? = json!({"enum": left});
                    }
                }
            }
            (Test::Present, true) => self.insist(at)?,
            (Test::Present, false) => {
                if found.always {
                    return Ok(None);
                }
                self.forgo(at)?;
            }
            (Test::Type(kind), true) => {
                if types.is_some_and(|types| types.iter().all(|own| !overlaps(own, kind))) {
                    return Ok(None);
                }
                // In draft 4 no number with a point is an integer; here those that are whole are.
                let kind = if *kind == "integer" { "number" } else { *kind };
                let narrower = json!({"allOf": [found.schema, {"type": kind}]});
                *self.node(at)? = narrower;
                self.insist(at)?;
            }
            (Test::Type(kind), false) => {
                let within = |own: &String| own == kind || own == "integer" && *kind == "number";
                if types.is_some_and(|types| types.iter().all(within)) {
                    if found.always {
                        return Ok(None);
                    }
                    self.forgo(at)?;
                }
            }
        }
        Ok(Some(self))
    }

    /// Every object on the way has the next, down to the place.
    fn insist(&mut self, at: &Pointer) -> Result<(), Stop> {
        let ground = Rc::clone(&self.ground);
        let mut here = self.base.clone();
        let mut node = &mut self.root;
        for token in at.tokens() {
            let mut object = ground.object(node, &here)?;
            object.known(token, &here)?;
            object.require(token);
            here = here.child(token.clone());
            node = object.into_property(token).ok_or(Stop::Beyond)?;
        }
        Ok(())
    }

    /// The place is absent; its name stays declared.
    fn forgo(&mut self, at: &Pointer) -> Result<(), Stop> {
        let (Some((parent, leaf)), ground) = (at.split_last(), Rc::clone(&self.ground)) else {
            return Err(Stop::Beyond);
        };
        let here = self.base.join(&parent);
        // Where what is above it may be absent too, nothing more is known than that it can be absent.
        let mut object = ground.object(self.node(&parent)?, &here)?;
        object.require_not(leaf);
        Ok(())
    }
}

/// Whether a value can be of both types.
fn overlaps(own: &str, other: &str) -> bool {
    own == other || matches!((own, other), ("integer", "number") | ("number", "integer"))
}
