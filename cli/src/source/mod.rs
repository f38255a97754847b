//! A source is where schemas are read from: a file, standard input, a folder, a git revision, or a registry.
//!
//! Whichever it is, what comes out is the same: subjects, each with its documents, its lenses and its settings. A document
//! is parsed when somebody asks for its schema, so that what did not change costs next to nothing. Nothing downstream knows where a schema came from, except to say so.

mod document;
pub mod file;
pub mod folder;
pub mod git;
mod layout;
mod object_id;
mod place;
pub mod registry;
mod settings;
mod shelf;
pub mod spans;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use stele_client::Client;
use stele_evolution::{
    lens::{Lens, LensError},
    schema::{Dialect, MAX_BYTES, SchemaError},
    version::Version,
};

pub use self::{
    document::Document,
    object_id::{ObjectId, hexadecimal},
    place::{Place, PlaceError},
    settings::{Settings, SettingsError, Wanted, complaint},
    shelf::{Lent, Referred, Shelf},
};
use crate::{
    error::{Explain, Failure, Hint},
    exit::Exit,
};

/// Everything one source holds.
#[derive(Debug, Default)]
pub struct Source {
    /// The source as the person named it.
    pub name: String,
    /// Whether it is one document or a collection.
    pub shape: Shape,
    /// Its subjects, by their key.
    pub subjects: Vec<Subject>,
    /// How many JSON files of a folder follow no convention and were left alone.
    pub unread: usize,
    /// Where its texts are, where there is one place.
    pub shelf: Option<Arc<Shelf>>,
    /// What its schemas refer to and it does not hold itself.
    pub unmet: Vec<Unmet>,
}

/// A reference to a version that the source does not hold: a registry may.
#[derive(Debug, Clone)]
pub struct Unmet {
    /// Where the subject that refers to it stands.
    pub folder: String,
    /// What it is called there.
    pub name: String,
    /// The version.
    pub wanted: Wanted,
}

/// What a source is, for pairing it with another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shape {
    /// One document that was named itself: compared whatever it is called.
    One,
    /// Some of the subjects there are: what is absent says nothing.
    #[default]
    Part,
    /// All the subjects there are: what is absent was removed.
    Whole,
}

/// One subject as a source holds it.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its place in the source, such as `orders/OrderPlaced`; sources are paired by it.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The bounded context that owns it, where the source says so.
    pub context: Option<String>,
    /// What its `subject.yaml` says.
    pub settings: Settings,
    /// Its documents, oldest first; at most one has no version.
    pub documents: Vec<Document>,
    /// The lenses that stand beside its documents, by the versions they cross.
    pub lenses: BTreeMap<(Version, Version), Lens>,
}

/// What is read with a file that follows the layout.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Neighbours {
    /// Its lenses and settings.
    #[default]
    All,
    /// Its settings: a lens may be about to be written.
    ButLenses,
}

/// How documents are read.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The dialect of a schema without `$schema`.
    pub dialect: Dialect,
    /// The subject's name, for a document that was named itself.
    pub subject: Option<String>,
    /// What of a file's neighbours is read with it.
    pub neighbours: Neighbours,
}

