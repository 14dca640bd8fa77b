//! `baseline`: writes down what is there already.

use mailroom_store::migration::{self, Options, Set, Target};
use serde_json::json;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::progress::watch;

pub(crate) async fn baseline(
    (target, set): (&Target, &'static Set),
    to: i64,
    options: &Options,
) -> Result<Answer, Failure> {
    let noted = migration::baseline(target, set, to, options, &mut watch).await?;
    let name = set.name();
    Ok(Answer {
        text: format!(
            "{name}: {} written down as applied and not run; `db-migrate verify --set {name}` says whether they are there",
            noted.len()
        ),
        json: json!({ "command": "baseline", "set": name, "noted": noted }),
        exit: 0,
    })
}
