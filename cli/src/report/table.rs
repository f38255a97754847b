//! A table: columns as wide as what stands in them.

use owo_colors::{OwoColorize, Style};
use unicode_width::UnicodeWidthStr;

use crate::terminal::printable;

/// Rows under a heading. Cells hold no styles of their own; a column may have one.
pub fn render<const N: usize>(
    heading: [&str; N],
    styles: [Style; N],
    rows: &[[String; N]],
) -> String {
    let rows: Vec<[String; N]> =
        rows.iter().map(|row| row.each_ref().map(|it| printable(it))).collect();
    let mut widths = heading.map(UnicodeWidthStr::width);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let mut text = String::new();
    let mut line = |cells: [&str; N], styles: [Style; N]| {
        let filled = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
        for (index, (cell, style)) in cells.into_iter().zip(styles).take(filled).enumerate() {
            text.push_str(&cell.style(style).to_string());
            if index + 1 < filled {
                text.extend(std::iter::repeat_n(' ', widths[index] - cell.width() + 2));
            }
        }
        text.push('\n');
    };
    line(heading, [Style::new().dimmed(); N]);
    for row in &rows {
        line(row.each_ref().map(String::as_str), styles);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_stands_in_them() {
        let rows =
            [["OrderPlaced".to_owned(), "3".to_owned()], ["Paid".to_owned(), "12".to_owned()]];

        let text = render(["subject", "latest"], [Style::new(); 2], &rows);

        insta::assert_snapshot!(anstream::adapter::strip_str(&text), @r"
        subject      latest
        OrderPlaced  3
        Paid         12
        ");
    }
}
