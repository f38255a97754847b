//! A directory of what never changes: schemas, each in a file named by its fingerprint.
//!
//! A file appears whole or not at all (written aside, then renamed), and is believed only if its content has the
//! fingerprint in its name. What cannot be read is as good as absent; what cannot be written costs a request later.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize};
use stele_evolution::schema::{Dialect, Fingerprint, Schema};

/// Where schemas are kept between runs, if anywhere.
#[derive(Debug, Clone, Default)]
pub struct Cache(Option<PathBuf>);

/// One schema as it is kept: its text, its dialect, and what it refers to by content.
#[derive(Serialize, Deserialize)]
struct Kept {
    schema: String,
    dialect: Dialect,
    #[serde(default)]
    references: BTreeMap<String, Fingerprint>,
}

static WRITES: AtomicU64 = AtomicU64::new(0);

impl Cache {
    /// Keeps nothing.
    pub fn none() -> Self {
        Cache(None)
    }

    /// Keeps schemas in `directory`, which is made if need be.
    pub fn at(directory: &Path) -> io::Result<Self> {
        let schemas = directory.join("schemas");
        fs::create_dir_all(&schemas)?;
        Ok(Cache(Some(schemas)))
    }

    /// The schema with this fingerprint, if it is kept.
    pub fn schema(&self, fingerprint: Fingerprint) -> Option<Schema> {
        let text = fs::read_to_string(self.file(fingerprint)?).ok()?;
        let kept: Kept = serde_json::from_str(&text).ok()?;
        let references = kept
            .references
            .into_iter()
            .map(|(name, fingerprint)| Some((name, self.schema(fingerprint)?)))
            .collect::<Option<_>>()?;
        let schema = Schema::read(&kept.schema)
            .default_dialect(kept.dialect)
            .references(references)
            .parse()
            .ok()?;
        (schema.fingerprint() == fingerprint).then_some(schema)
    }

    /// Keeps a schema and everything it refers to.
    pub fn keep(&self, schema: &Schema) {
        schema.references().values().for_each(|referred| self.keep(referred));
        let Some(file) = self.file(schema.fingerprint()) else { return };
        if file.exists() {
            return;
        }
        if let Err(error) = write(&file, schema) {
            tracing::warn!(file = %file.display(), %error, "cannot keep a schema in the cache");
        }
    }

    fn file(&self, fingerprint: Fingerprint) -> Option<PathBuf> {
        Some(self.0.as_ref()?.join(format!("{fingerprint}.json")))
    }
}

fn write(file: &Path, schema: &Schema) -> io::Result<()> {
    let references = schema.references().iter();
    let kept = Kept {
        schema: schema.canonical().to_owned(),
        dialect: schema.dialect(),
        references: references.map(|(name, schema)| (name.clone(), schema.fingerprint())).collect(),
    };
    let number = WRITES.fetch_add(1, Ordering::Relaxed);
    let aside = file.with_extension(format!("{}-{number}.tmp", process::id()));
    fs::write(&aside, serde_json::to_vec(&kept)?)?;
    fs::rename(&aside, file).inspect_err(|_| drop(fs::remove_file(&aside)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> Schema {
        let money = Schema::read(r#"{"type":"string"}"#).parse().unwrap();
        Schema::read(r#"{"properties":{"z":{"$ref":"money.json"},"a":{"const":1.10}}}"#)
            .references(BTreeMap::from([("money.json".to_owned(), money)]))
            .parse()
            .unwrap()
    }

    #[test]
    fn a_kept_schema_comes_back_with_what_it_refers_to() {
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::at(directory.path()).unwrap();

        cache.keep(&order());
        let again = Cache::at(directory.path()).unwrap().schema(order().fingerprint()).unwrap();

        assert_eq!(again.canonical(), order().canonical());
        assert!(!again.is_valid(&serde_json::json!({"z": 1})));
    }

    #[test]
    fn a_file_that_does_not_hold_what_its_name_says_is_not_believed() {
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::at(directory.path()).unwrap();
        cache.keep(&order());
        let file = cache.file(order().fingerprint()).unwrap();

        let forged = fs::read_to_string(&file).unwrap().replace("1.10", "2");
        fs::write(&file, forged).unwrap();
        assert!(cache.schema(order().fingerprint()).is_none());

        fs::write(&file, "{").unwrap();
        assert!(cache.schema(order().fingerprint()).is_none());
    }
}
