//! What a request wants to see: soft-deleted versions are hidden unless it asks for them.

use stele_api::problem::{Code, Problem};

use crate::{
    catalog::{Catalog, Entry, Stream},
    http::query::Params,
};

/// What is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// What is not deleted.
    Live,
    /// What is soft-deleted, too.
    Kept,
    /// Only what is soft-deleted.
    Deleted,
}

impl Sight {
    /// What the query asks to see.
    pub fn of(params: &Params) -> Sight {
        // The second spelling is that of the client for Python.
        if params.is("deletedOnly") || params.is("deleted_only") {
            Sight::Deleted
        } else if params.is("deleted") || params.is("deletedAsNegative") {
            Sight::Kept
        } else {
            Sight::Live
        }
    }

    /// Whether a version is seen.
    pub fn sees(self, entry: &Entry) -> bool {
        match self {
            Sight::Live => !entry.deleted,
            Sight::Kept => true,
            Sight::Deleted => entry.deleted,
        }
    }

    /// Whether a subject is seen: one that has versions left is not deleted.
    pub fn sees_subject(self, stream: &Stream) -> bool {
        match self {
            Sight::Live => stream.newest().is_some(),
            Sight::Kept => !stream.entries().is_empty(),
            Sight::Deleted => !stream.entries().is_empty() && stream.newest().is_none(),
        }
    }

    /// The versions of a subject that are seen, oldest first.
    pub fn entries(self, stream: &Stream) -> impl DoubleEndedIterator<Item = &Entry> {
        stream.entries().iter().map(AsRef::as_ref).filter(move |entry| self.sees(entry))
    }

    /// A subject of which something is seen.
    pub fn stream<'c>(self, catalog: &'c Catalog, subject: &str) -> Result<Seen<'c>, Problem> {
        let subject = subject.parse()?;
        let stream = catalog.stream(&subject).map(AsRef::as_ref);
        let stream = stream.filter(|stream| self.entries(stream).next().is_some());
        let stream = stream.ok_or_else(|| {
            Problem::new(Code::SubjectNotFound, format!("Subject '{subject}' not found."))
        })?;
        Ok(Seen { stream, sight: self })
    }
}

/// A subject, and what is seen of it.
#[derive(Clone, Copy)]
pub struct Seen<'c> {
    stream: &'c Stream,
    sight: Sight,
}

impl<'c> Seen<'c> {
    /// Its versions, oldest first.
    pub fn entries(self) -> impl DoubleEndedIterator<Item = &'c Entry> {
        self.sight.entries(self.stream)
    }

    /// A version as the dialect spells one: a number, `latest`, or -1 for the same.
    pub fn entry(self, version: &str) -> Result<&'c Entry, Problem> {
        let found = match version {
            "latest" | "-1" => self.entries().next_back(),
            number => {
                let number = number.parse().map_err(|_| not_a_version(number))?;
                let entry = self.stream.entry(number).map(AsRef::as_ref);
                entry.filter(|entry| self.sight.sees(entry))
            }
        };
        found.ok_or_else(|| {
            Problem::new(Code::VersionNotFound, format!("Version {version} not found."))
        })
    }
}

/// Why a text is no version in this dialect.
pub fn not_a_version(text: &str) -> Problem {
    let detail = format!(
        "The specified version '{text}' is not a valid version id. Allowed values are between [1, 2^31-1] and the \
         string \"latest\""
    );
    Problem::new(Code::VersionInvalid, detail)
}
