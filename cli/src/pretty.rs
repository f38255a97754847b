//! A JSON text indented for people, its keys in the order they were written and its numbers as they were written.

/// The text, indented by two, ending in a line break. It must be JSON without white space: a canonical text.
pub fn render(canonical: &str) -> String {
    let mut out = String::with_capacity(canonical.len() * 2);
    let mut depth = 0_usize;
    let mut characters = canonical.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(c) = characters.next() {
        match c {
            '"' => {
                out.push(c);
                while let Some(c) = characters.next() {
                    out.push(c);
                    match c {
                        '\\' => out.extend(characters.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '{' | '[' => {
                out.push(c);
                if let Some(close) = characters.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            other => out.push(other),
        }
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_numbers_and_strings_stay_as_they_are() {
        let text = render(r#"{"b":[1.10,"a,\"{:"],"a":{},"c":[]}"#);

        insta::assert_snapshot!(text, @r#"
        {
          "b": [
            1.10,
            "a,\"{:"
          ],
          "a": {},
          "c": []
        }
        "#);
    }
}
