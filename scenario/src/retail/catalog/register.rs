//! Registering the catalog: every subject with its description and level, every version with its lens.

use serde_json::Value;
use stele_api::{
    dialect::ConfigUpdate,
    patch::Patch,
    stream::SubjectUpdate,
    subject::{Subject as Name, SubjectError},
    text::JsonText,
    version::RegisterRequest,
};
use stele_client::{Client, ClientError};
use stele_evolution::version::Version;

use super::{Catalog, Edition, Subject};
use crate::retail::convention::Registered;

/// Why the catalog was not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// A subject has a name that no registry takes.
    #[error("cannot ask for `{subject}`")]
    Subject {
        /// The subject.
        subject: String,
        /// Why not.
        #[source]
        cause: SubjectError,
    },
    /// A schema is not JSON.
    #[error("cannot send version {version} of `{subject}`")]
    Schema {
        /// The subject.
        subject: String,
        /// The version.
        version: Version,
        /// What is wrong with it.
        #[source]
        cause: serde_json::Error,
    },
    /// The registry said no, or nothing.
    #[error("cannot register `{subject}`")]
    Client {
        /// The subject.
        subject: String,
        /// What it said.
        #[source]
        cause: Box<ClientError>,
    },
    /// The registry has other versions of the subject than the shop.
    #[error("version {ours} of `{subject}` is version {theirs} in this registry")]
    OtherVersion {
        /// The subject.
        subject: String,
        /// The version here.
        ours: Version,
        /// The version there.
        theirs: Version,
    },
}

impl Catalog {
    /// Registers everything. Where it is registered already, nothing changes.
    pub async fn register(&self, client: &Client) -> Result<Registered, RegisterError> {
        let mut registered = Registered::at(client.base().as_str());
        for subject in self.subjects() {
            subject.register(client, &mut registered).await?;
        }
        Ok(registered)
    }
}

impl Subject {
    async fn register(
        &self,
        client: &Client,
        registered: &mut Registered,
    ) -> Result<(), RegisterError> {
        let subject = || self.about.subject.clone();
        let refused = |cause| RegisterError::Client { subject: subject(), cause: Box::new(cause) };
        let name: Name = self
            .about
            .subject
            .parse()
            .map_err(|cause| RegisterError::Subject { subject: subject(), cause })?;
        let described = SubjectUpdate {
            kind: Some(self.about.kind),
            owner: Patch::Set(self.about.owner.clone()),
            description: Patch::Set(self.about.description.clone()),
            ..SubjectUpdate::default()
        };
        let level = ConfigUpdate {
            compatibility: Patch::Set(self.about.compatibility.to_string()),
            ..ConfigUpdate::default()
        };
        client.describe(&name, &described).await.map_err(refused)?;
        client.put_config(Some(&name), &level).await.map_err(refused)?;
        for edition in &self.editions {
            let request = edition.request(&self.about.subject)?;
            let answer = client.register(&name, &request).await.map_err(refused)?;
            if answer.version != edition.version {
                let (ours, theirs) = (edition.version, answer.version);
                return Err(RegisterError::OtherVersion { subject: subject(), ours, theirs });
            }
            registered.insert(&self.about.subject, answer.version, answer.global_id);
        }
        Ok(())
    }
}

impl Edition {
    fn request(&self, subject: &str) -> Result<RegisterRequest, RegisterError> {
        let schema = JsonText::new(self.schema).map_err(|cause| RegisterError::Schema {
            subject: subject.to_owned(),
            version: self.version,
            cause,
        })?;
        let lens = self.lens.map(|text| Value::String(text.to_owned()));
        Ok(RegisterRequest { lens, ..RegisterRequest::new(schema) })
    }
}
