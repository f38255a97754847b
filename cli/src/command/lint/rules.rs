//! The rules of `stele lint`: each with an id, a sentence, and what to do instead.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};
use stele_evolution::pointer::Pointer;

use crate::report::remark::Severity;

/// A rule.
pub struct Rule {
    /// Its stable id.
    pub id: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// What it looks for.
    pub meaning: &'static str,
    /// Why that is unwise.
    pub because: &'static str,
    /// What to do instead.
    pub instead: &'static str,
    /// A schema in which it is found.
    pub example: &'static str,
}

/// Every rule.
pub const RULES: &[Rule] = &[
    Rule {
        id: "required-undeclared",
        severity: Severity::Error,
        meaning: "`required` names a property that `properties` does not declare",
        because: "in the event model producers send declared names only, so that what it means is unclear; often it is a slip of the pen",
        instead: "declare the property, or take it out of `required`",
        example: r#"{"type": "object", "properties": {"id": {"type": "string"}}, "required": ["di"]}"#,
    },
    Rule {
        id: "root-not-object",
        severity: Severity::Warning,
        meaning: "the schema does not ask for an object",
        because: "an event that is no object can never gain a property",
        instead: "say `\"type\": \"object\"`, and put the value into a property",
        example: r#"{"type": "string"}"#,
    },
    Rule {
        id: "content-closed",
        severity: Severity::Warning,
        meaning: "an object is closed by `additionalProperties: false`",
        because: "readers that validate strictly refuse every later addition; the event model does not need it",
        instead: "leave the object open: a typo of a producer is found by comparing with the declared names",
        example: r#"{"type": "object", "properties": {"id": {"type": "string"}}, "additionalProperties": false}"#,
    },
    Rule {
        id: "object-opaque",
        severity: Severity::Warning,
        meaning: "an object names no property",
        because: "producers may send any name in it, so that no name can be added later",
        instead: "name the properties that are known, or use a string",
        example: r#"{"type": "object", "properties": {"meta": {"type": "object"}}}"#,
    },
    Rule {
        id: "subject-name",
        severity: Severity::Warning,
        meaning: "the name of the subject is neither `UpperCamelCase` nor lower-case words joined by `.`, `-` or `_`",
        because: "mixed spellings make two subjects out of one",
        instead: "name it after what happened: `OrderPlaced`, or `orders.placed`",
        example: r#"{"type": "object", "properties": {"id": {"type": "string"}}}"#,
    },
    Rule {
        id: "property-name",
        severity: Severity::Warning,
        meaning: "the properties of an object mix `camelCase` and `snake_case`",
        because: "consumers have to look up how each name is spelled",
        instead: "spell all names of a subject one way",
        example: r#"{"type": "object", "properties": {"orderId": {"type": "string"}, "placed_at": {"type": "string"}}}"#,
    },
    Rule {
        id: "description-missing",
        severity: Severity::Note,
        meaning: "a property has no description",
        because: "its meaning is known to those who wrote it only",
        instead: "say what it is, with its unit",
        example: r#"{"type": "object", "properties": {"total": {"type": "number"}}}"#,
    },
    Rule {
        id: "definition-unused",
        severity: Severity::Warning,
        meaning: "nothing refers to a definition",
        because: "readers take it for a part of the event",
        instead: "take it out, or refer to it",
        example: r#"{"type": "object", "properties": {"id": {"type": "string"}}, "$defs": {"Money": {"type": "string"}}}"#,
    },
    Rule {
        id: "enum-closed",
        severity: Severity::Note,
        meaning: "an enum does not say `x-open-enum: true`",
        because: "under ADDITIONS_ONLY it can never have another value",
        instead: "say `x-open-enum: true` where values may be added one day",
        example: r#"{"type": "object", "properties": {"status": {"enum": ["placed", "paid"]}}}"#,
    },
    Rule {
        id: "type-missing",
        severity: Severity::Warning,
        meaning: "a property says nothing about its value",
        because: "any value goes, and saying a type later narrows it",
        instead: "say its type",
        example: r#"{"type": "object", "properties": {"id": {}}}"#,
    },
    Rule {
        id: "dialect-missing",
        severity: Severity::Note,
        meaning: "there is no `$schema`",
        because: "other tools read it in the dialect of their own choice",
        instead: "say `\"$schema\": \"https://json-schema.org/draft/2020-12/schema\"`",
        example: r#"{"type": "object", "properties": {"id": {"type": "string"}}}"#,
    },
];

