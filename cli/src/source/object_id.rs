//! The name git gives to a content, so that a file that did not change need not be read from the object store.

use std::fmt::{self, Write};

use sha2::Digest;

/// The hash of a blob, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(String);

/// What a repository hashes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectFormat {
    /// What repositories have by default.
    Sha1,
    /// `git init --object-format=sha256`
    Sha256,
}

impl ObjectId {
    /// The name that git printed.
    pub fn named(hex: &str) -> Self {
        ObjectId(hex.to_owned())
    }

    /// The name of this content.
    pub fn of(content: &[u8], format: ObjectFormat) -> Self {
        let header = format!("blob {}\0", content.len());
        ObjectId(match format {
            ObjectFormat::Sha1 => hash::<sha1::Sha1>(&header, content),
            ObjectFormat::Sha256 => hash::<sha2::Sha256>(&header, content),
        })
    }

    /// What it was hashed with.
    pub fn kind(&self) -> ObjectFormat {
        if self.0.len() == 64 { ObjectFormat::Sha256 } else { ObjectFormat::Sha1 }
    }
}

fn hash<D: Digest>(header: &str, content: &[u8]) -> String {
    let mut hash = D::new();
    hash.update(header);
    hash.update(content);
    hexadecimal(&hash.finalize())
}

/// Bytes as people write them.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_has_the_name_that_git_gives_it() {
        let id = ObjectId::of(b"{}\n", ObjectFormat::Sha1);

        assert_eq!(id.to_string(), "0967ef424bce6791893e9a57bb952f80fd536e93");
        assert_eq!(id.kind(), ObjectFormat::Sha1);
    }
}
