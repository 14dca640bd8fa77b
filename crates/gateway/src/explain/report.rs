//! The explanation in words, or as JSON.

use mailroom_providers::Unverified;
use serde_json::json;

use super::search::Explanation;

pub(super) fn print(endpoint: &str, provider: &str, explanation: &Explanation, as_json: bool) {
    let key = explanation
        .accepted
        .map(|key| if key == 0 { "current" } else { "previous" });
    let refused = explanation.refused.map(Unverified::label);
    if as_json {
        println!(
            "{}",
            json!({
                "endpoint": endpoint, "provider": provider, "accepted": key.is_some(), "key": key,
                "refused": refused, "fits": explanation.fits,
            })
        );
        return;
    }
    println!("endpoint `{endpoint}` of {provider}");
    if let Some(key) = key {
        println!("accepted, with the {key} secret");
        return;
    }
    if let Some(cause) = explanation.refused {
        println!("refused: {cause}");
    }
    match explanation.fits.as_slice() {
        [] => println!(
            "nothing that was tried makes it fit: the secret is another one, or the body was changed in a way that \
             cannot be guessed"
        ),
        fits => {
            println!("it fits with any of these changes:");
            for changes in fits {
                println!("  - {}", changes.join(", and "));
            }
        }
    }
}
