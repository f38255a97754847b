//! A subject names one stream of messages whose schema evolves as one; a context is the bounded context that owns it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The longest subject, context included, in bytes of text.
pub const MAX_BYTES: usize = 255;

/// The bounded context that owns a subject: `.` unless said, else a name after a dot, such as `.orders`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Context(String);

impl Context {
    /// Whether it is the one that subjects without a context are in.
    pub fn is_default(&self) -> bool {
        self.0 == "."
    }

    /// Its text, dot included.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What every subject in it begins with, such as `:.orders:`; nothing for the default one.
    pub fn prefix(&self) -> String {
        if self.is_default() { String::new() } else { format!(":{self}:") }
    }
}

impl Default for Context {
    fn default() -> Self {
        Context(".".to_owned())
    }
}

/// A subject, in a context. One in hand is valid: the only way in is [`str::parse`].
///
/// ```
/// use stele_api::subject::Subject;
///
/// let subject: Subject = ":.orders:OrderPlaced".parse()?;
/// assert_eq!((subject.context().as_str(), subject.name()), (".orders", "OrderPlaced"));
/// assert_eq!(subject.to_string(), ":.orders:OrderPlaced");
/// # Ok::<(), stele_api::subject::SubjectError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Subject {
    context: Context,
    name: String,
}

impl Subject {
    /// The context it is in.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Its name within the context.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is meant where a subject is named by something in `context`: one that names no context is in the same.
    #[must_use]
    pub fn seen_from(&self, context: &Context) -> Subject {
        let context = if self.context.is_default() { context } else { &self.context };
        Subject { context: context.clone(), name: self.name.clone() }
    }
}

/// Why a text names no subject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// Nothing there.
    #[error("a subject is empty")]
    Empty,
    /// More than [`MAX_BYTES`].
    #[error("the subject has {0} bytes; at most {MAX_BYTES} are taken")]
    TooLong(usize),
    /// A character that no screen shows.
    #[error("the subject {0:?} holds a control character")]
    ControlCharacter(String),
    /// `:.context` without the second colon, or a colon inside the context.
    #[error("`{0}` names no context: expected `:.context:Name`")]
    BadContext(String),
    /// `.`, `..`, and the names that existing clients give a meaning of their own.
    #[error("the subject name `{0}` is reserved")]
    Reserved(String),
}

impl FromStr for Context {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        check_text(text)?;
        if !text.starts_with('.') || text.contains(':') {
            return Err(SubjectError::BadContext(text.to_owned()));
        }
        Ok(Context(text.to_owned()))
    }
}

impl FromStr for Subject {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        check_text(text)?;
        let (context, name) = match text.strip_prefix(":.") {
            None => (Context::default(), text),
            Some(rest) => {
                let (context, name) = rest
                    .split_once(':')
                    .ok_or_else(|| SubjectError::BadContext(text.to_owned()))?;
                (Context(format!(".{context}")), name)
            }
        };
        match name {
            "" => Err(SubjectError::Empty),
            "." | ".." | "__GLOBAL" | "__EMPTY" => Err(SubjectError::Reserved(name.to_owned())),
            _ => Ok(Subject { context, name: name.to_owned() }),
        }
    }
}

fn check_text(text: &str) -> Result<(), SubjectError> {
    if text.is_empty() {
        return Err(SubjectError::Empty);
    }
    if text.len() > MAX_BYTES {
        return Err(SubjectError::TooLong(text.len()));
    }
    if text.chars().any(char::is_control) {
        return Err(SubjectError::ControlCharacter(text.to_owned()));
    }
    Ok(())
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A name that looks like a context is told from one by naming its own.
        if self.context.is_default() && !self.name.starts_with(":.") {
            return f.write_str(&self.name);
        }
        write!(f, ":{}:{}", self.context, self.name)
    }
}

impl TryFrom<String> for Context {
    type Error = SubjectError;

    fn try_from(text: String) -> Result<Self, SubjectError> {
        text.parse()
    }
}

impl From<Context> for String {
    fn from(context: Context) -> String {
        context.0
    }
}

impl TryFrom<String> for Subject {
    type Error = SubjectError;

    fn try_from(text: String) -> Result<Self, SubjectError> {
        text.parse()
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> String {
        subject.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(text: &str) -> SubjectError {
        text.parse::<Subject>().unwrap_err()
    }

    #[test]
    fn a_bad_name_is_refused_for_its_own_reason() {
        assert_eq!(refused(""), SubjectError::Empty);
        assert_eq!(refused(":.orders:"), SubjectError::Empty);
        assert_eq!(refused(&"x".repeat(256)), SubjectError::TooLong(256));
        assert_eq!(refused("a\u{7}b"), SubjectError::ControlCharacter("a\u{7}b".into()));
        assert_eq!(refused(":.orders"), SubjectError::BadContext(":.orders".into()));
        assert_eq!(refused(".."), SubjectError::Reserved("..".into()));
    }

    #[test]
    fn the_default_context_is_not_written() {
        let subject: Subject = ":.:OrderPlaced".parse().unwrap();

        assert_eq!(subject, "OrderPlaced".parse().unwrap());
        assert_eq!(subject.to_string(), "OrderPlaced");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(text in "(:\\.[a-z.]*:)?\\PC{1,40}") {
            if let Ok(subject) = text.parse::<Subject>() {
                prop_assert_eq!(subject.to_string().parse::<Subject>().unwrap(), subject);
            }
        }
    }
}
