//! One place of the events with what its schema says there, references followed.

use std::rc::Rc;

use serde_json::{Map, Value};

use crate::{
    containment::ContentModel,
    lens::shape::{Ground, types_of},
    pointer::Pointer,
    schema::Schema,
};

/// How deep places are followed.
const DEEPEST: usize = 12;

/// A place in the events of one version.
#[derive(Clone)]
pub(super) struct Spot {
    ground: Rc<Ground>,
    schema: Schema,
    /// Where, as the operations proposed so far have left it.
    pub(super) at: Pointer,
    /// What its own version calls it.
    pub(super) called: String,
    /// What the schema says there; empty where that cannot be said in one node.
    pub(super) node: Map<String, Value>,
    /// Whether the object it is in always has it.
    pub(super) required: bool,
}

impl Spot {
    pub(super) fn root(schema: &Schema) -> Self {
        let ground = Rc::new(Ground::of(schema, ContentModel::Event));
        let node = ground.flat(schema.value()).unwrap_or_default();
        Spot {
            ground,
            schema: schema.clone(),
            at: Pointer::root(),
            called: String::new(),
            node,
            required: true,
        }
    }

    /// The same place after an operation put it at `at`.
    pub(super) fn moved(&self, at: Pointer) -> Self {
        Spot { at, ..self.clone() }
    }

    /// The same place, required only if what it is in is.
    pub(super) fn within(mut self, whole: &Spot) -> Self {
        self.required &= whole.required;
        self
    }

    /// The last name of the place.
    pub(super) fn name(&self) -> &str {
        self.at.tokens().last().map_or("", String::as_str)
    }

    /// The names declared here, each with its place.
    pub(super) fn members(&self) -> Vec<Spot> {
        let Some(Value::Object(properties)) = self.node.get("properties") else {
            return Vec::new();
        };
        if self.at.tokens().len() >= DEEPEST {
            return Vec::new();
        }
        let required: Vec<&str> = self
            .node
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        properties
            .iter()
            .map(|(name, node)| Spot {
                at: self.at.child(name),
                called: name.clone(),
                node: self.ground.flat(node).unwrap_or_default(),
                required: required.contains(&name.as_str()),
                ..self.clone()
            })
            .collect()
    }

    /// The items of the list that is here, as events of their own.
    pub(super) fn items(&self) -> Option<Spot> {
        let items = self.node.get("items").filter(|items| items.is_object())?;
        (self.kinds() == ["array"]).then(|| Spot {
            at: Pointer::root(),
            node: self.ground.flat(items).unwrap_or_default(),
            required: true,
            ..self.clone()
        })
    }

    /// The types of what can stand here, `null` apart; empty where the schema does not say.
    pub(super) fn kinds(&self) -> Vec<String> {
        let mut kinds = match (types_of(&self.node), self.values()) {
            (Some(kinds), _) => kinds,
            (None, Some(values)) => values.iter().map(kind).collect(),
            (None, None) if self.node.contains_key("properties") => vec!["object".to_owned()],
            (None, None) => Vec::new(),
        };
        kinds.retain(|kind| kind != "null");
        kinds.sort();
        kinds.dedup();
        kinds
    }

    /// Whether null can stand here.
    pub(super) fn takes_null(&self) -> bool {
        match (types_of(&self.node), self.values()) {
            (_, Some(values)) => values.contains(&Value::Null),
            (Some(kinds), None) => kinds.iter().any(|kind| kind == "null"),
            (None, None) => false,
        }
    }

    /// The values listed for it, if they are.
    pub(super) fn values(&self) -> Option<Vec<Value>> {
        match (self.node.get("const"), self.node.get("enum")) {
            (Some(constant), _) => Some(vec![constant.clone()]),
            (None, Some(Value::Array(values))) => Some(values.clone()),
            _ => None,
        }
    }

    /// Whether it is an object whose members are known.
    pub(super) fn is_object(&self) -> bool {
        self.kinds() == ["object"] && self.node.contains_key("properties")
    }

    /// A value for it: the one its schema gives, or one that is merely valid.
    pub(super) fn value(&self) -> Option<(Value, Chosen)> {
        if let Some(default) = self.node.get("default") {
            return Some((default.clone(), Chosen::Default));
        }
        if let Some([only]) = self.values().as_deref() {
            return Some((only.clone(), Chosen::Only));
        }
        let made = crate::lens::sample::values(&self.schema, &self.node);
        made.into_iter().next().map(|value| (value, Chosen::Any))
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chosen {
    /// It is the default.
    Default,
    /// It is the only one there is.
    Only,
    /// It is one of many.
    Any,
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
    .to_owned()
}
