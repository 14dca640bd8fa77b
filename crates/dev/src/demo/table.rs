//! The conversations as a table.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use crate::traffic::report::Row;

/// Rows that fit on a screen with the rest of the summary.
const ROWS: usize = 24;
/// Characters of a last message that are shown.
const GLANCE: usize = 44;

/// The latest conversations, and how many more there are.
pub(super) fn table(rows: &[Row]) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header([
            "channel",
            "between",
            "and",
            "messages",
            "last activity",
            "last message",
        ]);
    for row in rows.iter().take(ROWS) {
        table.add_row([
            Cell::new(&row.channel),
            Cell::new(&row.participant_a),
            Cell::new(&row.participant_b),
            Cell::new(row.message_count).set_alignment(CellAlignment::Right),
            Cell::new(row.last_activity_at.format("%Y-%m-%d %H:%M:%S")),
            Cell::new(glance(&row.last_body)),
        ]);
    }
    match rows.len().saturating_sub(ROWS) {
        0 => table.to_string(),
        more => format!("{table}\n  and {more} more conversations"),
    }
}

/// The beginning of a message on one line, without what would move the terminal's cursor.
fn glance(body: &str) -> String {
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown: String = line
        .chars()
        .filter(|character| !character.is_control())
        .take(GLANCE)
        .collect();
    if line.chars().count() > GLANCE {
        format!("{shown}…")
    } else {
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glance_is_one_harmless_line() {
        assert_eq!(glance("two\nlines\tand \u{1b}[2Jmore"), "two lines and [2Jmore");
        let long = glance(&"é".repeat(60));
        assert_eq!(long.chars().count(), GLANCE + 1);
    }
}
