//! The layout of a folder of schemas: which file is which version of which subject.
//!
//! `<context>/<Subject>/<n>.json` is version n of a subject; `<a>-<b>.lens.yaml` and `subject.yaml` stand beside it,
//! and example events in a folder called `examples`. A folder in which no file has a number for a name is read more
//! simply: every `<Subject>.json` in it is one subject. The same goes for a part of a git revision.

use std::{collections::BTreeMap, sync::Arc};

use stele_evolution::{lens::Lens, version::Version};

use super::{
    Document, Reading, Settings, Shape, Shelf, Source, SourceError, Subject, Unmet, shelf::Referred,
};
use crate::error::Failure;

/// One file that means something.
enum Role {
    Schema(Option<Version>),
    Lens(Version, Version),
    Settings,
}

/// Turns the files of a folder into a source. `paths` are relative to its root, with `/`; `root` is the folder's own
/// name, for versions that stand directly in it; on `shelf` stand the texts. Schemas are not read yet.
pub(super) fn arrange(
    name: &str,
    paths: &[String],
    root: &str,
    reading: &Reading,
    shelf: &Arc<Shelf>,
) -> Result<Source, Failure> {
    let numbered = paths.iter().any(|path| number(path).is_some());
    let mut subjects: BTreeMap<String, Subject> = BTreeMap::new();
    let mut unread = 0;
    for path in paths {
        if let Some(role) = role(path, numbered) {
            add(&mut subjects, path, &role, root, shelf)?;
        } else if is_json(path) && !in_examples(path) {
            unread += 1;
        }
    }
    // Lenses or settings alone make no subject.
    subjects.retain(|_, subject| !subject.documents.is_empty());
    if subjects.is_empty() {
        return Err(SourceError::Empty(name.to_owned()).into());
    }
    let mut subjects: Vec<Subject> = subjects.into_values().collect();
    for subject in &mut subjects {
        subject.documents.sort_by_key(|document| document.version);
        if let Some(name) = &subject.settings.subject {
            subject.name.clone_from(name);
        }
        subject.context = subject.settings.context.clone().or(subject.context.take());
        // Whoever names the subject on the command line has the last word.
        if reading.subject.is_none() {
            lenses_fit(subject)?;
        }
    }
    let unmet = pin(&subjects, shelf);
    let shelf = Some(Arc::clone(shelf));
    Ok(Source { name: name.to_owned(), shape: Shape::Whole, subjects, unread, shelf, unmet })
}

/// Makes the names that a `subject.yaml` gives to its references lead to the versions it says, where they are in the same
/// source; the others are answered.
fn pin(subjects: &[Subject], shelf: &Shelf) -> Vec<Unmet> {
    let mut unmet = Vec::new();
    for subject in subjects {
        for (name, wanted) in &subject.settings.references {
            let known = subjects.iter().find(|known| known.name == wanted.subject);
            let document = known.and_then(|known| {
                known.documents.iter().find(|document| document.version == Some(wanted.version))
            });
            match document.and_then(Document::path) {
                Some(path) => shelf.pin(&subject.key, name, Referred::Path(path.to_owned())),
                None => unmet.push(Unmet {
                    folder: subject.key.clone(),
                    name: name.clone(),
                    wanted: wanted.clone(),
                }),
            }
        }
    }
    unmet
}

/// Every lens is for the subject it stands beside.
fn lenses_fit(subject: &Subject) -> Result<(), SourceError> {
    let other = |(_, lens): &(&(Version, Version), &Lens)| lens.subject() != subject.name;
    match subject.lenses.iter().find(other) {
        None => Ok(()),
        Some(((from, to), lens)) => Err(SourceError::LensMismatch {
            origin: format!("{}/{from}-{to}.lens.yaml", subject.key),
            found: format!("`{}`", lens.subject()),
            expected: format!("one for `{}`", subject.name),
        }),
    }
}

fn add(
    subjects: &mut BTreeMap<String, Subject>,
    path: &str,
    role: &Role,
    root: &str,
    shelf: &Arc<Shelf>,
) -> Result<(), Failure> {
    let key = match role {
        Role::Schema(None) => stem(path).to_owned(),
        _ => path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned(),
    };
    let origin = shelf.origin(path);
    let subject = subjects.entry(key.clone()).or_insert_with(|| named(key, root));
    match *role {
        Role::Schema(version) => {
            // `1.json` and `01.json`, or `A.json` and `A.schema.json`.
            if let Some(first) = subject.documents.iter().find(|known| known.version == version) {
                return Err(SourceError::Twice {
                    subject: subject.key.clone(),
                    first: first.origin.clone(),
                    second: origin,
                }
                .into());
            }
            subject.documents.push(Document::shelved(shelf, path, version));
        }
        Role::Lens(from, to) => {
            let lens = Lens::parse(&shelf.text(path)?)
                .map_err(|cause| SourceError::Lens { origin: origin.clone(), cause })?;
            if (lens.from(), lens.to()) != (from, to) {
                let found = format!("{} to {}", lens.from(), lens.to());
                let expected = format!("the one for {from} to {to}");
                return Err(SourceError::LensMismatch { origin, found, expected }.into());
            }
            subject.lenses.insert((from, to), lens);
        }
        Role::Settings => {
            subject.settings = Settings::parse(&shelf.text(path)?)
                .map_err(|cause| SourceError::Settings { origin, cause })?;
        }
    }
    Ok(())
}

