//! The window is the part of a subscription that is being worked on: lanes of events in order, each event given out once
//! at a time. Pure: no clock but the instants it is handed, no I/O.
//!
//! Events of one key share a lane, and the next is given out only when the one before is settled. An event without a key
//! has a lane of its own. Only places and counts are held, never events, so that a window of thousands costs little.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
    time::Instant,
};

/// A place in the queue.
pub type Position = u64;

/// An event that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place.
    pub position: Position,
    /// Its key, if it has one.
    pub key: Option<Arc<str>>,
    /// How often it was given out before.
    pub attempts: u32,
    /// How many bytes it has.
    pub bytes: u64,
    /// When it was stored, in milliseconds since 1970.
    pub stored_at: i64,
}

/// How much is taken at once.
#[derive(Debug, Clone, Copy)]
pub struct Take {
    /// At most so many events.
    pub events: usize,
    /// At most so many bytes, but at least one event.
    pub bytes: u64,
    /// How many of one lane.
    pub lane: PerLane,
}

/// How many events of one lane are given out together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PerLane {
    /// One: the next only when it is settled.
    One,
    /// As many as come, in order: whoever takes them works through them in order.
    Run,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum LaneName {
    Key(Arc<str>),
    Alone(Position),
}

#[derive(Debug, Default)]
struct Lane {
    /// In order of their places.
    waiting: VecDeque<Entry>,
    /// How many are given out.
    out: usize,
    /// Nothing is given out before.
    rests_until: Option<Instant>,
}

/// The events of one subscription that are being worked on.
#[derive(Debug, Default)]
pub struct Window {
    lanes: HashMap<LaneName, Lane>,
    /// Lanes whose first event can be given out, by its place.
    ready: BTreeMap<Position, LaneName>,
    /// Lanes that rest, by when they wake and the place of their first event.
    resting: BTreeMap<(Instant, Position), LaneName>,
    out: HashMap<Position, Entry>,
    waiting: usize,
}

impl LaneName {
    fn of(entry: &Entry) -> Self {
        match &entry.key {
            Some(key) => LaneName::Key(Arc::clone(key)),
            None => LaneName::Alone(entry.position),
        }
    }
}

impl Window {
    /// How many events are in it, given out or not.
    pub fn length(&self) -> usize {
        self.waiting + self.out.len()
    }

    /// How many are given out.
    pub fn out(&self) -> usize {
        self.out.len()
    }

    /// Takes in an event whose place comes after all others of its lane; `due` is when it may be given out.
    pub fn admit(&mut self, entry: Entry, due: Option<Instant>) {
        let name = LaneName::of(&entry);
        let lane = self.lanes.entry(name.clone()).or_default();
        let is_first = lane.waiting.is_empty() && lane.out == 0;
        if lane.waiting.capacity() == 0 {
            // Most keys have one event that waits.
            lane.waiting.reserve_exact(1);
        }
        lane.waiting.push_back(entry);
        self.waiting += 1;
        if is_first {
            lane.rests_until = due;
            self.settle_lane(&name);
        }
    }

    /// Gives events out, those with the lowest places first.
    pub fn take(&mut self, now: Instant, take: Take) -> Vec<Entry> {
        self.wake(now);
        let mut taken: Vec<Entry> = Vec::new();
        let mut bytes = 0_u64;
        let mut continued = Vec::new();
        while taken.len() < take.events {
            let Some((_, name)) = self.ready.pop_first() else { break };
            let Some(lane) = self.lanes.get_mut(&name) else { continue };
            let Some(first) = lane.waiting.front() else { continue };
            if !taken.is_empty() && bytes.saturating_add(first.bytes) > take.bytes {
                // Whatever it has out now goes first.
                if lane.out == 0 {
                    self.ready.insert(first.position, name);
                }
                break;
            }
            let Some(entry) = lane.waiting.pop_front() else { continue };
            bytes = bytes.saturating_add(entry.bytes);
            lane.out += 1;
            self.waiting -= 1;
            if let (PerLane::Run, Some(next)) = (take.lane, lane.waiting.front()) {
                continued.push(next.position);
                self.ready.insert(next.position, name);
            }
            self.out.insert(entry.position, entry.clone());
            taken.push(entry);
        }
        // A lane that has something out gives out nothing more.
        for position in continued {
            self.ready.remove(&position);
        }
        taken
    }

