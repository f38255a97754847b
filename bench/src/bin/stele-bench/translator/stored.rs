//! Stored push, beside the same bytes put into `SQLite` by nothing but a group commit, for as many writers at once.

use std::{
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, params};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
};

use super::{
    house::House,
    load::{CONNECTIONS, hammer, request},
};
use crate::{
    bar::{Bar, Effort},
    lens::shop,
};

pub async fn measure(effort: Effort) -> Vec<Bar> {
    let (rounds, time) = match effort {
        Effort::Quick => (3, Duration::from_secs(1)),
        Effort::Full => (9, Duration::from_secs(4)),
    };
    let house = House::open().await;
    let (old, ..) = shop::ten_operation_documents();
    house.register("Stored", &old, None).await;
    let sidecar = house.sidecar(
        "subjects: [{ subject: Stored, to: 1 }]\nsubscriptions: [{ name: shelf, mode: poll, max_events: 100000000, max_bytes: 1000000000000 }]\n",
    );
    let event = shop::event();
    let (host, stored) = request(&sidecar.url, "/queue/shelf", "Stored.v1", &event);
    let head = r#"[["content-type","application/json"],["ce-specversion","1.0"],["ce-id","7"],["ce-source","/bench"],["ce-type","Stored.v1"]]"#;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let raw = bare(house.path(), round, head, &event, time).await;
        let taken = hammer(&host, &stored, 202, time).await.rate;
        if round > 0 {
            ours.push(taken);
            theirs.push(raw);
        }
    }
    ours.sort_by(f64::total_cmp);
    theirs.sort_by(f64::total_cmp);
    let (ours, theirs) = (ours[ours.len() / 2], theirs[theirs.len() / 2]);
    println!(
        "stored {ours:.0} 202/s; bare group commit {theirs:.0} rows/s; {:.1} MiB",
        sidecar.resident()
    );
    vec![Bar::at_least("translator.stored_to_bare_queue", ours / theirs, 0.50)]
}

/// Rows a second: as many writers as there are connections, each waiting until its row is on disk.
async fn bare(folder: &Path, round: usize, head: &str, body: &str, time: Duration) -> f64 {
    let file = folder.join(format!("bare-{round}.db"));
    let (sender, mut receiver) = mpsc::channel::<(String, Arc<[u8]>, oneshot::Sender<()>)>(1024);
    let writer = thread::spawn(move || {
        let mut connection = Connection::open(file).expect("a file");
        connection.pragma_update(None, "journal_mode", "WAL").expect("a journal");
        connection.pragma_update(None, "synchronous", "FULL").expect("a flush");
        connection
            .execute_batch("CREATE TABLE event (position INTEGER PRIMARY KEY, head TEXT NOT NULL, body BLOB NOT NULL) STRICT")
            .expect("a table");
        while let Some(first) = receiver.blocking_recv() {
            let mut batch = vec![first];
            while let Ok(next) = receiver.try_recv() {
                batch.push(next);
            }
            let transaction = connection.transaction().expect("a transaction");
            {
                let mut insert = transaction
                    .prepare_cached("INSERT INTO event (head, body) VALUES (?1, ?2)")
                    .expect("a statement");
                for (head, body, _) in &batch {
                    insert.execute(params![head, &body[..]]).expect("a row");
                }
            }
            transaction.commit().expect("a commit");
            for (_, _, answer) in batch {
                let _ = answer.send(());
            }
        }
    });
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    let body: Arc<[u8]> = body.as_bytes().into();
    for _ in 0..CONNECTIONS {
        let (sender, head, body) = (sender.clone(), head.to_owned(), Arc::clone(&body));
        tasks.spawn(async move {
            let mut rows = 0_u32;
            while start.elapsed() < time {
                let (answer, answered) = oneshot::channel();
                let row = (head.clone(), Arc::clone(&body), answer);
                if sender.send(row).await.is_err() || answered.await.is_err() {
                    break;
                }
                rows += 1;
            }
            rows
        });
    }
    let rows: u32 = tasks.join_all().await.iter().sum();
    let elapsed = start.elapsed().as_secs_f64();
    drop(sender);
    writer.join().expect("the writer ends");
    f64::from(rows) / elapsed
}
