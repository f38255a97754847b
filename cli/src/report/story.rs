//! The story of a scenario: one line a step, so that it can be read aloud, and what it came to.

use std::{collections::BTreeMap, fmt::Write};

use owo_colors::{OwoColorize, Style};
use stele_scenario::retail::{Step, Summary, What, order_management::Status, trace::Count};

use super::table;
use crate::terminal::printable;

/// One step.
pub fn line(step: &Step) -> String {
    let style = context(step.context);
    let what = match step.what {
        What::Refused | What::Undelivered => Style::new().red().bold(),
        What::Retried => Style::new().yellow(),
        What::Ignored => Style::new().dimmed(),
        _ => Style::new(),
    };
    let mut about = Vec::new();
    if !step.to.is_empty() {
        about.push(format!("to {}", step.to.join(" and ")));
    }
    if !step.note.is_empty() {
        about.push(printable(&step.note));
    }
    let order: String = printable(&step.order).chars().take(8).collect();
    let versions_style = match step.read {
        Some(read) if read != step.written => style.bold(),
        _ => Style::new().dimmed(),
    };
    let line = format!(
        "{} {} {} {} {} {}",
        format!("{:<16}", step.context).style(style),
        format!("{:<11}", step.what.to_string()).style(what),
        format!("{:<17}", step.subject).bold(),
        format!("{:<16}", versions(step)).style(versions_style),
        format!("{order:<8}").dimmed(),
        about.join(": "),
    );
    // A customer's order begins a new paragraph.
    let gap = if step.context == "shop" { "\n" } else { "" };
    format!("{gap}{}\n", line.trim_end())
}

fn versions(step: &Step) -> String {
    match (step.what, step.read) {
        (What::Recalled, Some(read)) => format!("v{} lifted to v{read}", step.written),
        (_, Some(read)) if read != step.written => format!("v{} read as v{read}", step.written),
        _ => format!("v{}", step.written),
    }
}

/// One colour for each context.
fn context(name: &str) -> Style {
    match name {
        "order-management" => Style::new().blue(),
        "inventory" => Style::new().green(),
        "payment" => Style::new().magenta(),
        "shipping" => Style::new().cyan(),
        _ => Style::new(),
    }
}

/// What a run came to: messages by context and version, orders by their end, and which did not come to theirs.
pub fn summary(summary: &Summary) -> String {
    let mut rows: Vec<[String; 5]> = Vec::new();
    let mut add = |count: &Count, how: &str| {
        let read = count.read.unwrap_or(count.written);
        let versions = if read == count.written {
            format!("v{read}")
        } else {
            format!("v{} {how} v{read}", count.written)
        };
        rows.push([
            count.context.to_owned(),
            count.what.to_string(),
            count.subject.clone(),
            versions,
            count.times.to_string(),
        ]);
    };
    summary.recalled().for_each(|count| add(count, "lifted to"));
    summary.received().for_each(|count| add(count, "read as"));
    let amiss = [What::Refused, What::Undelivered, What::Retried];
    let counts = summary.counts.iter();
    counts.filter(|count| amiss.contains(&count.what)).for_each(|count| add(count, "read as"));
    let plain = Style::new();
    let mut text = table::render(
        ["context", "", "subject", "version", "times"],
        [plain, plain.dimmed(), plain.bold(), plain, plain],
        &rows,
    );
    text.push('\n');

    let outcomes: BTreeMap<Status, u32> = summary.outcomes();
    let rows: Vec<[String; 2]> =
        outcomes.iter().map(|(status, times)| [status.to_string(), times.to_string()]).collect();
    text.push_str(&table::render(["outcome", "orders"], [plain.bold(), plain], &rows));
    text.push('\n');

    let astray: Vec<_> = summary.orders.iter().filter(|order| !order.ended()).collect();
    for order in &astray {
        let stands = order.row.as_ref();
        let stands = stands.map_or_else(|| "nowhere".to_owned(), |row| row.status.to_string());
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "{} {} stands at {stands} and should have come to {}",
            "astray".red().bold(),
            order.name,
            order.ends
        );
    }
    let all = summary.orders.len();
    let verdict = match (summary.every_order_ended(), astray.len()) {
        (true, _) => {
            format!("all {all} orders came to their proper end").green().bold().to_string()
        }
        (false, 0) => {
            "every order came to its end, but messages were lost".red().bold().to_string()
        }
        (false, some) => format!("{some} of {all} orders did not come to their proper end")
            .red()
            .bold()
            .to_string(),
    };
    text.push_str(&verdict);
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(what: What, read: Option<u32>) -> Step {
        Step {
            context: "inventory",
            what,
            subject: "OrderPlaced".into(),
            written: "3".parse().unwrap(),
            read: read.map(|read| read.try_into().unwrap()),
            order: "5b3f0b3e-58d1-4c0f-9c39-6f0f5b7f2a11".into(),
            to: Vec::new(),
            note: "Ada Lovelace, 4 pieces".into(),
        }
    }

    #[test]
    fn a_step_reads_aloud() {
        let text = line(&step(What::Received, Some(1)));

        insta::assert_snapshot!(anstream::adapter::strip_str(&text), @"inventory        received    OrderPlaced       v3 read as v1    5b3f0b3e Ada Lovelace, 4 pieces");
    }

    #[test]
    fn what_is_sent_says_to_whom() {
        let sent = Step { to: vec!["inventory", "payment"], ..step(What::Sent, None) };

        insta::assert_snapshot!(anstream::adapter::strip_str(&line(&sent)), @"inventory        sent        OrderPlaced       v3               5b3f0b3e to inventory and payment: Ada Lovelace, 4 pieces");
    }
}
