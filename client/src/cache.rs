//! A directory of what was learnt from registries, so that a start needs none of them.
//!
//! Schemas and lenses never change: each stands in a file named by the hash of its content, and is believed only if it
//! still has that hash. What a registry says of a subject does change: its versions, by hash, stand in one file a subject.
//! A file appears whole or not at all (written aside, then renamed). What cannot be read is as good as absent; what
//! cannot be written costs a request later.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use stele_api::{id::SchemaId, subject::Subject};
use stele_evolution::{
    containment::ContentModel,
    lens::{Assurance, Lens},
    plan::Edge,
    schema::{Fingerprint, Schema},
    version::{Release, Version},
};

use crate::history::{SchemaText, Texts};

/// Where schemas, lenses and histories are kept between runs, if anywhere.
#[derive(Debug, Clone, Default)]
pub struct Cache(Option<PathBuf>);

/// What a registry said of one subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeptHistory {
    pub subject: Subject,
    pub content_model: ContentModel,
    /// Whether any list may grow.
    #[serde(default)]
    pub widen: bool,
    /// Soft-deleted versions.
    pub hidden: BTreeSet<Version>,
    pub versions: Vec<KeptVersion>,
}

/// One version of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeptVersion {
    pub version: Version,
    pub release: Release,
    pub id: SchemaId,
    pub fingerprint: Fingerprint,
    pub edge: Option<KeptEdge>,
}

/// How it is reached from the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeptEdge {
    Addition,
    /// By a lens.
    Lens {
        /// Its hash.
        hash: String,
        /// How sure the registry is of it.
        assurance: Assurance,
    },
}

impl KeptEdge {
    /// What is kept of an edge.
    pub fn of(edge: &Edge) -> Self {
        match edge {
            Edge::Addition => KeptEdge::Addition,
            Edge::Written { lens, assurance } => {
                KeptEdge::Lens { hash: lens_hash(&lens.to_value()), assurance: *assurance }
            }
        }
    }
}

static WRITES: AtomicU64 = AtomicU64::new(0);

impl Cache {
    /// Keeps nothing.
    pub fn none() -> Self {
        Cache(None)
    }

    /// Keeps things in `directory`, which is made if need be.
    pub fn at(directory: &Path) -> io::Result<Self> {
        for folder in ["schemas", "lenses", "registries"] {
            fs::create_dir_all(directory.join(folder))?;
        }
        Ok(Cache(Some(directory.to_owned())))
    }

    /// The schema with this fingerprint, if it is kept.
    pub fn schema(&self, fingerprint: Fingerprint) -> Option<Schema> {
        let mut texts = Texts::default();
        self.read_schema(fingerprint, &mut texts)?;
        texts.schema(fingerprint)
    }

    /// Everything that a history is read from, unread; `None` where not all of it is kept.
    pub(crate) fn texts(&self, history: &KeptHistory) -> Option<Texts> {
        let mut texts = Texts::default();
        for version in &history.versions {
            self.read_schema(version.fingerprint, &mut texts)?;
            if let Some(KeptEdge::Lens { hash, .. }) = &version.edge {
                let text = fs::read_to_string(self.lens_file(hash)?).ok()?;
                texts.add_lens(hash, text)?;
            }
        }
        Some(texts)
    }

    /// Reads a schema and everything it refers to.
    pub(crate) fn read_schema(&self, fingerprint: Fingerprint, texts: &mut Texts) -> Option<()> {
        if texts.has(fingerprint) {
            return Some(());
        }
        let kept: SchemaText = read(&self.file(fingerprint)?)?;
        let referred: Vec<Fingerprint> = kept.references.values().copied().collect();
        texts.add(fingerprint, kept)?;
        referred.into_iter().try_for_each(|referred| self.read_schema(referred, texts))
    }

    /// Keeps a schema and everything it refers to.
    pub fn keep(&self, schema: &Schema) {
        schema.references().values().for_each(|referred| self.keep(referred));
        let Some(file) = self.file(schema.fingerprint()) else { return };
        if !file.exists() {
            keep(&file, &SchemaText::of(schema));
        }
    }

    /// Keeps a lens; its hash.
    pub(crate) fn keep_lens(&self, lens: &Lens) -> String {
        let document = lens.to_value();
        let hash = lens_hash(&document);
        if let Some(file) = self.lens_file(&hash).filter(|file| !file.exists()) {
            keep(&file, &document);
        }
        hash
    }

