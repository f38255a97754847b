//! A file that is read again when it changes. A change that cannot be read is logged, and what was known stays.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use tokio::{task::JoinHandle, time};

/// What a file says.
pub struct Watched<T> {
    current: Arc<ArcSwap<T>>,
    watching: JoinHandle<()>,
}

impl<T> Drop for Watched<T> {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

impl<T: Send + Sync + 'static> Watched<T> {
    /// Reads a file, and again whenever it has changed. Must be called within a runtime.
    pub fn open<E: Error + Send + 'static>(
        path: PathBuf,
        every: Duration,
        read: impl Fn(&Path) -> Result<T, E> + Send + 'static,
    ) -> Result<Self, E> {
        // First the mark: a change in between is then noticed.
        let mut known = mark(&path);
        let current = Arc::new(ArcSwap::from_pointee(read(&path)?));
        let published = Arc::clone(&current);
        let watching = tokio::spawn(async move {
            loop {
                time::sleep(every).await;
                let found = mark(&path);
                if found == known {
                    continue;
                }
                known = found;
                match read(&path) {
                    Ok(value) => {
                        published.store(Arc::new(value));
                        tracing::info!(path = %path.display(), "a file has changed and was read again");
                    }
                    Err(error) => tracing::error!(
                        path = %path.display(),
                        error = &error as &dyn Error,
                        "a file has changed and cannot be used; what it said before holds"
                    ),
                }
            }
        });
        Ok(Watched { current, watching })
    }

    /// What it says.
    pub fn current(&self) -> Arc<T> {
        self.current.load_full()
    }
}

/// What is different where a file has changed: its time and its length.
fn mark(path: &Path) -> Option<(SystemTime, u64)> {
    let found = fs::metadata(path).ok()?;
    Some((found.modified().ok()?, found.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_change_is_seen_and_a_bad_one_is_not_taken() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("number");
        fs::write(&path, "1").unwrap();
        let read = |path: &Path| {
            fs::read_to_string(path).map_err(|_| "".parse::<u32>().unwrap_err())?.parse::<u32>()
        };
        let watched = Watched::open(path.clone(), Duration::from_millis(10), read).unwrap();

        fs::write(&path, "not a number").unwrap();
        time::sleep(Duration::from_millis(100)).await;
        let after_a_bad_one = *watched.current();
        fs::write(&path, "22").unwrap();
        time::timeout(Duration::from_secs(10), async {
            while *watched.current() != 22 {
                time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await
        .unwrap();

        assert_eq!(after_a_bad_one, 1);
    }
}
