//! A failure is what ends a command early: one sentence, its chain of causes, what to do, and an exit code.

use std::{borrow::Cow, error::Error, fmt};

use crate::exit::Exit;

/// What to do about a failure, in one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint(Cow<'static, str>);

impl Hint {
    /// A hint that says this.
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Hint(text.into())
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An error of one operation that can end a command.
pub trait Explain: Error + Send + Sync + 'static {
    /// What the script is told.
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    /// What the person is told to do.
    fn hint(&self) -> Option<Hint> {
        None
    }
}

/// Why a command ended early.
pub struct Failure {
    exit: Exit,
    hint: Option<Hint>,
    error: Box<dyn Error + Send + Sync>,
}

impl Failure {
    /// What the script is told.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// The error itself, where it is of that kind.
    pub fn is<E: Error + 'static>(&self, which: impl FnOnce(&E) -> bool) -> bool {
        self.error.downcast_ref::<E>().is_some_and(which)
    }

    /// What to do, where that is known.
    pub fn hint(&self) -> Option<&Hint> {
        self.hint.as_ref()
    }

    /// The sentences from what failed down to why. One that only repeats the one above it is left out.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences: Vec<String> = Vec::new();
        let mut next: Option<&dyn Error> = Some(&*self.error);
        while let Some(error) = next {
            let sentence = error.to_string();
            if !sentences.last().is_some_and(|above| above.ends_with(&sentence)) {
                sentences.push(sentence);
            }
            next = error.source();
        }
        sentences
    }
}

impl<E: Explain> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure { exit: error.exit(), hint: error.hint(), error: Box::new(error) }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} (exit {})", self.sentences(), self.exit as u8)
    }
}
