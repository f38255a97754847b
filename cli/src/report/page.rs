//! A page is text for people: paragraphs that fit the width, and events with a mark where something is wrong.

use owo_colors::{OwoColorize, Style};
use serde_json::Value;
use stele_evolution::pointer::Pointer;
use unicode_width::UnicodeWidthStr;

use crate::terminal::printable;

/// Text being laid out.
pub struct Page {
    text: String,
    width: usize,
}

impl Page {
    pub fn new(width: usize) -> Self {
        Page { text: String::new(), width }
    }

    pub fn into_text(self) -> String {
        self.text
    }

    /// An empty line, unless there is one already or nothing at all.
    pub fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// How wide text may be at an indent.
    pub fn room(&self, indent: usize) -> usize {
        self.width.saturating_sub(indent)
    }

    /// Lines as they are, styles included.
    pub fn block(&mut self, indent: usize, text: &str) {
        text.lines().for_each(|line| self.line(indent, line));
    }

    /// Of an event only the place that a pointer leads to, with a note.
    pub fn part(&mut self, indent: usize, event: &Value, at: &str, note: &str) {
        let place = at.parse().map(|at: Pointer| nearest(event, &at)).unwrap_or_default();
        let value = place.find(event).unwrap_or(event);
        let at = place.to_string();
        let at = if at.is_empty() { "the root".to_owned() } else { printable(&at) };
        let room = self.room(indent + at.width() + 2);
        let value = fitted(&value.to_string(), room.max(20));
        let line = format!("{at}: {}", value.red());
        let note = format!("<-- {}", printable(note));
        if indent + at.width() + 2 + value.width() + 2 + note.width() <= self.width {
            self.line(indent, &format!("{line}  {}", note.red().bold()));
        } else {
            self.line(indent, &line);
            let note = note.replacen("<--", "^--", 1);
            for part in wrap(&note, self.room(indent + 2).max(20)) {
                self.line(indent + 2, &part.red().bold().to_string());
            }
        }
    }

