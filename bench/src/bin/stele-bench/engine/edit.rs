//! Single edits of a schema, as people make them: one place changed, everything else as it was.

use serde_json::{Map, Value, json};

/// The schema with one edit each, for every place and every edit that applies there.
pub fn edits(schema: &Value) -> Vec<Value> {
    let mut places = Vec::new();
    nodes(schema, String::new(), &mut places);
    let mut edited = Vec::new();
    for place in places {
        let Some(node) = schema.pointer(&place).and_then(Value::as_object) else { continue };
        for changed in changes(node) {
            let mut whole = schema.clone();
            if let Some(target) = whole.pointer_mut(&place) {
                *target = Value::Object(changed);
                edited.push(whole);
            }
        }
    }
    edited
}

/// Every subschema, as a pointer.
fn nodes(schema: &Value, at: String, found: &mut Vec<String>) {
    let Some(node) = schema.as_object() else { return };
    for keyword in ["properties", "$defs"] {
        for (name, below) in node.get(keyword).and_then(Value::as_object).into_iter().flatten() {
            let name = name.replace('~', "~0").replace('/', "~1");
            nodes(below, format!("{at}/{keyword}/{name}"), found);
        }
    }
    if let Some(items) = node.get("items") {
        nodes(items, format!("{at}/items"), found);
    }
    found.push(at);
}

/// The node with one thing changed.
fn changes(node: &Map<String, Value>) -> Vec<Map<String, Value>> {
    let with = |keyword: &str, value: Value| {
        let mut changed = node.clone();
        changed.insert(keyword.to_owned(), value);
        changed
    };
    let mut all = Vec::new();
    if let Some(properties) = node.get("properties").and_then(Value::as_object) {
        let mut more = properties.clone();
        more.insert("addedLater".into(), json!({"type": "string"}));
        all.push(with("properties", Value::Object(more)));
        if let Some(name) = properties.keys().next() {
            let mut fewer = properties.clone();
            fewer.remove(name);
            all.push(with("properties", Value::Object(fewer)));
            all.push(with("required", json!([name])));
        }
        all.push(with("additionalProperties", json!(false)));
        all.push(with("patternProperties", json!({"^x-": {"type": "string"}})));
        all.push(with("minProperties", json!(1)));
    }
    match node.get("type").and_then(Value::as_str) {
        Some("string") => {
            all.push(with("minLength", json!(0)));
            all.push(with("minLength", json!(1)));
            all.push(with("maxLength", json!(64)));
            all.push(with("pattern", json!("^[A-Za-z0-9-]+$")));
            all.push(with("type", json!(["string", "null"])));
        }
        Some("integer") => {
            all.push(with("minimum", json!(1)));
            all.push(with("multipleOf", json!(1)));
            all.push(with("type", json!("number")));
        }
        Some("number") => {
            all.push(with("exclusiveMinimum", json!(0)));
            all.push(with("type", json!("integer")));
        }
        Some("array") => {
            all.push(with("minItems", json!(1)));
            all.push(with("uniqueItems", json!(true)));
            all.push(with("contains", json!({"type": "object"})));
        }
        _ => {}
    }
    if let Some(values) = node.get("enum").and_then(Value::as_array) {
        let mut more = values.clone();
        more.push(json!("ADDED_LATER"));
        all.push(with("enum", Value::Array(more)));
        all.push(with("enum", Value::Array(values.iter().skip(1).cloned().collect())));
    }
    all.retain(|changed| changed.get("enum") != Some(&json!([])));
    all
}
