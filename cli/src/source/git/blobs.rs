//! The objects of a repository, read through one `git cat-file --batch`.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Stdio},
};

use super::{GitError, repository::git};
use crate::source::ObjectId;

/// A running `git cat-file --batch`.
pub(super) struct Blobs {
    child: Child,
    ask: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Blobs {
    pub(super) fn open(root: &Path) -> Result<Self, GitError> {
        let mut child = git(root)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(GitError::NoGit)?;
        match (child.stdin.take(), child.stdout.take()) {
            (ask, Some(answers)) => Ok(Blobs { child, ask, answers: BufReader::new(answers) }),
            _ => Err(GitError::NoGit(io::Error::other("it has no standard output"))),
        }
    }

    pub(super) fn read(&mut self, object: &ObjectId) -> Result<Vec<u8>, GitError> {
        self.answer(object).map_err(|cause| GitError::Broken(object.to_string(), cause))
    }

    fn answer(&mut self, object: &ObjectId) -> io::Result<Vec<u8>> {
        let unexpected = |answer: &str| io::Error::other(format!("it answers `{}`", answer.trim()));
        let ask = self.ask.as_mut().ok_or_else(|| unexpected(""))?;
        ask.write_all(format!("{object}\n").as_bytes())?;
        ask.flush()?;
        // `<hash> blob <size>`, the bytes, a line break.
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
        let size = match header.trim().rsplit_once(' ') {
            Some((about, size)) if about.ends_with(" blob") => {
                size.parse().map_err(|_| unexpected(&header))?
            }
            _ => return Err(unexpected(&header)),
        };
        let mut bytes = vec![0; size];
        self.answers.read_exact(&mut bytes)?;
        self.answers.read_exact(&mut [0])?;
        Ok(bytes)
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        // Git ends at the end of its input.
        drop(self.ask.take());
        let _ = self.child.wait();
    }
}
