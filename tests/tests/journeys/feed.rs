//! A follower sees each change once and in order, however often it is cut off, and by whichever way it follows.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use stele_client::{Client, Follower};
use stele_tests::registry::Registry;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time,
};

/// How often the follower is cut off where nobody says otherwise in `STELE_SOAK_CUTS`.
const CUTS: usize = 100;

/// What stands between a follower and the registry.
#[derive(Clone, Copy)]
enum Between {
    /// Cuts each connection after some bytes of the answer, so many times in all.
    Cutting(usize),
    /// Lets nothing of an answer through until it is whole.
    HoldingBack,
    /// Lets the first bytes of an answer through only after so long.
    Late(Duration),
}

/// Numbers that look random and are the same in every run.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap()
}

/// Listens on a free port and hands everything on to `target`; its address, and how often it has cut.
async fn stand_between(target: String, between: Between) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let cuts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&cuts);
    tokio::spawn(async move {
        let mut state = 7;
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(&target).await.unwrap();
            let most = match between {
                Between::Cutting(most) => most,
                Between::HoldingBack | Between::Late(_) => 0,
            };
            let bytes = (cuts.load(Ordering::SeqCst) < most).then(|| 150 + next(&mut state) % 4000);
            tokio::spawn(hand_on(near, far, between, bytes, Arc::clone(&cuts)));
        }
    });
    (address, counted)
}

async fn hand_on(
    near: TcpStream,
    far: TcpStream,
    between: Between,
    bytes: Option<usize>,
    cuts: Arc<AtomicUsize>,
) {
    let ((mut near_in, mut near_out), (mut far_in, mut far_out)) =
        (near.into_split(), far.into_split());
    let asking =
        tokio::spawn(async move { tokio::io::copy(&mut near_in, &mut far_out).await.ok() });
    let mut left = bytes.unwrap_or(usize::MAX);
    let mut piece = vec![0; 1024];
    let mut held = Vec::new();
    if let Between::Late(late) = between {
        time::sleep(late).await;
    }
    loop {
        match far_in.read(&mut piece).await {
            Ok(0) | Err(_) => break,
            Ok(length) => {
                let sent = length.min(left);
                left -= sent;
                if matches!(between, Between::HoldingBack) {
                    held.extend_from_slice(&piece[..sent]);
                    // A page is whole with its last brace; a stream never is.
                    if !held.ends_with(b"}") {
                        continue;
                    }
                } else {
                    held = piece[..sent].to_vec();
                }
                if near_out.write_all(&held).await.is_err() {
                    break;
                }
                held.clear();
                if left == 0 {
                    cuts.fetch_add(1, Ordering::SeqCst);
                    break;
                }
            }
        }
    }
    asking.abort();
}

/// Makes something happen, so many times.
async fn describe(registry: &Registry, times: usize) {
    for time in 0..times {
        let body = json!({"description": format!("{time} {}", "and so on ".repeat(time % 40))});
        let answer = registry.put(&format!("/v1/subjects/s{}", time % 7), &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

async fn sequences(follower: &mut Follower, up_to: u64) -> Vec<u64> {
    let mut seen = Vec::new();
    while follower.position() < up_to {
        seen.push(follower.next().await.unwrap().sequence);
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_that_is_cut_off_at_random_sees_each_change_once_and_in_order() {
    let cuts = std::env::var("STELE_SOAK_CUTS").map_or(CUTS, |text| text.parse().unwrap());
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::start(directory.path());
    let target = registry.url().trim_start_matches("http://").to_owned();
    let (address, counted) = stand_between(target, Between::Cutting(cuts)).await;
    let client = Client::new(&address).unwrap();
    let total = cuts * 12;

    let following = tokio::spawn(async move {
        let mut follower = client.follow(0);
        sequences(&mut follower, total as u64).await
    });
    describe(&registry, total).await;
    let patience = Duration::from_secs(30 + cuts as u64);
    let seen = time::timeout(patience, following).await.unwrap().unwrap();

    assert_eq!(seen, (1..=total as u64).collect::<Vec<_>>());
    assert_eq!(counted.load(Ordering::SeqCst), cuts, "it was cut off as often as it was to be");
}

#[tokio::test]
async fn where_streams_are_held_back_a_follower_asks_again_and_again() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::start(directory.path());
    let target = registry.url().trim_start_matches("http://").to_owned();
    let (address, _) = stand_between(target, Between::HoldingBack).await;
    describe(&registry, 5).await;

    let mut follower = Client::new(&address).unwrap().follow(2);
    let seen = time::timeout(Duration::from_secs(30), sequences(&mut follower, 5)).await.unwrap();
    let (more, ()) = tokio::join!(sequences(&mut follower, 6), async {
        time::sleep(Duration::from_millis(200)).await;
        registry.put("/v1/subjects/other", &json!({"kind": "state"})).await;
    });

    assert_eq!((seen, more), (vec![3, 4, 5], vec![6]));
}

#[tokio::test]
async fn a_follower_that_is_asked_in_short_turns_hears_a_registry_that_answers_late() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::start(directory.path());
    let target = registry.url().trim_start_matches("http://").to_owned();
    let (address, _) = stand_between(target, Between::Late(Duration::from_secs(1))).await;
    describe(&registry, 3).await;
    let mut follower = Client::new(&address).unwrap().follow(0);

    let turn = Duration::from_millis(200);
    assert!(time::timeout(turn, follower.next()).await.is_err());
    assert!(follower.is_cut_off(), "nothing was heard from the registry yet");
    let mut seen = Vec::new();
    for _ in 0..50 {
        if let Ok(change) = time::timeout(turn, follower.next()).await {
            seen.push(change.unwrap().sequence);
        }
        if seen.len() == 3 {
            break;
        }
    }

    assert_eq!(seen, [1, 2, 3]);
    assert!(!follower.is_cut_off());
}

#[tokio::test]
async fn a_follower_of_a_registry_that_was_set_back_is_told_so() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::start(directory.path());
    describe(&registry, 2).await;

    let mut follower = Client::new(registry.url()).unwrap().follow(3);
    let error = follower.next().await.unwrap_err();

    assert_eq!(error.code(), Some("position_unknown"));
}

#[tokio::test]
async fn a_follower_outlives_the_registry_and_goes_on_with_the_next() {
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::start(directory.path());
    describe(&registry, 3).await;
    let port: u16 = registry.url().rsplit(':').next().unwrap().parse().unwrap();
    let mut follower = Client::new(registry.url()).unwrap().follow(0);
    let before = sequences(&mut follower, 3).await;

    registry.kill();
    drop(registry);
    // Nobody answers, and nothing is lost by giving up on a change in between.
    assert!(time::timeout(Duration::from_millis(300), follower.next()).await.is_err());
    assert!(follower.is_cut_off());
    let registry = Registry::start_at(port, directory.path());
    let (after, ()) = tokio::join!(sequences(&mut follower, 5), describe_two_more(&registry));

    assert_eq!((before, after), (vec![1, 2, 3], vec![4, 5]));
}

async fn describe_two_more(registry: &Registry) {
    for subject in ["x", "y"] {
        registry.put(&format!("/v1/subjects/{subject}"), &json!({"kind": "state"})).await;
    }
}
