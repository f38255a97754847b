//! A lens in YAML, laid out as people write it, with a comment beside everything that is only likely.

use std::fmt::Write;

use serde_json::Value;

use super::{Guess, Suggestion};
use crate::{lens::flow::flow, pointer::Pointer, version::Version};

pub(super) fn render(suggestion: &Suggestion) -> String {
    let lens = &suggestion.lens;
    let mut page = Page { text: String::new(), guesses: &suggestion.guesses };
    for key in ["lens", "subject", "from", "to"] {
        page.line(0, &format!("{key}: {}", flow(lens.get(key).unwrap_or(&Value::Null))), None);
    }
    let at = Pointer::root().child("ops");
    page.ops(0, lens.get("ops").unwrap_or(&Value::Null), &at);
    if let Some(Value::Object(losses)) = lens.get("accept_loss") {
        page.line(0, "accept_loss:", page.guess(&Pointer::root().child("accept_loss")));
        for key in ["up", "down"].iter().filter(|key| losses.contains_key(**key)) {
            page.line(2, &format!("{key}: {}", flow(&losses[*key])), None);
        }
    }
    for open in &suggestion.open {
        let place = if open.at.tokens().is_empty() { "/".to_owned() } else { open.at.to_string() };
        page.line(0, &format!("# open: {}: {}", commented(&place), commented(&open.why)), None);
    }
    page.text
}

pub(super) fn skeleton(subject: &str, from: Version) -> String {
    let (from, to) = (from, from.next());
    let subject = flow(&subject.into());
    format!(
        "\
lens: 1
subject: {subject}
from: {from}
to: {to}
ops: []
# ops:
#   - rename:  {{ from: /orderId, to: /id }}
#   - move:    {{ from: /name, to: /customer/name }}
#   - map:     {{ at: /status, pairs: {{ NEW: placed, PAID: paid }} }}
#   - convert: {{ at: /total, to: string, format: decimal }}
#   - drop:    {{ at: /legacyFlag, restore: false }}
#   - add:     {{ at: /currency, value: EUR }}
#   - each:    {{ at: /lines, ops: [ {{ rename: {{ from: /qty, to: /quantity }} }} ] }}
# accept_loss:
#   up:   [ /legacyFlag ]
#   down: [ /currency ]
# examples:
#   - up:    {{ orderId: \"7\" }}
#     gives: {{ id: \"7\" }}
"
    )
}

struct Page<'s> {
    text: String,
    guesses: &'s [Guess],
}

impl<'s> Page<'s> {
    fn guess(&self, at: &Pointer) -> Option<&'s str> {
        self.guesses.iter().find(|guess| guess.at == *at).map(|guess| guess.why.as_str())
    }

    fn line(&mut self, indent: usize, text: &str, guess: Option<&str>) {
        // Writing to a string does not fail.
        let _ = match guess {
            None => writeln!(self.text, "{:indent$}{text}", ""),
            Some(why) => {
                writeln!(self.text, "{:indent$}{text}  # guess: {}", "", commented(why))
            }
        };
    }

    fn ops(&mut self, indent: usize, ops: &Value, place: &Pointer) {
        let ops = ops.as_array().map(Vec::as_slice).unwrap_or_default();
        if ops.is_empty() {
            return self.line(indent, "ops: []", None);
        }
        self.line(indent, "ops:", None);
        for (index, op) in ops.iter().enumerate() {
            let at = place.child(index.to_string());
            let Some((name, body)) = op.as_object().and_then(|op| op.iter().next()) else {
                continue;
            };
            if let (Some(list), Some(inner)) = (body.get("at"), body.get("ops")) {
                self.line(indent + 2, &format!("- {name}:"), self.guess(&at));
                self.line(indent + 6, &format!("at: {}", flow(list)), None);
                self.ops(indent + 6, inner, &at.child(name).child("ops"));
            } else {
                let text = format!("- {name}: {}", flow(body));
                self.line(indent + 2, &text, self.guess(&at));
            }
        }
    }
}

/// A text that stays inside its comment.
fn commented(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skeleton_is_a_lens() {
        let text = skeleton("Order: \"placed\"", Version::FIRST);

        assert_eq!(crate::lens::Lens::parse(&text).unwrap().subject(), "Order: \"placed\"");
    }
}
