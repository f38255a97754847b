//! How often somebody may ask: a bucket that fills as time goes by, and from which each request takes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The most that are kept count of; beyond that, those that have not asked for long are forgotten.
const KEPT: usize = 10_000;

/// How often everybody may ask. Cheap to clone.
#[derive(Clone)]
pub struct Rates {
    /// Requests a second; nothing where nobody counts.
    rate: Option<f64>,
    buckets: Arc<Mutex<HashMap<String, Bucket>>>,
}

struct Bucket {
    left: f64,
    at: Instant,
}

impl Rates {
    /// So many requests a second for each, and twice as many at once after a quiet time; 0 for as many as they like.
    pub fn new(per_second: u32) -> Self {
        Rates { rate: (per_second > 0).then(|| f64::from(per_second)), buckets: Arc::default() }
    }

    /// Takes one request from somebody's bucket; how long to wait where it is empty.
    pub fn take(&self, name: &str, now: Instant) -> Result<(), Duration> {
        let Some(rate) = self.rate else { return Ok(()) };
        let most = rate * 2.0;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEPT && !buckets.contains_key(name) {
            // A bucket that has had two seconds is full again, and as good as none.
            buckets.retain(|_, bucket| now.duration_since(bucket.at) < Duration::from_secs(2));
        }
        let bucket = buckets.entry(name.to_owned()).or_insert(Bucket { left: most, at: now });
        let since = now.duration_since(bucket.at).as_secs_f64();
        bucket.left = (bucket.left + since * rate).min(most);
        bucket.at = now;
        if bucket.left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.left) / rate));
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_emptied_and_fills_again_for_each_by_itself() {
        let rates = Rates::new(10);
        let now = Instant::now();
        let later = |milliseconds| now + Duration::from_millis(milliseconds);

        let taken = (0..30).filter(|_| rates.take("ada", now).is_ok()).count();

        assert_eq!(taken, 20);
        assert_eq!(rates.take("ada", now), Err(Duration::from_millis(100)));
        assert_eq!(rates.take("eve", now), Ok(()));
        assert_eq!(rates.take("ada", later(150)), Ok(()));
        assert!(rates.take("ada", later(150)).is_err());
    }

    #[test]
    fn where_nobody_counts_everybody_may() {
        let rates = Rates::new(0);

        assert!((0..100).all(|_| rates.take("ada", Instant::now()).is_ok()));
    }
}
