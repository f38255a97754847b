//! A JSON value on one line, as people write it in YAML.

use std::fmt::Write;

use serde_json::Value;

use super::number;

/// The order in which people write the keys of an operation; others follow by name.
const ORDER: [&str; 6] = ["at", "from", "to", "into", "value", "pairs"];

/// A value in YAML's flow style.
pub(super) fn flow(value: &Value) -> String {
    match value {
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            let place = |name: &str| ORDER.iter().position(|known| *known == name);
            names.sort_by_key(|name| place(name).unwrap_or(ORDER.len()));
            let members: Vec<String> = names
                .into_iter()
                .map(|name| format!("{}: {}", scalar(name), flow(&members[name])))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[ {} ]", items.join(", "))
        }
        Value::String(text) => scalar(text),
        other => other.to_string(),
    }
}

/// A text, bare where YAML and JSON would both read it as that text.
fn scalar(text: &str) -> String {
    let plain = text.chars().enumerate().all(|(index, c)| {
        c.is_ascii_alphabetic()
            || c == '/'
            || index > 0 && (c.is_ascii_alphanumeric() || "_-~.".contains(c))
    });
    let spoken = matches!(
        text.to_ascii_lowercase().as_str(),
        "" | "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n"
    );
    if plain && !spoken && !number::is_json(text) && !text.contains("//") {
        return text.to_owned();
    }
    quoted(text)
}

/// A text in double quotes; what YAML does not take as it is, or breaks lines at, is escaped.
fn quoted(text: &str) -> String {
    let json = Value::from(text).to_string();
    json.chars().fold(String::with_capacity(json.len()), |mut out, c| {
        match c {
            '\u{7f}'..='\u{9f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::lens::yaml;

    #[test]
    fn what_yaml_would_misread_is_quoted() {
        let value = json!({"at": "/a/b", "x": ["yes", "1", "a b", 1.5]});

        assert_eq!(flow(&value), r#"{ at: /a/b, x: [ "yes", "1", "a b", 1.5 ] }"#);
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in ".*", key in ".*") {
            let value = json!({key: [text]});

            prop_assert_eq!(yaml::read(&flow(&value)).unwrap(), value);
        }
    }
}
