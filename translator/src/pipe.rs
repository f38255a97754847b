//! The pipe: events in, one a line; events in the consumer's version out, in the same order; faults beside.

use std::io::{self, BufRead, BufReader, Read, Write};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::{
    envelope::{read_line, write_line},
    fault::{Code, Fault},
    plans::Plans,
};

/// What became of the events of one run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many were translated.
    pub translated: u64,
    /// How many were not.
    pub faulted: u64,
}

/// What translates the events of a pipe, and what is known of all of them.
pub struct Piping<'p> {
    /// What translates.
    pub plans: &'p Plans,
    /// Where questions to the registry run.
    pub runtime: &'p Handle,
    /// The longest line taken, in bytes.
    pub max_line: usize,
    /// The stream that all events came on.
    pub stream: Option<String>,
}

/// A line of input, or as much of it as is taken.
struct Line {
    bytes: Bytes,
    is_whole: bool,
}

/// Translates events until the input ends. Dead letters are JSON lines, written before the next event is read.
pub fn run(
    piping: &Piping<'_>,
    input: impl Read,
    mut output: impl Write,
    mut dead_letters: impl Write,
) -> io::Result<Summary> {
    let mut input = BufReader::with_capacity(64 * 1024, input);
    let mut summary = Summary::default();
    let mut number = 0_u64;
    while let Some(line) = next_line(&mut input, piping.max_line)? {
        number += 1;
        if line.is_whole && line.bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match translate(piping, &line) {
            Ok(event) => {
                output.write_all(&event)?;
                output.write_all(b"\n")?;
                summary.translated += 1;
            }
            Err(fault) => {
                let letter = dead_letter(number, &line, &fault);
                dead_letters.write_all(format!("{letter}\n").as_bytes())?;
                dead_letters.flush()?;
                summary.faulted += 1;
            }
        }
        // Whoever feeds the pipe line by line waits for each answer; whoever feeds it faster than that does not.
        if !input.buffer().contains(&b'\n') {
            output.flush()?;
        }
    }
    output.flush()?;
    Ok(summary)
}

fn translate(piping: &Piping<'_>, line: &Line) -> Result<Bytes, Fault> {
    if !line.is_whole {
        let max_line = piping.max_line;
        return Err(Fault::new(Code::TooLarge, format!("at most {max_line} bytes are taken")));
    }
    let mut envelope = read_line(&line.bytes)?;
    envelope.stream.clone_from(&piping.stream);
    let translation = piping.runtime.block_on(piping.plans.translate(&envelope))?;
    Ok(write_line(&translation.envelope))
}

/// What is kept of an event that was not translated: its line, and why.
fn dead_letter(number: u64, line: &Line, fault: &Fault) -> Value {
    let mut fault = fault.to_value();
    fault["attempt"] = json!(1);
    fault["first_seen"] = json!(Timestamp::now().to_string());
    let mut letter = json!({"line": number, "fault": fault});
    match std::str::from_utf8(&line.bytes) {
        Ok(text) => letter["original"] = json!(text),
        Err(_) => letter["original_base64"] = json!(crate::envelope::base64(&line.bytes)),
    }
    if !line.is_whole {
        letter["truncated"] = json!(true);
    }
    letter
}

