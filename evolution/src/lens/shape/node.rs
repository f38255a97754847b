//! One node of a schema in flow, seen as an object, a list or a leaf; local references and `allOf` are followed.

use serde_json::{Map, Value};

use super::{
    Object, Stop, Wrong, branch,
    merge::merge,
    origin::{self, References},
};
use crate::{
    containment::ContentModel,
    pointer::Pointer,
    schema::{Dialect, Schema},
};

/// How many references and `allOf` branches are followed for one node.
pub(super) const MAX_HOPS: u32 = 64;

/// Keywords beside which nothing can be told of a node's members or items.
const OPAQUE: [&str; 6] = ["allOf", "$dynamicRef", "$recursiveRef", "$ref", "enum", "const"];

/// Keywords that change what a reference in the node means.
const ANCHORING: [&str; 5] = ["$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor"];

/// What stays the same while a schema flows: the definitions it refers to, its dialect, the content model.
pub(in crate::lens) struct Ground {
    document: Value,
    dialect: Dialect,
    model: ContentModel,
    references: References,
}

impl Ground {
    pub(in crate::lens) fn of(schema: &Schema, model: ContentModel) -> Self {
        let document = schema.value().clone();
        let external = |text: &str| schema.references().contains_key(text);
        let references = origin::references(&document, external);
        Ground { document, dialect: schema.dialect(), model, references }
    }

    /// The document that local references lead into.
    pub(super) fn document(&self) -> &Value {
        &self.document
    }

    /// Makes a schema that came of the document a document of its own: its references lead where they led. False where
    /// that cannot be done.
    pub(super) fn settle(&self, root: &mut Value) -> bool {
        if self.references == References::Lost || !root.is_object() {
            return false;
        }
        if self.references == References::Follow {
            origin::redirect(root);
        }
        let Value::Object(members) = root else { return false };
        if self.references == References::Follow {
            let mut document = self.document.clone();
            origin::redirect(&mut document);
            origin::keep(members, document);
        }
        for keyword in ["$schema", "$defs", "definitions"] {
            if let (None, Some(value)) = (members.get(keyword), self.document.get(keyword)) {
                members.insert(keyword.to_owned(), value.clone());
            }
        }
        true
    }

    /// A node that says everything itself, references and `allOf` followed; nothing where that cannot be said.
    pub(in crate::lens) fn flat(&self, node: &Value) -> Option<Map<String, Value>> {
        let mut node = node.clone();
        self.flatten(&mut node).ok()?;
        match node {
            Value::Object(members) => Some(members),
            Value::Bool(true) => Some(Map::new()),
            _ => None,
        }
    }

    /// Follows references and `allOf` in place, until the node says everything itself.
    fn flatten(&self, node: &mut Value) -> Result<(), Stop> {
        let mut hops = MAX_HOPS;
        self.follow(node, &mut hops)
    }

    pub(super) fn follow(&self, node: &mut Value, hops: &mut u32) -> Result<(), Stop> {
        loop {
            let Value::Object(members) = node else { return Ok(()) };
            *hops = hops.checked_sub(1).ok_or(Stop::Beyond)?;
            if let Some(Value::String(reference)) = members.get("$ref") {
                let target = reference.strip_prefix('#').ok_or(Stop::Beyond)?;
                let at: Pointer = target.parse().map_err(|_| Stop::Beyond)?;
                let target = at.find(&self.document).cloned().ok_or(Stop::Beyond)?;
                members.remove("$ref");
                if self.dialect.ref_hides_siblings() {
                    *node = target;
                } else {
                    merge(members, target)?;
                }
            } else if let Some(Value::Array(branches)) = members.remove("allOf") {
                for mut branch in branches {
                    self.follow(&mut branch, hops)?;
                    merge(members, branch)?;
                }
            } else {
                return Ok(());
            }
        }
    }

