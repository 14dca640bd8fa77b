//! Workers as they are run: the real program, several of them, on a real PostgreSQL, with what goes wrong.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod actions;
mod connections;
mod dead_letters;
mod discarding;
mod doctor;
mod healthcheck;
mod joining;
mod killed;
mod letters;
mod mailroom;
mod paused;
mod pausing;
mod replaying;
mod stopped;
mod telling;
mod together;
mod tool;
mod unmigrated;
mod unprocessable;
mod unwell;
mod wakeless;
mod why;