    /// An event that was given out is settled. Answers whether it was out.
    pub fn finish(&mut self, position: Position) -> bool {
        let Some(entry) = self.out.remove(&position) else { return false };
        let name = LaneName::of(&entry);
        if let Some(lane) = self.lanes.get_mut(&name) {
            lane.out -= 1;
        }
        self.settle_lane(&name);
        true
    }

    /// An event that was given out comes back, to be given out again at `due`, before all others of its lane.
    pub fn give_back(&mut self, position: Position, attempts: u32, due: Option<Instant>) -> bool {
        let Some(mut entry) = self.out.remove(&position) else { return false };
        entry.attempts = attempts;
        let name = LaneName::of(&entry);
        let lane = self.lanes.entry(name.clone()).or_default();
        lane.out = lane.out.saturating_sub(1);
        let place = lane.waiting.partition_point(|other| other.position < position);
        lane.waiting.insert(place, entry);
        lane.rests_until = lane.rests_until.max(due);
        self.waiting += 1;
        self.settle_lane(&name);
        true
    }

    /// When the next lane wakes.
    pub fn next_due(&self) -> Option<Instant> {
        self.resting.first_key_value().map(|((due, _), _)| *due)
    }

    /// Whether something can be given out at once.
    pub fn is_ready(&self, now: Instant) -> bool {
        !self.ready.is_empty() || self.next_due().is_some_and(|due| due <= now)
    }

    fn wake(&mut self, now: Instant) {
        while let Some(first) = self.resting.first_entry()
            && first.key().0 <= now
        {
            let name = first.remove();
            if let Some(lane) = self.lanes.get_mut(&name) {
                lane.rests_until = None;
            }
            self.settle_lane(&name);
        }
    }

