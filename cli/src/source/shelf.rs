//! A shelf holds the texts of a source by their paths, and hands out each schema once, its references resolved.
//!
//! A `$ref` to another document is followed in this order: as `references` of the `subject.yaml` beside it says; as a
//! path from the file it stands in; as the `$id` of a document on the same shelf. Nothing is ever fetched for it.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;
use stele_evolution::{
    schema::{Dialect, Schema, SchemaError},
    version::Version,
};

use super::{ObjectId, SourceError};
use crate::error::Failure;

/// Where the texts of a source are.
pub trait Texts: Send + Sync {
    /// The text at a path from the root of the source, which may lead out of it; nothing where there is none.
    fn text(&self, path: &str) -> Result<Option<Arc<str>>, Failure>;

    /// The path as a person would look it up.
    fn origin(&self, path: &str) -> String;

    /// Every path of the source.
    fn paths(&self) -> &[String];

    /// The name git has for what stands there, where git was asked.
    fn object_id(&self, _path: &str) -> Option<&ObjectId> {
        None
    }
}

/// What a reference leads to.
#[derive(Debug, Clone)]
pub enum Referred {
    /// A document of the same source, by its path.
    Path(String),
    /// A version that a registry lent.
    Lent(Lent),
}

/// A version of a registered subject.
#[derive(Debug, Clone)]
pub struct Lent {
    /// The subject.
    pub subject: String,
    /// Its version.
    pub version: Version,
    /// The schema.
    pub schema: Schema,
}

/// The texts of a source, and the schemas they are.
pub struct Shelf {
    texts: Box<dyn Texts>,
    dialect: Dialect,
    schemas: Mutex<BTreeMap<String, Schema>>,
    /// What the subjects in a folder call what they refer to.
    pins: Mutex<BTreeMap<(String, String), Referred>>,
}

impl Shelf {
    /// A shelf of these texts; `dialect` is that of a schema without `$schema`.
    pub fn new(texts: impl Texts + 'static, dialect: Dialect) -> Arc<Self> {
        Arc::new(Shelf {
            texts: Box::new(texts),
            dialect,
            schemas: Mutex::default(),
            pins: Mutex::default(),
        })
    }

    /// The text at a path.
    pub fn text(&self, path: &str) -> Result<Arc<str>, Failure> {
        let missing = || SourceError::Missing(self.origin(path).into());
        self.texts.text(path)?.ok_or_else(|| missing().into())
    }

    /// The path as a person would look it up.
    pub fn origin(&self, path: &str) -> String {
        self.texts.origin(path)
    }

    /// The name git has for what stands there.
    pub fn object_id(&self, path: &str) -> Option<&ObjectId> {
        self.texts.object_id(path)
    }

    /// Says what the documents in `folder` mean by `name`.
    pub fn pin(&self, folder: &str, name: &str, referred: Referred) {
        let mut pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        pins.insert((folder.to_owned(), name.to_owned()), referred);
    }

    /// The schema at a path, read once.
    pub fn schema(&self, path: &str) -> Result<Schema, Failure> {
        self.read(path, &mut Vec::new())
    }

    /// What the references of the document at a path lead to, by the names they are known by.
    pub fn references(&self, path: &str) -> Result<Vec<(String, Referred)>, Failure> {
        let text = self.text(path)?;
        let Ok(value) = serde_json::from_str(&text) else { return Ok(Vec::new()) };
        self.followed(path, &value)
    }

    fn read(&self, path: &str, above: &mut Vec<String>) -> Result<Schema, Failure> {
        if let Some(schema) = self.schemas.lock().unwrap_or_else(PoisonError::into_inner).get(path)
        {
            return Ok(schema.clone());
        }
        let origin = || self.origin(path);
        if above.iter().any(|known| known == path) {
            return Err(SourceError::Circle { origin: origin() }.into());
        }
        above.push(path.to_owned());
        let mut references = BTreeMap::new();
        for (name, referred) in self.references(path)? {
            let schema = match referred {
                Referred::Lent(lent) => lent.schema,
                Referred::Path(path) => self.read(&path, above)?,
            };
            references.insert(name, schema);
        }
        above.pop();
        let schema = Schema::read(&self.text(path)?)
            .default_dialect(self.dialect)
            .references(references)
            .parse()
            .map_err(|cause| match cause {
                SchemaError::UnresolvedReference(name) => {
                    SourceError::Reference { origin: origin(), name: bare(&name) }
                }
                cause => SourceError::Schema { origin: origin(), cause },
            })?;
        let mut schemas = self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(schemas.entry(path.to_owned()).or_insert(schema).clone())
    }

    fn followed(&self, path: &str, value: &Value) -> Result<Vec<(String, Referred)>, Failure> {
        let mut texts = Vec::new();
        collect(value, "$ref", &mut texts);
        texts.retain(|text| !text.starts_with('#') && !text.contains("//json-schema.org/"));
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let mut own = Vec::new();
        collect(value, "$id", &mut own);
        let base = value.get("$id").and_then(Value::as_str).and_then(|id| {
            let url: Option<reqwest::Url> = id.parse().ok();
            url
        });
        let mut found: BTreeMap<String, Referred> = BTreeMap::new();
        for text in texts {
            let alone = text.split('#').next().unwrap_or(text);
            let whole = base.as_ref().and_then(|base| base.join(alone).ok()).map(String::from);
            let name = whole.as_deref().unwrap_or(alone);
            // A document may bundle what it refers to.
            if found.contains_key(name) || own.iter().any(|id| *id == alone || *id == name) {
                continue;
            }
            if let Some(referred) = self.referred(path, alone, name)? {
                found.insert(name.to_owned(), referred);
            }
        }
        Ok(found.into_iter().collect())
    }

