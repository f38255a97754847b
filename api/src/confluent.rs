//! The error codes of the Confluent dialect: the HTTP status is their first three digits.

use serde::{Deserialize, Serialize};

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal;)+) => {
        /// Every code the root paths answer with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ $name,)+
        }

        impl ErrorCode {
            /// Every code, in the order of the table.
            pub const ALL: &[ErrorCode] = &[$(ErrorCode::$name),+];

            /// The number in the body.
            pub fn number(self) -> u32 {
                match self { $(ErrorCode::$name => $number,)+ }
            }
        }
    };
}

error_codes! {
    /// A body, a query or a path that cannot be read.
    BadRequest = 400;
    /// Nobody is named, or somebody who is not known.
    Unauthorized = 401;
    /// Somebody who may not.
    Forbidden = 403;
    /// A body that takes too long to come.
    RequestTimeout = 408;
    /// More requests than somebody may make.
    TooManyRequests = 429;
    /// No such path.
    NotFound = 404;
    /// No such method there.
    MethodNotAllowed = 405;
    /// A body beyond the limit.
    TooLargeBody = 413;
    /// A body of another media type.
    UnsupportedMediaType = 415;
    /// Well formed, and still not to be done.
    UnprocessableEntity = 422;
    /// Subject not found.
    SubjectNotFound = 40401;
    /// Version not found.
    VersionNotFound = 40402;
    /// Schema not found.
    SchemaNotFound = 40403;
    /// The subject was soft-deleted already.
    SubjectSoftDeleted = 40404;
    /// The subject is to be soft-deleted first.
    SubjectNotSoftDeleted = 40405;
    /// The version was soft-deleted already.
    VersionSoftDeleted = 40406;
    /// The version is to be soft-deleted first.
    VersionNotSoftDeleted = 40407;
    /// The subject has no level of its own.
    SubjectConfigNotFound = 40408;
    /// The subject has no mode of its own.
    SubjectModeNotFound = 40409;
    /// Incompatible.
    Incompatible = 40901;
    /// Invalid schema.
    InvalidSchema = 42201;
    /// Invalid version.
    InvalidVersion = 42202;
    /// Invalid level.
    InvalidLevel = 42203;
    /// Invalid mode.
    InvalidMode = 42204;
    /// Operation not permitted.
    NotPermitted = 42205;
    /// Referenced by others.
    Referenced = 42206;
    /// The id does not match.
    IdDoesNotMatch = 42207;
    /// Invalid subject.
    InvalidSubject = 42208;
    /// Too large.
    TooLarge = 42209;
    /// Invalid rule set.
    InvalidRuleSet = 42210;
    /// The context is not empty.
    ContextNotEmpty = 42211;
    /// Something went wrong inside.
    Internal = 500;
    /// Too many requests wait.
    Overloaded = 503;
    /// The store cannot be reached.
    Store = 50001;
    /// It took too long.
    Timeout = 50002;
    /// Could not be passed on to the leader. One registry has none to pass on to, and never says so.
    Forwarding = 50003;
    /// There is no leader. One registry needs none, and never says so.
    NoLeader = 50004;
}

impl ErrorCode {
    /// The HTTP status: the first three digits.
    pub fn status(self) -> u16 {
        let number = self.number();
        let leading = if number >= 1000 { number / 100 } else { number };
        u16::try_from(leading).unwrap_or(500)
    }
}

/// The body of every error at the root paths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The code's number.
    pub error_code: u32,
    /// What happened.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_the_first_three_digits() {
        assert_eq!(ErrorCode::Incompatible.status(), 409);
        assert_eq!(ErrorCode::InvalidRuleSet.status(), 422);
        assert_eq!(ErrorCode::NotFound.status(), 404);
    }
}