/// Why a source cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// There is no such file or folder.
    #[error("`{}` does not exist", .0.display())]
    Missing(PathBuf),
    /// The disk refuses.
    #[error("cannot read `{origin}`")]
    Unreadable {
        /// What was to be read.
        origin: String,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
    /// Not text.
    #[error("`{0}` is not UTF-8 text")]
    NotText(String),
    /// Not a schema.
    #[error("`{origin}` is not a schema that can be checked")]
    Schema {
        /// Where the text came from.
        origin: String,
        /// What is wrong with it.
        #[source]
        cause: SchemaError,
    },
    /// A reference that leads to nothing.
    #[error("`{origin}` refers to `{name}`, which is not there")]
    Reference {
        /// Where the text came from.
        origin: String,
        /// What it refers to.
        name: String,
    },
    /// References that lead back to where they began.
    #[error("`{origin}` refers to itself through other documents")]
    Circle {
        /// The document.
        origin: String,
    },
    /// Not a lens.
    #[error("`{origin}` is not a lens")]
    Lens {
        /// Where the text came from.
        origin: String,
        /// What is wrong with it.
        #[source]
        cause: LensError,
    },
    /// A lens in a place where another belongs.
    #[error("`{origin}` is for {found}, and stands where {expected} belongs")]
    LensMismatch {
        /// Where it stands.
        origin: String,
        /// What it says it is for.
        found: String,
        /// What it should be for.
        expected: String,
    },
    /// Not the settings of a subject.
    #[error("`{origin}` does not say what a `subject.yaml` says")]
    Settings {
        /// Where the text came from.
        origin: String,
        /// What is wrong with it.
        #[source]
        cause: SettingsError,
    },
    /// A folder, or a part of a revision, in which nothing is a schema.
    #[error("no schema found in `{0}`")]
    Empty(String),
    /// Several documents where one is meant.
    #[error("`{0}` holds more than one schema")]
    Several(String),
    /// The same subject from two files.
    #[error("`{first}` and `{second}` both claim to be `{subject}`")]
    Twice {
        /// The key they share.
        subject: String,
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
}

impl Explain for SourceError {
    fn hint(&self) -> Option<Hint> {
        Some(match self {
            SourceError::Missing(_) => Hint::new(
                "a source is a file, a folder, `-` for standard input, `git:REVISION`, or `registry`",
            ),
            SourceError::Schema { cause, .. } => Hint::new(cause.hint()),
            SourceError::Reference { .. } => Hint::new(
                "a `$ref` is a path from the file it stands in, the `$id` of a schema of the same source, or a name that `references` in subject.yaml explains (`name: Subject@2`); nothing is fetched for it",
            ),
            SourceError::Circle { .. } => {
                Hint::new("move what they share into a schema of its own, or into `$defs` of one")
            }
            SourceError::Lens { cause, .. } => Hint::new(cause.hint().to_owned()),
            SourceError::LensMismatch { .. } => Hint::new(
                "a lens says `subject`, `from` and `to` as its folder and its name `<from>-<to>.lens.yaml` do",
            ),
            SourceError::Settings { .. } => Hint::new(
                "it may say `subject`, `context`, `kind`, `compatibility`, `content_model`, `description`, `owner` and `references`",
            ),
            SourceError::Empty(_) => Hint::new(
                "schemas are found as <context>/<Subject>/<version>.json, or as <Subject>.json where no file has a number for a name",
            ),
            SourceError::Several(_) => Hint::new("name the file of the one that is meant"),
            SourceError::Twice { .. } => Hint::new("keep one of them"),
            SourceError::Unreadable { .. } | SourceError::NotText(_) => return None,
        })
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

impl Subject {
    /// A subject without lenses or settings.
    pub fn new(
        key: String,
        name: String,
        context: Option<String>,
        documents: Vec<Document>,
    ) -> Self {
        Subject {
            key,
            name,
            context,
            settings: Settings::default(),
            documents,
            lenses: BTreeMap::new(),
        }
    }
}

impl Source {
    /// What there was before the first commit.
    pub fn nothing() -> Self {
        Source { name: "nothing".to_owned(), shape: Shape::Whole, ..Source::default() }
    }

    /// A source of one document that was named itself.
    fn one(name: String, subject: Subject) -> Self {
        Source { name, shape: Shape::One, subjects: vec![subject], ..Source::default() }
    }

    /// Whether no file of it has a number for a name, so that every JSON file is a subject.
    pub fn is_only_plain(&self) -> bool {
        let mut documents = self.subjects.iter().flat_map(|subject| &subject.documents);
        documents.all(|document| document.version.is_none())
    }

    /// Holds the subjects to the policies that the old source has for them.
    pub fn hold_to(&mut self, old: &Source) {
        for subject in &mut self.subjects {
            if let Some(known) = old.subjects.iter().find(|known| known.name == subject.name) {
                subject.settings.compatibility = known.settings.compatibility;
                subject.settings.content_model = known.settings.content_model;
            }
        }
    }

    /// The subject, and the version, that a path of this source holds. Of a path outside of it the layout tells.
    pub fn subject_at(&self, path: &str) -> Option<(String, Option<Version>)> {
        let held = self.subjects.iter().find_map(|subject| {
            let mut documents = subject.documents.iter();
            let document = documents.find(|document| document.path() == Some(path))?;
            Some((subject.name.clone(), document.version))
        });
        held.or_else(|| {
            let version = layout::number(path)?;
            let folder = path.rsplit_once('/')?.0;
            let name = folder.rsplit('/').next().filter(|name| !name.starts_with('.'))?;
            Some((name.to_owned(), Some(version)))
        })
    }

    /// The only document there is, if there is only one.
    pub fn only(&self) -> Option<(&Subject, &Document)> {
        match self.subjects.as_slice() {
            [subject] => match subject.documents.as_slice() {
                [document] => Some((subject, document)),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Bytes as text, if they are text and not more than a schema may have.
fn text(bytes: Vec<u8>, origin: &str) -> Result<String, SourceError> {
    if bytes.len() > MAX_BYTES {
        let cause = SchemaError::TooLarge(bytes.len());
        return Err(SourceError::Schema { origin: origin.to_owned(), cause });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec).unwrap_or(bytes);
    String::from_utf8(bytes).map_err(|_| SourceError::NotText(origin.to_owned()))
}

/// Reads what stands at `place`, wherever that is. `beside` is the place it will be compared with, `like` what was read
/// there already: of a registry only its counterpart is read.
pub async fn open(
    place: &Place,
    beside: Option<&Place>,
    like: Option<&Source>,
    reading: &Reading,
    url: &str,
) -> Result<Source, Failure> {
    match (place, like) {
        (Place::Registry, Some(like)) => registry::read(&Client::new(url)?, &like.subjects).await,
        (Place::Registry, None) => registry::all(&Client::new(url)?).await,
        (Place::Registered { subject, version }, _) => {
            registry::one(&Client::new(url)?, subject, version.as_ref()).await
        }
        _ => read(place, beside, reading),
    }
}

/// Reads what stands at `place`, which is not a registry. `beside` is the place it will be compared with: a git
/// revision is read at the same path.
pub fn read(place: &Place, beside: Option<&Place>, reading: &Reading) -> Result<Source, Failure> {
    Ok(match place {
        Place::Stdin => file::stdin(reading)?,
        Place::Path(path) if path.is_dir() => folder::read(path, reading)?,
        Place::Path(path) => file::read(path, reading)?,
        Place::Git { revision, path } => {
            let here = match (path, beside) {
                (Some(path), _) | (None, Some(Place::Path(path))) => path.clone(),
                _ => PathBuf::from("."),
            };
            git::read(revision, &here, path.is_some(), reading)?
        }
        Place::Registry | Place::Registered { .. } => return Err(PlaceError::NotHere.into()),
    })
}
