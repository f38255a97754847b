//! Every path of the registry, written once: the server routes by it, the clients fill it in.

use std::fmt::{self, Write as _};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use stele_evolution::version::Version;

use crate::{id::SchemaId, selector::Selector, subject::Subject};

/// A path with `{holes}`, in the notation of RFC 6570, level 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template(&'static str);

/// What stands in a hole as it is: the unreserved characters of RFC 3986, section 2.3.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Template {
    /// The path with its holes, as a router takes it.
    pub const fn route(self) -> &'static str {
        self.0
    }

    /// The path with its holes filled, in order; whatever stands in a hole is percent-encoded.
    pub fn fill(self, parts: &[&dyn fmt::Display]) -> String {
        let mut parts = parts.iter();
        let mut path = String::with_capacity(self.0.len() + 32);
        let mut rest = self.0;
        while let Some((before, after)) = rest.split_once('{') {
            path.push_str(before);
            if let Some(part) = parts.next() {
                path.push_str(&encode(&part.to_string()));
            }
            rest = after.split_once('}').map_or("", |(_, after)| after);
        }
        path.push_str(rest);
        path
    }
}

/// A text as one segment of a path, or as one value of a query.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// A path with the query members that have a value.
pub fn with_query(path: &str, members: &[(&str, Option<String>)]) -> String {
    let mut out = path.to_owned();
    let given = members.iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
    for (index, (name, value)) in given.enumerate() {
        let joint = if index == 0 { '?' } else { '&' };
        // Writing to a string does not fail.
        let _ = write!(out, "{joint}{name}={}", encode(value));
    }
    out
}

/// The Confluent dialect, at the root.
pub mod dialect {
    use super::{SchemaId, Subject, Template, Version};

    /// The root itself.
    pub const ROOT: Template = Template("/");
    /// Every subject.
    pub const SUBJECTS: Template = Template("/subjects");
    /// One subject: look up by content.
    pub const SUBJECT: Template = Template("/subjects/{subject}");
    /// Its versions: list, register.
    pub const VERSIONS: Template = Template("/subjects/{subject}/versions");
    /// One version.
    pub const VERSION: Template = Template("/subjects/{subject}/versions/{version}");
    /// The schema of one version, raw.
    pub const VERSION_SCHEMA: Template = Template("/subjects/{subject}/versions/{version}/schema");
    /// The ids of the schemas that refer to one version.
    pub const REFERENCED_BY: Template =
        Template("/subjects/{subject}/versions/{version}/referencedby");
    /// Every schema.
    pub const SCHEMAS: Template = Template("/schemas");
    /// The schema with an id.
    pub const SCHEMA: Template = Template("/schemas/ids/{id}");
    /// The schema with an id, raw.
    pub const SCHEMA_TEXT: Template = Template("/schemas/ids/{id}/schema");
    /// The subjects that have the schema with an id.
    pub const SCHEMA_SUBJECTS: Template = Template("/schemas/ids/{id}/subjects");
    /// The versions that are the schema with an id.
    pub const SCHEMA_VERSIONS: Template = Template("/schemas/ids/{id}/versions");
    /// The formats served.
    pub const SCHEMA_TYPES: Template = Template("/schemas/types");
    /// Checks a candidate against a subject, as its level says.
    pub const COMPATIBILITY: Template = Template("/compatibility/subjects/{subject}/versions");
    /// Checks a candidate against one version.
    pub const COMPATIBILITY_VERSION: Template =
        Template("/compatibility/subjects/{subject}/versions/{version}");
    /// The level and content model of the server.
    pub const CONFIG: Template = Template("/config");
    /// Those of one subject.
    pub const SUBJECT_CONFIG: Template = Template("/config/{subject}");
    /// What may be done on the server.
    pub const MODE: Template = Template("/mode");
    /// What may be done with one subject.
    pub const SUBJECT_MODE: Template = Template("/mode/{subject}");
    /// The newest version of a subject whose metadata say so.
    pub const SUBJECT_METADATA: Template = Template("/subjects/{subject}/metadata");
    /// The schema with a guid.
    pub const GUID: Template = Template("/schemas/guids/{guid}");
    /// The ids of the schema with a guid, one a context.
    pub const GUID_IDS: Template = Template("/schemas/guids/{guid}/ids");
    /// Every context.
    pub const CONTEXTS: Template = Template("/contexts");
    /// One context.
    pub const CONTEXT: Template = Template("/contexts/{context}");
    /// Any other path, with everything in it meant within one context.
    pub const IN_CONTEXT: Template = Template("/contexts/{context}/{*rest}");
    /// Which cluster this is.
    pub const METADATA_ID: Template = Template("/v1/metadata/id");
    /// Which version of Stele this is.
    pub const METADATA_VERSION: Template = Template("/v1/metadata/version");

