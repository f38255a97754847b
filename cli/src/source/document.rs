//! A document is one schema of a subject, read only when somebody asks for it.

use std::{fmt, sync::Arc};

use stele_evolution::{
    schema::Schema,
    version::{Release, Version},
};

use super::{ObjectId, Shelf, shelf::Referred};
use crate::error::Failure;

/// One schema of a subject.
#[derive(Clone)]
pub struct Document {
    /// Its number, where the source gives it one.
    pub version: Option<Version>,
    /// Its release, where the source knows it.
    pub release: Option<Release>,
    /// Where it came from, as a person would look it up.
    pub origin: String,
    sheet: Sheet,
}

/// Where its text is.
#[derive(Clone)]
enum Sheet {
    Shelved { shelf: Arc<Shelf>, path: String },
    Read { text: Arc<str>, schema: Schema },
}

impl Document {
    /// The document at `path` of a shelf.
    pub(super) fn shelved(shelf: &Arc<Shelf>, path: &str, version: Option<Version>) -> Self {
        Document {
            version,
            release: None,
            origin: shelf.origin(path),
            sheet: Sheet::Shelved { shelf: Arc::clone(shelf), path: path.to_owned() },
        }
    }

    /// A document whose schema was read already, from this text.
    pub fn read(text: &str, schema: Schema, origin: String) -> Self {
        Document {
            version: None,
            release: None,
            origin,
            sheet: Sheet::Read { text: Arc::from(text), schema },
        }
    }

    /// The schema, its references resolved.
    pub fn schema(&self) -> Result<Schema, Failure> {
        match &self.sheet {
            Sheet::Shelved { shelf, path } => shelf.schema(path),
            Sheet::Read { schema, .. } => Ok(schema.clone()),
        }
    }

    /// The text as it stands in its source.
    pub fn text(&self) -> Result<Arc<str>, Failure> {
        match &self.sheet {
            Sheet::Shelved { shelf, path } => shelf.text(path),
            Sheet::Read { text, .. } => Ok(Arc::clone(text)),
        }
    }

    /// What its references lead to, each by the name it is known by.
    pub fn references(&self) -> Result<Vec<(String, Referred)>, Failure> {
        match &self.sheet {
            Sheet::Shelved { shelf, path } => shelf.references(path),
            Sheet::Read { .. } => Ok(Vec::new()),
        }
    }

    /// The path in its source, where it has one.
    pub fn path(&self) -> Option<&str> {
        match &self.sheet {
            Sheet::Shelved { path, .. } => Some(path),
            Sheet::Read { .. } => None,
        }
    }

    /// Whether two documents say the same, whatever the order of their keys. What git knows by the same name, and what
    /// has the same text, is not read for it.
    ///
    /// What a document refers to counts where nothing says that it never changes: where there are no numbers.
    pub fn same(&self, other: &Document) -> Result<bool, Failure> {
        let is_numbered = self.version.is_some() && other.version.is_some();
        if self.is_copy_of(other)? {
            if is_numbered || !self.text()?.contains("\"$ref\"") {
                return Ok(true);
            }
            return Ok(self.schema()?.fingerprint() == other.schema()?.fingerprint());
        }
        let (left, right) = (self.schema()?, other.schema()?);
        let is_same = left.dialect() == right.dialect() && left.value() == right.value();
        Ok(is_same
            && (is_numbered || left.references().is_empty() || {
                left.fingerprint() == right.fingerprint()
            }))
    }

    fn is_copy_of(&self, other: &Document) -> Result<bool, Failure> {
        match (self.object_id(), other.object_id()) {
            (Some(left), Some(right)) => return Ok(left == right),
            (Some(id), None) => {
                if id == &ObjectId::of(other.text()?.as_bytes(), id.kind()) {
                    return Ok(true);
                }
            }
            (None, Some(id)) => {
                if id == &ObjectId::of(self.text()?.as_bytes(), id.kind()) {
                    return Ok(true);
                }
            }
            (None, None) => {}
        }
        Ok(self.text()? == other.text()?)
    }

    fn object_id(&self) -> Option<&ObjectId> {
        match &self.sheet {
            Sheet::Shelved { shelf, path } => shelf.object_id(path),
            Sheet::Read { .. } => None,
        }
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Document").field(&self.origin).finish()
    }
}
