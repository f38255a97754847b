//! Anchors of dynamic references: where there is only one that could be meant, the reference is an ordinary one.

use std::{cell::OnceCell, collections::BTreeMap};

use referencing::Resolver;
use serde_json::Value;

use crate::schema::Schema;

/// How often each anchor is spelled in a schema and in all that it refers to.
pub(super) struct Anchors<'r> {
    schema: &'r Schema,
    counted: OnceCell<Counts>,
}

#[derive(Default)]
struct Counts {
    dynamic: BTreeMap<String, usize>,
    recursive: usize,
}

impl<'r> Anchors<'r> {
    /// Nothing is counted before it is asked for.
    pub fn of(schema: &'r Schema) -> Self {
        Anchors { schema, counted: OnceCell::new() }
    }

    /// Whether `$dynamicRef` can mean one place only.
    pub fn single_dynamic(&self, reference: &str, resolver: &Resolver<'_>) -> bool {
        let Some((_, fragment)) = reference.split_once('#') else { return true };
        // A JSON pointer, or nothing: the dynamic scope is not looked at.
        if fragment.is_empty() || fragment.starts_with('/') {
            return true;
        }
        !is_meta(resolver)
            && fragment != "meta"
            && self.counts().dynamic.get(fragment).is_none_or(|count| *count <= 1)
    }

    /// Whether `$recursiveRef` can mean one place only.
    pub fn single_recursive(&self, resolver: &Resolver<'_>) -> bool {
        !is_meta(resolver) && self.counts().recursive <= 1
    }

    fn counts(&self) -> &Counts {
        self.counted.get_or_init(|| {
            let mut counts = Counts::default();
            let mut seen = std::collections::BTreeSet::new();
            let mut waiting = vec![self.schema];
            while let Some(schema) = waiting.pop() {
                if seen.insert(schema.fingerprint()) {
                    counts.add(schema.value());
                    waiting.extend(schema.references().values());
                }
            }
            counts
        })
    }
}

impl Counts {
    /// Counts whatever is spelled like an anchor, in data as well: too many never makes a reference a simple one.
    fn add(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.add(item)),
            Value::Object(members) => {
                if let Some(Value::String(name)) = members.get("$dynamicAnchor") {
                    *self.dynamic.entry(name.clone()).or_default() += 1;
                }
                self.recursive +=
                    usize::from(members.get("$recursiveAnchor") == Some(&Value::Bool(true)));
                members.values().for_each(|value| self.add(value));
            }
            _ => {}
        }
    }
}

/// The meta-schemas have anchors of their own, in documents that are not counted.
fn is_meta(resolver: &Resolver<'_>) -> bool {
    resolver.base_uri().as_str().contains("json-schema.org/")
}
