//! What the retail shop has agreed on: its subjects with their versions, lenses and examples, as `schemas/retail` holds
//! them.
//!
//! The files are part of the program, so that the scenario runs from anywhere.

mod embedded;
mod register;

pub use self::register::RegisterError;

use serde::Deserialize;
use stele_api::kind::Kind;
use stele_evolution::{
    policy::Level,
    version::{Version, VersionError},
};

/// Every subject of the shop, in an order in which they can be registered.
#[derive(Debug, Clone)]
pub struct Catalog {
    subjects: Vec<Subject>,
}

/// One subject of the shop.
#[derive(Debug, Clone)]
pub struct Subject {
    /// What its `subject.yaml` says.
    pub about: About,
    /// Its versions, oldest first.
    pub editions: Vec<Edition>,
}

/// The description of a subject, as its `subject.yaml` holds it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The name of the subject.
    pub subject: String,
    /// The bounded context that owns it.
    pub context: String,
    /// What its messages are.
    pub kind: Kind,
    /// What a new version may do.
    pub compatibility: Level,
    /// What one message says, in a sentence.
    pub description: String,
    /// Who answers for it.
    pub owner: String,
}

/// One version of a subject.
#[derive(Debug, Clone)]
pub struct Edition {
    /// Its number.
    pub version: Version,
    /// The text of its schema.
    pub schema: &'static str,
    /// The text of the lens that leads here from the version before; none for a first version and for an addition.
    pub lens: Option<&'static str>,
    /// Messages in this version, by name.
    pub examples: &'static [(&'static str, &'static str)],
}

/// Why the embedded files make no catalog.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A `subject.yaml` cannot be read.
    #[error("cannot read the description of `{subject}`")]
    About {
        /// Which subject.
        subject: &'static str,
        /// What is wrong with it.
        #[source]
        cause: Box<serde_saphyr::Error>,
    },
    /// A version number is none.
    #[error("cannot read a version of `{subject}`")]
    Version {
        /// Which subject.
        subject: &'static str,
        /// What is wrong with it.
        #[source]
        cause: VersionError,
    },
}

impl Catalog {
    /// The catalog that is part of this program.
    pub fn embedded() -> Result<Catalog, CatalogError> {
        let subjects = embedded::SUBJECTS.iter().map(Subject::read).collect::<Result<_, _>>()?;
        Ok(Catalog { subjects })
    }

    /// The subjects, in an order in which they can be registered.
    pub fn subjects(&self) -> &[Subject] {
        &self.subjects
    }

    /// The subject of that name.
    pub fn subject(&self, name: &str) -> Option<&Subject> {
        self.subjects.iter().find(|subject| subject.about.subject == name)
    }

    /// The next version of `ShipmentCreated`, with its lens: what shipping registers in the middle of the day.
    pub fn next_shipment_created() -> (&'static str, &'static str) {
        (
            include_str!("../../../next/ShipmentCreated.json"),
            include_str!("../../../next/ShipmentCreated.lens.yaml"),
        )
    }

    /// A next version of `OrderPlaced` that looks harmless and is not: for showing that it does not get in.
    pub fn breaking_order_placed() -> &'static str {
        include_str!("../../../refused/OrderPlaced.json")
    }
}

impl Subject {
    fn read(file: &embedded::SubjectFiles) -> Result<Subject, CatalogError> {
        let subject = file.name;
        let about = serde_saphyr::from_str(file.about)
            .map_err(|cause| CatalogError::About { subject, cause: Box::new(cause) })?;
        let editions = file
            .versions
            .iter()
            .map(|edition| {
                let version = Version::try_from(edition.number)
                    .map_err(|cause| CatalogError::Version { subject, cause })?;
                let lens = edition.lens.first().copied();
                Ok(Edition { version, schema: edition.schema, lens, examples: edition.examples })
            })
            .collect::<Result<_, _>>()?;
        Ok(Subject { about, editions })
    }

    /// The edition of that version.
    pub fn edition(&self, version: Version) -> Option<&Edition> {
        self.editions.iter().find(|edition| edition.version == version)
    }
}
