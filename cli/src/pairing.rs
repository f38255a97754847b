//! Pairing says what of one source is to be held against what of another. Pure: it compares, and judges nothing.
//!
//! Subjects are paired by their place; where that says nothing, by their name. Within a subject every version that the
//! old source does not have is a step from the newest one before it, so several new versions make a chain. A version
//! that is in both has to be the same: a registered version never changes.

use std::collections::BTreeMap;

use stele_evolution::version::Version;

use crate::{
    error::{Explain, Failure, Hint},
    source::{Document, Shape, Source, Subject},
};

/// Something that happened to a subject between two sources.
#[derive(Debug)]
pub struct Pair<'s> {
    /// The subject, as the new source has it (as the old one, where it is gone).
    pub subject: &'s Subject,
    /// What happened.
    pub change: Change<'s>,
}

/// What happened to a subject.
#[derive(Debug)]
pub enum Change<'s> {
    /// There is nothing to hold it against.
    First(&'s Document),
    /// Nothing.
    Unchanged(&'s Document),
    /// A new version.
    Step {
        /// Everything before it, oldest first; never empty.
        history: Vec<&'s Document>,
        /// The new version.
        candidate: &'s Document,
    },
    /// A version that was there already says something else now.
    Rewritten {
        /// What it said.
        old: &'s Document,
        /// What it says.
        new: &'s Document,
    },
    /// A new version with a number below one that was there already.
    OutOfOrder {
        /// The newest that was there.
        newest: &'s Document,
        /// The version that comes too late.
        candidate: &'s Document,
    },
    /// A version is gone.
    Removed(&'s Document),
}

/// Why two sources cannot be paired.
#[derive(Debug, thiserror::Error)]
pub enum PairingError {
    /// A document that was named itself is of no subject of the old source.
    #[error("`{source_name}` has no subject `{subject}`")]
    NoSubject {
        /// The old source.
        source_name: String,
        /// The subject looked for.
        subject: String,
        /// The subjects there are.
        known: Vec<String>,
    },
    /// A name that several subjects of the old source have.
    #[error("`{subject}` could be any of {} in `{source_name}`", .known.join(", "))]
    Ambiguous {
        /// The old source.
        source_name: String,
        /// The name.
        subject: String,
        /// The places of the subjects that have it.
        known: Vec<String>,
    },
}

impl Explain for PairingError {
    fn hint(&self) -> Option<Hint> {
        Some(match self {
            PairingError::NoSubject { known, .. } => {
                let some: Vec<&str> = known.iter().take(8).map(String::as_str).collect();
                let more = if known.len() > some.len() { ", ..." } else { "" };
                Hint::new(format!("say which with `--subject`; it has {}{more}", some.join(", ")))
            }
            PairingError::Ambiguous { .. } => {
                Hint::new("compare with the folder of the one that is meant")
            }
        })
    }
}

/// Everything that happened from `old` to `new`, in the order of the subjects.
pub fn pair<'s>(old: &'s Source, new: &'s Source) -> Result<Vec<Pair<'s>>, Failure> {
    if let (Shape::One, Shape::One, Some((_, before)), Some((subject, after))) =
        (old.shape, new.shape, old.only(), new.only())
    {
        let change = if before.same(after)? {
            Change::Unchanged(after)
        } else {
            Change::Step { history: vec![before], candidate: after }
        };
        return Ok(vec![Pair { subject, change }]);
    }
    let mut pairs = Vec::new();
    let mut met = Vec::new();
    for subject in &new.subjects {
        let known = counterpart(old, new, subject)?;
        met.extend(known.map(|known| known.key.as_str()));
        changes(known, subject, new.shape, &mut pairs)?;
    }
    if (old.shape, new.shape) == (Shape::Whole, Shape::Whole) {
        let gone = old.subjects.iter().filter(|subject| !met.contains(&subject.key.as_str()));
        for subject in gone {
            pairs.extend(
                subject
                    .documents
                    .last()
                    .map(|last| Pair { subject, change: Change::Removed(last) }),
            );
        }
    }
    Ok(pairs)
}

/// The subject of the old source that `subject` is the continuation of.
fn counterpart<'s>(
    old: &'s Source,
    new: &Source,
    subject: &Subject,
) -> Result<Option<&'s Subject>, PairingError> {
    let by_place = old.subjects.iter().find(|known| known.key == subject.key);
    if by_place.is_some() && new.shape == Shape::Whole {
        return Ok(by_place);
    }
    let named: Vec<&Subject> =
        old.subjects.iter().filter(|known| known.name == subject.name).collect();
    let keys = |subjects: &[&Subject]| subjects.iter().map(|known| known.key.clone()).collect();
    match named.as_slice() {
        [only] => Ok(Some(only)),
        // A new subject, which is news only in a collection that is all there is.
        [] if new.shape == Shape::Whole || old.shape == Shape::Part => Ok(None),
        [] => Err(PairingError::NoSubject {
            source_name: old.name.clone(),
            subject: subject.name.clone(),
            known: old.subjects.iter().map(|known| known.name.clone()).collect(),
        }),
        several => Err(PairingError::Ambiguous {
            source_name: old.name.clone(),
            subject: subject.name.clone(),
            known: keys(several),
        }),
    }
}

