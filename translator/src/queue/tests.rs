use bytes::Bytes;
use tempfile::TempDir;

use super::*;

const NONE: [Position; 0] = [];
const BOUND: Bound = Bound { events: 100, bytes: 100_000 };
const KEEP: Retention = Retention { age_ms: i64::MAX / 2, bytes: 1_000_000 };

fn original(number: u32) -> Original {
    let head = vec![("ce-id".to_owned(), number.to_string())].into();
    Original { head, body: Bytes::from(format!(r#"{{"n": {number}}}"#)) }
}

fn incoming(number: u32) -> Incoming {
    let Original { head, body } = original(number);
    Incoming::of(Some(&format!("order-{}", number % 2)), head, body)
}

fn open(directory: &TempDir) -> Queue {
    let named = |name: &str| (name.to_owned(), BOUND);
    Queue::open(directory.path(), &[named("one"), named("two")]).unwrap()
}

async fn store(queue: &Queue, subscription: &str, count: u32) -> Vec<Position> {
    let events = (0..count).map(incoming).collect();
    queue.store(subscription, events).await.unwrap()
}

async fn waiting(queue: &Queue, subscription: &str) -> Vec<Position> {
    let cursor = queue.standing(subscription).await.unwrap().unwrap().cursor;
    let page = queue.page(subscription, cursor, 1000).await.unwrap();
    page.entries.iter().map(|(entry, _)| entry.position).collect()
}

#[tokio::test]
async fn what_was_stored_is_there_after_the_process_ended() {
    let directory = tempfile::tempdir().unwrap();
    let queue = open(&directory);
    let positions = store(&queue, "one", 3).await;
    queue.close();
    drop(queue);

    let queue = open(&directory);
    let originals = queue.originals(positions.clone()).await.unwrap();

    assert_eq!(waiting(&queue, "one").await, positions);
    assert_eq!(waiting(&queue, "two").await, NONE);
    assert_eq!(originals[2], (positions[2], original(2)));
    assert_eq!(queue.fill("one").unwrap().events, 3);
}

#[tokio::test]
async fn the_cursor_is_the_lowest_that_is_not_settled() {
    let directory = tempfile::tempdir().unwrap();
    let queue = open(&directory);
    let one = store(&queue, "one", 4).await;
    let two = store(&queue, "two", 2).await;
    let done = |position: Position| vec![Settled::Done(position)];

    let out_of_turn = queue.settle("one", done(one[1]), 0).await.unwrap();
    assert_eq!((out_of_turn, waiting(&queue, "one").await), (0, vec![one[0], one[2], one[3]]));

    let in_turn = queue.settle("one", done(one[0]), 0).await.unwrap();
    assert_eq!((in_turn, waiting(&queue, "one").await), (one[1], vec![one[2], one[3]]));

    // Others in between do not hold it up.
    for position in [one[2], one[3]] {
        queue.settle("one", done(position), 0).await.unwrap();
    }
    assert_eq!(queue.standing("one").await.unwrap().unwrap().cursor, two[1]);
    assert_eq!(queue.standing("one").await.unwrap().unwrap().waiting, 0);
    assert_eq!(waiting(&queue, "two").await, two);
}

#[tokio::test]
async fn a_rewind_brings_back_what_is_kept_and_refuses_what_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let queue = open(&directory);
    let one = store(&queue, "one", 4).await;
    let all = one.iter().copied().map(Settled::Done).collect();
    queue.settle("one", all, 0).await.unwrap();
    assert_eq!(queue.sweep("one", KEEP).await.unwrap().events, 0);

    let at = queue.rewind("one", one[1]).await.unwrap();
    assert_eq!((at, waiting(&queue, "one").await), (one[1], vec![one[2], one[3]]));
    assert_eq!(queue.fill("one").unwrap().events, 2);

    let rest = vec![Settled::Done(one[2]), Settled::Done(one[3])];
    queue.settle("one", rest, 0).await.unwrap();
    assert_eq!(queue.sweep("one", Retention::default()).await.unwrap().events, 4);
    let refused = queue.rewind("one", one[1]).await.unwrap_err();
    assert!(matches!(refused, QueueError::NotKept { oldest, .. } if oldest == one[3]));
}

#[tokio::test]
async fn retention_by_size_takes_the_oldest_first() {
    let directory = tempfile::tempdir().unwrap();
    let queue = open(&directory);
    let one = store(&queue, "one", 4).await;
    let all = one.iter().copied().map(Settled::Done).collect();
    queue.settle("one", all, 0).await.unwrap();
    let bytes = 2 * original(0).length();

    let gone = queue.sweep("one", Retention { bytes, ..KEEP }).await.unwrap();

    assert_eq!(gone, Swept { events: 2, has_more: false });
    queue.rewind("one", one[1]).await.unwrap();
    assert_eq!(waiting(&queue, "one").await, one[2..]);
}

#[tokio::test]
async fn a_sweep_goes_on_past_the_events_of_others() {
    let directory = tempfile::tempdir().unwrap();
    let bound = Bound { events: 10_000, bytes: 10_000_000 };
    let named = |name: &str| (name.to_owned(), bound);
    let queue = Queue::open(directory.path(), &[named("one"), named("two")]).unwrap();
    store(&queue, "two", 3000).await;
    let one = store(&queue, "one", 1).await;
    queue.settle("one", vec![Settled::Done(one[0])], original(0).length()).await.unwrap();

    let first = queue.sweep("one", Retention::default()).await.unwrap();
    let second = queue.sweep("one", Retention::default()).await.unwrap();

    assert_eq!(first, Swept { events: 0, has_more: true });
    assert_eq!(second, Swept { events: 1, has_more: false });
}

#[tokio::test]
async fn a_dead_letter_keeps_the_original_and_a_redrive_puts_it_last() {
    let directory = tempfile::tempdir().unwrap();
    let queue = open(&directory);
    let one = store(&queue, "one", 2).await;
    let dead = Settled::Dead { position: one[0], fault: r#"{"code":"no_path"}"#.into() };

    let cursor = queue.settle("one", vec![dead], original(0).length()).await.unwrap();
    let letters = queue.dead_letters(Some("one".into()), 0, 10).await.unwrap();

    assert_eq!((cursor, waiting(&queue, "one").await), (one[0], vec![one[1]]));
    assert_eq!(letters[0].original, original(0));
    assert_eq!(letters[0].fault, r#"{"code":"no_path"}"#);
    assert_eq!(queue.count_dead_letters().await.unwrap(), 1);

    let again = queue.redrive(letters[0].id).await.unwrap();
    assert_eq!(waiting(&queue, "one").await, [one[1], again]);
    assert_eq!(queue.fill("one").unwrap().events, 2);
    assert!(matches!(
        queue.drop_dead_letter(letters[0].id).await,
        Err(QueueError::NoDeadLetter(_))
    ));
}

#[tokio::test]
async fn a_dead_letter_of_a_subscription_that_is_configured_no_more_stays_one() {
    let directory = tempfile::tempdir().unwrap();
    let queue = open(&directory);
    let one = store(&queue, "one", 1).await;
    let dead = Settled::Dead { position: one[0], fault: "{}".into() };
    queue.settle("one", vec![dead], original(0).length()).await.unwrap();
    queue.close();
    drop(queue);
    let queue = Queue::open(directory.path(), &[("two".to_owned(), BOUND)]).unwrap();
    let id = queue.dead_letters(None, 0, 10).await.unwrap()[0].id;

    let refused = queue.redrive(id).await.unwrap_err();

    assert_eq!(refused.to_string(), "the subscription `one` is not configured any more");
    assert_eq!(queue.dead_letter(id).await.unwrap().original, original(0));
}

#[tokio::test]
async fn more_than_the_bound_is_turned_away_and_room_comes_back() {
    let directory = tempfile::tempdir().unwrap();
    let queue = open(&directory);
    let one = store(&queue, "one", 100).await;

    let full = queue.store("one", vec![incoming(1)]).await.unwrap_err();
    assert!(matches!(full, QueueError::Full { events: 100, .. }));
    store(&queue, "two", 1).await;

    let bytes = original(0).length();
    queue.settle("one", vec![Settled::Done(one[0])], bytes).await.unwrap();
    queue.store("one", vec![incoming(1)]).await.unwrap();
}

#[tokio::test]
async fn attempts_survive_and_one_process_holds_the_queue() {
    let directory = tempfile::tempdir().unwrap();
    let queue = open(&directory);
    let one = store(&queue, "one", 1).await;
    let again = Settled::Again { position: one[0], attempts: 3, due: 77 };
    queue.settle("one", vec![again], 0).await.unwrap();

    let second = Queue::open(directory.path(), &[]).map(|_| ());
    assert!(matches!(second, Err(QueueError::InUse { .. })));

    queue.close();
    drop(queue);
    let page = open(&directory).page("one", 0, 10).await.unwrap();
    assert_eq!((page.entries[0].0.attempts, page.entries[0].1), (3, 77));
}

#[tokio::test]
async fn what_is_settled_out_of_turn_waits_no_more_after_a_restart_either() {
    let directory = tempfile::tempdir().unwrap();
    let queue = open(&directory);
    let one = store(&queue, "one", 4).await;
    store(&queue, "two", 3).await;
    let bytes = original(0).length();
    let done = vec![Settled::Done(one[1]), Settled::Done(one[3])];
    queue.settle("one", done, 2 * bytes).await.unwrap();
    let before = queue.fill("one").unwrap();
    queue.close();
    drop(queue);

    let queue = open(&directory);

    assert_eq!(before, Fill { events: 2, bytes: 2 * bytes });
    assert_eq!(queue.fill("one").unwrap(), before);
    assert_eq!(queue.fill("two").unwrap().events, 3);
    let standing = queue.standing("one").await.unwrap().unwrap();
    assert_eq!((standing.waiting, standing.waiting_bytes), (2, 2 * bytes));
    // Once the cursor passes them they are counted once, not twice.
    queue.settle("one", vec![Settled::Done(one[0])], bytes).await.unwrap();
    queue.settle("one", vec![Settled::Done(one[2])], bytes).await.unwrap();
    assert_eq!(queue.fill("one").unwrap().events, 0);
    assert_eq!(queue.standing("one").await.unwrap().unwrap().waiting, 0);
}

#[tokio::test]
async fn nobody_else_on_the_machine_reads_the_queue() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempfile::tempdir().unwrap();
    let queue = open(&directory);
    store(&queue, "one", 1).await;

    for name in ["queue.db", "queue.db-wal", "queue.db-shm", "queue.lock"] {
        let metadata = std::fs::metadata(directory.path().join(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_full_disk_refuses_and_what_was_acknowledged_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let (connection, lock) = layout::open(directory.path()).unwrap();
    // As much as fits on a very small disk.
    connection.pragma_update(None, "max_page_count", 30).unwrap();
    let bound = Bound { events: 1000, bytes: 10_000_000 };
    let small =
        Queue::with((connection, lock), directory.path(), &[("one".into(), bound)]).unwrap();
    let body = Bytes::from(vec![b'x'; 4000]);
    let large = || Incoming::of(None, Vec::new().into(), body.clone());

    let mut acknowledged = Vec::new();
    let refused = loop {
        match small.store("one", vec![large()]).await {
            Ok(positions) => acknowledged.extend(positions),
            Err(error) => break error,
        }
    };
    let waiting_then = small.fill("one").unwrap().events;
    small.close();
    drop(small);

    assert!(matches!(refused, QueueError::Disk(_)), "{refused}");
    assert!(acknowledged.len() > 5, "{acknowledged:?}");
    assert_eq!(waiting_then, acknowledged.len() as u64, "room for what was refused is given back");
    let roomy = open(&directory);
    assert_eq!(waiting(&roomy, "one").await, acknowledged);
    roomy.store("one", vec![large()]).await.unwrap();
}
