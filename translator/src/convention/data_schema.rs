//! The version in the CloudEvents attribute `dataschema`: a URI of the registry, by subject and version or by schema id.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use stele_api::{path, subject::Subject};
use stele_client::history::Known;

use super::{Claim, Said, Target, Use};
use crate::{
    envelope::{Envelope, Mode},
    fault::{Code, Fault},
};

const ATTRIBUTE: &str = "dataschema";

/// A URI of the registry, taken apart so that its version can be replaced. The host is not looked at: one registry has
/// many names.
pub struct RegistryUri {
    before: String,
    after: String,
    subject: Option<Subject>,
    said: Said,
}

/// What a path of the registry leads to.
enum Found<'a> {
    Version { subject: &'a str, context: Option<&'a str> },
    Id,
}

impl RegistryUri {
    /// Reads a URI; `None` if it is not one of the registry's.
    pub fn parse(uri: &str) -> Result<Option<Self>, Fault> {
        let path = uri.split(['?', '#']).next().unwrap_or_default();
        let segments: Vec<&str> = path.split('/').collect();
        let Some((place, found)) = find(&segments) else { return Ok(None) };
        let text = segments[place];
        let before = segments[..place].join("/") + "/";
        let after = uri[before.len() + text.len()..].to_owned();
        let unreadable = || {
            Fault::new(Code::VersionUnreadable, format!("`{uri}` does not name a single version"))
        };
        let (subject, said) = match found {
            Found::Id => (None, Said::Schema(text.parse().map_err(|_| unreadable())?)),
            Found::Version { subject, context } => {
                let subject = decoded(subject).and_then(|name| match context {
                    Some(context) => Some(format!(":{}:{name}", decoded(context)?)),
                    None => Some(name.into_owned()),
                });
                let subject = subject.and_then(|name| name.parse().ok()).ok_or_else(unreadable)?;
                (Some(subject), Said::parse(text).ok_or_else(unreadable)?)
            }
        };
        Ok(Some(RegistryUri { before, after, subject, said }))
    }

    /// What it says.
    pub fn claim(self) -> Claim {
        Claim { subject: self.subject, said: self.said }
    }

    /// The same URI for another version.
    pub fn spell(&self, known: &Known) -> String {
        format!("{}{}{}", self.before, self.said.spell(known), self.after)
    }
}

/// Where the version or id stands: the last segment, or the one before a last `schema`.
fn find<'a>(segments: &[&'a str]) -> Option<(usize, Found<'a>)> {
    let end = match segments.last() {
        Some(&"schema") => segments.len() - 1,
        _ => segments.len(),
    };
    let found = match segments.get(..end)? {
        [.., "schemas", "ids", _] => Found::Id,
        [.., "contexts", context, "subjects", subject, "versions", _] => {
            Found::Version { subject, context: Some(context) }
        }
        [.., "subjects", subject, "versions", _] => Found::Version { subject, context: None },
        _ => return None,
    };
    Some((end - 1, found))
}

fn decoded(segment: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(segment).decode_utf8().ok()
}

/// The version in `dataschema`.
pub fn read(envelope: &Envelope) -> Result<Option<Claim>, Fault> {
    let Some(uri) = envelope.attributes.text(ATTRIBUTE) else { return Ok(None) };
    Ok(RegistryUri::parse(uri)?.map(RegistryUri::claim))
}

/// Rewrites `dataschema`. One that is not the registry's described the event as it came, so it is replaced as well.
pub fn write(envelope: &mut Envelope, target: &Target<'_>, used: Use) {
    if envelope.mode == Mode::Plain {
        return;
    }
    let before = envelope.attributes.text(ATTRIBUTE);
    if before.is_none() && used == Use::IfPresent {
        return;
    }
    let known = target.known;
    let uri = if let Some(Ok(Some(uri))) = before.map(RegistryUri::parse) {
        uri.spell(known)
    } else {
        let path = path::dialect::version(target.subject, known.version);
        format!("{}{path}", target.registry.trim_end_matches('/'))
    };
    envelope.attributes.set(ATTRIBUTE, uri);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(uri: &str) -> Option<(Option<String>, String)> {
        let claim = RegistryUri::parse(uri).unwrap()?.claim();
        Some((claim.subject.map(|subject| subject.to_string()), claim.said.to_string()))
    }

    #[test]
    fn every_uri_of_the_registry_is_read() {
        let version = |subject: &str| Some((Some(subject.to_owned()), "version 2".to_owned()));

        assert_eq!(said("http://r/subjects/OrderPlaced/versions/2"), version("OrderPlaced"));
        assert_eq!(said("http://r/x/v1/subjects/OrderPlaced/versions/2"), version("OrderPlaced"));
        assert_eq!(said("/subjects/a%2Fb/versions/2/schema?x=1"), version("a/b"));
        assert_eq!(
            said("http://r/subjects/%3A.orders%3AOrderPlaced/versions/2#top"),
            version(":.orders:OrderPlaced")
        );
        assert_eq!(
            said("http://r/contexts/.orders/subjects/OrderPlaced/versions/2"),
            version(":.orders:OrderPlaced")
        );
        assert_eq!(said("http://r/schemas/ids/7"), Some((None, "schema id 7".to_owned())));
        assert_eq!(said("https://json-schema.org/draft/2020-12/schema"), None);
    }

    #[test]
    fn a_uri_that_names_no_single_version_is_a_fault() {
        for uri in ["/subjects/a/versions/latest", "/subjects/a/versions/0", "/schemas/ids/x"] {
            assert_eq!(RegistryUri::parse(uri).err().unwrap().code, Code::VersionUnreadable);
        }
    }

    #[test]
    fn only_the_version_is_replaced() {
        let known = Known {
            version: "1".parse().unwrap(),
            release: "1.2.0".parse().unwrap(),
            id: "9".parse().unwrap(),
            fingerprint: "0".repeat(64).parse().unwrap(),
        };
        let spelled = |uri: &str| RegistryUri::parse(uri).unwrap().unwrap().spell(&known);

        assert_eq!(
            spelled("http://r/v1/subjects/2/versions/2/schema?x=2"),
            "http://r/v1/subjects/2/versions/1/schema?x=2"
        );
        assert_eq!(
            spelled("http://r/subjects/a/versions/2.0.0"),
            "http://r/subjects/a/versions/1.2.0"
        );
        assert_eq!(spelled("http://r/schemas/ids/7/schema"), "http://r/schemas/ids/9/schema");
    }
}
