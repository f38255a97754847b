//! Defaults: what the files say becomes the default of the flags, so that a flag and the environment go before them.

use std::env;

use clap::Command;

use super::{FILE, Project, ProjectError, user};

/// One setting as it is in effect.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Setting {
    /// Its name, as a flag without the dashes.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// Where that came from.
    pub from: Origin,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A variable of the environment.
    Environment(&'static str),
    /// `stele.yaml`.
    Project(String),
    /// The file of the user.
    User(String),
    /// Nobody said anything.
    Default,
}

/// The settings that flags have too: their names, their variables, and their values where nobody says anything.
pub const SETTINGS: [(&str, &str, &str); 8] = [
    ("registry", "STELE_REGISTRY", "http://127.0.0.1:8081"),
    ("against", "STELE_AGAINST", "where the branch left the main one"),
    ("compatibility", "STELE_COMPATIBILITY", "as the subject says, else ADDITIONS_ONLY"),
    ("content-model", "STELE_CONTENT_MODEL", "as the subject says, else event"),
    ("dialect", "STELE_DIALECT", "2020-12"),
    ("format", "STELE_FORMAT", "human"),
    ("fail-on", "STELE_FAIL_ON", "undecided"),
    ("color", "STELE_COLOR", "auto"),
];

/// Every setting as it is in effect where no flag is given.
pub fn effective(project: Option<&Project>) -> Result<Vec<Setting>, ProjectError> {
    let files = Files { project, user: user::read()? };
    let setting = |(name, variable, default): (&'static str, &'static str, &str)| {
        let environment = env::var(variable).ok().filter(|value| !value.is_empty());
        let (value, from) = match (environment, files.said(name)) {
            (Some(value), _) => (value, Origin::Environment(variable)),
            (None, Some(said)) => said,
            (None, None) => (default.to_owned(), Origin::Default),
        };
        Setting { name, value, from }
    };
    Ok(SETTINGS.into_iter().map(setting).collect())
}

/// The command line with what the files say as the defaults of its flags.
pub fn apply(command: Command, project: Option<&Project>) -> Result<Command, ProjectError> {
    let files = Files { project, user: user::read()? };
    Ok(with(command, &files))
}

struct Files<'p> {
    project: Option<&'p Project>,
    user: user::User,
}

impl Files<'_> {
    /// What the files say of a setting, the nearer one first.
    fn said(&self, name: &str) -> Option<(String, Origin)> {
        let project = self.project.and_then(|project| {
            let value = match name {
                "registry" => project.registry.clone(),
                "against" => project.against.clone(),
                "compatibility" => project.compatibility.map(|level| level.to_string()),
                "content-model" => {
                    project.content_model.map(|it| crate::report::human::model(it).to_owned())
                }
                "dialect" => project.dialect.clone(),
                "format" => project.format.clone(),
                "fail-on" => project.fail_on.clone(),
                _ => None,
            };
            Some((value?, Origin::Project(project.root.join(FILE).display().to_string())))
        });
        project.or_else(|| {
            let value = match name {
                "registry" => self.user.registry.clone(),
                "dialect" => self.user.dialect.clone(),
                "format" => self.user.format.clone(),
                "fail-on" => self.user.fail_on.clone(),
                "color" => self.user.color.clone(),
                _ => None,
            };
            let path = user::path().map(|path| path.display().to_string()).unwrap_or_default();
            Some((value?, Origin::User(path)))
        })
    }
}

fn with(mut command: Command, files: &Files<'_>) -> Command {
    for (name, ..) in SETTINGS {
        // A subject's own word goes before these two: they are not the defaults of flags.
        if matches!(name, "compatibility" | "content-model") {
            continue;
        }
        let Some((value, _)) = files.said(name) else { continue };
        let long = |argument: &clap::Arg| argument.get_long() == Some(name);
        let Some(id) = command.get_arguments().find(|it| long(it)).map(|it| it.get_id().clone())
        else {
            continue;
        };
        command = command.mut_arg(id, |argument| argument.default_value(value));
    }
    let names: Vec<String> =
        command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
    for name in names {
        command = command.mut_subcommand(name, |inner| with(inner, files));
    }
    command
}
