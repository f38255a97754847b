//! What is proved about the texts of one node.

use serde_json::{Map, Value, json};

use crate::{
    budget::Budget,
    containment::{ContentModel, contains},
    schema::Schema,
};

/// How many steps of reasoning one such question may cost.
const STEPS: u64 = 20_000;

/// Whether it is proved that every text the node takes matches `pattern`.
pub(in crate::lens) fn only_texts(node: &Map<String, Value>, pattern: &str) -> bool {
    // These mean the same in every dialect.
    let keywords = ["pattern", "minLength", "maxLength", "enum"];
    let mut texts: Map<String, Value> = keywords
        .iter()
        .filter_map(|keyword| Some(((*keyword).to_owned(), node.get(*keyword)?.clone())))
        .collect();
    texts.insert("type".into(), "string".into());
    let read = |value: Value| Schema::read(&value.to_string()).parse().ok();
    let matching = json!({"type": "string", "pattern": pattern});
    match (read(Value::Object(texts)), read(matching)) {
        (Some(texts), Some(matching)) => {
            let budget = Budget::steps(STEPS);
            contains(&texts, &matching, ContentModel::Strict, &budget).is_compatible()
        }
        _ => false,
    }
}

/// A text as a pattern that matches exactly it.
pub(in crate::lens) fn literal(text: &str) -> String {
    text.chars().fold(String::new(), |mut pattern, character| {
        if r".*+?^$|\(){}[]".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
        pattern
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrower_pattern_is_recognised() {
        let only = |node: Value| only_texts(node.as_object().unwrap(), "^-?[0-9]+$");

        assert!(only(json!({"pattern": "^[0-9]{2}$"})));
        assert!(!only(json!({"pattern": "^[0-9a]{2}$"})));
        assert!(!only(json!({"minLength": 1})));
    }
}
