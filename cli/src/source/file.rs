//! One document that was named itself: a file, or standard input.

use std::{
    io::{self, ErrorKind, Read},
    path::Path,
};

use stele_evolution::{
    lens::Lens,
    schema::{MAX_BYTES, SchemaError},
};

use super::{Document, Reading, Source, SourceError, Subject, folder, layout, schema, text};

/// The name of a subject that nobody named.
const NAMELESS: &str = "schema";

/// Reads one schema from a file. A file that follows the layout brings the lenses and settings beside it.
pub fn read(path: &Path, reading: &Reading) -> Result<Source, SourceError> {
    let shown = path.display().to_string();
    let document = |version| -> Result<Document, SourceError> {
        let schema = schema(&content(path)?, &shown, reading)?;
        Ok(Document { version, release: None, schema, origin: shown.clone() })
    };
    let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let file_name = file_name.unwrap_or_default();
    let subject = match layout::number(&file_name) {
        Some(version) => {
            let beside = path.parent().unwrap_or(Path::new("."));
            let mut subject = folder::beside(beside, reading)?;
            subject.documents = vec![document(Some(version))?];
            subject
        }
        None => nameless(layout::stem(&file_name), document(None)?),
    };
    Ok(Source::one(shown, renamed(subject, reading)))
}

/// Reads one schema from standard input.
pub fn stdin(reading: &Reading) -> Result<Source, SourceError> {
    let origin = "standard input".to_owned();
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    io::stdin()
        .lock()
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|cause| SourceError::Unreadable { origin: origin.clone(), cause })?;
    let schema = schema(&text(bytes, &origin)?, &origin, reading)?;
    let document = Document { version: None, release: None, schema, origin: origin.clone() };
    Ok(Source::one(origin, renamed(nameless(NAMELESS, document), reading)))
}

/// Reads a lens from a file.
pub fn lens(path: &Path) -> Result<Lens, SourceError> {
    Lens::parse(&content(path)?)
        .map_err(|cause| SourceError::Lens { origin: path.display().to_string(), cause })
}

/// The text of a file, if it is text and not larger than a schema may be.
pub fn content(path: &Path) -> Result<String, SourceError> {
    let origin = path.display().to_string();
    let unreadable = |cause: io::Error| match cause.kind() {
        ErrorKind::NotFound => SourceError::Missing(path.to_owned()),
        _ => SourceError::Unreadable { origin: origin.clone(), cause },
    };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if let Ok(length) = usize::try_from(length)
        && length > MAX_BYTES
    {
        let cause = SchemaError::TooLarge(length);
        return Err(SourceError::Schema { origin, cause });
    }
    text(std::fs::read(path).map_err(unreadable)?, &origin)
}

fn nameless(name: &str, document: Document) -> Subject {
    Subject::new(name.to_owned(), name.to_owned(), None, vec![document])
}

fn renamed(mut subject: Subject, reading: &Reading) -> Subject {
    if let Some(name) = &reading.subject {
        subject.name.clone_from(name);
        subject.key.clone_from(name);
    }
    subject
}
