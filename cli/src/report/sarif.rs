//! The report as SARIF 2.1.0, which code scanning reads.

use std::{collections::BTreeSet, fmt::Write};

use serde_json::{Value, json};

use super::{
    excerpt::Excerpt,
    remark::{Case, Severity},
    rules,
};

/// One run of `tool`, with a result for each remark.
pub fn render(cases: &[Case], prefix: &str) -> Value {
    let remarks = || cases.iter().flat_map(|case| case.remarks.iter().map(move |it| (case, it)));
    let ids: BTreeSet<&str> = remarks().map(|(_, remark)| remark.rule.as_str()).collect();
    let rules: Vec<Value> = ids.iter().map(|id| rule(id)).collect();
    let results: Vec<Value> = remarks()
        .map(|(case, remark)| {
            let index = ids.iter().position(|id| *id == remark.rule);
            let mut result = json!({
                "ruleId": remark.rule,
                "ruleIndex": index,
                "level": level(remark.severity),
                "message": {"text": case.line(remark)},
                "locations": [location(remark.place.as_ref(), case.origin.as_deref(), prefix, &remark.at)],
                "partialFingerprints": {"stele/v1": case.key(remark)},
            });
            if let (Some(before), Some(result)) = (&remark.before, result.as_object_mut()) {
                let mut related = location(Some(before), None, prefix, &remark.at);
                if let Some(related) = related.as_object_mut() {
                    related.insert("message".into(), json!({"text": "before"}));
                }
                result.insert("relatedLocations".into(), json!([related]));
            }
            result
        })
        .collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "stele",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(id: &str) -> Value {
    let mut rule = json!({"id": id});
    if let (Some(about), Some(members)) = (rules::find(id), rule.as_object_mut()) {
        members.insert("shortDescription".into(), json!({"text": about.meaning}));
        members.insert("help".into(), json!({"text": about.instead, "markdown": about.instead}));
    }
    rule
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn location(place: Option<&Excerpt>, origin: Option<&str>, prefix: &str, at: &str) -> Value {
    let at = if at.is_empty() { "/" } else { at };
    let logical = json!([{"fullyQualifiedName": at, "kind": "member"}]);
    let (origin, region) = match place {
        Some(place) => (
            Some(place.origin.as_str()),
            Some(json!({
                "startLine": place.line,
                "startColumn": place.column,
                "endLine": place.end_line,
                "endColumn": place.end_column,
            })),
        ),
        None => (origin, None),
    };
    let Some(origin) = origin else { return json!({"logicalLocations": logical}) };
    let mut physical = json!({"artifactLocation": {"uri": uri(&super::file(origin, prefix))}});
    if let (Some(region), Some(members)) = (region, physical.as_object_mut()) {
        members.insert("region".into(), region);
    }
    json!({"physicalLocation": physical, "logicalLocations": logical})
}

/// A path as a URI reference: what a URI cannot hold is encoded.
fn uri(path: &str) -> String {
    let kept = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~/:@!$&'()*+,;=".contains(byte);
    path.bytes().fold(String::with_capacity(path.len()), |mut uri, byte| {
        if kept(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(uri, "%{byte:02X}");
        }
        uri
    })
}
