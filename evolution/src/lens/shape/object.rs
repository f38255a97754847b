//! One node of a schema in flow, seen as an object: the names it declares and requires.

use serde_json::{Map, Value, json};

use super::{Stop, Wrong, node::is_empty};
use crate::{
    containment::ContentModel,
    lens::hint,
    pointer::Pointer,
    schema::{Dialect, Schema},
};

/// Marks a node whose names were all taken out: unlike one that never had any, it lets no others through.
pub(super) const NAMED: &str = "$stele:named";

/// A node as the schema of an object.
pub(super) struct Object<'n> {
    members: &'n mut Map<String, Value>,
    exactly: bool,
    model: ContentModel,
    dialect: Dialect,
}

impl<'n> Object<'n> {
    pub(super) fn of(
        members: &'n mut Map<String, Value>,
        exactly: bool,
        model: ContentModel,
        dialect: Dialect,
    ) -> Self {
        Object { members, exactly, model, dialect }
    }

    /// Whether the node takes nothing but objects.
    pub(super) fn always_object(&self) -> bool {
        self.exactly
    }

    pub(super) fn requires(&self, name: &str) -> bool {
        self.required().any(|required| required == name)
    }

    pub(super) fn requires_anything(&self) -> bool {
        self.required().next().is_some()
    }

    fn required(&self) -> impl Iterator<Item = &str> {
        let listed = self.members.get("required").and_then(Value::as_array);
        listed.into_iter().flatten().filter_map(Value::as_str)
    }

    fn properties(&self) -> Option<&Map<String, Value>> {
        self.members.get("properties").and_then(Value::as_object)
    }

    pub(super) fn declares(&self, name: &str) -> bool {
        self.properties().is_some_and(|known| known.contains_key(name)) || self.requires(name)
    }

    /// Whether no name is left.
    pub(super) fn is_bare(&self) -> bool {
        self.properties().is_none_or(Map::is_empty) && !self.requires_anything()
    }

    fn is_closed(&self) -> bool {
        ["additionalProperties", "unevaluatedProperties"]
            .iter()
            .any(|keyword| self.members.get(*keyword) == Some(&Value::Bool(false)))
    }

    /// The patterns whose schemas speak of names.
    fn patterns(&self) -> Option<&Map<String, Value>> {
        let patterns = self.members.get("patternProperties").and_then(Value::as_object);
        patterns.filter(|patterns| !patterns.is_empty())
    }

    /// Whether a schema speaks of every name that is not declared.
    fn speaks_of_all(&self) -> bool {
        ["additionalProperties", "unevaluatedProperties"]
            .iter()
            .filter_map(|keyword| self.members.get(*keyword))
            .any(|rest| !rest.is_boolean() && !is_empty(rest))
    }

    /// Whether a pattern speaks of the name, as the validator reads patterns.
    fn is_patterned(&self, name: &str) -> bool {
        let Some(patterns) = self.patterns() else { return false };
        let refusing: Map<String, Value> =
            patterns.keys().map(|pattern| (pattern.clone(), json!({"not": {}}))).collect();
        let event = json!({ name: null });
        let schema = Schema::read(&json!({"patternProperties": refusing}).to_string())
            .default_dialect(self.dialect)
            .parse();
        !schema.is_ok_and(|schema| schema.is_valid(&event))
    }

    /// Whether no event carries an undeclared name here.
    pub(super) fn closed(&self) -> bool {
        (self.model == ContentModel::Event || self.is_closed())
            && self.patterns().is_none()
            && !self.speaks_of_all()
    }

    /// Whether no event carries this name here unless it is declared.
    pub(super) fn closed_to(&self, name: &str) -> bool {
        self.closed() || self.declares(name)
    }

    /// A node that names nothing lets every name through, and so does one that speaks of names it does not list: a
    /// new one could be there already, and there is a schema for it.
    pub(super) fn takes_new(&self, name: &str) -> Result<(), Stop> {
        let opaque = self.is_bare() && !self.members.contains_key(NAMED) && !self.is_closed();
        if opaque || self.speaks_of_all() || self.is_patterned(name) {
            Err(Stop::Beyond)
        } else {
            Ok(())
        }
    }

    /// Refuses a name that is not declared.
    pub(super) fn known(&self, name: &str, here: &Pointer) -> Result<(), Stop> {
        if self.declares(name) {
            // Two schemas speak of it; only one of them could be changed.
            return if self.is_patterned(name) { Err(Stop::Beyond) } else { Ok(()) };
        }
        self.takes_new(name)?;
        let place = here.child(name);
        let known: Vec<&str> =
            self.properties().into_iter().flat_map(Map::keys).map(String::as_str).collect();
        let advice = match hint::did_you_mean(name, known.iter().copied()) {
            Some(near) => near,
            None if known.is_empty() => "nothing is declared there".to_owned(),
            None => format!("declared there: {}", hint::listed(known)),
        };
        Err(Stop::Wrong(Wrong::new(&place, format!("`{place}` is not declared"), advice)))
    }

    /// The subschema of a declared name.
    pub(super) fn property(&mut self, name: &str) -> Option<&mut Value> {
        self.admit(name);
        self.members.get_mut("properties")?.get_mut(name)
    }

    /// The subschema of a declared name, outliving this view.
    pub(super) fn into_property(mut self, name: &str) -> Option<&'n mut Value> {
        self.admit(name);
        self.members.get_mut("properties")?.get_mut(name)
    }

    /// Writes down what is declared by `required` alone.
    fn admit(&mut self, name: &str) {
        if self.requires(name) && self.properties().is_none_or(|known| !known.contains_key(name)) {
            self.insert(name, Value::Object(Map::new()));
        }
    }

    pub(super) fn insert(&mut self, name: &str, schema: Value) {
        let known = self.members.entry("properties").or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(known) = known {
            known.insert(name.to_owned(), schema);
        }
    }

    pub(super) fn remove(&mut self, name: &str) {
        if let Some(Value::Object(known)) = self.members.get_mut("properties") {
            known.remove(name);
        }
        self.require_not(name);
        if self.is_bare() {
            self.members.insert(NAMED.into(), Value::Bool(true));
        }
    }

    pub(super) fn require(&mut self, name: &str) {
        if self.requires(name) {
            return;
        }
        let list = self.members.entry("required").or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(name.into());
        }
    }

    pub(super) fn require_not(&mut self, name: &str) {
        if let Some(Value::Array(list)) = self.members.get_mut("required") {
            list.retain(|required| required != name);
        }
        // Draft 4 takes no empty list.
        if !self.requires_anything() {
            self.members.remove("required");
        }
    }

    pub(super) fn require_nothing(&mut self) {
        self.members.remove("required");
    }
}
