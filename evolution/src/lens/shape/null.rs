//! Typing of the null policy: null taken out of a schema, or put into it.

use std::rc::Rc;

use serde_json::{Value, json};

use super::{Ground, Shape, Stop, Wrong, node::types_of, part};
use crate::pointer::Pointer;

/// How deep branches are looked into for null.
const DEEPEST: usize = 4;

impl Shape {
    /// Null goes where it stands.
    pub(in crate::lens) fn null_to_absent(&mut self, at: &Pointer) -> Result<(), Stop> {
        let Some((parent, leaf)) = at.split_last() else { return Err(Stop::Beyond) };
        self.expect_null(at)?;
        let here = self.base.join(&parent);
        let ground = Rc::clone(&self.ground);
        let node = self.node(&parent)?;
        let mut object = ground.object(node, &here)?;
        object.known(leaf, &here)?;
        let gone = object.property(leaf).is_some_and(|node| {
            flatten(&ground, node);
            !without_null(node)
        });
        object.require_not(leaf);
        if gone {
            object.remove(leaf);
        }
        Ok(())
    }

    /// Null becomes this value where it stands.
    pub(in crate::lens) fn null_to(&mut self, at: &Pointer, value: &Value) -> Result<(), Stop> {
        self.expect_null(at)?;
        let ground = Rc::clone(&self.ground);
        let node = self.node(at)?;
        flatten(&ground, node);
        let constant = json!({"enum": [value]});
        let mut total = true;
        *node = if without_null(node) {
            part::either(&[node.take(), constant], &mut total)
        } else {
            constant
        };
        self.total &= total;
        Ok(())
    }

    /// Null stands where nothing did, in every object that is there.
    pub(in crate::lens) fn absent_to_null(&mut self, at: &Pointer) -> Result<(), Stop> {
        let Some((parent, leaf)) = at.split_last() else { return Err(Stop::Beyond) };
        self.look(at)?;
        let here = self.base.join(&parent);
        let ground = Rc::clone(&self.ground);
        let node = self.node(&parent)?;
        let mut object = ground.object(node, &here)?;
        if object.requires(leaf) {
            return Ok(());
        }
        object.require(leaf);
        let node = object.into_property(leaf).ok_or(Stop::Beyond)?;
        // Also where it seems to take null already: what is known of a node says what it can be at most.
        *node = json!({"anyOf": [node.take(), {"type": "null"}]});
        Ok(())
    }

    /// Refuses a place where null never stands.
    fn expect_null(&mut self, at: &Pointer) -> Result<(), Stop> {
        let found = self.look(at)?;
        match part::types(&self.ground, &found.schema, DEEPEST) {
            Some(types) if types.iter().all(|kind| kind != "null") => {
                let place = self.base.join(at);
                let message = format!("is never null: the schema says {}", types.join(" or "));
                let advice = "leave the operation out, or let the schema take null";
                Err(Stop::Wrong(Wrong::new(&place, message, advice)))
            }
            _ => Ok(()),
        }
    }
}

/// Lets a node say everything itself, where it can.
fn flatten(ground: &Ground, node: &mut Value) {
    if let Some(flat) = ground.flat(node) {
        *node = Value::Object(flat);
    }
}

/// Takes null out of what a node takes, as far as it says so itself; false where nothing else is left.
fn without_null(node: &mut Value) -> bool {
    let Value::Object(members) = node else { return true };
    if members.get("const") == Some(&Value::Null) {
        return false;
    }
    if let Some(Value::Array(values)) = members.get_mut("enum") {
        values.retain(|value| !value.is_null());
        if values.is_empty() {
            return false;
        }
    }
    match types_of(members) {
        Some(kinds) if kinds == ["null"] => false,
        Some(kinds) if kinds.iter().any(|kind| kind == "null") => {
            let kinds: Vec<String> = kinds.into_iter().filter(|kind| kind != "null").collect();
            let one = kinds.len() == 1;
            members.insert("type".into(), if one { json!(kinds[0]) } else { json!(kinds) });
            true
        }
        _ => {
            for keyword in ["anyOf", "oneOf"] {
                // A branch that is null alone goes; exclusiveness no longer matters then.
                let Some(Value::Array(branches)) = members.get_mut(keyword) else { continue };
                let null = |branch: &Value| *branch == json!({"type": "null"});
                if branches.iter().any(null) && !branches.iter().all(null) {
                    branches.retain(|branch| !null(branch));
                }
            }
            true
        }
    }
}
