//! The program that `cargo dev bench` runs beside mailroom: a client, and what people write by hand. Each prints one JSON
//! object.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use mailroom_bench::error::BenchError;
use mailroom_bench::fill::Fill;
use mailroom_bench::handler;
use mailroom_bench::latency::Latency;
use mailroom_bench::load::Load;
use mailroom_bench::read;
use mailroom_bench::sql_loop::{SqlLoop, Tables};
use serde::Serialize;

/// Load for mailroom's benchmarks, and what people write by hand to compare it with.
#[derive(Parser)]
#[command(name = "mailroom-bench", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Send SMS to a gateway, and say how it answered
    Load {
        /// The gateway
        #[arg(long)]
        to: SocketAddr,
        /// Connections
        #[arg(long, default_value_t = 64)]
        connections: u32,
        /// Requests a second, each at its own time [default: each connection sends as soon as it is answered]
        #[arg(long)]
        rate: Option<f64>,
        /// Seconds
        #[arg(long, default_value_t = 10)]
        seconds: u32,
        /// Requests at most
        #[arg(long, default_value_t = u64::MAX)]
        events: u64,
        /// Conversations
        #[arg(long, default_value_t = 5_000)]
        conversations: u64,
        /// Bytes of each request's body
        #[arg(long, default_value_t = 1_000)]
        bytes: usize,
        /// Tells these events from those of other runs
        #[arg(long)]
        run: String,
    },
    /// Send SMS at a steady rate, and watch when each becomes visible
    Latency {
        /// The gateway
        #[arg(long)]
        to: SocketAddr,
        /// Events a second
        #[arg(long, default_value_t = 50.0)]
        rate: f64,
        /// Seconds
        #[arg(long, default_value_t = 10)]
        seconds: u32,
        /// Tells these events from those of other runs
        #[arg(long)]
        run: String,
    },
    /// Serve as a handler that inserts one row for each request. The database is `DATABASE_URL`.
    Handler {
        /// Where to listen
        #[arg(long)]
        listen: SocketAddr,
    },
    /// Fill the database with conversations and messages. It is `DATABASE_URL`, and what is in it goes.
    Fill {
        /// Messages
        #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(200_000..))]
        messages: u64,
        /// Conversations
        #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1_000..=5_000_000))]
        conversations: u64,
    },
    /// Read what `fill` wrote, page after page
    Read {
        /// The gateway
        #[arg(long)]
        from: SocketAddr,
    },
    /// Drain events with a plain SQL loop, in tables of its own. The database is `DATABASE_URL`.
    SqlLoop {
        /// Events
        #[arg(long, default_value_t = 100_000)]
        events: u32,
        /// Conversations
        #[arg(long, default_value_t = 5_000)]
        conversations: u32,
        /// Loops at once
        #[arg(long, default_value_t = 2)]
        clients: u32,
        /// Events of a turn
        #[arg(long, default_value_t = 100)]
        batch: u32,
        /// Claim and result in one transaction
        #[arg(long)]
        one_transaction: bool,
        /// In tables with the keys and indexes that applications have, not the least that does it
        #[arg(long)]
        usual_tables: bool,
    },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Cli::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mailroom-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), BenchError> {
    match command {
        Command::Load {
            to,
            connections,
            rate,
            seconds,
            events,
            conversations,
            bytes,
            run,
        } => {
            let load = Load {
                to,
                connections,
                rate,
                span: Duration::from_secs(u64::from(seconds)),
                events,
                conversations,
                bytes,
                run,
            };
            say(&load.send().await?)
        }
        Command::Latency {
            to,
            rate,
            seconds,
            run,
        } => {
            let latency = Latency {
                to,
                rate,
                seconds,
                run,
            };
            say(&latency.measure().await?)
        }
        Command::Handler { listen } => handler::serve(listen, &database()?).await,
        Command::Fill {
            messages,
            conversations,
        } => {
            let fill = Fill {
                messages,
                conversations,
            };
            say(&fill.run(&database()?).await?)
        }
        Command::Read { from } => say(&read::read(from).await?),
        Command::SqlLoop {
            events,
            conversations,
            clients,
            batch,
            one_transaction,
            usual_tables,
        } => {
            let sql_loop = SqlLoop {
                events,
                conversations,
                clients,
                batch,
                tables: if usual_tables { Tables::Usual } else { Tables::Lean },
                one_transaction,
            };
            say(&sql_loop.run(&database()?).await?)
        }
    }
}

/// By the environment: the URL holds a password, and a command line is for everybody to read.
fn database() -> Result<String, BenchError> {
    std::env::var("DATABASE_URL").map_err(|_| std::io::Error::other("DATABASE_URL is not set").into())
}

fn say(what: &impl Serialize) -> Result<(), BenchError> {
    let text = serde_json::to_string(what).map_err(std::io::Error::from)?;
    println!("{text}");
    Ok(())
}
