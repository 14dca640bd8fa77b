//! Ten pods that start at once.

use crate::command::{finish, run, start};
use crate::database::Database;

#[tokio::test]
async fn ten_at_once_all_succeed_and_each_migration_is_applied_once() {
    let database = Database::empty().await;
    let children: Vec<_> = (0..10)
        .map(|_| start(&database.url(), &["up", "--output", "json"]))
        .collect();
    let mut applied = Vec::new();
    for child in children {
        let answer = finish(child).exits(0).json();
        for set in answer["sets"].as_array().unwrap() {
            for step in set["applied"].as_array().unwrap() {
                applied.push(format!("{} {}", set["set"], step["version"]));
            }
        }
    }
    let all = applied.len();
    applied.sort();
    applied.dedup();
    assert_eq!(applied.len(), all, "something was applied twice");
    let known = mailroom_store::migration::sets()
        .iter()
        .map(|set| set.known().len())
        .sum::<usize>();
    assert_eq!(all, known);
    run(&database.url(), &["status", "--check"]).exits(0);
}
