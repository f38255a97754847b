//! The guides: every command in them is run, and prints what the page says. `BLESS=1` writes down what it printed.
//!
//! A block with a path after its language is a file. A `console` block holds commands after `$ ` (a line that ends in
//! `\` goes on in the next one) and what they print; a line `...` stands for any lines. What is said between
//! `<!-- with a registry -->` and the end of a page happens beside a registry of its own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use support::{House, Workshop};

/// The page, with what its commands print now.
struct Page {
    shop: Workshop,
    house: Option<House>,
    folder: PathBuf,
    written: String,
    wrong: Vec<String>,
}

impl Page {
    fn run(&mut self, line: &str) -> String {
        if let Some(folder) = line.strip_prefix("cd ") {
            self.folder = self.folder.join(folder);
            return String::new();
        }
        let binaries = Path::new(env!("CARGO_BIN_EXE_stele")).parent().unwrap();
        assert!(binaries.join("stele-translator").exists(), "build the whole workspace first");
        let path = format!("{}:{}", binaries.display(), env::var("PATH").unwrap());
        let mut command = Command::new("bash");
        command.args(["-c", &format!("exec 2>&1\n{line}")]).current_dir(&self.folder).env_clear();
        command.env("PATH", path).env("LC_ALL", "C.UTF-8").env("HOME", self.shop.path());
        command.env("NO_PROXY", "127.0.0.1").env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["GIT_AUTHOR", "GIT_COMMITTER"] {
            command
                .env(format!("{who}_NAME"), "Ada")
                .env(format!("{who}_EMAIL"), "ada@example.org");
            command.env(format!("{who}_DATE"), "2026-11-24T12:00:00Z");
        }
        command.env("GIT_CONFIG_COUNT", "1");
        command.env("GIT_CONFIG_KEY_0", "init.defaultBranch").env("GIT_CONFIG_VALUE_0", "main");
        if let Some(house) = &self.house {
            command.env("STELE_REGISTRY", &house.registry);
        }
        let output = command.output().unwrap();
        let mut told = String::from_utf8(output.stdout).unwrap();
        if let Some(house) = &self.house {
            told = told.replace(house.registry.trim_end_matches('/'), "http://127.0.0.1:8081");
        }
        let here = self.shop.path().canonicalize().unwrap().display().to_string();
        told.replace(&here, "/home/ada/shop")
    }

    fn console(&mut self, block: &[&str]) {
        let mut lines = block.iter().peekable();
        while let Some(line) = lines.next() {
            let Some(command) = line.strip_prefix("$ ") else {
                panic!("`{line}` follows no command");
            };
            let mut whole = command.to_owned();
            while whole.ends_with('\\') {
                let next = lines.next().unwrap();
                let _ = write!(whole, "\n{next}");
            }
            let mut told = Vec::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                told.push(*line);
            }
            let printed = self.run(&whole);
            let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
            let _ = writeln!(self.written, "$ {whole}");
            // An empty line before the next command belongs to the page.
            let gap = told.last().is_some_and(|line| line.is_empty());
            let told: Vec<&str> =
                told.into_iter().rev().skip_while(|line| line.is_empty()).collect();
            let told: Vec<&str> = told.into_iter().rev().collect();
            let printed_end =
                printed.iter().rposition(|line| !line.is_empty()).map_or(0, |it| it + 1);
            let printed = &printed[..printed_end];
            if agrees(&told, printed) {
                self.written.extend(told.iter().flat_map(|line| [*line, "\n"]));
            } else {
                self.wrong.push(format!("$ {whole}\n{}", printed.join("\n")));
                self.written.extend(printed.iter().flat_map(|line| [*line, "\n"]));
            }
            if gap {
                self.written.push('\n');
            }
        }
    }
}

/// Whether what is printed is what is told, where `...` stands for any lines.
fn agrees(told: &[&str], printed: &[&str]) -> bool {
    match told.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first.trim() == "..." => {
            (0..=printed.len()).any(|skipped| agrees(rest, &printed[skipped..]))
        }
        Some((first, rest)) => {
            printed.split_first().is_some_and(|(line, left)| line == first && agrees(rest, left))
        }
    }
}

fn walk(name: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides").join(name);
    let text = fs::read_to_string(&file).unwrap();
    let shop = Workshop::new();
    let house = text.contains("<!-- with a registry -->").then(|| House::open(&shop));
    let folder = shop.path().to_owned();
    let mut page = Page { shop, house, folder, written: String::new(), wrong: Vec::new() };
    let mut commands = 0;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let _ = writeln!(page.written, "{line}");
        let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match info.split_once(' ') {
            Some((_, path)) => {
                let file = page.folder.join(path);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, block.join("\n") + "\n").unwrap();
                page.written.extend(block.iter().flat_map(|line| [*line, "\n"]));
            }
            None if info == "console" => {
                commands += block.iter().filter(|line| line.starts_with("$ ")).count();
                page.console(&block);
            }
            None => page.written.extend(block.iter().flat_map(|line| [*line, "\n"])),
        }
        page.written.push_str("```\n");
    }
    assert!(commands > 0, "{name} has no command");
    if env::var_os("BLESS").is_some() {
        fs::write(file, page.written).unwrap();
        return;
    }
    assert!(page.wrong.is_empty(), "{name} tells what is not so:\n{}", page.wrong.join("\n"));
}

macro_rules! pages {
    ($($test:ident $page:literal)*) => {
        $(#[test]
        fn $test() {
            walk($page);
        })*

        /// The other guides have tests of their own.
        #[test]
        fn every_guide_is_walked() {
            let walked = [$($page),*, "lenses.md", "production.md", "translator.md"];
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides");
            let mut waiting = vec![folder.clone()];
            while let Some(next) = waiting.pop() {
                for entry in fs::read_dir(next).unwrap() {
                    let path = entry.unwrap().path();
                    if path.is_dir() {
                        waiting.push(path);
                        continue;
                    }
                    let page = path.strip_prefix(&folder).unwrap().display().to_string();
                    let text = fs::read_to_string(&path).unwrap();
                    let runs = text.contains("```console");
                    assert!(!runs || walked.contains(&page.as_str()), "{page} is walked by no test");
                }
            }
        }
    };
}

pages! {
    a_strangers_path_is_walked_word_for_word "first-schema.md"
    a_pipeline_is_set_up_as_the_guide_says "ci.md"
    a_project_comes_from_confluent_as_the_guide_says "confluent.md"
    a_version_in_the_name_is_read "versioning/name.md"
    a_version_in_the_payload_is_read "versioning/payload.md"
    a_version_in_the_data_schema_is_read "versioning/data-schema.md"
    a_version_by_the_stream_is_read "versioning/stream.md"
    a_version_by_the_schema_id_is_read "versioning/schema-id.md"
    a_version_that_is_not_said_is_read "versioning/nothing.md"
}
