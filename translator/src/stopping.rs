//! Stopping: everybody who works on something hears of it in the same way.

use tokio::sync::watch;

/// Waits until somebody says that it should stop.
pub async fn told(mut stopping: watch::Receiver<bool>) {
    // An error means that nobody is left who could say so, which says the same.
    drop(stopping.wait_for(|stopping| *stopping).await);
}