    /// Puts a lane where it belongs: among the ready, among the resting, or away.
    fn settle_lane(&mut self, name: &LaneName) {
        let Some(lane) = self.lanes.get(name) else { return };
        if lane.out > 0 {
            return;
        }
        match (lane.waiting.front(), lane.rests_until) {
            (None, _) => drop(self.lanes.remove(name)),
            (Some(first), Some(due)) => {
                drop(self.resting.insert((due, first.position), name.clone()));
            }
            (Some(first), None) => drop(self.ready.insert(first.position, name.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    const NONE: [Position; 0] = [];

    fn entry(position: Position, key: Option<&str>) -> Entry {
        Entry { position, key: key.map(Arc::from), attempts: 0, bytes: 10, stored_at: 0 }
    }

    fn window(entries: &[(Position, Option<&str>)]) -> Window {
        let mut window = Window::default();
        for (position, key) in entries {
            window.admit(entry(*position, *key), None);
        }
        window
    }

    fn take(window: &mut Window, now: Instant, events: usize, lane: PerLane) -> Vec<Position> {
        let taken = window.take(now, Take { events, bytes: u64::MAX, lane });
        taken.into_iter().map(|entry| entry.position).collect()
    }

    #[test]
    fn one_of_each_key_is_given_out_and_the_next_when_it_is_settled() {
        let now = Instant::now();
        let mut window =
            window(&[(1, Some("a")), (2, Some("a")), (3, Some("b")), (4, None), (5, None)]);

        assert_eq!(take(&mut window, now, 9, PerLane::One), [1, 3, 4, 5]);
        assert_eq!(take(&mut window, now, 9, PerLane::One), NONE);
        assert!(window.finish(1));
        assert_eq!(take(&mut window, now, 9, PerLane::One), [2]);
        assert!(!window.finish(1), "once only");
    }

    #[test]
    fn a_run_has_a_whole_lane_in_order_and_nobody_else_gets_the_rest_of_it() {
        let now = Instant::now();
        let mut window = window(&[(1, Some("a")), (2, Some("b")), (3, Some("a")), (4, Some("a"))]);

        assert_eq!(take(&mut window, now, 3, PerLane::Run), [1, 2, 3]);
        assert_eq!(take(&mut window, now, 3, PerLane::Run), NONE);
        window.finish(1);
        assert_eq!(take(&mut window, now, 3, PerLane::Run), NONE);
        window.finish(3);
        assert_eq!(take(&mut window, now, 3, PerLane::Run), [4]);
    }

    #[test]
    fn what_comes_back_goes_first_and_its_lane_rests() {
        let now = Instant::now();
        let later = now + Duration::from_secs(1);
        let mut window = window(&[(1, Some("a")), (2, Some("a")), (3, Some("b"))]);
        take(&mut window, now, 1, PerLane::One);

        assert!(window.give_back(1, 1, Some(later)));

        assert_eq!(take(&mut window, now, 9, PerLane::One), [3]);
        assert_eq!(window.next_due(), Some(later));
        assert_eq!(take(&mut window, later, 9, PerLane::One), [1]);
    }

    #[test]
    fn at_least_one_is_given_out_however_large() {
        let mut window = window(&[(1, None), (2, None), (3, None)]);

        let taken = window.take(Instant::now(), Take { events: 9, bytes: 1, lane: PerLane::Run });

        assert_eq!(taken.len(), 1);
        assert_eq!(take(&mut window, Instant::now(), 9, PerLane::Run), [2, 3]);
    }

    proptest! {
        /// Whatever is taken, settled and given back: every event is settled once, those of one key in order.
        #[test]
        fn nothing_is_lost_and_every_key_keeps_its_order(
            keys in prop::collection::vec(prop::option::of(0_u8..4), 1..60),
            moves in prop::collection::vec((0_usize..5, any::<bool>(), any::<bool>()), 0..200),
        ) {
            let start = Instant::now();
            let mut window = Window::default();
            for (position, key) in (1..).zip(&keys) {
                window.admit(entry(position, key.map(|key| key.to_string()).as_deref()), None);
            }
            let mut out: Vec<Entry> = Vec::new();
            let mut settled: Vec<Entry> = Vec::new();
            let mut step = |window: &mut Window, now, count, comes_back, run| {
                let lane = if run { PerLane::Run } else { PerLane::One };
                out.extend(window.take(now, Take { events: count, bytes: u64::MAX, lane }));
                out.sort_by_key(|entry| entry.position);
                if out.is_empty() { return }
                let first = out.remove(0);
                if comes_back {
                    // With it comes all of its lane that is out, as an expired lease does.
                    let (same, rest) = out.drain(..).partition(|entry| first.key.is_some() && entry.key == first.key);
                    out = rest;
                    let same: Vec<Entry> = same;
                    for entry in [vec![first], same].concat() {
                        assert!(window.give_back(entry.position, 1, Some(now + Duration::from_millis(1))));
                    }
                } else {
                    assert!(window.finish(first.position));
                    settled.push(first);
                }
            };
            let mut now = start;
            for (count, comes_back, run) in moves {
                now += Duration::from_millis(1);
                step(&mut window, now, count, comes_back, run);
            }
            for _ in 0..keys.len() {
                now += Duration::from_millis(10);
                step(&mut window, now, 1000, false, false);
            }
            prop_assert_eq!(settled.len(), keys.len());
            prop_assert_eq!(window.length(), 0);
            for key in 0..4_u8 {
                let key = key.to_string();
                let order: Vec<Position> = settled.iter()
                    .filter(|entry| entry.key.as_deref() == Some(&key))
                    .map(|entry| entry.position).collect();
                prop_assert!(order.is_sorted());
            }
        }
    }
}
