//! A project is what `stele.yaml` says at the root of a repository: where the schemas are, what they are held to, and
//! which breaks somebody lets pass.

mod defaults;
mod user;
mod waiver;

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use stele_api::kind::Kind;
use stele_evolution::{containment::ContentModel, policy::Level};

pub use self::{
    defaults::{Origin, SETTINGS, Setting, apply, effective},
    waiver::{Waiver, apply as waive},
};
use crate::{
    error::{Explain, Hint},
    source::{Source, SourceError, Subject, complaint, file},
};

/// The name of the file.
pub const FILE: &str = "stele.yaml";

/// The keys of the file, and what each says.
pub const KEYS: &[(&str, &str)] = &[
    ("schemas", "the folder that holds the schemas, from where the file stands"),
    ("against", "what `stele check` holds them against"),
    ("registry", "the address of the registry"),
    ("compatibility", "what a new version may do, where its subject does not say"),
    ("content_model", "`event` or `strict`, where the subject does not say"),
    ("dialect", "the dialect of a schema without `$schema`"),
    ("format", "how results are shown"),
    ("fail_on", "what ends a check with a code other than 0"),
    (
        "subjects",
        "by a name in which `*` stands for anything: `kind`, `compatibility`, `content_model`",
    ),
    (
        "waivers",
        "breaks that somebody lets pass: `subject`, `rule`, `who`, `why`, `until`, and where they are to be narrower `version` and `at`",
    ),
    ("lint", "`off`: the ids of the rules of `stele lint` that are off"),
];

/// What `stele.yaml` says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Project {
    /// The folder that holds the schemas, from where the file stands.
    pub schemas: Option<PathBuf>,
    /// What a check holds them against.
    pub against: Option<String>,
    /// The address of the registry.
    pub registry: Option<String>,
    /// What a new version may do, where its subject does not say.
    pub compatibility: Option<Level>,
    /// What the documents mean for the events that flow, where their subject does not say.
    pub content_model: Option<ContentModel>,
    /// The dialect of a schema without `$schema`.
    pub dialect: Option<String>,
    /// How results are shown.
    pub format: Option<String>,
    /// What ends a check with a code other than 0.
    pub fail_on: Option<String>,
    /// What single subjects are held to, by a name in which `*` stands for anything: `OrderPlaced`, `orders/*`.
    pub subjects: BTreeMap<String, Held>,
    /// The breaks that somebody lets pass.
    pub waivers: Vec<Waiver>,
    /// The rules of `stele lint` that are off.
    pub lint: Lint,
    /// Where the file stands.
    #[serde(skip)]
    pub root: PathBuf,
}

/// What some subjects are held to.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Held {
    /// What kind of messages they have.
    pub kind: Option<Kind>,
    /// What a new version may do.
    pub compatibility: Option<Level>,
    /// What the documents mean for the events that flow.
    pub content_model: Option<ContentModel>,
}

/// What `stele lint` looks at.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lint {
    /// The ids of the rules that are off.
    pub off: Vec<String>,
}

/// Why there is no project.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The file cannot be read.
    #[error(transparent)]
    Unread(#[from] SourceError),
    /// It says something else than a `stele.yaml` says.
    #[error("`{origin}` does not say what a `{FILE}` says")]
    Text {
        /// Where the file is.
        origin: String,
        /// What is wrong with it.
        #[source]
        cause: TextError,
    },
}

/// What is wrong with a text.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TextError(pub String);

impl Explain for ProjectError {
    fn hint(&self) -> Option<Hint> {
        match self {
            ProjectError::Unread(error) => error.hint(),
            ProjectError::Text { .. } => Some(Hint::new(format!(
                "it may say {}",
                KEYS.iter().map(|(key, _)| format!("`{key}`")).collect::<Vec<_>>().join(", ")
            ))),
        }
    }
}

impl Project {
    /// The project around the current folder: the nearest `stele.yaml` in it or above it, up to the root of the
    /// repository.
    pub fn find() -> Result<Option<Project>, ProjectError> {
        let Ok(here) = env::current_dir() else { return Ok(None) };
        for (depth, folder) in here.ancestors().enumerate() {
            if folder.join(FILE).is_file() {
                // As the person would write it from here.
                let root: PathBuf = std::iter::repeat_n("..", depth).collect();
                return Project::read(&root).map(Some);
            }
            if folder.join(".git").exists() {
                break;
            }
        }
        Ok(None)
    }

