//! One document that was named itself: a file, or standard input.

use std::{
    io::{self, ErrorKind, Read},
    path::Path,
    sync::Arc,
};

use stele_evolution::{
    lens::Lens,
    schema::{MAX_BYTES, SchemaError},
};

use super::{
    Document, Neighbours, Reading, Shelf, Source, SourceError, Subject,
    folder::{self, Files},
    layout,
    shelf::Given,
    text,
};
use crate::error::Failure;

/// The name of a subject that nobody named.
const NAMELESS: &str = "schema";

/// Reads one schema from a file. A file that follows the layout brings the lenses and settings beside it.
pub fn read(path: &Path, reading: &Reading) -> Result<Source, Failure> {
    let shown = path.display().to_string();
    // What is not there, or is no text, is said before anything beside it is read.
    content(path)?;
    let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let file_name = file_name.unwrap_or_default();
    // The parent of a bare file name is the empty path.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let version = layout::number(&file_name);
    let mut names =
        if version.is_some() { folder::beside(folder)? } else { vec![file_name.clone()] };
    if reading.neighbours == Neighbours::ButLenses {
        names.retain(|name| !name.ends_with(".lens.yaml"));
    }
    let shelf = Shelf::new(Files::new(folder, names.clone()), reading.dialect);
    let mut document = Document::shelved(&shelf, &file_name, version);
    document.origin.clone_from(&shown);
    let subject = if version.is_some() {
        let name = folder.display().to_string();
        let source = layout::arrange(&name, &names, &folder::name(folder)?, reading, &shelf)?;
        let subject = source.subjects.into_iter().next();
        let mut subject = subject.ok_or(SourceError::Empty(name))?;
        subject.documents = vec![document];
        subject
    } else {
        nameless(layout::stem(&file_name), document)
    };
    // Read now, so that a text which is no schema is never compared.
    subject.documents.iter().try_for_each(|document| document.schema().map(drop))?;
    Ok(Source::one(shown, renamed(subject, reading)))
}

/// Reads one schema from standard input.
pub fn stdin(reading: &Reading) -> Result<Source, Failure> {
    let origin = "standard input".to_owned();
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    io::stdin()
        .lock()
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|cause| SourceError::Unreadable { origin: origin.clone(), cause })?;
    let given = (NAMELESS.to_owned(), Arc::from(text(bytes, &origin)?), origin.clone());
    let shelf = Shelf::new(Given::new([given]), reading.dialect);
    let document = Document::shelved(&shelf, NAMELESS, None);
    document.schema()?;
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
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > MAX_BYTES {
        let cause = SchemaError::TooLarge(length);
        return Err(SourceError::Schema { origin, cause });
    }
    let mut bytes = Vec::with_capacity(length + 1);
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    text(bytes, &origin)
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
