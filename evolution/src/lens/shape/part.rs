//! Typing of what is at one place: values replaced, lists carried item by item, parts carried as events of their own.

use std::rc::Rc;

use serde_json::{Value, json};

use super::{Domain, Ground, Shape, Stop, Wrong, flow::collapse, node};
use crate::pointer::Pointer;

/// How deep branches of values are followed.
const DEEPEST: usize = 4;

impl Shape {
    /// Replaces the subschema at a place by what `image` makes of the values that can stand there.
    pub(in crate::lens) fn replace(
        &mut self,
        at: &Pointer,
        image: impl Fn(&Pointer, Domain<'_>, &mut bool) -> Result<Value, Stop>,
    ) -> Result<(), Stop> {
        let place = self.base.join(at);
        let mut total = true;
        let ground = Rc::clone(&self.ground);
        let node = self.node(at)?;
        *node = replaced(&ground, node, &mut total, DEEPEST, &|domain, total| {
            image(&place, domain, total)
        })?;
        self.total &= total;
        Ok(())
    }

    /// A value becomes a list of it.
    pub(in crate::lens) fn wrap(&mut self, at: &Pointer) -> Result<(), Stop> {
        let node = self.node(at)?;
        let item = node.take();
        *node = json!({"type": "array", "minItems": 1, "maxItems": 1, "items": item});
        Ok(())
    }

    /// A list becomes its first item, or `empty` where it has none.
    pub(in crate::lens) fn head(
        &mut self,
        at: &Pointer,
        empty: Option<&Value>,
    ) -> Result<(), Stop> {
        let place = self.base.join(at);
        let ground = Rc::clone(&self.ground);
        let node = self.node(at)?;
        let (items, always) = ground.items(node, &place)?;
        let item = items.take();
        let filled = node.get("minItems").and_then(Value::as_u64).is_some_and(|least| least > 0);
        let mut total = true;
        *node = match empty {
            Some(empty) if !filled => either(&[item, json!({"enum": [empty]})], &mut total),
            _ => item,
        };
        self.total &= total && always && (filled || empty.is_some());
        Ok(())
    }

    /// Carries the items of the list at a place through `inner`.
    pub(in crate::lens) fn each(
        &mut self,
        at: &Pointer,
        inner: impl FnOnce(Shape) -> Result<Vec<Shape>, Stop>,
    ) -> Result<(), Stop> {
        let place = self.base.join(at);
        let ground = Rc::clone(&self.ground);
        let alternative = self.alternative;
        let node = self.node(at)?;
        let (items, always) = ground.items(node, &place)?;
        let part =
            Shape { root: items.take(), ground, base: place.child("*"), total: true, alternative };
        let (root, total) = collapse(inner(part)?);
        *items = root;
        self.total &= total && always;
        Ok(())
    }

    /// Carries the part of the schema at a place through `inner`.
    pub(in crate::lens) fn inside(
        &mut self,
        at: &Pointer,
        inner: impl FnOnce(Shape) -> Result<Vec<Shape>, Stop>,
    ) -> Result<(), Stop> {
        let base = self.base.join(at);
        let ground = Rc::clone(&self.ground);
        let alternative = self.alternative;
        let node = self.node(at)?;
        let part = Shape { root: node.take(), ground, base, total: true, alternative };
        let (root, total) = collapse(inner(part)?);
        *node = root;
        self.total &= total;
        Ok(())
    }

    /// What may be a list or an object may hold more values than are copied.
    pub(in crate::lens) fn expect_scalar(&mut self, schema: &Value) {
        let is_scalar = |kind: &String| kind != "array" && kind != "object";
        let types = types(&self.ground, schema, DEEPEST);
        self.total &= types.is_some_and(|types| types.iter().all(is_scalar));
    }

    /// Refuses a subschema that never takes a value of this type.
    pub(in crate::lens) fn expect_type(
        &mut self,
        at: &Pointer,
        schema: &Value,
        expected: &str,
    ) -> Result<(), Stop> {
        match types(&self.ground, schema, DEEPEST) {
            Some(types) if types.iter().all(|kind| kind == expected) => Ok(()),
            Some(types) if types.iter().all(|kind| kind != expected) => {
                let place = self.base.join(at);
                let message =
                    format!("expects {expected}, but the schema says {}", types.join(" or "));
                Err(Stop::Wrong(Wrong::new(&place, message, "`convert` it first")))
            }
            _ => {
                self.total = false;
                Ok(())
            }
        }
    }
}

/// What `image` makes of a node; of one that says different things of different values, of each of them.
fn replaced(
    ground: &Ground,
    node: &mut Value,
    total: &mut bool,
    depth: usize,
    image: &dyn Fn(Domain<'_>, &mut bool) -> Result<Value, Stop>,
) -> Result<Value, Stop> {
    let leaf = ground.leaf(node);
    if let Some(values) = leaf.values() {
        return image(Domain::Values(&values), total);
    }
    let Some(branches) = leaf.branches().filter(|_| depth > 0) else {
        return image(Domain::Schema(leaf.members()), total);
    };
    let (mut images, mut wrong) = (Vec::new(), None);
    for mut branch in branches {
        match replaced(ground, &mut branch, total, depth - 1, image) {
            Ok(image) => images.push(image),
            // No value of this branch is taken; those of another are.
            Err(Stop::Wrong(said)) => wrong = Some(said),
            Err(stop) => return Err(stop),
        }
    }
    *total &= wrong.is_none();
    match (images.len(), wrong) {
        (0, Some(wrong)) => Err(Stop::Wrong(wrong)),
        (1, _) => Ok(images.swap_remove(0)),
        _ => Ok(either(&images, total)),
    }
}

/// One of several schemas. In the event model the names of an object that is listed are declared only where nobody else
/// names any, so beside another schema it is no event of the whole: nothing is proved then.
pub(in crate::lens) fn either(schemas: &[Value], total: &mut bool) -> Value {
    fn holds_an_object(value: &Value) -> bool {
        match value {
            Value::Array(items) => items.iter().any(holds_an_object),
            other => other.is_object(),
        }
    }
    let lists_one = |schema: &Value| {
        schema.get("enum").is_some_and(holds_an_object)
            || schema.get("const").is_some_and(holds_an_object)
    };
    *total &= !schemas.iter().any(lists_one);
    json!({"anyOf": schemas})
}

/// The types of the values a schema takes, of all its branches together; nothing where it does not say.
pub(super) fn types(ground: &Ground, schema: &Value, depth: usize) -> Option<Vec<String>> {
    let mut schema = schema.clone();
    let leaf = ground.leaf(&mut schema);
    if let Some(values) = leaf.values() {
        return Some(values.iter().map(node::type_of).collect());
    }
    if let Some(types) = node::types_of(leaf.members()) {
        return Some(types);
    }
    let mut all: Vec<String> = Vec::new();
    for branch in leaf.branches().filter(|_| depth > 0)? {
        for kind in types(ground, &branch, depth - 1)? {
            if !all.contains(&kind) {
                all.push(kind);
            }
        }
    }
    Some(all)
}
