//! The arrows between the packages run one way, as docs/architecture.md draws them.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;

/// Every package and those of the workspace that it may know, for its tests as well.
const ARROWS: &[(&str, &[&str])] = &[
    ("stele-evolution", &[]),
    ("stele-api", &["stele-evolution"]),
    ("stele-client", &["stele-api", "stele-evolution"]),
    ("stele-registry", &["stele-api", "stele-evolution"]),
    ("stele-translator", &["stele-client", "stele-api", "stele-evolution"]),
    ("stele-scenario", &["stele-client", "stele-api", "stele-evolution"]),
    (
        "stele-cli",
        &[
            "stele-client",
            "stele-registry",
            "stele-translator",
            "stele-scenario",
            "stele-api",
            "stele-evolution",
        ],
    ),
    (
        "stele-bench",
        &[
            "stele-client",
            "stele-registry",
            "stele-translator",
            "stele-scenario",
            "stele-api",
            "stele-evolution",
        ],
    ),
    ("stele-tests", &["stele-client", "stele-api", "stele-evolution"]),
];

/// What the engine must not even be able to reach: a runtime, a network, a database.
const IMPURE: &[&str] =
    &["tokio", "mio", "socket2", "hyper", "reqwest", "axum", "rustls", "rusqlite", "async-std"];

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output =
        Command::new(cargo).args(arguments).current_dir(stele_tests::workspace()).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// The packages of the workspace, each with those that it depends on in any way: normal, build or dev.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let text = cargo(&["metadata", "--format-version", "1", "--no-deps", "--offline"]);
    let metadata: Value = serde_json::from_str(&text).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let name = |package: &Value| package["name"].as_str().unwrap().to_owned();
    let names: Vec<String> = packages.iter().map(name).collect();
    let known = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().iter().map(name);
        // A test may depend on its own package; that is no arrow.
        all.filter(|other| names.contains(other) && *other != name(package)).collect()
    };
    packages.iter().map(|package| (name(package), known(package))).collect()
}

#[test]
fn every_package_knows_only_those_it_may() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();

    let found = dependencies();

    for (package, known) in &found {
        let Some(may) = allowed.get(package.as_str()) else {
            panic!("`{package}` has no place in the house: say in ARROWS whom it may know")
        };
        for other in known {
            assert!(may.contains(&other.as_str()), "`{package}` must not know `{other}`");
        }
    }
    for (package, _) in ARROWS {
        assert!(found.contains_key(*package), "`{package}` is not there");
    }
}

#[test]
fn the_arrows_are_really_there() {
    let found = dependencies();

    for (package, other) in [
        ("stele-registry", "stele-api"),
        ("stele-api", "stele-evolution"),
        ("stele-translator", "stele-client"),
        ("stele-client", "stele-api"),
        ("stele-cli", "stele-client"),
        ("stele-cli", "stele-registry"),
        ("stele-cli", "stele-translator"),
    ] {
        assert!(found[package].iter().any(|known| known == other), "{package} -> {other}");
    }
}

#[test]
fn registry_and_client_never_see_each_other() {
    let found = dependencies();
    let reaches = |from: &str, to: &str| {
        let mut seen = vec![from.to_owned()];
        let mut next = 0;
        while let Some(package) = seen.get(next).cloned() {
            next += 1;
            let new = found[&package].iter().filter(|other| !seen.contains(other));
            let new: Vec<String> = new.cloned().collect();
            seen.extend(new);
        }
        seen.iter().any(|package| package == to)
    };

    assert!(!reaches("stele-registry", "stele-client"));
    assert!(!reaches("stele-client", "stele-registry"));
    assert!(!reaches("stele-translator", "stele-registry"));
    assert!(reaches("stele-translator", "stele-evolution"), "the search itself works");
}

#[test]
fn the_engine_reaches_no_runtime_no_network_and_no_database() {
    let tree = |package: &str| {
        let arguments =
            ["tree", "-p", package, "--edges", "normal", "--prefix", "none", "--format", "{p}"];
        cargo(&[&arguments[..], &["--offline"]].concat())
    };
    let names = |tree: &str| -> Vec<String> {
        tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    };

    let engine = names(&tree("stele-evolution"));

    assert!(engine.iter().any(|name| name == "serde_json"), "the tree was read");
    for name in IMPURE {
        assert!(!engine.iter().any(|other| other == name), "the engine reaches `{name}`");
    }
    assert!(names(&tree("stele-registry")).iter().any(|name| name == "tokio"));
}
