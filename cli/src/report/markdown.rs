//! The report as markdown: a comment on a pull request, or the summary of a workflow.

use std::fmt::Write;

use super::{
    excerpt::Excerpt,
    model::Report,
    remark::{Case, Remark, Severity},
};

/// The most remarks shown in full; a comment has room for some 65,000 characters.
const MOST: usize = 40;

/// The report, with a heading.
pub fn render(report: &Report, cases: &[Case]) -> String {
    let counts = report.counts;
    let heading = match report.verdict {
        stele_evolution::policy::Outcome::Compatible => "✅ Event schemas: compatible",
        stele_evolution::policy::Outcome::Breaking => "❌ Event schemas: this breaks a consumer",
        stele_evolution::policy::Outcome::Undecided => "⚠️ Event schemas: undecided",
    };
    let mut text = format!(
        "### {heading}\n\n{} against {}: {} breaking, {} undecided, {} compatible{}\n",
        code(&report.new),
        code(&report.old),
        counts.breaking,
        counts.undecided,
        counts.compatible,
        if counts.waived > 0 { format!(", {} waived", counts.waived) } else { String::new() },
    );
    text.push_str(&self::cases(cases));
    let compatible: Vec<&Case> =
        cases.iter().filter(|case| case.passes && case.state != "unchanged").collect();
    if !compatible.is_empty() {
        text.push_str("\n<details><summary>Compatible</summary>\n\n");
        for case in compatible {
            // Writing to a string does not fail.
            let _ = writeln!(text, "- {}: {}", code(&case.title), case.state);
        }
        text.push_str("\n</details>\n");
    }
    text
}

/// Every case that says something, without a heading.
pub fn cases(cases: &[Case]) -> String {
    let mut text = String::new();
    let mut left = MOST;
    for case in cases.iter().filter(|case| !case.remarks.is_empty()) {
        let _ = writeln!(text, "\n#### {}: {}\n", code(&case.title), case.state);
        for remark in &case.remarks {
            if left == 0 {
                continue;
            }
            left -= 1;
            text.push_str(&shown(remark));
        }
    }
    if left == 0 {
        let _ = writeln!(text, "\nand more: `stele check` shows all of it");
    }
    text
}

fn shown(remark: &Remark) -> String {
    let mark = match remark.severity {
        Severity::Error => "❌",
        Severity::Warning => "⚠️",
        Severity::Note => "ℹ️",
    };
    let at = if remark.at.is_empty() { "the root" } else { &remark.at };
    let mut text =
        format!("- {mark} **{}** at {}: {}\n", remark.rule, code(at), plain(&remark.text));
    let line = |excerpt: &Excerpt| {
        let line = excerpt.text.lines().nth(excerpt.line - 1).unwrap_or_default().trim();
        line.chars().take(120).collect::<String>()
    };
    let exact = |excerpt: &&Excerpt| excerpt.exact;
    let mut diff = Vec::new();
    diff.extend(
        remark
            .before
            .as_ref()
            .filter(exact)
            .map(|it| format!("-{}:{}  {}", it.origin, it.line, line(it))),
    );
    diff.extend(
        remark
            .place
            .as_ref()
            .filter(exact)
            .map(|it| format!("+{}:{}  {}", it.origin, it.line, line(it))),
    );
    if !diff.is_empty() {
        // A fence that the text cannot end.
        let _ = write!(text, "  ````diff\n  {}\n  ````\n", diff.join("\n  "));
    }
    if let Some(instead) = &remark.instead {
        let _ = writeln!(text, "  Instead: {}", plain(instead));
    }
    text
}

/// A text as code, whatever it holds.
fn code(text: &str) -> String {
    let text = text.replace('\n', " ");
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

/// Foreign text that stays text: no tags, no mentions, no line breaks.
fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut is_code = false;
    for c in text.chars() {
        is_code ^= c == '`';
        match c {
            '\n' => shown.push(' '),
            '<' if !is_code => shown.push_str("&lt;"),
            '@' if !is_code => shown.push_str("&#64;"),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_stays_text() {
        assert_eq!(plain("<b> @ada `a<b`\nx"), "&lt;b> &#64;ada `a<b` x");
        assert_eq!(code("a`b"), "`` a`b ``");
    }
}
