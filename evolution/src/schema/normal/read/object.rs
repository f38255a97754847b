//! `properties`, `patternProperties`, `additionalProperties`, `required`, `propertyNames`, counts and dependencies.

use serde_json::Value;

use super::{
    Place, Reader,
    scalar::{Count, count},
};
use crate::{
    pointer::escape,
    schema::{
        Dialect, asserts,
        normal::{Form, NodeId, Pattern, TypeSet},
    },
};

impl<'r> Reader<'r> {
    pub(super) fn objects(&mut self, place: &mut Place<'_, 'r>) {
        self.members(place);
        self.required(place);
        self.member_counts(place);
        if place.dialect >= Dialect::Draft6
            && let Some(names) = place.members.get("propertyNames")
        {
            let at = format!("{}/propertyNames", place.at);
            let (node, _) = self.below(place, names, &at);
            place.parts.push(self.node(Form::Names(node), &at));
        }
        self.dependencies(place);
    }

    fn members(&mut self, place: &mut Place<'_, 'r>) {
        let mut names = Vec::new();
        let mut patterns = Vec::new();
        if let Some(Value::Object(properties)) = place.members.get("properties") {
            for (name, schema) in properties {
                let at = format!("{}/properties/{}", place.at, escape(name));
                let (node, shape) = self.below(place, schema, &at);
                place.shape.names.insert(name.clone());
                place.shape.members.push((name.clone(), shape));
                place.parts.push(self.node(Form::Member(name.clone(), node), &at));
                names.push(name.clone());
            }
        }
        if let Some(Value::Object(properties)) = place.members.get("patternProperties") {
            for (text, schema) in properties {
                let at = format!("{}/patternProperties/{}", place.at, escape(text));
                let (node, shape) = self.below(place, schema, &at);
                let pattern = Pattern::new(text);
                place.shape.patterns.push(pattern.clone());
                place.shape.matching.push((pattern.clone(), shape));
                place.parts.push(self.node(Form::Matching(pattern.clone(), node), &at));
                patterns.push(pattern);
            }
        }
        if let Some(rest) = place.members.get("additionalProperties") {
            self.others(place, "additionalProperties", rest, names, patterns);
        }
    }

    /// The schema of all members but the given ones.
    fn others(
        &mut self,
        place: &mut Place<'_, 'r>,
        keyword: &str,
        rest: &'r Value,
        names: Vec<String>,
        patterns: Vec<Pattern>,
    ) {
        let at = format!("{}/{keyword}", place.at);
        let (node, shape) = self.below(place, rest, &at);
        place.shape.every_name |= says_something(rest);
        place.shape.others.push(shape);
        place.parts.push(self.node(Form::Others { names, patterns, node }, &at));
    }

    fn required(&mut self, place: &mut Place<'_, 'r>) {
        let Some(Value::Array(names)) = place.members.get("required") else { return };
        for name in names.iter().filter_map(Value::as_str) {
            place.shape.names.insert(name.to_owned());
            let node =
                self.node(Form::Required(name.to_owned()), &format!("{}/required", place.at));
            place.parts.push(node);
        }
    }

    fn member_counts(&mut self, place: &mut Place<'_, 'r>) {
        let counts: [Count; 2] =
            [("minProperties", Form::MinMembers), ("maxProperties", Form::MaxMembers)];
        for (keyword, form) in counts {
            if let Some(value) = place.members.get(keyword) {
                let form = count(value, TypeSet::OBJECT, keyword, form);
                place.parts.push(self.node(form, &format!("{}/{keyword}", place.at)));
            }
        }
    }

    /// `dependencies` (kept by validators in every draft), `dependentRequired`, `dependentSchemas`.
    fn dependencies(&mut self, place: &mut Place<'_, 'r>) {
        for keyword in ["dependencies", "dependentRequired", "dependentSchemas"] {
            if keyword != "dependencies" && place.dialect < Dialect::Draft201909 {
                continue;
            }
            let Some(Value::Object(dependencies)) = place.members.get(keyword) else { continue };
            for (name, dependency) in dependencies {
                let at = format!("{}/{keyword}/{}", place.at, escape(name));
                place.shape.names.insert(name.clone());
                let then = match dependency {
                    Value::Array(names) => {
                        let mut required = Vec::new();
                        for name in names.iter().filter_map(Value::as_str) {
                            place.shape.names.insert(name.to_owned());
                            required.push(self.node(Form::Required(name.to_owned()), &at));
                        }
                        self.node(Form::All(required), &at)
                    }
                    schema => self.in_place(place, schema, &at),
                };
                let unless = self.absent(name, &at);
                place.parts.push(self.node(Form::Any(vec![unless, then]), &at));
            }
        }
    }

    /// Not an object with a member `name`.
    pub(super) fn absent(&mut self, name: &str, at: &str) -> NodeId {
        let object = self.node(Form::Types(TypeSet::OBJECT), at);
        let present = self.node(Form::Required(name.to_owned()), at);
        let both = self.node(Form::All(vec![object, present]), at);
        self.node(Form::Not(both), at)
    }
}

/// Whether a schema is neither `true`, `false` nor `true` with annotations.
pub(super) fn says_something(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => members.keys().any(|keyword| asserts(keyword)),
        _ => false,
    }
}
