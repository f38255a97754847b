//! Who listens to the feed: how many at a time, all together and each, and how far behind the slowest is.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use crate::{failure::Failure, log::Position};

/// How many may listen at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// All together.
    pub all: usize,
    /// With one name.
    pub each: usize,
}

/// Those who listen. Cheap to clone.
#[derive(Clone)]
pub struct Listeners(Arc<Inner>);

struct Inner {
    room: Room,
    all: Mutex<Vec<Arc<One>>>,
}

/// One of those who listen.
struct One {
    who: Option<String>,
    /// How far it has come; only what goes on has a place.
    at: Option<AtomicU64>,
}

/// The place of one who listens, for as long as they do.
pub struct Listener {
    one: Arc<One>,
    all: Listeners,
}

impl Listeners {
    /// Nobody yet.
    pub fn new(room: Room) -> Self {
        Listeners(Arc::new(Inner { room, all: Mutex::default() }))
    }

    /// Takes a place, if there is one. `who` is nothing where nobody says who they are; `at` is the place in the log of
    /// one who goes on listening.
    pub fn enter(&self, who: Option<&str>, at: Option<Position>) -> Result<Listener, Failure> {
        let mut all = self.0.all.lock().unwrap_or_else(PoisonError::into_inner);
        let Room { all: most, each } = self.0.room;
        if all.len() >= most {
            return Err(Failure::Overloaded);
        }
        if let Some(who) = who
            && all.iter().filter(|one| one.who.as_deref() == Some(who)).count() >= each
        {
            return Err(Failure::ListensTooOften { who: who.to_owned(), most: each });
        }
        let at = at.map(|at| AtomicU64::new(at.0));
        let one = Arc::new(One { who: who.map(str::to_owned), at });
        all.push(Arc::clone(&one));
        Ok(Listener { one, all: self.clone() })
    }

    /// How many go on listening, and how many events the slowest of them is behind an end.
    pub fn behind(&self, end: Position) -> (usize, u64) {
        let all = self.0.all.lock().unwrap_or_else(PoisonError::into_inner);
        let lags = all.iter().filter_map(|one| one.at.as_ref());
        let lags = lags.map(|at| end.0.saturating_sub(at.load(Ordering::Relaxed)));
        (lags.clone().count(), lags.max().unwrap_or(0))
    }
}

impl Listener {
    /// It has come so far.
    pub fn reached(&self, place: Position) {
        if let Some(at) = &self.one.at {
            at.store(place.0, Ordering::Relaxed);
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut all = self.all.0.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|one| !Arc::ptr_eq(one, &self.one));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_some_places_and_nobody_all() {
        let listeners = Listeners::new(Room { all: 4, each: 2 });
        let enter = |who| listeners.enter(who, Some(Position(1)));
        let first = enter(Some("ada")).unwrap();
        let _second = enter(Some("ada")).unwrap();

        let third = enter(Some("ada"));
        let other = enter(Some("eve")).unwrap();
        drop(first);
        let again = enter(Some("ada"));
        let nobody = enter(None);

        assert!(matches!(third, Err(Failure::ListensTooOften { most: 2, .. })));
        assert!(again.is_ok() && nobody.is_ok());
        assert!(matches!(enter(Some("bob")), Err(Failure::Overloaded)));
        other.reached(Position(9));
        assert_eq!(listeners.behind(Position(10)), (4, 9));
    }
}
