//! A dead letter's fault as it is kept, and a dead letter as it is shown.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{envelope::base64, fault::Fault, queue::DeadLetter};

/// The fault as a dead letter keeps it.
pub fn kept(fault: &Fault, attempt: u32, stored_at: i64) -> String {
    let mut kept = fault.to_value();
    kept["attempt"] = json!(attempt);
    kept["first_seen"] = json!(time(stored_at));
    kept.to_string()
}

/// A dead letter in one line of a list: everything but the event.
pub fn line(letter: &DeadLetter) -> Value {
    let fault: Value = serde_json::from_str(&letter.fault).unwrap_or(Value::Null);
    let header = |name: &str| {
        letter.original.head.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    };
    json!({
        "id": letter.id,
        "subscription": letter.subscription,
        "key": letter.lane,
        "type": header("ce-type"),
        "died_at": time(letter.died_at),
        "bytes": letter.original.body.len(),
        "fault": fault,
    })
}

/// A dead letter with the event as it came.
pub fn whole(letter: &DeadLetter) -> Value {
    let mut whole = line(letter);
    let headers = letter.original.head.iter();
    let headers = headers.map(|(name, value)| (name.to_owned(), Value::from(value)));
    whole["headers"] = Value::Object(headers.collect());
    match std::str::from_utf8(&letter.original.body) {
        Ok(text) => whole["original"] = json!(text),
        Err(_) => whole["original_base64"] = json!(base64(&letter.original.body)),
    }
    whole
}

fn time(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds).map(|time| time.to_string()).unwrap_or_default()
}