    /// One line as it is, styles included.
    pub fn line(&mut self, indent: usize, line: &str) {
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// A label and a text that is wrapped beside it.
    pub fn paragraph(&mut self, indent: usize, label: &str, style: Style, text: &str) {
        let text = printable(text);
        let hanging = if label.is_empty() { indent } else { indent + label.width() + 1 };
        let room = self.width.saturating_sub(hanging).max(20);
        for (index, line) in wrap(&text, room).iter().enumerate() {
            match index {
                0 if label.is_empty() => self.line(indent, line),
                0 => self.line(indent, &format!("{} {line}", label.style(style))),
                _ => self.line(hanging, line),
            }
        }
    }

    /// A value after a sign: on one line where it fits, else indented, and cut where it is long.
    pub fn value(&mut self, indent: usize, sign: &str, style: Style, value: &Value) {
        /// How many lines a value may take; whoever wants all of it has the file.
        const MOST: usize = 12;
        let room = self.width.saturating_sub(indent + sign.width() + 1);
        let compact = value.to_string();
        let lines: Vec<String> = if compact.width() <= room {
            vec![compact]
        } else {
            pretty(value, None).into_iter().map(|line| line.text).collect()
        };
        for line in lines.iter().take(MOST) {
            self.line(indent, &format!("{sign} {}", fitted(line, room)).style(style).to_string());
        }
        if lines.len() > MOST {
            let more = format!("{sign} ... {} more lines", lines.len() - MOST);
            self.line(indent, &more.style(style).to_string());
        }
    }

    /// An event, with a note beside the place that a pointer leads to.
    pub fn event(&mut self, indent: usize, event: &Value, mark: Option<(&str, &str)>) {
        let note = mark.map_or("", |(_, note)| note);
        let mark: Option<Pointer> = mark.and_then(|(at, _)| at.parse().ok());
        for line in pretty(event, mark.as_ref()) {
            if !line.marked {
                self.line(indent, &line.text);
                continue;
            }
            let note = format!("<-- {}", printable(note));
            let marked = line.text.red().to_string();
            if indent + line.text.width() + 2 + note.width() <= self.width {
                self.line(indent, &format!("{marked}  {}", note.red().bold()));
            } else {
                self.line(indent, &marked);
                let deep = line.text.len() - line.text.trim_start().len();
                let room = self.width.saturating_sub(indent + deep).max(20);
                for part in wrap(&note.replacen("<--", "^--", 1), room) {
                    self.line(indent + deep, &part.red().bold().to_string());
                }
            }
        }
    }
}

/// A line of an indented JSON text.
struct Line {
    text: String,
    marked: bool,
}

/// The value as indented JSON, the line where the member at `mark` starts marked; where the place is absent, the line
/// of the nearest thing around it.
fn pretty(value: &Value, mark: Option<&Pointer>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mark = mark.map(|mark| nearest(value, mark));
    write(value, &Pointer::root(), 0, "", mark.as_ref(), &mut lines);
    lines
}

fn nearest(value: &Value, mark: &Pointer) -> Pointer {
    let mut place = mark.clone();
    while place.find(value).is_none() {
        match place.split_last() {
            Some((around, _)) => place = around,
            None => break,
        }
    }
    place
}

fn write(
    value: &Value,
    at: &Pointer,
    depth: usize,
    label: &str,
    mark: Option<&Pointer>,
    lines: &mut Vec<Line>,
) {
    let marked = mark == Some(at);
    let indent = "  ".repeat(depth);
    let mut push =
        |text: String, marked| lines.push(Line { text: format!("{indent}{text}"), marked });
    let (open, close) = match value {
        Value::Object(members) if !members.is_empty() => ('{', '}'),
        Value::Array(items) if !items.is_empty() => ('[', ']'),
        scalar => return push(format!("{label}{scalar}"), marked),
    };
    push(format!("{label}{open}"), marked);
    let inside = |lines: &mut Vec<Line>, token: String, label: &str, value: &Value, last: bool| {
        write(value, &at.child(token), depth + 1, label, mark, lines);
        if let (false, Some(line)) = (last, lines.last_mut()) {
            line.text.push(',');
        }
    };
    match value {
        Value::Object(members) => {
            for (index, (name, value)) in members.iter().enumerate() {
                let label = format!("{}: ", Value::String(name.clone()));
                inside(lines, name.clone(), &label, value, index + 1 == members.len());
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                inside(lines, index.to_string(), "", value, index + 1 == items.len());
            }
        }
        _ => {}
    }
    lines.push(Line { text: format!("{indent}{close}"), marked: false });
}

/// The text in lines no wider than `width`, broken at spaces, but not inside of what is quoted as code.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words(text) {
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    lines.push(line);
    lines
}

fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_open = false;
    for part in text.split_whitespace() {
        match words.last_mut() {
            Some(word) if is_open => {
                word.push(' ');
                word.push_str(part);
            }
            _ => words.push(part.to_owned()),
        }
        is_open ^= part.matches('`').count() % 2 == 1;
    }
    words
}

/// The text cut to `width`.
fn fitted(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    for c in text.chars() {
        if cut.width() + 4 > width {
            break;
        }
        cut.push(c);
    }
    cut + "..."
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(width: usize, fill: impl FnOnce(&mut Page)) -> String {
        let mut page = Page::new(width);
        fill(&mut page);
        anstream::adapter::strip_str(&page.into_text()).to_string()
    }

    #[test]
    fn the_place_in_an_event_is_marked() {
        let event = json!({"id": "7", "lines": [{"qty": 0, "sku": "a"}]});

        let text =
            page(60, |page| page.event(0, &event, Some(("/lines/0/qty", "0 is less than 1"))));

        insta::assert_snapshot!(text, @r#"
        {
          "id": "7",
          "lines": [
            {
              "qty": 0,  <-- 0 is less than 1
              "sku": "a"
            }
          ]
        }
        "#);
    }

    #[test]
    fn a_long_note_goes_below_its_place() {
        let text = page(40, |page| {
            let note = "7 is not of the type that a reader expects there";
            page.event(0, &json!({"id": 7}), Some(("/id", note)));
        });

        insta::assert_snapshot!(text, @r#"
        {
          "id": 7
          ^-- 7 is not of the type that a reader
          expects there
        }
        "#);
    }

    #[test]
    fn a_paragraph_hangs_beside_its_label() {
        let text = page(32, |page| {
            page.paragraph(2, "instead:", Style::new(), "add a new optional property beside it");
        });

        insta::assert_snapshot!(text, @r"
        instead: add a new optional
                 property beside it
        ");
    }
}