/// Something that a rule says of a place.
#[derive(Debug, Serialize)]
pub struct Said {
    /// The rule.
    pub rule: &'static str,
    /// The place, as a JSON pointer.
    pub at: String,
    /// What is the matter there.
    pub text: String,
}

impl Said {
    fn rule(&self) -> Option<&'static Rule> {
        RULES.iter().find(|rule| rule.id == self.rule)
    }

    /// How much it weighs.
    pub fn severity(&self) -> Severity {
        self.rule().map_or(Severity::Note, |rule| rule.severity)
    }

    /// What to do instead.
    pub fn instead(&self) -> &'static str {
        self.rule().map_or("", |rule| rule.instead)
    }
}

/// The id of a rule, if it is one.
pub fn id(text: &str) -> Result<String, String> {
    if RULES.iter().any(|rule| rule.id == text) {
        return Ok(text.to_owned());
    }
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    Err(format!("expected one of {}", ids.join(", ")))
}

/// Everything the rules say of a schema.
pub fn look(subject: &str, schema: &Value) -> Vec<Said> {
    let mut looking = Looking { said: Vec::new(), references: BTreeSet::new() };
    let root = Pointer::root();
    if !is_well_named(subject) {
        looking.say("subject-name", &root, format!("`{subject}` is spelled in no usual way"));
    }
    if let Value::Object(members) = schema {
        if !members.contains_key("$schema") {
            looking.say("dialect-missing", &root, "the schema does not say its dialect".to_owned());
        }
        let is_object = members.get("type").is_some_and(|kind| kind == "object");
        let leads_on =
            ["$ref", "allOf", "oneOf", "anyOf"].iter().any(|it| members.contains_key(*it));
        if !is_object && !leads_on {
            looking.say(
                "root-not-object",
                &root,
                "the event may be something else than an object".to_owned(),
            );
        }
    }
    looking.schema(schema, &root);
    looking.definitions(schema);
    looking.said
}

struct Looking {
    said: Vec<Said>,
    references: BTreeSet<String>,
}

impl Looking {
    fn say(&mut self, rule: &'static str, at: &Pointer, text: String) {
        self.said.push(Said { rule, at: at.to_string(), text });
    }

