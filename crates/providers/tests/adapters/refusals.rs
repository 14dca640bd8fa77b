//! What being refused costs, by provider: the same table for people and for programs.

use std::fmt::Write;
use std::path::Path;

use mailroom_providers::PROVIDERS;

/// The marks in the document, which people do not see.
const BEGIN: &str = "<!-- refusals: from Provider::refusals, compared by a test -->";
const END: &str = "<!-- end of refusals -->";

fn table() -> String {
    let mut table =
        "| provider | after 5xx or no answer | after 4xx | stops at | to know |\n|---|---|---|---|---|\n"
            .to_owned();
    for provider in PROVIDERS {
        let refusals = provider.refusals();
        let stop = refusals
            .stop
            .map_or_else(|| "nothing".to_owned(), |status| status.to_string());
        let row = (provider.name(), refusals.trouble, refusals.refused, refusals.note);
        writeln!(
            table,
            "| `{}` | {} | {} | {stop} | {} |",
            row.0, row.1, row.2, row.3
        )
        .unwrap();
    }
    table
}

#[test]
fn the_table_is_what_people_are_told() {
    insta::with_settings!({omit_expression => true, prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("refusals", table());
    });
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/providers.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let between = docs
        .split_once(BEGIN)
        .and_then(|(_, rest)| Some(rest.split_once(END)?.0.trim()));
    let expected = table();
    assert_eq!(
        between,
        Some(expected.trim()),
        "docs/providers.md should hold between its marks:\n{expected}"
    );
}