    fn read(root: &Path) -> Result<Project, ProjectError> {
        let path = root.join(FILE);
        let mut project = Project::parse(&file::content(&path)?)
            .map_err(|cause| ProjectError::Text { origin: path.display().to_string(), cause })?;
        root.clone_into(&mut project.root);
        Ok(project)
    }

    /// Reads a `stele.yaml`.
    pub fn parse(text: &str) -> Result<Project, TextError> {
        // A file that says nothing yet, or has only comments, is none that is wrong.
        let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
        if text.lines().all(is_blank) {
            return Ok(Project::default());
        }
        serde_saphyr::from_str(text).map_err(|error| TextError(complaint(&error)))
    }

    /// The folder that holds the schemas, as it is reached from the current one.
    pub fn folder(&self) -> PathBuf {
        let folder = self.schemas.clone().unwrap_or_else(|| {
            let usual = PathBuf::from("schemas");
            if self.root.join(&usual).is_dir() { usual } else { PathBuf::new() }
        });
        let folder = self.root.join(folder);
        if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder }
    }

    /// Says of every subject what it does not say itself.
    pub fn settle(&self, source: &mut Source) {
        for subject in &mut source.subjects {
            self.settle_subject(subject);
        }
    }

    fn settle_subject(&self, subject: &mut Subject) {
        let names = names(subject);
        let held = self
            .subjects
            .iter()
            .filter(|(pattern, _)| names.iter().any(|name| matches(pattern, name)));
        for (_, held) in held {
            subject.settings.kind = subject.settings.kind.or(held.kind);
            subject.settings.compatibility = subject.settings.compatibility.or(held.compatibility);
            subject.settings.content_model = subject.settings.content_model.or(held.content_model);
        }
        if subject.settings.level().is_none() {
            subject.settings.compatibility = self.compatibility;
        }
        subject.settings.content_model = subject.settings.content_model.or(self.content_model);
    }
}

/// The names that a pattern may mean a subject by: its own, its place, and its context with its name.
fn names(subject: &Subject) -> Vec<String> {
    let context = subject.context.iter().map(|context| format!("{context}/{}", subject.name));
    [subject.name.clone(), subject.key.clone()].into_iter().chain(context).collect()
}

/// Whether a name is as a pattern says, in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            name.char_indices()
                .map(|(at, _)| &name[at..])
                .chain([""])
                .any(|name| matches(rest, name))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(project: &str, name: &str, context: &str) -> Option<Level> {
        let project = Project::parse(project).unwrap();
        let key = format!("{context}/{name}");
        let subject = Subject::new(key, name.into(), Some(context.into()), Vec::new());
        let mut source = Source { subjects: vec![subject], ..Source::default() };
        project.settle(&mut source);
        source.subjects[0].settings.level()
    }

    #[test]
    fn a_subject_is_held_to_what_the_nearest_says() {
        let text = "compatibility: FULL\nsubjects:\n  orders/*: {compatibility: TRANSLATABLE}\n  PlaceOrder: {kind: command}\n";

        assert_eq!(settled(text, "OrderPlaced", "orders"), Some(Level::Translatable));
        assert_eq!(settled(text, "PlaceOrder", "shop"), Some(Level::BackwardTransitive));
        assert_eq!(settled(text, "Paid", "payment"), Some(Level::Full));
    }

    #[test]
    fn a_star_stands_for_anything() {
        assert!(matches("Order*", "OrderPlaced") && matches("*", "") && matches("*/P*d", "a/Paid"));
        assert!(!matches("Order", "OrderPlaced") && !matches("*/P", "a/Paid"));
    }

    #[test]
    fn a_typo_is_an_error_and_an_empty_file_is_none() {
        assert!(Project::parse("compatability: FULL").is_err());
        assert!(Project::parse("# nothing yet\n\n").is_ok());
    }
}