    fn schema(&mut self, schema: &Value, at: &Pointer) {
        let Value::Object(members) = schema else { return };
        if let Some(Value::String(reference)) = members.get("$ref") {
            self.references.insert(reference.clone());
        }
        self.object(members, at);
        if members
            .get("enum")
            .is_some_and(|values| values.as_array().is_some_and(|it| it.len() > 1))
            && members.get("x-open-enum") != Some(&Value::Bool(true))
        {
            self.say("enum-closed", at, "no value can ever be added to this enum".to_owned());
        }
        for (keyword, inner) in members {
            let place = at.child(keyword.clone());
            match keyword.as_str() {
                "properties" | "patternProperties" | "$defs" | "definitions"
                | "dependentSchemas" => {
                    for (name, inner) in inner.as_object().into_iter().flatten() {
                        let place = place.child(name.clone());
                        if keyword == "properties" {
                            self.property(name, inner, &place);
                        }
                        self.schema(inner, &place);
                    }
                }
                "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                    for (index, inner) in inner.as_array().into_iter().flatten().enumerate() {
                        self.schema(inner, &place.child(index.to_string()));
                    }
                }
                "items"
                | "additionalProperties"
                | "not"
                | "if"
                | "then"
                | "else"
                | "contains"
                | "propertyNames"
                | "unevaluatedProperties"
                | "unevaluatedItems" => {
                    self.schema(inner, &place);
                }
                _ => {}
            }
        }
    }

    fn object(&mut self, members: &Map<String, Value>, at: &Pointer) {
        let properties = members.get("properties").and_then(Value::as_object);
        let named = |name: &str| properties.is_some_and(|it| it.contains_key(name));
        // In a branch the names may be declared beside it.
        let is_branch = at.tokens().iter().any(|token| {
            matches!(token.as_str(), "allOf" | "anyOf" | "oneOf" | "if" | "then" | "else" | "not")
        });
        let leads_on =
            ["$ref", "allOf", "oneOf", "anyOf"].iter().any(|it| members.contains_key(*it));
        let required = members.get("required").and_then(Value::as_array);
        for (index, name) in required.into_iter().flatten().enumerate() {
            let Some(name) = name.as_str() else { continue };
            if !is_branch && !leads_on && !named(name) {
                let place = at.child("required").child(index.to_string());
                self.say(
                    "required-undeclared",
                    &place,
                    format!("`{name}` is required, and not declared"),
                );
            }
        }
        if members.get("additionalProperties") == Some(&Value::Bool(false)) {
            let place = at.child("additionalProperties");
            self.say("content-closed", &place, "the object takes declared names only".to_owned());
        }
        let is_object = members.get("type").is_some_and(|kind| kind == "object");
        let says = [
            "properties",
            "patternProperties",
            "additionalProperties",
            "propertyNames",
            "required",
        ];
        if is_object && !leads_on && !is_branch && says.iter().all(|it| !members.contains_key(*it))
        {
            self.say("object-opaque", at, "the object names no property".to_owned());
        }
        if let Some(properties) = properties {
            let is_snake = |name: &&String| name.contains('_');
            let is_camel = |name: &&String| name.chars().any(char::is_uppercase);
            let (snake, camel) =
                (properties.keys().find(is_snake), properties.keys().find(is_camel));
            if let (Some(snake), Some(camel)) = (snake, camel) {
                let place = at.child("properties").child(snake.clone());
                self.say("property-name", &place, format!("`{snake}` stands beside `{camel}`"));
            }
        }
    }

    fn property(&mut self, name: &str, schema: &Value, at: &Pointer) {
        let Value::Object(members) = schema else { return };
        let says_nothing = members.keys().all(|it| {
            matches!(it.as_str(), "title" | "description" | "$comment" | "examples" | "default")
        });
        if says_nothing {
            self.say("type-missing", at, format!("`{name}` may be anything"));
        }
        if !members.contains_key("description")
            && !members.contains_key("title")
            && !members.contains_key("$ref")
        {
            self.say("description-missing", at, format!("`{name}` is not described"));
        }
    }

    fn definitions(&mut self, schema: &Value) {
        for keyword in ["$defs", "definitions"] {
            let definitions = schema.get(keyword).and_then(Value::as_object);
            for (name, definition) in definitions.into_iter().flatten() {
                let at = Pointer::root().child(keyword).child(name.clone());
                let reference = format!("#{at}");
                let anchor =
                    ["$anchor", "$id", "id"].iter().find_map(|it| definition.get(*it)?.as_str());
                let is_used = self.references.iter().any(|it| {
                    it.starts_with(&reference) || anchor.is_some_and(|anchor| it.ends_with(anchor))
                });
                if !is_used {
                    self.say("definition-unused", &at, format!("nothing refers to `{name}`"));
                }
            }
        }
    }
}

fn is_well_named(name: &str) -> bool {
    let letters =
        |allowed: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || allowed.contains(c));
    let starts = name.chars().next();
    let is_camel = starts.is_some_and(|c| c.is_ascii_uppercase()) && letters(".-");
    let is_lower = !name.chars().any(char::is_uppercase) && letters(".-_:");
    is_camel || is_lower
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_shows_its_rule_and_no_example_of_another_is_needed_for_it() {
        for rule in RULES {
            let subject = if rule.id == "subject-name" { "order Placed!" } else { "OrderPlaced" };

            let said = look(subject, &serde_json::from_str(rule.example).unwrap());

            assert!(said.iter().any(|said| said.rule == rule.id), "{}: {said:?}", rule.id);
        }
    }

    #[test]
    fn what_is_well_said_is_left_alone() {
        let schema = r##"{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
            "properties": {"id": {"type": "string", "description": "a UUID"}, "total": {"$ref": "#/$defs/Money"}},
            "required": ["id"], "$defs": {"Money": {"type": "string"}}}"##;

        let said = look("OrderPlaced", &serde_json::from_str(schema).unwrap());

        assert!(said.is_empty(), "{said:?}");
    }
}