/// The subject at `key`: the last part is its name, the one before it its context.
fn named(key: String, root: &str) -> Subject {
    let mut parts = key.rsplit('/').filter(|part| !part.is_empty());
    let name = parts.next().unwrap_or(root).to_owned();
    let context = parts.next().map(str::to_owned);
    Subject::new(key, name, context, Vec::new())
}

fn role(path: &str, numbered: bool) -> Option<Role> {
    if in_examples(path) {
        return None;
    }
    if numbered {
        return number(path)
            .map(|version| Role::Schema(Some(version)))
            .or_else(|| lens(path))
            .or_else(|| (file_name(path) == "subject.yaml").then_some(Role::Settings));
    }
    is_json(path).then_some(Role::Schema(None))
}

/// The version a path's file name is the number of.
pub(super) fn number(path: &str) -> Option<Version> {
    if in_examples(path) {
        return None;
    }
    file_name(path).strip_suffix(".json")?.parse().ok()
}

fn lens(path: &str) -> Option<Role> {
    let (from, to) = file_name(path).strip_suffix(".lens.yaml")?.split_once('-')?;
    Some(Role::Lens(from.parse().ok()?, to.parse().ok()?))
}

/// The path without `.json` or `.schema.json`.
pub(super) fn stem(path: &str) -> &str {
    let bare = path.strip_suffix(".json").unwrap_or(path);
    bare.strip_suffix(".schema").unwrap_or(bare)
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

fn is_json(path: &str) -> bool {
    path.strip_suffix(".json").is_some()
}

fn in_examples(path: &str) -> bool {
    path.split('/').rev().skip(1).any(|folder| folder == "examples")
}

#[cfg(test)]
mod tests {
    use stele_evolution::schema::Dialect;

    use super::*;
    use crate::source::shelf::Given;

    fn arranged(paths: &[&str]) -> Result<Source, Failure> {
        let paths: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
        let given = paths.iter().map(|path| {
            let text = if path.ends_with("subject.yaml") { "kind: event" } else { "{}" };
            (path.clone(), Arc::from(text), path.clone())
        });
        let shelf = Shelf::new(Given::new(given), Dialect::default());
        arrange("it", &paths, "shop", &Reading::default(), &shelf)
    }

    fn shown(source: &Source) -> Vec<String> {
        let versions = |subject: &Subject| -> Vec<u32> {
            subject.documents.iter().filter_map(|d| d.version).map(Version::number).collect()
        };
        let line = |subject: &Subject| {
            let context = subject.context.as_deref().unwrap_or("-");
            format!("{} {context} {} {:?}", subject.key, subject.name, versions(subject))
        };
        source.subjects.iter().map(line).collect()
    }

    #[test]
    fn numbered_files_are_versions_and_the_rest_is_left_alone() {
        let source = arranged(&[
            "orders/OrderPlaced/10.json",
            "orders/OrderPlaced/2.json",
            "orders/OrderPlaced/subject.yaml",
            "orders/OrderPlaced/examples/1.json",
            "package.json",
        ]);

        let source = source.unwrap();
        assert_eq!(shown(&source), ["orders/OrderPlaced orders OrderPlaced [2, 10]"]);
        assert_eq!(source.subjects[0].settings.kind, Some(stele_api::kind::Kind::Event));
        assert_eq!(source.unread, 1);
    }

    #[test]
    fn without_numbers_every_file_is_a_subject() {
        let source = arranged(&["OrderPlaced.json", "billing/Paid.schema.json"]).unwrap();

        assert_eq!(
            shown(&source),
            ["OrderPlaced - OrderPlaced []", "billing/Paid billing Paid []"]
        );
    }

    #[test]
    fn one_version_from_two_files_is_refused() {
        let error = arranged(&["OrderPlaced/1.json", "OrderPlaced/01.json"]).unwrap_err();

        insta::assert_snapshot!(error.sentences()[0], @"`OrderPlaced/1.json` and `OrderPlaced/01.json` both claim to be `OrderPlaced`");
    }

    #[test]
    fn a_folder_without_schemas_says_so() {
        let error = arranged(&["README.md"]).unwrap_err();

        assert_eq!(error.sentences(), ["no schema found in `it`"]);
    }
}
