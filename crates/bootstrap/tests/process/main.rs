//! A real process from its start to its exit code. The process is `examples/idle.rs`.

#[cfg(test)] // always so; it tells clippy that these are tests' own unwraps
mod healthcheck;
#[cfg(test)]
mod running;
mod starting;
mod stopping;
mod telling;
