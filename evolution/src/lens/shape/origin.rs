//! The document a schema in flow came from: what its references lead to once properties have moved.

use serde_json::{Map, Value, json};

/// Where the document is kept, for references into what has moved.
const ORIGIN: &str = "stele-origin";

/// What becomes of references when properties move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum References {
    /// They lead into definitions, which stay where they are.
    Stay,
    /// They lead into places that move: the document they came from is kept for them.
    Follow,
    /// They lead somewhere that depends on where they stand.
    Lost,
}

/// What becomes of the references of a document; `external` knows those that lead out of it.
pub(super) fn references(document: &Value, external: impl Fn(&str) -> bool) -> References {
    let mut worst = References::Stay;
    let mut nested = false;
    let id = ["$id", "id"].iter().find_map(|keyword| document.get(keyword)?.as_str());
    walk(document, Place::Schema, &mut |members| {
        for (keyword, value) in members {
            let Value::String(text) = value else { continue };
            match keyword.as_str() {
                "$ref" if text.starts_with("#/$defs/") || text.starts_with("#/definitions/") => {}
                "$ref" if external(text) => {}
                "$ref" if worst != References::Lost && (text == "#" || text.starts_with("#/")) => {
                    worst = References::Follow;
                }
                "$ref" | "$dynamicRef" | "$recursiveRef" => worst = References::Lost,
                "$id" | "id" | "$anchor" | "$dynamicAnchor" => nested |= Some(text.as_str()) != id,
                _ => {}
            }
        }
    });
    match worst {
        References::Stay if id.is_some_and(|id| id.contains('#')) => References::Lost,
        References::Follow if nested || id.is_some() => References::Lost,
        worst => worst,
    }
}

/// Lets every reference into the document lead into the kept one.
pub(super) fn redirect(node: &mut Value) {
    walk_mut(node, Place::Schema, &mut |members| {
        if let Some(Value::String(text)) = members.get_mut("$ref")
            && let Some(rest) = text.strip_prefix('#')
        {
            *text = format!("#/definitions/{ORIGIN}{rest}");
        }
    });
}

/// Keeps the document below a schema.
pub(super) fn keep(members: &mut Map<String, Value>, mut document: Value) {
    if let Value::Object(own) = &mut document {
        own.remove("$schema");
    }
    members.insert("definitions".to_owned(), json!({ ORIGIN: document }));
}

/// What the value at a place is: a schema, a table of schemas, or plain data.
#[derive(Clone, Copy)]
enum Place {
    Schema,
    Schemas,
    Data,
}

/// What stands below a keyword.
fn below(keyword: &str) -> Place {
    match keyword {
        "const" | "enum" | "default" | "examples" | "dependentRequired" | "required" => Place::Data,
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas"
        | "dependencies" => Place::Schemas,
        _ => Place::Schema,
    }
}

fn walk<'v>(node: &'v Value, place: Place, visit: &mut impl FnMut(&'v Map<String, Value>)) {
    match (node, place) {
        (Value::Object(members), Place::Schema) => {
            visit(members);
            members.iter().for_each(|(keyword, node)| walk(node, below(keyword), visit));
        }
        (Value::Object(members), Place::Schemas) => {
            members.values().for_each(|node| walk(node, Place::Schema, visit));
        }
        (Value::Array(items), Place::Schema) => {
            for item in items {
                walk(item, Place::Schema, visit);
            }
        }
        _ => {}
    }
}

fn walk_mut(node: &mut Value, place: Place, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    match (node, place) {
        (Value::Object(members), Place::Schema) => {
            visit(members);
            members.iter_mut().for_each(|(keyword, node)| walk_mut(node, below(keyword), visit));
        }
        (Value::Object(members), Place::Schemas) => {
            members.values_mut().for_each(|node| walk_mut(node, Place::Schema, visit));
        }
        (Value::Array(items), Place::Schema) => {
            for item in items {
                walk_mut(item, Place::Schema, visit);
            }
        }
        _ => {}
    }
}
