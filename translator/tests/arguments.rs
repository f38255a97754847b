//! What the process says to whoever starts it wrongly.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    fs,
    net::TcpListener,
    process::{Command, Output, Stdio},
};

fn translator(arguments: &[&str]) -> (i32, String) {
    let Output { status, stderr, .. } = Command::new(env!("CARGO_BIN_EXE_stele-translator"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (status.code().unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn a_missing_argument_is_usage() {
    let (code, said) = translator(&["pipe", "--registry", "http://127.0.0.1:1", "--to", "1"]);

    assert_eq!(code, 2);
    assert!(said.contains("--subject"), "{said}");
}

#[test]
fn a_registry_that_is_not_there_has_its_own_exit_code() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let registry = format!("http://{free}");

    let (code, said) =
        translator(&["pipe", "--registry", &registry, "--subject", "OrderPlaced", "--to", "1"]);

    assert_eq!(code, 4);
    assert!(
        said.starts_with(&format!("error: cannot reach the registry at {registry}/")),
        "{said}"
    );
    assert!(said.contains("because: ") && said.contains("hint: "), "{said}");
}

#[test]
fn an_address_that_others_reach_is_refused_unless_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("translator.yaml");
    fs::write(&config, "subjects: [{ subject: OrderPlaced, to: 1 }]").unwrap();

    let (code, said) = translator(&[
        "serve",
        "--registry",
        "http://127.0.0.1:1",
        "--listen",
        "0.0.0.0:0",
        "--config",
        config.to_str().unwrap(),
    ]);

    assert_eq!(code, 2);
    assert!(said.contains("--insecure"), "{said}");
}

#[test]
fn a_typo_in_the_configuration_is_said_with_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("translator.yaml");
    fs::write(&config, "subjects:\n  - { subject: OrderPlaced, too: 1 }\n").unwrap();

    let (code, said) = translator(&[
        "serve",
        "--registry",
        "http://127.0.0.1:1",
        "--listen",
        "127.0.0.1:0",
        "--config",
        config.to_str().unwrap(),
    ]);

    assert_eq!(code, 2);
    assert!(said.contains("unknown field `too`") && said.contains("line 2, column"), "{said}");
}
