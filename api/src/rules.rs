//! Rules that clients run on their messages. The registry runs none; it keeps them beside the schema and gives them back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::dialect::or_empty;

/// The rules of a schema, by the moment they are run at.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RuleSet {
    /// Run when a message of one version is read as another.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_empty")]
    pub migration_rules: Vec<Rule>,
    /// Run when a message is written or read.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_empty")]
    pub domain_rules: Vec<Rule>,
    /// Run on the bytes of a message.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_empty")]
    pub encoding_rules: Vec<Rule>,
    /// From when on they are run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_at: Option<String>,
}

/// One rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Rule {
    /// Its name, unique among the rules of one moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// Whether it changes a message or holds it to something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<RuleKind>,
    /// In which direction it is run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<RuleMode>,
    /// What runs it, such as `CEL` or `JSONATA`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// The tags of the fields it applies to.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_empty")]
    pub tags: Vec<String>,
    /// What it is run with.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "or_empty")]
    pub params: BTreeMap<String, String>,
    /// What it says, in the language of its engine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expr: Option<String>,
    /// What follows where it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_success: Option<String>,
    /// What follows where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<String>,
    /// Whether it is left out.
    #[serde(skip_serializing_if = "std::ops::Not::not", deserialize_with = "or_empty")]
    pub disabled: bool,
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RuleKind {
    /// It changes a message.
    Transform,
    /// It holds a message to something.
    Condition,
}

/// When a rule is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RuleMode {
    /// From an older version to a newer.
    Upgrade,
    /// From a newer version to an older.
    Downgrade,
    /// In both directions between versions.
    UpDown,
    /// When a message is written.
    Write,
    /// When a message is read.
    Read,
    /// When a message is written and when it is read.
    WriteRead,
}

/// Why a rule set is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleSetError {
    /// Its shape is wrong.
    #[error("the rule set cannot be read: {0}")]
    Shape(String),
    /// A rule without a name, by which clients report it.
    #[error("rule {index} of `{list}` has no name")]
    Unnamed {
        /// The member of the rule set.
        list: &'static str,
        /// Its place, from 0.
        index: usize,
    },
    /// Two rules of one list with one name.
    #[error("two rules of `{list}` have the name `{name}`")]
    Twice {
        /// The member of the rule set.
        list: &'static str,
        /// The name.
        name: String,
    },
    /// A rule that says not what it does, when, or by what it is run.
    #[error("rule `{name}` of `{list}` has no `{member}`")]
    Incomplete {
        /// The member of the rule set.
        list: &'static str,
        /// The name.
        name: String,
        /// What is missing.
        member: &'static str,
    },
    /// A mode of another list.
    #[error("rule `{name}` of `{list}` has a mode that is never run there")]
    Misplaced {
        /// The member of the rule set.
        list: &'static str,
        /// The name.
        name: String,
    },
}

impl RuleSet {
    /// Whether it holds no rule.
    pub fn is_empty(&self) -> bool {
        *self == RuleSet::default()
    }

    /// Reads a rule set, and holds every rule to what a client needs to run it.
    pub fn read(value: serde_json::Value) -> Result<RuleSet, RuleSetError> {
        let rules: RuleSet = serde_json::from_value(value)
            .map_err(|error| RuleSetError::Shape(error.to_string()))?;
        let between_versions: &[RuleMode] =
            &[RuleMode::Upgrade, RuleMode::Downgrade, RuleMode::UpDown];
        let on_a_message: &[RuleMode] = &[RuleMode::Write, RuleMode::Read, RuleMode::WriteRead];
        hold("migrationRules", &rules.migration_rules, between_versions)?;
        hold("domainRules", &rules.domain_rules, on_a_message)?;
        hold("encodingRules", &rules.encoding_rules, on_a_message)?;
        Ok(rules)
    }
}

fn hold(list: &'static str, rules: &[Rule], modes: &[RuleMode]) -> Result<(), RuleSetError> {
    for (index, rule) in rules.iter().enumerate() {
        let name = rule.name.clone().filter(|name| !name.trim().is_empty());
        let name = name.ok_or(RuleSetError::Unnamed { list, index })?;
        if rules[..index].iter().any(|earlier| earlier.name.as_ref() == Some(&name)) {
            return Err(RuleSetError::Twice { list, name });
        }
        let missing = [
            ("kind", rule.kind.is_none()),
            ("mode", rule.mode.is_none()),
            ("type", rule.engine.is_none()),
        ];
        if let Some((member, _)) = missing.into_iter().find(|(_, missing)| *missing) {
            return Err(RuleSetError::Incomplete { list, name, member });
        }
        if rule.mode.is_some_and(|mode| !modes.contains(&mode)) {
            return Err(RuleSetError::Misplaced { list, name });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn refused(rules: Value) -> String {
        RuleSet::read(rules).unwrap_err().to_string()
    }

    #[test]
    fn a_good_set_comes_back_as_it_was() {
        let rules = json!({
            "migrationRules": [{"name": "up", "kind": "TRANSFORM", "mode": "UPGRADE", "type": "JSONATA", "expr": "$"}],
            "domainRules": [{"name": "mail", "kind": "CONDITION", "mode": "WRITEREAD", "type": "CEL", "tags": ["PII"],
                "params": {"a": "b"}, "expr": "true", "onSuccess": "NONE", "onFailure": "DLQ", "disabled": true}],
        });

        let read = RuleSet::read(rules.clone()).unwrap();

        assert_eq!(serde_json::to_value(read).unwrap(), rules);
        assert!(RuleSet::read(json!({"domainRules": null})).unwrap().is_empty());
    }

    #[test]
    fn a_rule_that_no_client_could_run_is_refused() {
        let rule = |name: &str, mode: &str| json!({"name": name, "kind": "CONDITION", "mode": mode, "type": "CEL"});

        insta::assert_snapshot!(refused(json!({"domainRules": [{}]})), @"rule 0 of `domainRules` has no name");
        insta::assert_snapshot!(refused(json!({"domainRules": [{"name": "a"}]})), @"rule `a` of `domainRules` has no `kind`");
        insta::assert_snapshot!(refused(json!({"domainRules": [rule("a", "READ"), rule("a", "WRITE")]})), @"two rules of `domainRules` have the name `a`");
        insta::assert_snapshot!(refused(json!({"migrationRules": [rule("a", "READ")]})), @"rule `a` of `migrationRules` has a mode that is never run there");
        assert!(
            refused(json!({"domainRules": [rule("a", "SOMETIMES")]})).contains("unknown variant")
        );
        assert!(refused(json!([1])).starts_with("the rule set cannot be read"));
    }
}
