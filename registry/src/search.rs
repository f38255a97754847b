//! Searching: which subjects hold every word, and where. The names of properties are collected once for each schema.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;
use stele_api::search::{Found, Hit, Match, Place};
use stele_evolution::schema::Fingerprint;

use crate::catalog::{Content, Stream};

/// The most words of one search.
const WORDS: usize = 8;

/// The longest search, in bytes.
const LENGTH: usize = 256;

/// The most schemas whose property names are kept.
const KEPT: usize = 20_000;

/// The most places told for one subject.
const MATCHES: usize = 8;

/// What is looked for: every word must occur, in any case, anywhere in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words(Vec<String>);

/// Why a text cannot be looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// Nothing to look for.
    #[error("there is no word in it")]
    None,
    /// Too much to look for.
    #[error("more than {WORDS} words or {LENGTH} bytes are not looked for")]
    TooMany,
}

impl Words {
    /// Reads words, separated by white space.
    pub fn read(text: &str) -> Result<Self, WordsError> {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        match words.len() {
            0 => Err(WordsError::None),
            count if count > WORDS || text.len() > LENGTH => Err(WordsError::TooMany),
            _ => Ok(Words(words)),
        }
    }
}

/// The property names of schemas, each collected once. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Index(Arc<Mutex<HashMap<Fingerprint, Arc<[String]>>>>);

impl Index {
    /// The subjects in which every word occurs, the best first: in the name, in a tag, in a property, in the rest.
    pub fn find<'c>(
        &self,
        streams: impl Iterator<Item = &'c Arc<Stream>>,
        words: &Words,
        offset: usize,
        limit: usize,
    ) -> Found {
        let mut hits: Vec<(Rank, Hit)> =
            streams.filter_map(|stream| self.hit(stream, words)).collect();
        hits.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.subject.cmp(&other.subject)));
        let total = hits.len();
        let hits = hits.into_iter().skip(offset).take(limit).map(|(_, hit)| hit).collect();
        Found { hits, total }
    }

    fn hit(&self, stream: &Stream, words: &Words) -> Option<(Rank, Hit)> {
        let subject = stream.subject().to_string();
        let properties = stream.newest().map(|entry| self.properties(&entry.content));
        let texts = std::iter::once((Place::Name, subject.as_str()))
            .chain(stream.tags().iter().map(|tag| (Place::Tag, tag.as_str())))
            .chain(
                properties
                    .iter()
                    .flat_map(|names| names.iter())
                    .map(|name| (Place::Property, name.as_str())),
            )
            .chain(stream.owner().map(|owner| (Place::Owner, owner)))
            .chain(stream.description().map(|text| (Place::Description, text)));
        let mut missing: BTreeSet<&str> = words.0.iter().map(String::as_str).collect();
        let mut matches: Vec<Match> = Vec::new();
        let mut rank = Rank::default();
        for (place, text) in texts {
            let lower = text.to_lowercase();
            let found: Vec<&String> =
                words.0.iter().filter(|word| lower.contains(word.as_str())).collect();
            if found.is_empty() {
                continue;
            }
            for word in found {
                if missing.remove(word.as_str()) {
                    rank.worst = rank.worst.max(Some(place));
                    // A whole name is better than a part of one.
                    rank.in_part += usize::from(lower != *word);
                }
            }
            if matches.len() < MATCHES {
                matches.push(Match { place, text: text.to_owned() });
            }
        }
        if !missing.is_empty() {
            return None;
        }
        let latest = stream.newest().map(|entry| entry.version);
        let subject = stream.subject().clone();
        Some((rank, Hit { subject, kind: stream.kind(), latest, matches }))
    }

    fn properties(&self, content: &Content) -> Arc<[String]> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&content.key.fingerprint) {
            return Arc::clone(known);
        }
        let mut names = BTreeSet::new();
        // What is registered is JSON; a text that were none would have no names.
        if let Ok(schema) = serde_json::from_str(content.text.as_str()) {
            collect(&schema, &mut names);
        }
        let names: Arc<[String]> = names.into_iter().collect();
        let mut kept = lock();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(content.key.fingerprint, Arc::clone(&names));
        names
    }
}

/// How good a hit is; the least is the best.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// The worst of the places in which a word occurs first.
    worst: Option<Place>,
    /// How many words are only a part of what stands there.
    in_part: usize,
}

/// Collects the names of properties at any depth.
fn collect(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            for (keyword, value) in members {
                match (keyword.as_str(), value) {
                    // Events, not schemas: their members are no properties.
                    ("const" | "enum" | "default" | "examples", _) => {}
                    ("properties", Value::Object(properties)) => {
                        for (name, schema) in properties {
                            names.insert(name.clone());
                            collect(schema, names);
                        }
                    }
                    _ => collect(value, names),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_has_a_word_and_not_too_many() {
        assert_eq!(Words::read("  \t"), Err(WordsError::None));
        assert_eq!(Words::read("a b c d e f g h i"), Err(WordsError::TooMany));
        assert_eq!(Words::read("Order  placed"), Ok(Words(vec!["order".into(), "placed".into()])));
    }

    #[test]
    fn properties_are_found_at_any_depth_and_events_are_not_searched() {
        let schema = serde_json::json!({
            "properties": {"properties": {"items": {"properties": {"sku": true}}}},
            "$defs": {"money": {"properties": {"amount": {"const": {"properties": {"no": 1}}}}}},
            "examples": [{"properties": {"neither": 1}}],
        });
        let mut names = BTreeSet::new();

        collect(&schema, &mut names);

        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["amount", "properties", "sku"]);
    }
}
