//! What the demonstration shows at its end, for people or for programs.

use std::io::Write;
use std::path::PathBuf;

use mailroom_store::server::Setting;
use serde_json::json;

use super::table::table;
use crate::cli::Output;
use crate::error::DevError;
use crate::traffic::report::Report;

/// Everything worth showing.
pub(super) struct Summary<'a> {
    /// What was played and what came of it.
    pub(super) report: &'a Report,
    /// The gateway.
    pub(super) base_url: &'a str,
    /// The admin listeners by name.
    pub(super) admin_urls: &'a [(String, String)],
    /// A line that opens the database and shows no password.
    pub(super) psql: String,
    /// What the server promises.
    pub(super) durability: &'a [Setting],
    /// The folder of the logs.
    pub(super) logs: PathBuf,
    /// Whether everything stays up, so that there is somewhere to look.
    pub(super) stays: bool,
}

impl Summary<'_> {
    /// Prints it to standard output.
    pub(super) fn print(&self, output: Output) -> Result<(), DevError> {
        let text = match output {
            Output::Text => self.text(),
            Output::Json => self.json(),
        };
        writeln!(std::io::stdout(), "{text}").map_err(DevError::io("print the summary"))
    }

    fn text(&self) -> String {
        let report = self.report;
        let mut lines = vec![
            table(&report.conversations),
            String::new(),
            format!(
                "{} requests sent, {} of them refused: {} events recorded, {} duplicates",
                report.sent, report.refused, report.recorded, report.duplicate
            ),
            format!(
                "{} messages in {} conversations",
                report.messages,
                report.conversations.len()
            ),
            format!("durability: {}", self.promises()),
        ];
        if self.stays {
            lines.extend([String::new(), "Where to look:".into()]);
            lines.push(format!("  {}/api/conversations", self.base_url));
            lines.push(format!("  {}/openapi.json", self.base_url));
            for (name, url) in self.admin_urls {
                lines.push(format!("  {url}/metrics  /readyz  /version  ({name})"));
            }
            lines.push(format!("  {}", self.psql));
            lines.push(format!("  {}  (logs)", self.logs.display()));
            lines.push(format!(
                "  cargo dev send slack --to {}  (or another provider)",
                self.base_url
            ));
        }
        lines.push(String::new());
        if report.is_clean() {
            lines.push(
                "All that was sent arrived, once and in order; what was to be refused was refused.".into(),
            );
        } else {
            lines.push("Not all is as it was sent:".into());
            lines.extend(report.complaints().map(|complaint| format!("  {complaint}")));
        }
        lines.join("\n")
    }

    fn json(&self) -> String {
        let durability: serde_json::Map<_, _> = self
            .durability
            .iter()
            .map(|setting| (setting.name.to_owned(), json!(setting.value)))
            .collect();
        let admin: serde_json::Map<_, _> = self
            .admin_urls
            .iter()
            .map(|(name, url)| (name.clone(), json!(url)))
            .collect();
        json!({
            "clean": self.report.is_clean(),
            "report": self.report,
            "durability": durability,
            "gateway": self.base_url,
            "admin": admin,
            "psql": self.psql,
        })
        .to_string()
    }

    fn promises(&self) -> String {
        let settings = self
            .durability
            .iter()
            .map(|setting| format!("{}={}", setting.name, setting.value));
        settings.collect::<Vec<_>>().join(", ")
    }
}
