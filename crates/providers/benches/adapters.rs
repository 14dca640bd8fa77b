//! What verifying, splitting and redacting a request of about 1 KB costs on one core, by provider.
//!
//! `cargo dev bench adapters`, or `cargo bench -p mailroom-providers --bench adapters -- [--json]`. Exits with 1 when the
//! median of verifying and splitting is over the bound in a release build.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

#[path = "../tests/adapters/account.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod account;
#[path = "../tests/adapters/fixture.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod fixture;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mailroom_providers::signing::Outgoing;
use mailroom_providers::{Delivery, Redaction, RedactionSettings};
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, KeyPair, UnparsedPublicKey};

use account::{Account, accounts};

/// Verifying and splitting 1 KB may take so long.
const BOUND: f64 = 50.0;
const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_millis(40);

/// Microseconds, least, middle and most of the rounds.
struct Figure {
    min: f64,
    median: f64,
    max: f64,
}

fn measure(mut work: impl FnMut()) -> Figure {
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let (begun, mut times) = (Instant::now(), 0_u32);
            while begun.elapsed() < ROUND {
                for _ in 0..16 {
                    work();
                }
                times += 16;
            }
            begun.elapsed().as_secs_f64() * 1e6 / f64::from(times)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    Figure {
        min: rounds[0],
        median: rounds[ROUNDS / 2],
        max: rounds[ROUNDS - 1],
    }
}

/// The signed fixture whose body is nearest to 1 KB among those that become events.
fn request(account: &Account) -> Outgoing {
    let signed = account
        .fixtures()
        .into_iter()
        .map(|fixture| account.sign(&fixture.request, 1));
    let events = signed.filter(|request| matches!(account.split(request), Delivery::Events(_)));
    events
        .min_by_key(|request| request.body.len().abs_diff(1024))
        .unwrap()
}

/// One bare check of a P-256 signature, the dearest that any provider signs with: what no adapter can do without.
fn bare_signature() -> Figure {
    let random = SystemRandom::new();
    let algorithm = &signature::ECDSA_P256_SHA256_ASN1_SIGNING;
    let pair = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, pair.as_ref(), &random).unwrap();
    let body = [b'x'; 1024];
    let signed = pair.sign(&random, &body).unwrap();
    let key = UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, pair.public_key());
    measure(|| black_box(&key).verify(black_box(&body), signed.as_ref()).unwrap())
}

fn main() -> ExitCode {
    let as_json = std::env::args().any(|argument| argument == "--json");
    let redaction = Redaction::new(&RedactionSettings::default()).unwrap();
    let (mut lines, mut slow) = (Vec::new(), Vec::new());
    if !as_json {
        println!(
            "{:10} {:>6}  {:>24}  {:>8}  {:>8}  {:>8}   microseconds, one core",
            "provider", "bytes", "verify + split", "verify", "split", "redact"
        );
    }
    for account in accounts() {
        let request = request(&account);
        let both = measure(|| {
            black_box(account.verify(black_box(&request)).is_ok());
            black_box(account.split(black_box(&request)));
        });
        let verify = measure(|| {
            black_box(account.verify(black_box(&request)).is_ok());
        });
        let split = measure(|| {
            black_box(account.split(black_box(&request)));
        });
        let events = account.events(&request);
        let kept = account.provider.load_bearing();
        let redact = measure(|| {
            for event in &events {
                black_box(redaction.apply(&mut event.clone(), kept));
            }
        });
        let (name, bytes) = (account.name(), request.body.len());
        if both.median > BOUND {
            slow.push(name);
        }
        if as_json {
            lines.push(format!(
                r#"{{"provider":"{name}","bytes":{bytes},"verify_and_split_us":{{"min":{:.2},"median":{:.2},"max":{:.2}}},"verify_us":{:.2},"split_us":{:.2},"redact_us":{:.2}}}"#,
                both.min, both.median, both.max, verify.median, split.median, redact.median
            ));
        } else {
            println!(
                "{name:10} {bytes:>6}  {:>8.2} ({:>5.2}-{:>6.2})  {:>8.2}  {:>8.2}  {:>8.2}",
                both.median, both.min, both.max, verify.median, split.median, redact.median
            );
        }
    }
    let bare = bare_signature();
    if as_json {
        println!(
            r#"{{"bare_p256_us":{{"min":{:.2},"median":{:.2},"max":{:.2}}},"providers":[{}]}}"#,
            bare.min,
            bare.median,
            bare.max,
            lines.join(",")
        );
    } else {
        println!(
            "for comparison, a bare P-256 signature check, which sendgrid's is: {:.2} ({:.2}-{:.2})",
            bare.median, bare.min, bare.max
        );
    }
    // A debug build is measured to see that it runs, not how fast.
    if slow.is_empty() || cfg!(debug_assertions) {
        return ExitCode::SUCCESS;
    }
    eprintln!("over {BOUND} microseconds: {}", slow.join(", "));
    ExitCode::FAILURE
}
