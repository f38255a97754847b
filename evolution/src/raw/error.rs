//! Why a text is not JSON that Stele reads.

/// The deepest nesting read, in arrays and objects.
pub const MAX_DEPTH: usize = 127;

/// Why a text is not JSON that Stele reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// No JSON at all.
    #[error("not JSON at line {line}, column {column}: {message}")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the parser expected.
        message: String,
    },
    /// One object has the same key twice.
    #[error("the key `{0}` stands twice in one object")]
    DuplicateKey(String),
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
}

impl From<serde_json::Error> for TextError {
    fn from(error: serde_json::Error) -> Self {
        let message = error.to_string();
        // serde_json gives this one no kind of its own.
        if message.starts_with("recursion limit exceeded") {
            return TextError::TooDeep;
        }
        let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
        TextError::NotJson { line: error.line(), column: error.column(), message }
    }
}