    /// What `bare`, which as a whole is `name`, leads to from a path.
    fn referred(&self, path: &str, bare: &str, name: &str) -> Result<Option<Referred>, Failure> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        {
            let pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
            let pinned = |name: &str| pins.get(&(folder.to_owned(), name.to_owned())).cloned();
            if let Some(referred) = pinned(bare).or_else(|| pinned(name)) {
                return Ok(Some(referred));
            }
        }
        if !bare.contains(':') && !bare.starts_with('/') {
            let beside = joined(folder, bare);
            if self.texts.text(&beside)?.is_some() {
                return Ok(Some(Referred::Path(beside)));
            }
        }
        for candidate in self.texts.paths() {
            let says = |id: &str| id.trim_end_matches('#') == name;
            let Some(text) = self.texts.text(candidate)? else { continue };
            if !text.contains(name) {
                continue;
            }
            let value: Option<Value> = serde_json::from_str(&text).ok();
            let id = value.as_ref().and_then(|value| value.get("$id")).and_then(Value::as_str);
            if candidate != path && id.is_some_and(says) {
                return Ok(Some(Referred::Path(candidate.clone())));
            }
        }
        Ok(None)
    }
}

/// The strings under `keyword`, wherever it stands.
fn collect<'v>(value: &'v Value, keyword: &str, texts: &mut Vec<&'v str>) {
    match value {
        Value::Object(members) => {
            for (key, inner) in members {
                match inner {
                    Value::String(text) if key == keyword => texts.push(text),
                    // Data, not schemas.
                    _ if matches!(key.as_str(), "enum" | "const" | "default" | "examples") => {}
                    inner => collect(inner, keyword, texts),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, keyword, texts)),
        _ => {}
    }
}

/// The path that `relative` leads to from a folder, without dots where that can be.
fn joined(folder: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A name as the document spells it.
fn bare(name: &str) -> String {
    name.strip_prefix("json-schema:///").unwrap_or(name).to_owned()
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.texts.paths()).finish()
    }
}

/// Texts that are there already, by their paths.
pub struct Given {
    paths: Vec<String>,
    texts: BTreeMap<String, (Arc<str>, String)>,
}

impl Given {
    /// Texts with their paths and origins.
    pub fn new(texts: impl IntoIterator<Item = (String, Arc<str>, String)>) -> Self {
        let texts: BTreeMap<_, _> =
            texts.into_iter().map(|(path, text, origin)| (path, (text, origin))).collect();
        Given { paths: texts.keys().cloned().collect(), texts }
    }
}

impl Texts for Given {
    fn text(&self, path: &str) -> Result<Option<Arc<str>>, Failure> {
        Ok(self.texts.get(path).map(|(text, _)| Arc::clone(text)))
    }

    fn origin(&self, path: &str) -> String {
        self.texts.get(path).map_or_else(|| path.to_owned(), |(_, origin)| origin.clone())
    }

    fn paths(&self) -> &[String] {
        &self.paths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf(texts: &[(&str, &str)]) -> Arc<Shelf> {
        let given = texts
            .iter()
            .map(|(path, text)| ((*path).to_owned(), Arc::from(*text), (*path).to_owned()));
        Shelf::new(Given::new(given), Dialect::default())
    }

    #[test]
    fn a_reference_is_a_path_from_the_file_it_stands_in() {
        let shelf = shelf(&[
            (
                "orders/Placed/1.json",
                r#"{"properties":{"total":{"$ref":"../../common/Money/1.json"}}}"#,
            ),
            (
                "common/Money/1.json",
                r#"{"properties":{"in":{"$ref":"../Currency/1.json#/$defs/code"}}}"#,
            ),
            ("common/Currency/1.json", r#"{"$defs":{"code":{"type":"string"}}}"#),
        ]);

        let schema = shelf.schema("orders/Placed/1.json").unwrap();

        assert!(schema.is_valid(&serde_json::json!({"total": {"in": "EUR"}})));
        assert!(!schema.is_valid(&serde_json::json!({"total": {"in": 978}})));
    }

    #[test]
    fn a_reference_is_the_id_of_another_document() {
        let shelf = shelf(&[
            (
                "Placed.json",
                r#"{"$id":"https://shop.example/placed","properties":{"total":{"$ref":"money"}}}"#,
            ),
            ("Money.json", r#"{"$id":"https://shop.example/money","type":"string"}"#),
        ]);

        let schema = shelf.schema("Placed.json").unwrap();

        assert!(!schema.is_valid(&serde_json::json!({"total": 1})));
        assert_eq!(shelf.references("Placed.json").unwrap()[0].0, "https://shop.example/money");
    }

    #[test]
    fn a_circle_of_documents_is_an_error() {
        let shelf =
            shelf(&[("a.json", r#"{"$ref":"b.json"}"#), ("b.json", r#"{"$ref":"a.json"}"#)]);

        let failure = shelf.schema("a.json").unwrap_err();

        insta::assert_snapshot!(failure.sentences()[0], @"`a.json` refers to itself through other documents");
    }

    #[test]
    fn a_reference_that_leads_nowhere_says_so() {
        let shelf = shelf(&[("a.json", r#"{"$ref":"b.json"}"#)]);

        let failure = shelf.schema("a.json").unwrap_err();

        insta::assert_snapshot!(failure.sentences()[0], @"`a.json` refers to `b.json`, which is not there");
    }
}
