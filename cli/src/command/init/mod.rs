//! `stele init`: the files a project begins with. Nothing that is there is changed.

pub mod args;

use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use owo_colors::{OwoColorize, Style};

use self::args::Init;
use crate::{
    error::{Explain, Failure, Hint},
    exit::Exit,
    terminal::Terminal,
};

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`", path.display())]
struct Unwritten {
    path: PathBuf,
    #[source]
    cause: io::Error,
}

impl Explain for Unwritten {
    fn hint(&self) -> Option<Hint> {
        Some(Hint::new("name a folder that can be written: `stele init FOLDER`"))
    }
}

/// Writes the files, and says what comes next.
pub fn run(args: &Init, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let (context, name) = &args.subject;
    let subject = format!("schemas/{context}/{name}");
    let mut files = vec![
        ("stele.yaml".to_owned(), include_str!("stele.yaml").to_owned()),
        (format!("{subject}/1.json"), include_str!("1.json").replace("SUBJECT", name)),
        (format!("{subject}/subject.yaml"), include_str!("subject.yaml").to_owned()),
    ];
    if args.github {
        let path = ".github/workflows/schemas.yml";
        files.push((path.to_owned(), include_str!("github.yml").to_owned()));
    }
    if args.gitlab {
        files.push((".gitlab/schemas.yml".to_owned(), include_str!("gitlab.yml").to_owned()));
    }
    if args.hook {
        files.push((".githooks/pre-commit".to_owned(), include_str!("pre-commit").to_owned()));
    }
    for (path, text) in &files {
        let (word, style) = match write(&args.folder.join(path), text)? {
            Written::New => ("wrote", Style::new().green()),
            Written::Kept => ("kept", Style::new().dimmed()),
        };
        terminal.result(format_args!("{} {path}\n", format!("{word:<6}").style(style)))?;
    }
    let mut next = vec![format!("edit {subject}/1.json, commit it, and run `stele check`")];
    if args.gitlab {
        next.push("add `include: .gitlab/schemas.yml` to .gitlab-ci.yml".to_owned());
    }
    if args.hook {
        next.push("turn the hook on with `git config core.hooksPath .githooks`".to_owned());
    }
    for what in next {
        terminal.message(format_args!("{} {what}", "next:".cyan().bold()));
    }
    Ok(Exit::Compatible)
}

/// What became of a file.
enum Written {
    New,
    Kept,
}

fn write(path: &Path, text: &str) -> Result<Written, Unwritten> {
    let unwritten = |cause| Unwritten { path: path.to_owned(), cause };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(unwritten)?;
    }
    let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(Written::Kept),
        Err(error) => return Err(unwritten(error)),
    };
    file.write_all(text.as_bytes()).map_err(unwritten)?;
    #[cfg(unix)]
    if text.starts_with("#!") {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(fs::Permissions::from_mode(0o755)).map_err(unwritten)?;
    }
    Ok(Written::New)
}
