//! The registry beside a bare axum server that does the least that could pass for the same: both in this process, in turns.

mod bare;
mod large;
mod load;
mod wire;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use stele_registry::{Config, serve};

use self::load::Asks;
use crate::bar::{Bar, Effort, median};

/// What may go wrong in a measurement, which then ends.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// How many connections read.
const READERS: usize = 16;

/// How many connections register at a time where that is measured.
const REGISTERING: usize = 64;

/// How many connections register and check while others read.
const BUSY: usize = 32;

/// How long one turn takes, and how many there are.
struct Turns {
    time: Duration,
    rounds: usize,
}

pub fn measure(effort: Effort) -> Result<Vec<Bar>, Trouble> {
    let turns = match effort {
        Effort::Quick => Turns { time: Duration::from_millis(1200), rounds: 3 },
        Effort::Full => Turns { time: Duration::from_secs(4), rounds: 7 },
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut bars = runtime.block_on(beside_the_bare(&turns))?;
    runtime.shutdown_background();
    bars.extend(large::measure()?);
    Ok(bars)
}

async fn beside_the_bare(turns: &Turns) -> Result<Vec<Bar>, Trouble> {
    let directory = tempfile::tempdir()?;
    let running = serve(Config::local(directory.path().join("ours"))).await?;
    let ours = running.address();
    let kept = load::register_one(ours).await?;
    let theirs = bare::serve(&directory.path().join("bare.db"), kept.clone()).await?;

    let mut bars = reading(ours, theirs, turns).await?;
    bars.push(registering(ours, theirs, turns).await?);
    bars.push(reading_while_others_write(ours, turns).await?);
    running.shutdown().await;
    Ok(bars)
}

/// By id, one KB, over connections that are kept.
async fn reading(ours: SocketAddr, theirs: SocketAddr, turns: &Turns) -> Result<Vec<Bar>, Trouble> {
    let get: Asks = Arc::new(|_, _| wire::get("/schemas/ids/1"));
    let (our_rate, their_rate) = in_turns(ours, theirs, READERS, &get, turns).await?;
    println!("get by id       ours {our_rate:.0}/s, bare {their_rate:.0}/s");

    let half = their_rate.min(our_rate) / 2.0;
    let pause = Duration::from_secs_f64(count(READERS) / half);
    let (mut our_tails, mut their_tails) = (Vec::new(), Vec::new());
    for _ in 0..turns.rounds {
        our_tails.push(load::tail(ours, READERS, pause, &get, turns.time).await?);
        their_tails.push(load::tail(theirs, READERS, pause, &get, turns.time).await?);
    }
    let (our_tail, their_tail) = (median(our_tails), median(their_tails));
    println!("  p99 at {half:.0}/s ours {our_tail:?}, bare {their_tail:?}");
    Ok(vec![
        Bar::at_least("registry.get_to_axum", our_rate / their_rate, 0.90),
        Bar::at_most(
            "registry.get_p99_to_axum",
            our_tail.as_secs_f64() / their_tail.as_secs_f64(),
            2.0,
        ),
    ])
}

/// Distinct small schemas, each answered once it is on disk.
async fn registering(ours: SocketAddr, theirs: SocketAddr, turns: &Turns) -> Result<Bar, Trouble> {
    let register: Asks = Arc::new(|writer, number| {
        let subject = format!("s{writer}-{number}");
        wire::post(&format!("/subjects/{subject}/versions"), &load::registration(&subject))
    });
    let (our_rate, their_rate) = in_turns(ours, theirs, REGISTERING, &register, turns).await?;
    println!("register        ours {our_rate:.0}/s, bare {their_rate:.0}/s");
    Ok(Bar::at_least("registry.register_to_axum", our_rate / their_rate, 0.70))
}

/// What is left of reading while others register and check as fast as they can.
async fn reading_while_others_write(ours: SocketAddr, turns: &Turns) -> Result<Bar, Trouble> {
    let get: Asks = Arc::new(|_, _| wire::get("/schemas/ids/1"));
    let write: Asks = Arc::new(|writer, number| {
        let subject = format!("b{writer}-{}", number / 2);
        let body = load::registration(&subject);
        if number % 2 == 0 {
            wire::post(&format!("/subjects/{subject}/versions"), &body)
        } else {
            wire::post(&format!("/compatibility/subjects/{subject}/versions?verbose=true"), &body)
        }
    });
    let (mut idle, mut busy, mut written) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..turns.rounds {
        idle.push(load::rate(ours, READERS, round, &get, turns.time).await?);
        let (read, beside) = tokio::try_join!(
            load::rate(ours, READERS, round, &get, turns.time),
            load::rate(ours, BUSY, round, &write, turns.time),
        )?;
        busy.push(read);
        written.push(beside);
    }
    let (idle, busy, written) = (middle(idle), middle(busy), middle(written));
    println!("get, and writes  idle {idle:.0}/s, beside {written:.0} writes/s {busy:.0}/s");
    Ok(Bar::at_least("registry.get_while_writing", busy / idle, 0.70))
}

async fn in_turns(
    ours: SocketAddr,
    theirs: SocketAddr,
    connections: usize,
    asks: &Asks,
    turns: &Turns,
) -> Result<(f64, f64), Trouble> {
    let (mut our_rates, mut their_rates) = (Vec::new(), Vec::new());
    for round in 0..=turns.rounds {
        let our_rate = load::rate(ours, connections, round, asks, turns.time).await?;
        let their_rate = load::rate(theirs, connections, round, asks, turns.time).await?;
        // The first turn warms up.
        if round > 0 {
            our_rates.push(our_rate);
            their_rates.push(their_rate);
        }
    }
    Ok((middle(our_rates), middle(their_rates)))
}

fn middle(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
