//! A folder on this machine, read by the layout.

use std::{fs, io, path::Path};

use super::{Reading, Source, SourceError, Subject, file, layout};

/// Reads all the schemas in a folder, and in the folders in it.
///
/// Hidden folders, `node_modules` and folders marked as a cache (`CACHEDIR.TAG`, as cargo's `target` is) are passed by.
pub fn read(root: &Path, reading: &Reading) -> Result<Source, SourceError> {
    let mut paths = Vec::new();
    walk(root, "", &mut paths)?;
    paths.sort();
    layout::arrange(&root.display().to_string(), &paths, &name(root)?, reading, |path| {
        let file = root.join(path);
        Ok((file::content(&file)?, file.display().to_string()))
    })
}

/// The subject whose versions stand directly in `folder`: its name, its lenses and its settings, and its documents.
pub(super) fn beside(folder: &Path, reading: &Reading) -> Result<Subject, SourceError> {
    // The parent of a bare file name is the empty path.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let paths: Vec<String> = entries(folder)?
        .into_iter()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| folder.join(name).is_file())
        .collect();
    let source =
        layout::arrange(&folder.display().to_string(), &paths, &name(folder)?, reading, |path| {
            let file = folder.join(path);
            Ok((file::content(&file)?, file.display().to_string()))
        })?;
    let name = source.name;
    source.subjects.into_iter().next().ok_or(SourceError::Empty(name))
}

fn walk(root: &Path, inside: &str, paths: &mut Vec<String>) -> Result<(), SourceError> {
    let folder = root.join(inside);
    let entries = entries(&folder)?;
    if !inside.is_empty() && entries.iter().any(|entry| entry.file_name() == "CACHEDIR.TAG") {
        return Ok(());
    }
    for entry in entries {
        // A name that is not text follows no convention.
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') || name == "node_modules" {
            continue;
        }
        let path = if inside.is_empty() { name } else { format!("{inside}/{name}") };
        let kind = entry.file_type().map_err(|cause| unreadable(&entry.path(), cause))?;
        if kind.is_dir() {
            walk(root, &path, paths)?;
        } else if kind.is_file() || kind.is_symlink() && entry.path().is_file() {
            paths.push(path);
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<fs::DirEntry>, SourceError> {
    fs::read_dir(folder).and_then(Iterator::collect).map_err(|cause| unreadable(folder, cause))
}

/// The folder's own name, also where it is written as `.`.
fn name(folder: &Path) -> Result<String, SourceError> {
    let whole = folder.canonicalize().map_err(|cause| unreadable(folder, cause))?;
    Ok(whole.file_name().unwrap_or_default().to_string_lossy().into_owned())
}

fn unreadable(path: &Path, cause: io::Error) -> SourceError {
    SourceError::Unreadable { origin: path.display().to_string(), cause }
}
