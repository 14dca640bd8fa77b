//! `mailroom-worker`: see the library.

use std::process::ExitCode;

use mailroom_bootstrap::{Service, process};
use mailroom_worker::{config::WorkerConfig, tools::Tool};
use rand::{SeedableRng, rngs::StdRng};

fn main() -> ExitCode {
    let service = Service {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        about: env!("CARGO_PKG_DESCRIPTION"),
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where this process's randomness comes from"
    )]
    let mut seed: StdRng = rand::make_rng();
    let mut seed_of_tools = StdRng::from_rng(&mut seed);
    process::run_or_use(
        service,
        move |config, context| mailroom_worker::serve(config, context, StdRng::from_rng(&mut seed)),
        async move |config: WorkerConfig, tool: Tool| {
            mailroom_worker::tools::run(&config, &tool, &mut seed_of_tools).await
        },
    )
}
