//! The report as annotations of a GitHub workflow: one line each, which the runner shows beside the code.

use std::fmt::Write;

use super::remark::{Case, Severity};

/// The annotations.
pub fn render(cases: &[Case], prefix: &str) -> String {
    let mut text = String::new();
    for case in cases {
        for remark in &case.remarks {
            let command = match remark.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "notice",
            };
            let mut about = Vec::new();
            match &remark.place {
                Some(place) => {
                    about.push(format!("file={}", property(&super::file(&place.origin, prefix))));
                    about.push(format!("line={}", place.line));
                    about.push(format!("endLine={}", place.end_line));
                    about.push(format!("col={}", place.column));
                    about.push(format!("endColumn={}", place.end_column));
                }
                None => about.extend(
                    case.origin
                        .iter()
                        .map(|origin| format!("file={}", property(&super::file(origin, prefix)))),
                ),
            }
            about.push(format!("title={}", property(&format!("{}: {}", case.title, remark.rule))));
            let said = data(&case.line(remark));
            // Writing to a string does not fail.
            let _ = writeln!(text, "::{command} {}::{said}", about.join(","));
        }
    }
    text
}

/// A text as the data of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text as a property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_schema_becomes_a_command() {
        let text = data("a\n::error::b");

        assert_eq!((text.as_str(), property("a:b,c").as_str()), ("a%0A::error::b", "a%3Ab%2Cc"));
    }
}