    /// The node as the schema of an object whose names are known.
    pub(super) fn object<'n>(
        &self,
        node: &'n mut Value,
        here: &Pointer,
    ) -> Result<Object<'n>, Stop> {
        self.flatten(node)?;
        let Value::Object(members) = node else { return Err(Stop::Beyond) };
        let types = types_of(members);
        if let Some(types) = &types
            && !types.iter().any(|kind| kind == "object")
        {
            let list = types.iter().any(|kind| kind == "array");
            return Err(Stop::Wrong(Wrong::new(
                here,
                format!("`{here}` is {}, not an object", types.join(" or ")),
                if list { "use `each` for the items of a list" } else { "check the pointer" },
            )));
        }
        let nested_anchor = !here.tokens().is_empty()
            && ANCHORING.iter().any(|keyword| members.contains_key(*keyword));
        if nested_anchor || OPAQUE.iter().any(|keyword| members.contains_key(*keyword)) {
            return Err(Stop::Beyond);
        }
        if branch::branches(members) {
            return Err(Stop::Branches(here.clone()));
        }
        // What counts or constrains names speaks of the event before the operation.
        for keyword in ["minProperties", "maxProperties", "propertyNames"] {
            members.remove(keyword);
        }
        let exactly = types.is_some_and(|types| types.iter().all(|kind| kind == "object"));
        Ok(Object::of(members, exactly, self.model, self.dialect))
    }

    /// The schema of a list's items, and whether the node takes nothing but lists.
    pub(super) fn items<'n>(
        &self,
        node: &'n mut Value,
        here: &Pointer,
    ) -> Result<(&'n mut Value, bool), Stop> {
        self.flatten(node)?;
        let Value::Object(members) = node else { return Err(Stop::Beyond) };
        let types = types_of(members);
        if let Some(types) = &types
            && !types.iter().any(|kind| kind == "array")
        {
            let message = format!("`{here}` is {}, not a list", types.join(" or "));
            let advice = "use `in` for an object, or the operation itself for a single value";
            return Err(Stop::Wrong(Wrong::new(here, message, advice)));
        }
        let beyond = ["prefixItems", "contains", "unevaluatedItems"];
        if OPAQUE.iter().chain(&beyond).any(|keyword| members.contains_key(*keyword)) {
            return Err(Stop::Beyond);
        }
        if branch::branches(members) {
            return Err(Stop::Branches(here.clone()));
        }
        members.remove("uniqueItems");
        let always = types.is_some_and(|types| types.iter().all(|kind| kind == "array"));
        match members.get_mut("items") {
            Some(items @ Value::Object(_)) => Ok((items, always)),
            _ => Err(Stop::Beyond),
        }
    }

    /// The node as the schema of single values.
    pub(in crate::lens) fn leaf(&self, node: &mut Value) -> Leaf {
        match (self.flatten(node), node) {
            (Ok(()), Value::Object(members)) => Leaf(members.clone()),
            _ => Leaf(Map::new()),
        }
    }
}

pub(super) fn is_empty(schema: &Value) -> bool {
    schema.as_object().is_some_and(Map::is_empty)
}

/// The types a node allows; `None` where it does not say.
pub(in crate::lens) fn types_of(members: &Map<String, Value>) -> Option<Vec<String>> {
    match members.get("type")? {
        Value::String(kind) => Some(vec![kind.clone()]),
        Value::Array(kinds) => kinds.iter().map(|kind| kind.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

/// The type of one value, as `type` names it.
pub(super) fn type_of(value: &Value) -> String {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    kind.to_owned()
}

/// A node as the schema of single values.
pub(in crate::lens) struct Leaf(Map<String, Value>);

impl Leaf {
    pub(super) fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The branches of a node that says different things of different values, each with what the node says of all.
    pub(super) fn branches(&self) -> Option<Vec<Value>> {
        let keyword =
            ["anyOf", "oneOf"].into_iter().find(|keyword| self.0.contains_key(*keyword))?;
        let mut rest = self.0.clone();
        let branches = rest.remove(keyword)?;
        let with = |branch: &Value| serde_json::json!({"allOf": [rest.clone(), branch]});
        Some(
            branches.as_array()?.iter().filter(|it| **it != Value::Bool(false)).map(with).collect(),
        )
    }

    /// The values it takes, if it lists them.
    pub(in crate::lens) fn values(&self) -> Option<Vec<Value>> {
        let types = types_of(&self.0);
        let values = match (self.0.get("enum"), self.0.get("const")) {
            (_, Some(constant)) => vec![constant.clone()],
            (Some(Value::Array(values)), None) => values.clone(),
            _ if types.as_ref().is_some_and(|types| types.iter().all(|kind| kind == "boolean")) => {
                vec![Value::Bool(false), Value::Bool(true)]
            }
            _ => return None,
        };
        let allowed = |value: &Value| {
            types.as_ref().is_none_or(|types| {
                let kind = type_of(value);
                types
                    .iter()
                    .any(|allowed| *allowed == kind || allowed == "integer" && kind == "number")
            })
        };
        Some(values.into_iter().filter(allowed).collect())
    }
}
