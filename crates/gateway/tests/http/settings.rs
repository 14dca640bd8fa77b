//! Settings: printed without secrets, refused by name, and help without any of them.

use std::process::Output;
use std::time::Duration;

use mailroom_test_support::TestProgram;
use tokio::time::timeout;

const SECRETS: [(&str, &str); 4] = [
    ("DATABASE_URL", "postgres://mailroom:geheim1@127.0.0.1:1/mailroom"),
    (
        "MAILROOM_DIRECT_DATABASE_URL",
        "postgres://mailroom:geheim2@127.0.0.1:1/mailroom",
    ),
    ("MAILROOM__ENDPOINTS__DEMO__SECRET", "geheim3"),
    ("MAILROOM__ENDPOINTS__DEMO__PREVIOUS_SECRET", "geheim4"),
];

/// A gateway that knows no database but those secrets.
fn gateway() -> TestProgram {
    let mut program = TestProgram::gateway("")
        .env("MAILROOM__ENDPOINTS__DEMO__PROVIDER", "twilio")
        .env(
            "MAILROOM__ENDPOINTS__DEMO__PUBLIC_URLS",
            "https://a.example/x, https://b.example/x",
        );
    for (variable, secret) in SECRETS {
        program = program.env(variable, secret);
    }
    program
}

/// Runs it to its end, which is soon.
async fn run(program: &TestProgram) -> Output {
    let within = Duration::from_secs(20);
    timeout(within, program.output())
        .await
        .unwrap_or_else(|_| panic!("it runs: {program:?}"))
}

/// Its exit code and what it wrote; fails when a secret is in it.
fn told(output: &Output) -> (Option<i32>, String) {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let text = String::from_utf8(text).unwrap();
    assert!(!text.contains("geheim"), "{text}");
    (output.status.code(), text)
}

#[tokio::test]
async fn printed_settings_hold_no_secret() {
    let (code, printed) = told(&run(&gateway().arg("--print-config")).await);
    assert_eq!(code, Some(0), "{printed}");
    assert_eq!(printed.matches("<redacted>").count(), SECRETS.len(), "{printed}");
    for shown in [
        "demo",
        "https://a.example/x",
        "https://b.example/x",
        "\"acquire_timeout_ms\": 500",
    ] {
        assert!(printed.contains(shown), "{shown} is not in\n{printed}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_and_its_value_is_not() {
    for (variable, value, named) in [
        ("MAILROOM__SERVER__LISTENN", "geheim", "MAILROOM__SERVER__LISTENN"),
        ("MAILROOM__SERVER__LISTEN", "geheim", "MAILROOM__SERVER__LISTEN"),
        ("MAILROOM__PROFILE", "geheim", "MAILROOM__PROFILE"),
        (
            "MAILROOM__RECORDING__WRITERS",
            "0",
            "MAILROOM__RECORDING__WRITERS",
        ),
        (
            "MAILROOM__ENDPOINTS__DEMO__PROVIDER",
            "geheim",
            "MAILROOM__ENDPOINTS__DEMO__PROVIDER",
        ),
        ("MAILROOM__ENDPOINTS__DEMO__SECRET", "", "endpoints.demo.secret"),
        (
            "MAILROOM__ENDPOINTS__DEMO__PUBLIC_URLS",
            " , ",
            "MAILROOM__ENDPOINTS__DEMO__PUBLIC_URLS",
        ),
        ("DATABASE_URL", "", "DATABASE_URL"),
        ("DATABASE_URL", "geheim geheim", "postgres://"),
    ] {
        let (code, said) = told(&run(&gateway().env(variable, value)).await);
        assert_eq!(code, Some(1), "{variable}={value}: {said}");
        assert!(said.contains(named), "{variable}={value}: {said}");
    }
}

#[tokio::test]
async fn help_needs_nothing() {
    for (argument, told_of) in [("--help", "--print-config"), ("--version", "mailroom-gateway ")] {
        let (code, help) = told(&run(&TestProgram::gateway("").arg(argument)).await);
        assert_eq!(code, Some(0), "{help}");
        assert!(help.contains(told_of), "{help}");
    }
    let (code, said) = told(&run(&gateway().arg("--unknown")).await);
    assert_eq!(code, Some(2), "{said}");
}