    /// The path of a subject's versions.
    pub fn versions(subject: &Subject) -> String {
        VERSIONS.fill(&[subject])
    }

    /// The path of one version.
    pub fn version(subject: &Subject, version: Version) -> String {
        VERSION.fill(&[subject, &version])
    }

    /// The path of the schema with an id.
    pub fn schema(id: SchemaId) -> String {
        SCHEMA.fill(&[&id])
    }

    /// The path of the versions that are the schema with an id.
    pub fn schema_versions(id: SchemaId) -> String {
        SCHEMA_VERSIONS.fill(&[&id])
    }

    /// The path of a subject's configuration.
    pub fn subject_config(subject: &Subject) -> String {
        SUBJECT_CONFIG.fill(&[subject])
    }
}

/// Stele's own API, under `/v1`, and the two probes.
pub mod native {
    use super::{Selector, Subject, Template, Version, with_query};

    /// Whether the process lives.
    pub const LIVE: Template = Template("/livez");
    /// Whether it serves.
    pub const READY: Template = Template("/readyz");
    /// Checks one schema against another, without any subject.
    pub const CHECK: Template = Template("/v1/check");
    /// Every subject.
    pub const SUBJECTS: Template = Template("/v1/subjects");
    /// One subject: what is known of it.
    pub const SUBJECT: Template = Template("/v1/subjects/{subject}");
    /// Checks a candidate against a subject, as its level says.
    pub const SUBJECT_CHECK: Template = Template("/v1/subjects/{subject}/check");
    /// Its versions: list, register.
    pub const VERSIONS: Template = Template("/v1/subjects/{subject}/versions");
    /// One version, by a selector.
    pub const VERSION: Template = Template("/v1/subjects/{subject}/versions/{selector}");
    /// What changed between two versions.
    pub const DIFF: Template = Template("/v1/subjects/{subject}/diff");
    /// The lens of one edge.
    pub const LENS: Template = Template("/v1/subjects/{subject}/lenses/{from}/{to}");
    /// The plan from one version to another.
    pub const PLAN: Template = Template("/v1/subjects/{subject}/plans/{from}/{to}");
    /// Brings soft-deleted versions back.
    pub const RESTORE: Template = Template("/v1/subjects/{subject}/restore");
    /// Carries one event across.
    pub const TRANSLATE: Template = Template("/v1/subjects/{subject}/translate");
    /// What happened in the registry.
    pub const CHANGES: Template = Template("/v1/changes");

    /// Finds subjects.
    pub const SEARCH: Template = Template("/v1/search");

    /// Who is told of what happens.
    pub const WEBHOOKS: Template = Template("/v1/webhooks");
    /// One of them.
    pub const WEBHOOK: Template = Template("/v1/webhooks/{webhook}");
    /// The whole log, line by line.
    pub const EXPORT: Template = Template("/v1/export");
    /// Takes a whole log into an empty registry.
    pub const IMPORT: Template = Template("/v1/import");
    /// The log as a file, while the registry runs.
    pub const BACKUP: Template = Template("/v1/backup");
    /// What is measured.
    pub const METRICS: Template = Template("/metrics");
    /// This API, described for machines.
    pub const OPENAPI: Template = Template("/openapi.json");
    /// The same for people.
    pub const DOCS: Template = Template("/docs");

