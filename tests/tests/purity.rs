//! The engine is pure: its clippy.toml bites, and its sources name nothing that clippy cannot see.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{fs, path::Path, process::Command};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use stele_tests::workspace;

/// The parts of `std` that the engine does without.
const MODULES: &[&str] = &["fs", "net", "env", "process", "thread", "os"];

/// What the engine does without wherever it comes from: the clock, randomness, printing, waiting.
const WORDS: &[&str] = &[
    "Instant",
    "SystemTime",
    "UNIX_EPOCH",
    "thread_rng",
    "getrandom",
    "rand",
    "async",
    "tokio",
    "stdin",
    "stdout",
    "stderr",
    "println",
    "eprintln",
    "dbg",
];

/// The one place that may, and what it may: the second prover knows no time-out, so it thinks on a thread apart while the
/// budget of the one who asked runs (docs/decisions/006).
const ALLOWED: &[(&str, &str)] = &[("containment/canonical.rs", "std::thread")];

/// One call for each thing that clippy must refuse, by what it does.
const CALLS: &[(&str, &str)] = &[
    ("fs", "drop(std::fs::read(\"x\"))"),
    ("fs", "drop(std::fs::read_to_string(\"x\"))"),
    ("fs", "drop(std::fs::write(\"x\", \"\"))"),
    ("fs", "drop(std::fs::File::open(\"x\"))"),
    ("fs", "drop(std::fs::File::create(\"x\"))"),
    ("net", "drop(std::net::TcpStream::connect(\"127.0.0.1:1\"))"),
    ("net", "drop(std::net::TcpListener::bind(\"127.0.0.1:0\"))"),
    ("env", "drop(std::env::var(\"X\"))"),
    ("env", "drop(std::env::vars())"),
    ("env", "drop(std::env::current_dir())"),
    ("clock", "let _ = std::time::Instant::now();"),
    ("clock", "let _ = std::time::SystemTime::now();"),
    ("thread", "std::thread::sleep(std::time::Duration::ZERO)"),
];

/// Runs clippy with the engine's configuration on a function with this body.
fn clippy(body: &str) -> (bool, String) {
    let package = tempfile::tempdir().unwrap();
    let manifest =
        "[package]\nname = \"probe\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(package.path().join("Cargo.toml"), manifest).unwrap();
    fs::copy(workspace().join("evolution/clippy.toml"), package.path().join("clippy.toml"))
        .unwrap();
    fs::create_dir(package.path().join("src")).unwrap();
    let source = format!("//! A probe.\n\npub fn probe() {{\n{body}\n}}\n");
    fs::write(package.path().join("src/lib.rs"), source).unwrap();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["clippy", "--offline", "--quiet", "--color", "never", "--target-dir", "target"])
        .args(["--", "-D", "clippy::disallowed_methods"])
        .current_dir(package.path())
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("CLIPPY_CONF_DIR")
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn clippy_refuses_the_disk_the_network_the_environment_and_the_clock() {
    let body: Vec<String> = CALLS.iter().map(|(_, call)| format!("    {call};")).collect();

    let (taken, said) = clippy(&body.join("\n"));

    assert!(!taken, "clippy takes it all: {said}");
    // The probe's calls begin in line 4.
    for (line, (what, call)) in (4..).zip(CALLS) {
        let place = format!("src/lib.rs:{line}:");
        assert!(said.contains(&place), "{what}: clippy takes `{call}`\n{said}");
    }
}

#[test]
fn clippy_takes_what_is_pure() {
    let (taken, said) = clippy("    drop(std::collections::BTreeMap::<u8, u8>::new());");

    assert!(taken, "{said}");
}

/// What a source names that it should not, outside its tests.
fn impurities(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let tokens: TokenStream = source.parse().unwrap();
    look(tokens, &mut found);
    found
}

