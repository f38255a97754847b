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

/// A line of input, or as much of it as is taken.
struct Line {
    bytes: Bytes,
    is_whole: bool,
}

/// Translates events until the input ends. Dead letters are JSON lines, written before the next event is read.
pub fn run(
    plans: &Plans,
    runtime: &Handle,
    max_line: usize,
    input: impl Read,
    mut output: impl Write,
    mut dead_letters: impl Write,
) -> io::Result<Summary> {
    let mut input = BufReader::with_capacity(64 * 1024, input);
    let mut summary = Summary::default();
    let mut number = 0_u64;
    while let Some(line) = next_line(&mut input, max_line)? {
        number += 1;
        if line.is_whole && line.bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match translate(plans, runtime, max_line, &line) {
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

fn translate(
    plans: &Plans,
    runtime: &Handle,
    max_line: usize,
    line: &Line,
) -> Result<Bytes, Fault> {
    if !line.is_whole {
        return Err(Fault::new(Code::TooLarge, format!("at most {max_line} bytes are taken")));
    }
    let envelope = read_line(&line.bytes)?;
    let translation = runtime.block_on(plans.translate(&envelope))?;
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