    /// Every path of this API.
    pub const ALL: &[Template] = &[
        LIVE,
        READY,
        CHECK,
        SUBJECTS,
        SUBJECT,
        SUBJECT_CHECK,
        VERSIONS,
        VERSION,
        DIFF,
        LENS,
        PLAN,
        RESTORE,
        TRANSLATE,
        CHANGES,
        SEARCH,
        WEBHOOKS,
        WEBHOOK,
        EXPORT,
        IMPORT,
        BACKUP,
        METRICS,
        OPENAPI,
        DOCS,
    ];

    /// The path of a search.
    pub fn search(words: &str) -> String {
        with_query(SEARCH.route(), &[("q", Some(words.to_owned()))])
    }

    /// The path of a subject.
    pub fn subject(subject: &Subject) -> String {
        SUBJECT.fill(&[subject])
    }

    /// The path of a subject's check.
    pub fn subject_check(subject: &Subject) -> String {
        SUBJECT_CHECK.fill(&[subject])
    }

    /// The path of a subject's versions.
    pub fn versions(subject: &Subject) -> String {
        VERSIONS.fill(&[subject])
    }

    /// The path of one version.
    pub fn version(subject: &Subject, selector: &Selector) -> String {
        VERSION.fill(&[subject, selector])
    }

    /// The path of what changed between two versions.
    pub fn diff(subject: &Subject, from: &Selector, to: &Selector) -> String {
        between(DIFF, subject, from, to)
    }

    /// The path of the lens of one edge.
    pub fn lens(subject: &Subject, from: Version, to: Version) -> String {
        LENS.fill(&[subject, &from, &to])
    }

    /// The path of a plan.
    pub fn plan(subject: &Subject, from: &Selector, to: &Selector) -> String {
        PLAN.fill(&[subject, from, to])
    }

    /// The path that carries one event across.
    pub fn translate(subject: &Subject, from: &Selector, to: &Selector) -> String {
        between(TRANSLATE, subject, from, to)
    }

    /// The path of what happened after a sequence number, waiting up to so many seconds for something to happen.
    pub fn changes(after: u64, wait_seconds: Option<u64>) -> String {
        let members = [
            ("after", Some(after.to_string())),
            ("wait", wait_seconds.map(|seconds| seconds.to_string())),
        ];
        with_query(CHANGES.route(), &members)
    }

    /// The path of the stream of what happens after a sequence number.
    pub fn stream(after: u64) -> String {
        with_query(CHANGES.route(), &[("after", Some(after.to_string()))])
    }

    fn between(template: Template, subject: &Subject, from: &Selector, to: &Selector) -> String {
        let members = [("from", Some(from.to_string())), ("to", Some(to.to_string()))];
        with_query(&template.fill(&[subject]), &members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_stands_in_a_path_is_encoded() {
        let subject: Subject = ":.orders:a/b c?ü".parse().unwrap();

        assert_eq!(
            native::version(&subject, &"^1.2".parse().unwrap()),
            "/v1/subjects/%3A.orders%3Aa%2Fb%20c%3F%C3%BC/versions/%5E1.2"
        );
        assert_eq!(native::changes(7, None), "/v1/changes?after=7");
        assert_eq!(native::changes(7, Some(30)), "/v1/changes?after=7&wait=30");
        assert_eq!(
            native::diff(&subject, &Selector::Latest, &"3".parse().unwrap()),
            "/v1/subjects/%3A.orders%3Aa%2Fb%20c%3F%C3%BC/diff?from=latest&to=3"
        );
    }
}