fn look(tokens: TokenStream, found: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if is_test(&tokens[at..]) {
            at += item(&tokens[at..]);
            continue;
        }
        match token {
            TokenTree::Ident(word) if WORDS.iter().any(|other| word == other) => {
                found.push(word.to_string());
            }
            TokenTree::Ident(root) if root == "std" || root == "core" => {
                for module in after_path(&tokens[at + 1..]) {
                    if MODULES.contains(&module.as_str()) {
                        found.push(format!("std::{module}"));
                    }
                }
            }
            TokenTree::Group(group) => look(group.stream(), found),
            _ => {}
        }
        at += 1;
    }
}

/// Whether an item under `#[cfg(test)]` begins here.
fn is_test(tokens: &[TokenTree]) -> bool {
    let [TokenTree::Punct(hash), TokenTree::Group(attribute), ..] = tokens else { return false };
    let text: String = attribute.stream().to_string().split_whitespace().collect();
    hash.as_char() == '#' && (text == "cfg(test)" || text.starts_with("cfg(all(test"))
}

/// How many tokens an item has: up to its body or its semicolon.
fn item(tokens: &[TokenTree]) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Punct(mark) => mark.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    tokens.iter().position(ends).map_or(tokens.len(), |end| end + 1)
}

/// The names that may follow `std`: one, or those of a group.
fn after_path(tokens: &[TokenTree]) -> Vec<String> {
    let [TokenTree::Punct(_), TokenTree::Punct(_), next, ..] = tokens else { return Vec::new() };
    match next {
        TokenTree::Ident(name) => vec![name.to_string()],
        TokenTree::Group(group) => {
            let members: Vec<TokenTree> = group.stream().into_iter().collect();
            let comma =
                |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ',');
            let first = members.split(comma).filter_map(<[TokenTree]>::first);
            first.map(ToString::to_string).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn the_search_finds_what_it_looks_for() {
    for (source, expected) in [
        ("fn a() { std::fs::read(\"x\"); }", "std::fs"),
        ("use std::{collections::BTreeMap, net::TcpStream};", "std::net"),
        ("use ::std::env;", "std::env"),
        ("fn a() { let now = Instant::now(); }", "Instant"),
        ("use std::time::{Duration, SystemTime};", "SystemTime"),
        ("fn a() -> u8 { rand::thread_rng().next() }", "rand"),
        ("impl A { pub async fn a() {} }", "async"),
    ] {
        assert!(impurities(source).iter().any(|found| found == expected), "{source}");
    }
    for source in [
        "// std::fs::read\n/* Instant */ /// std::env\nfn a() { let a = \"std::net\"; }",
        "#[cfg(test)]\nmod tests { use std::fs; }",
        "#[cfg(test)]\nmod tests;",
        "#[cfg(test)]\n#[path = \"x\"]\nuse std::fs;\nfn a() {}",
        "use std::{fmt, collections::HashSet};",
    ] {
        assert_eq!(impurities(source), Vec::<String>::new(), "{source}");
    }
}

/// Every source of a folder; not those that are tests by their name, as `#[cfg(test)] mod tests;` has them.
fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_tests = path.file_stem().is_some_and(|stem| stem == "tests");
        if path.is_dir() && !is_tests {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_tests {
            found.push(path);
        }
    }
}

#[test]
fn no_source_of_the_engine_names_what_is_impure() {
    let mut files = Vec::new();
    sources(&workspace().join("evolution/src"), &mut files);

    let mut found = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).unwrap();
        let allowed = |word: &str| {
            ALLOWED.iter().any(|(place, allowed)| file.ends_with(place) && *allowed == word)
        };
        let words = impurities(&text).into_iter().filter(|word| !allowed(word));
        found.extend(words.map(|word| format!("{}: {word}", file.display())));
    }

    assert!(files.len() > 20, "the sources were found: {}", files.len());
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn what_is_skipped_as_a_test_is_compiled_for_tests_only() {
    let mut files = Vec::new();
    sources(&workspace().join("evolution/src"), &mut files);

    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (number, line) in lines.iter().enumerate().filter(|(_, line)| **line == "mod tests;") {
            let before = number.checked_sub(1).map(|before| lines[before]);
            assert_eq!(before, Some("#[cfg(test)]"), "{}: {line}", file.display());
        }
    }
}
