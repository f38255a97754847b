//! What `stele init` takes.

use std::path::PathBuf;

use clap::Args as Flags;

const EXAMPLES: &str = "\
Examples:
  stele init                                  # schemas/, stele.yaml and a first event
  stele init --github --hook
  stele init --gitlab --subject orders/OrderPlaced

A file that is there already is left as it is.";

/// `stele init`
#[derive(Debug, Flags)]
#[command(after_help = EXAMPLES)]
pub struct Init {
    /// Where
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
    /// The first subject
    #[arg(long, value_name = "CONTEXT/SUBJECT", default_value = "orders/OrderPlaced", value_parser = subject)]
    pub subject: (String, String),
    /// Also a workflow for GitHub
    #[arg(long)]
    pub github: bool,
    /// Also a job for GitLab
    #[arg(long)]
    pub gitlab: bool,
    /// Also a hook that checks before every commit
    #[arg(long)]
    pub hook: bool,
}

fn subject(text: &str) -> Result<(String, String), String> {
    let fits = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c))
    };
    match text.split_once('/') {
        Some((context, name)) if fits(context) && fits(name) => {
            Ok((context.to_owned(), name.to_owned()))
        }
        _ => Err("expected a context and a subject, as `orders/OrderPlaced`".to_owned()),
    }
}
