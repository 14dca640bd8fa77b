//! `mailroom-gateway`: see the library.

use std::process::ExitCode;

use chrono::Utc;
use mailroom_bootstrap::{Service, process};
use mailroom_gateway::{Clock, config::GatewayConfig, explain::Tool};
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
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where this process's time comes from"
    )]
    let clock = Clock(Utc::now);
    process::run_or_use(
        service,
        move |config, context| mailroom_gateway::serve(config, context, clock, StdRng::from_rng(&mut seed)),
        async move |config: GatewayConfig, tool: Tool| match tool {
            Tool::ExplainSignature(explain) => mailroom_gateway::explain::explain(&config, &explain, clock),
        },
    )
}
