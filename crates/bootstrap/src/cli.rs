//! The command line arguments that every mailroom program takes.

use std::path::PathBuf;

use clap::Args;

/// Flatten it into a program's own arguments with `#[command(flatten)]`.
#[derive(Debug, Clone, Default, Args)]
pub struct CommonArgs {
    /// Read settings from this TOML file (environment variables win over it)
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Print the settings in effect, secrets redacted, and exit
    #[arg(long)]
    pub print_config: bool,

    /// What to log, such as `info` or `info,mailroom_store=debug`
    #[arg(long, value_name = "FILTER", env = "RUST_LOG")]
    pub log: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::CommonArgs;

    #[test]
    fn reads_the_common_arguments() {
        let command = CommonArgs::augment_args(Command::new("service"));
        let matches =
            command.get_matches_from(["service", "--config", "a.toml", "--print-config", "--log", "warn"]);
        let args = CommonArgs::from_arg_matches(&matches).unwrap();
        assert_eq!(args.config.unwrap().to_str(), Some("a.toml"));
        assert!(args.print_config);
        assert_eq!(args.log.as_deref(), Some("warn"));
    }

    #[test]
    fn definition_holds_together() {
        CommonArgs::augment_args(Command::new("service")).debug_assert();
    }
}
