//! Every command of the README works as it is written: its `sh` blocks, one after another, in one shell.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use mailroom_test_support::TestDatabase;

/// The code of all fenced blocks of a language.
fn blocks(markdown: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        if line.trim_end() == format!("```{language}") {
            blocks.push(
                lines
                    .by_ref()
                    .take_while(|line| line.trim_end() != "```")
                    .collect::<Vec<_>>()
                    .join("\n"),
            );
        }
    }
    blocks
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_the_readme_works() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let commands = blocks(&readme, "sh");
    assert!(commands.len() >= 3, "the README's commands were not found");
    let database = TestDatabase::create_empty().await;
    // Whatever a block leaves running goes with the shell.
    let script = format!(
        "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{}",
        commands.join("\n")
    );
    let shell = Command::new("bash")
        .args(["-c", &script])
        .current_dir(&root)
        .env("DATABASE_URL", database.url())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        shell.status.success(),
        "{}\n{}\n{}",
        shell.status,
        String::from_utf8_lossy(&shell.stdout),
        String::from_utf8_lossy(&shell.stderr)
    );
}

#[test]
fn blocks_are_found() {
    assert_eq!(blocks("a\n```sh\nx\ny\n```\n```text\nz\n```\n", "sh"), ["x\ny"]);
}