/// The next line without its end; of one longer than `max` only the start is kept.
fn next_line(input: &mut impl BufRead, max: usize) -> io::Result<Option<Line>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(2);
    if input.by_ref().take(limit).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    let ended = bytes.last() == Some(&b'\n');
    if ended {
        bytes.pop();
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    let is_whole = bytes.len() <= max;
    if !is_whole {
        bytes.truncate(max);
        if !ended {
            input.skip_until(b'\n')?;
        }
    }
    Ok(Some(Line { bytes: bytes.into(), is_whole }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::runtime::Runtime;

    use super::*;
    use crate::{
        convention::Convention,
        route::{Route, Routes},
        shop::{orders, route, version},
    };

    /// What comes out on both sides; the time of a dead letter is left out.
    fn piped(from: Option<u32>, input: &[u8]) -> (String, Vec<Value>, Summary) {
        let conventions = [Convention::usual(), vec![Convention::Nothing]].concat();
        let route = Arc::new(Route { conventions, ..route("OrderPlaced", 1) });
        let plans = Plans::fixed(Routes::Given { route, from: from.map(version) }, vec![orders()]);
        let runtime = Runtime::new().unwrap();
        let (mut output, mut dead) = (Vec::new(), Vec::new());

        let piping =
            Piping { plans: &plans, runtime: runtime.handle(), max_line: 200, stream: None };
        let summary = run(&piping, input, &mut output, &mut dead).unwrap();

        let dead = String::from_utf8(dead).unwrap();
        let letters = dead.lines().map(|line| {
            let mut letter: Value = serde_json::from_str(line).unwrap();
            assert!(letter["fault"].as_object_mut().unwrap().remove("first_seen").is_some());
            letter
        });
        (String::from_utf8(output).unwrap(), letters.collect(), summary)
    }

    #[test]
    fn bare_events_of_a_given_version_leave_bare_and_in_order() {
        let input = b"{\"id\":\"a\",\"total\":1.10}\r\n\n{\"id\":\"b\",\"status\":\"paid\"}";

        let (output, dead, summary) = piped(Some(3), input);

        assert_eq!(
            output,
            "{\"orderId\":\"a\",\"total\":1.10}\n{\"orderId\":\"b\",\"status\":\"PAID\"}\n"
        );
        assert!(dead.is_empty());
        assert_eq!(summary, Summary { translated: 2, faulted: 0 });
    }

    #[test]
    fn every_line_may_come_in_its_own_version() {
        let line = |event_type: &str, data: &str| {
            format!(
                r#"{{"specversion":"1.0","id":"1","source":"/s","type":"{event_type}","data":{data}}}"#
            ) + "\n"
        };
        let input = line("OrderPlaced.v3", r#"{"id":"a"}"#)
            + &line("OrderPlaced.v1", r#"{ "orderId" : "b" }"#)
            + &line("OrderPlaced.v2", r#"{"orderId":"c","note":"n"}"#);

        let (output, dead, _) = piped(None, input.as_bytes());

        let events: Vec<Value> =
            output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let said: Vec<String> =
            events.iter().map(|event| format!("{} {}", event["type"], event["data"])).collect();
        assert_eq!(
            said,
            [
                r#""OrderPlaced.v1" {"orderId":"a"}"#,
                r#""OrderPlaced.v1" {"orderId":"b"}"#,
                r#""OrderPlaced.v1" {"note":"n","orderId":"c"}"#,
            ]
        );
        // Unparsed: the one is in the consumer's version, and what the other adds may stand in an open object.
        assert!(output.contains(r#""data":{ "orderId" : "b" }"#));
        assert!(output.contains(r#""data":{"orderId":"c","note":"n"}"#));
        assert!(dead.is_empty());
    }

    #[test]
    fn a_faulty_line_is_kept_whole_and_the_rest_goes_on() {
        let input = b"{\"id\":\"a\"}\nnope\n{\"total\":1}\n\xff\n{\"id\":\"b\"}\n";

        let (output, dead, summary) = piped(Some(3), input);

        assert_eq!(output, "{\"orderId\":\"a\"}\n{\"orderId\":\"b\"}\n");
        assert_eq!(summary, Summary { translated: 2, faulted: 3 });
        let codes: Vec<&Value> = dead.iter().map(|letter| &letter["fault"]["code"]).collect();
        assert_eq!(codes, ["not_json", "invalid_input", "not_json"]);
        assert_eq!(dead[1]["original"], r#"{"total":1}"#);
        assert_eq!(dead[1]["line"], 3);
        assert_eq!(dead[2]["original_base64"], "/w==");
    }

    #[test]
    fn a_line_that_is_too_long_costs_no_memory_and_not_the_next_one() {
        let long = format!("{{\"id\":\"{}\"}}\n{{\"id\":\"b\"}}\n", "x".repeat(100_000));

        let (output, dead, _) = piped(Some(3), long.as_bytes());

        assert_eq!(output, "{\"orderId\":\"b\"}\n");
        assert_eq!(dead[0]["fault"]["class"], "too_large");
        assert_eq!(dead[0]["truncated"], true);
        assert_eq!(dead[0]["original"].as_str().unwrap().len(), 200);
    }

    #[test]
    fn a_bare_line_without_a_version_is_not_guessed_after_a_break() {
        let (output, dead, _) = piped(None, b"{\"id\":\"a\"}\n");

        assert_eq!(output, "");
        assert_eq!(dead[0]["fault"]["code"], "version_not_said");
    }
}