    /// What a registry last said of a subject.
    pub(crate) fn history(&self, registry: &str, subject: &Subject) -> Option<KeptHistory> {
        let kept: KeptHistory = read(&self.history_file(registry, subject)?)?;
        (kept.subject == *subject).then_some(kept)
    }

    /// Keeps what a registry says of a subject.
    pub(crate) fn keep_history(&self, registry: &str, history: &KeptHistory) {
        let Some(file) = self.history_file(registry, &history.subject) else { return };
        let is_known = read::<KeptHistory>(&file).is_some_and(|known| known == *history);
        if !is_known {
            keep(&file, history);
        }
    }

    /// Up to where a registry's feed was heard, with everything it said taken up.
    pub fn position(&self, registry: &str) -> Option<u64> {
        read(&self.registry_file(registry, "position")?)
    }

    /// Keeps up to where a registry's feed was heard.
    pub fn keep_position(&self, registry: &str, position: u64) {
        if let Some(file) = self.registry_file(registry, "position") {
            keep(&file, &position);
        }
    }

    fn file(&self, fingerprint: Fingerprint) -> Option<PathBuf> {
        Some(self.0.as_ref()?.join("schemas").join(format!("{fingerprint}.json")))
    }

    fn lens_file(&self, hash: &str) -> Option<PathBuf> {
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let directory = self.0.as_ref().filter(|_| is_hash)?;
        Some(directory.join("lenses").join(format!("{hash}.json")))
    }

    /// Names of subjects can be anything, so their files are named by hash.
    fn history_file(&self, registry: &str, subject: &Subject) -> Option<PathBuf> {
        self.registry_file(registry, &subject.to_string())
    }

    fn registry_file(&self, registry: &str, about: &str) -> Option<PathBuf> {
        let name = hash(format!("{registry}\n{about}").as_bytes());
        Some(self.0.as_ref()?.join("registries").join(format!("{name}.json")))
    }
}

/// The hash of a lens: of its document, with sorted keys and no white space.
pub(crate) fn lens_hash(document: &Value) -> String {
    hash(document.to_string().as_bytes())
}

pub(crate) fn hash(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn read<T: DeserializeOwned>(file: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

fn keep(file: &Path, content: &impl Serialize) {
    if let Err(error) = write(file, content) {
        tracing::warn!(file = %file.display(), %error, "cannot keep what was learnt in the cache");
    }
}

fn write(file: &Path, content: &impl Serialize) -> io::Result<()> {
    let number = WRITES.fetch_add(1, Ordering::Relaxed);
    let aside = file.with_extension(format!("{}-{number}.tmp", process::id()));
    let written = File::create(&aside).and_then(|mut out| {
        out.write_all(&serde_json::to_vec(content)?)?;
        // Before the rename: a name must never lead to a file whose content is not on disk.
        out.sync_data()
    });
    written.and_then(|()| fs::rename(&aside, file)).inspect_err(|_| drop(fs::remove_file(&aside)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

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

    #[test]
    fn a_history_and_its_lens_come_back_and_a_forged_lens_does_not() {
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::at(directory.path()).unwrap();
        let lens = Lens::parse(
            "{lens: 1, subject: Order, from: 1, to: 2, ops: [{rename: {from: /a, to: /b}}]}",
        )
        .unwrap();
        let history = KeptHistory {
            subject: "Order".parse().unwrap(),
            content_model: ContentModel::Event,
            widen: false,
            hidden: BTreeSet::new(),
            versions: vec![KeptVersion {
                version: Version::FIRST,
                release: "1.0.0".parse().unwrap(),
                id: "7".parse().unwrap(),
                fingerprint: order().fingerprint(),
                edge: Some(KeptEdge::Lens {
                    hash: cache.keep_lens(&lens),
                    assurance: Assurance::Tested(7),
                }),
            }],
        };

        cache.keep_history("http://one", &history);
        cache.keep_position("http://one", 12);

        let hash = cache.keep_lens(&lens);
        assert_eq!(cache.history("http://one", &history.subject), Some(history.clone()));
        assert_eq!(cache.history("http://two", &history.subject), None);
        assert_eq!((cache.position("http://one"), cache.position("http://two")), (Some(12), None));
        cache.keep(&order());
        let texts = cache.texts(&history).unwrap();
        assert_eq!(texts.lens(&hash).unwrap().to_value(), lens.to_value());
        let file = cache.lens_file(&hash).unwrap();
        fs::write(&file, fs::read_to_string(&file).unwrap().replace("/b", "/c")).unwrap();
        assert!(cache.texts(&history).is_none());
        assert!(cache.lens_file("../../etc/passwd").is_none());
    }
}
