//! Two schemas, split at the first zero byte: judged both ways in both models without a crash, within two seconds, and
//! with no witness that does not verify.
#![no_main]

use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use stele_evolution::{
    budget::Budget,
    containment::{ContentModel, Verdict, contains, refutes},
    policy::{Level, judge},
    schema::{Dialect, Schema},
};

/// What the engine is given to think.
const DEADLINE: Duration = Duration::from_millis(250);
/// What nothing may exceed.
const LIMIT: Duration = Duration::from_secs(2);

fuzz_target!(|data: &[u8]| {
    let Some(cut) = data.iter().position(|byte| *byte == 0) else { return };
    let (old, new) = (&data[..cut], &data[cut + 1..]);
    let (Ok(old), Ok(new)) = (std::str::from_utf8(old), std::str::from_utf8(new)) else { return };
    let started = Instant::now();
    for dialect in [Dialect::Draft202012, Dialect::Draft201909, Dialect::Draft4] {
        let read = |text: &str| Schema::read(text).default_dialect(dialect).parse();
        let (Ok(old), Ok(new)) = (read(old), read(new)) else { continue };
        let asked = Instant::now();
        let late = || asked.elapsed() > DEADLINE;
        let budget = Budget::until(u64::MAX, &late);
        judge(&old, &new, Level::AdditionsOnly, ContentModel::Event, &budget);
        for model in [ContentModel::Event, ContentModel::Strict] {
            if let Verdict::Breaking(witness) = contains(&old, &new, model, &budget) {
                assert!(refutes(&witness.event, &old, &new, model), "{}", witness.event);
            }
        }
    }
    assert!(started.elapsed() < LIMIT * 3, "it took {:?}", started.elapsed());
});