fn changes<'s>(
    known: Option<&'s Subject>,
    subject: &'s Subject,
    shape: Shape,
    pairs: &mut Vec<Pair<'s>>,
) -> Result<(), Failure> {
    let old: &[Document] = known.map_or(&[], |known| &known.documents);
    let by_version: BTreeMap<Version, &Document> =
        old.iter().filter_map(|document| Some((document.version?, document))).collect();
    let newest = old.last();
    let mut history: Vec<&Document> = old.iter().collect();
    let before = pairs.len();
    for document in &subject.documents {
        let there = document.version.and_then(|version| by_version.get(&version).copied());
        let change = match (there, newest, history.last()) {
            (Some(there), ..) if there.same(document)? => continue,
            (Some(there), ..) => Change::Rewritten { old: there, new: document },
            (None, _, None) => Change::First(document),
            // What has no number is the newest, whatever it is compared with.
            (None, Some(newest), _) if document.version.is_none() || newest.version.is_none() => {
                match history.last() {
                    Some(last) if last.same(document)? => continue,
                    _ => Change::Step { history: history.clone(), candidate: document },
                }
            }
            (None, Some(newest), _) if document.version < newest.version => {
                Change::OutOfOrder { newest, candidate: document }
            }
            (None, ..) => Change::Step { history: history.clone(), candidate: document },
        };
        if matches!(change, Change::First(_) | Change::Step { .. }) {
            history.push(document);
        }
        pairs.push(Pair { subject, change });
    }
    if shape == Shape::Whole {
        let kept = |version| subject.documents.iter().any(|kept| kept.version == Some(version));
        let gone = by_version.iter().filter(|(version, _)| !kept(**version));
        pairs.extend(
            gone.filter(|_| subject.documents.iter().all(|document| document.version.is_some()))
                .map(|(_, document)| Pair { subject, change: Change::Removed(document) }),
        );
    }
    if pairs.len() == before {
        pairs.extend(
            subject.documents.last().map(|last| Pair { subject, change: Change::Unchanged(last) }),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use stele_evolution::schema::Schema;

    use super::*;

    /// A source of subjects written as `name: version=schema, ...`.
    fn source(shape: Shape, subjects: &[(&str, &[(u32, &str)])]) -> Source {
        let document = |&(version, kind): &(u32, &str)| {
            let text = format!(r#"{{"type":"{kind}"}}"#);
            let schema = Schema::read(&text).parse().unwrap();
            let mut document = Document::read(&text, schema, "it.json".into());
            document.version = Version::try_from(version).ok();
            document
        };
        let subjects = subjects.iter().map(|(key, documents)| {
            let name = key.rsplit('/').next().unwrap_or(key).to_owned();
            let documents = documents.iter().map(document).collect();
            Subject::new((*key).to_owned(), name, None, documents)
        });
        Source { name: "it".into(), shape, subjects: subjects.collect(), ..Source::default() }
    }

    fn paired(old: &Source, new: &Source) -> Vec<String> {
        let number = |document: &Document| document.version.map_or(0, Version::number);
        let line = |pair: &Pair| {
            let what = match &pair.change {
                Change::First(new) => format!("first {}", number(new)),
                Change::Unchanged(new) => format!("unchanged {}", number(new)),
                Change::Step { history, candidate } => {
                    let history: Vec<u32> = history.iter().map(|old| number(old)).collect();
                    format!("step {history:?} -> {}", number(candidate))
                }
                Change::Rewritten { new, .. } => format!("rewritten {}", number(new)),
                Change::OutOfOrder { candidate, .. } => format!("late {}", number(candidate)),
                Change::Removed(old) => format!("removed {}", number(old)),
            };
            format!("{} {what}", pair.subject.key)
        };
        pair(old, new).unwrap().iter().map(line).collect()
    }

    #[test]
    fn new_versions_make_a_chain_after_the_old_ones() {
        let old = source(Shape::Whole, &[("orders/Placed", &[(1, "string"), (2, "null")])]);
        let new = source(
            Shape::Whole,
            &[("orders/Placed", &[(1, "string"), (2, "null"), (3, "array"), (4, "object")])],
        );

        assert_eq!(
            paired(&old, &new),
            ["orders/Placed step [1, 2] -> 3", "orders/Placed step [1, 2, 3] -> 4"]
        );
    }

    #[test]
    fn a_version_in_both_has_to_be_the_same() {
        let old = source(Shape::Whole, &[("a", &[(1, "string"), (3, "null")])]);
        let new = source(Shape::Whole, &[("a", &[(1, "array"), (2, "null"), (3, "null")])]);

        assert_eq!(paired(&old, &new), ["a rewritten 1", "a late 2"]);
    }

    #[test]
    fn what_is_gone_is_said_between_collections_only() {
        let old =
            source(Shape::Whole, &[("a", &[(1, "string"), (2, "null")]), ("b", &[(1, "null")])]);
        let new = source(Shape::Whole, &[("a", &[(2, "null")])]);
        let part = source(Shape::Part, &[("a", &[(2, "null")])]);

        assert_eq!(paired(&old, &new), ["a removed 1", "b removed 1"]);
        assert_eq!(paired(&old, &part), ["a unchanged 2"]);
    }

    #[test]
    fn a_document_alone_is_found_by_its_name_and_is_the_newest() {
        let old = source(Shape::Whole, &[("orders/Placed", &[(1, "string"), (2, "null")])]);
        let new = source(Shape::One, &[("Placed", &[(0, "array")])]);

        assert_eq!(paired(&old, &new), ["Placed step [1, 2] -> 0"]);
    }

    #[test]
    fn a_document_alone_of_no_known_subject_is_an_error() {
        let old = source(Shape::Whole, &[("orders/Placed", &[(1, "string")])]);
        let new = source(Shape::One, &[("Plaecd", &[(0, "array")])]);

        let error = pair(&old, &new).unwrap_err();

        assert_eq!(error.sentences(), ["`it` has no subject `Plaecd`"]);
        insta::assert_snapshot!(error.hint().unwrap(), @"say which with `--subject`; it has Placed");
    }

    #[test]
    fn a_new_subject_starts_its_own_chain() {
        let old = source(Shape::Whole, &[("a", &[(1, "string")])]);
        let new =
            source(Shape::Whole, &[("a", &[(1, "string")]), ("b", &[(1, "null"), (2, "array")])]);

        assert_eq!(paired(&old, &new), ["a unchanged 1", "b first 1", "b step [1] -> 2"]);
    }
}
