//! A report is how a result is shown: one model, and one file for each way to show it.

pub mod excerpt;
pub mod explain;
pub mod github;
pub mod gitlab;
pub mod human;
pub mod json;
pub mod junit;
pub mod lens;
pub mod markdown;
pub mod model;
pub mod page;
pub mod remark;
pub mod rules;
pub mod sarif;
pub mod snippet;
pub mod story;
pub mod table;
pub mod tree;

/// The ways to show a result that people and programs read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// For programs: stable keys, one document.
    Json,
}

/// The ways to show what was found in schemas.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Style {
    /// For people.
    #[default]
    Human,
    /// For programs: stable keys, one document.
    Json,
    /// SARIF 2.1.0, which code scanning reads.
    Sarif,
    /// `JUnit` XML, which every CI system reads.
    Junit,
    /// Annotations of a GitHub workflow, and the summary of the step.
    Github,
    /// Code quality of GitLab.
    Gitlab,
    /// Markdown, for a comment on a pull request.
    Markdown,
}

/// The file of an origin, as a tool looks it up from the root of the repository: `prefix` leads from there to the
/// current folder. What is in a revision is named by its path alone.
fn file(origin: &str, prefix: &str) -> String {
    if let Some(path) = origin.strip_prefix("git:").and_then(|rest| rest.split_once(':')) {
        return path.1.to_owned();
    }
    if std::path::Path::new(origin).is_absolute() {
        return origin.to_owned();
    }
    let mut parts: Vec<&str> = prefix.split('/').filter(|part| !part.is_empty()).collect();
    for part in origin.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::file;

    #[test]
    fn a_file_is_named_from_the_root_of_the_repository() {
        assert_eq!(file("../schemas/A/1.json", "shop/src/"), "shop/schemas/A/1.json");
        assert_eq!(file("git:main:schemas/A/1.json", "shop"), "schemas/A/1.json");
    }
}
