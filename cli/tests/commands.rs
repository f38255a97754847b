//! The commands that work on files: what a person sees of each.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::fs;

use support::{ADDED, BROKEN, House, V1, Workshop};

fn workshop() -> Workshop {
    let shop = Workshop::new();
    shop.write("schemas/orders/Placed/1.json", V1)
        .write("schemas/orders/Placed/2.json", ADDED)
        .write("schemas/orders/Placed/3.json", BROKEN)
        .write(
            "schemas/orders/Placed/subject.yaml",
            "owner: checkout\ndescription: An order came in.\n",
        );
    shop
}

#[test]
fn a_history_is_a_timeline() {
    let shop = workshop();

    let run = shop.stele(&["history", "--files", "schemas/orders/Placed"]);
    let json = shop.stele(&["history", "--files", "schemas/orders/Placed", "--format", "json"]);
    let nothing = shop.stele(&["history"]);

    insta::assert_snapshot!(run.out, @r"
    Placed
      1 1.0.0  the first version
      2 1.1.0  minor
          + /properties/gift: the optional property `gift` was added
      3 2.0.0  major
          - /properties/gift: the property `gift` was removed
          ~ /properties/id/type: the type changed from `string` to `integer`
    ");
    let steps: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(steps[2]["bump"], "major");
    assert_eq!((run.code, nothing.code), (0, 2));
}

#[test]
fn what_speaks_of_something_is_found() {
    let shop = workshop();

    let run = shop.stele(&["search", "G*FT", "--files", "schemas"]);
    let names = shop.stele(&["search", "order", "--files", "schemas", "--format", "json"]);
    let nothing = shop.stele(&["search", "zebra", "--files", "schemas"]);

    assert_eq!((run.code, names.code, nothing.code), (1, 0, 1), "{run:?}");
    let hits: serde_json::Value = serde_json::from_str(&names.out).unwrap();
    assert_eq!(hits[0]["text"], "An order came in.; checkout");
    insta::assert_snapshot!(nothing.err, @"nothing in schemas speaks of `zebra`");
}

#[test]
fn a_registry_is_searched_and_tells_its_history() {
    let shop = Workshop::new();
    shop.write("schemas/orders/Placed/1.json", V1).write("schemas/orders/Placed/2.json", ADDED);
    let house = House::open(&shop);
    house.stele(&shop, &["register", "schemas"]);

    let found = house.stele(&shop, &["search", "gift"]);
    let history = house.stele(&shop, &["history", "Placed"]);
    let versions = house.stele(&shop, &["diff", "Placed", "1", "2"]);
    let place =
        house.stele(&shop, &["diff", "registry:Placed@latest", "schemas/orders/Placed/1.json"]);
    let no_version = house.stele(&shop, &["diff", "Placed", "one", "2"]);
    let nobody = house.stele(&shop, &["history", "Nobody"]);

    let codes = [&found, &history, &versions, &place, &no_version, &nobody].map(|run| run.code);
    assert_eq!(codes, [0, 0, 0, 0, 2, 2], "{found:?} {place:?}");
    insta::assert_snapshot!(found.out, @r"
    subject   in        text
    Placed@2  property  gift
    ");
    insta::assert_snapshot!(history.out, @r"
    Placed
      1 1.0.0  the first version
      2 1.1.0  minor
          + /properties/gift: the optional property `gift` was added
    ");
    insta::assert_snapshot!(versions.out, @r#"
    Placed 1 -> 2  minor
      /properties/gift
        property_added the optional property `gift` was added
        + {"type":"boolean"}
    "#);
    insta::assert_snapshot!(place.out, @r#"
    Placed 2 -> 1  major
      /properties/gift
        property_removed the property `gift` was removed
        - {"type":"boolean"}
    "#);
    insta::assert_snapshot!(no_version.err, @r"
    error: `one` is no version of `Placed`
    hint: say two versions, as `stele diff OrderPlaced 1 3`, or two places
    ");
    insta::assert_snapshot!(nobody.err, @"error: there is no subject `Nobody`");
}

#[test]
fn a_difference_is_shown_in_every_format() {
    let shop = workshop();
    let diff = |format| {
        let run = shop.stele(&[
            "diff",
            "schemas/orders/Placed/1.json",
            "schemas/orders/Placed/3.json",
            "--format",
            format,
        ]);
        assert_eq!(run.code, 0, "{run:?}");
        run.out
    };

    insta::assert_snapshot!(diff("markdown"), @r#"
    #### `Placed 1 -> 3`: major

    - ℹ️ **type_changed** at `/properties/id/type`: the type changed from `string` to `integer`
      ````diff
      -schemas/orders/Placed/1.json:1  {"type":"object","properties":{"id":{"type":"string"}},"required":["id"]}
      +schemas/orders/Placed/3.json:1  {"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]}
      ````
    "#);
    insta::assert_snapshot!(diff("github"), @"::notice file=schemas/orders/Placed/3.json,line=1,endLine=1,col=38,endColumn=54,title=Placed 1 -> 3%3A type_changed::Placed 1 -> 3: the type changed from `string` to `integer`");
    assert!(diff("sarif").contains("\"level\": \"note\""));
}

#[test]
fn what_could_be_said_better_is_told() {
    let shop = workshop();
    shop.write(
        "schemas/orders/Paid/1.json",
        "{\n  \"type\": \"object\",\n  \"properties\": {\"orderId\": {\"type\": \"string\"}},\n  \"required\": [\"order_id\"]\n}\n",
    );

    let run = shop.stele(&["lint", "schemas/orders/Paid"]);
    let off = ["lint", "schemas/orders/Paid", "--off", "required-undeclared"];
    let off = shop.stele(&off);
    let never = shop.stele(&["lint", "schemas", "--fail-on", "never"]);
    shop.write("stele.yaml", "lint: {off: [required-undeclared, description-missing]}\n");
    let project = shop.stele(&["lint", "--fail-on", "warning", "--format", "junit"]);
    let unknown = shop.stele(&["lint", "--off", "spelling"]);

    let codes = [&run, &off, &never, &project, &unknown].map(|run| run.code);
    assert_eq!(codes, [1, 0, 0, 0, 2], "{run:?} {project:?}");
    insta::assert_snapshot!(run.out, @r#"
    note       Paid 1  dialect-missing
      the schema does not say its dialect
       --> schemas/orders/Paid/1.json:1:1
        |
      1 | {
        | ^
      instead: say `"$schema": "https://json-schema.org/draft/2020-12/schema"`

    error      Paid 1  required-undeclared
      `order_id` is required, and not declared
       --> schemas/orders/Paid/1.json:4:16
        |
      4 |   "required": ["order_id"]
        |                ^^^^^^^^^^
      instead: declare the property, or take it out of `required`

    note       Paid 1  description-missing
      `orderId` is not described
       --> schemas/orders/Paid/1.json:3:18
        |
      3 |   "properties": {"orderId": {"type": "string"}},
        |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      instead: say what it is, with its unit

    3 found in 1 schema
    "#);
    insta::assert_snapshot!(unknown.err, @r"
    error: invalid value 'spelling' for '--off <ID>': expected one of required-undeclared, root-not-object, content-closed, object-opaque, subject-name, property-name, description-missing, definition-unused, enum-closed, type-missing, dialect-missing

    For more information, try '--help'.
    ");
}

#[test]
fn a_project_begins_with_files_that_are_never_overwritten() {
    let shop = Workshop::new();
    shop.write("stele.yaml", "schemas: schemas\n");

    let run = shop.stele(&["init", "--github", "--gitlab", "--hook"]);
    let lint = shop.stele(&["lint", "--fail-on", "warning"]);
    let again = shop.stele(&["init"]);
    let odd = shop.stele(&["init", "--subject", "../x/y"]);

    assert_eq!((run.code, lint.code, again.code, odd.code), (0, 0, 0, 2), "{lint:?}");
    insta::assert_snapshot!(run.out, @r"
    kept   stele.yaml
    wrote  schemas/orders/OrderPlaced/1.json
    wrote  schemas/orders/OrderPlaced/subject.yaml
    wrote  .github/workflows/schemas.yml
    wrote  .gitlab/schemas.yml
    wrote  .githooks/pre-commit
    ");
    insta::assert_snapshot!(run.err, @r"
    next: edit schemas/orders/OrderPlaced/1.json, commit it, and run `stele check`
    next: add `include: .gitlab/schemas.yml` to .gitlab-ci.yml
    next: turn the hook on with `git config core.hooksPath .githooks`
    ");
    insta::assert_snapshot!(again.out, @r"
    kept   stele.yaml
    kept   schemas/orders/OrderPlaced/1.json
    kept   schemas/orders/OrderPlaced/subject.yaml
    ");
    insta::assert_snapshot!(odd.err, @r"
    error: invalid value '../x/y' for '--subject <CONTEXT/SUBJECT>': expected a context and a subject, as `orders/OrderPlaced`

    For more information, try '--help'.
    ");
    assert_eq!(fs::read_to_string(shop.path().join("stele.yaml")).unwrap(), "schemas: schemas\n");
}

#[test]
fn the_hook_stops_a_commit_that_breaks() {
    let shop = Workshop::new();
    shop.git(&["init", "-q"]);
    shop.stele(&["init", "--hook"]);
    shop.commit().git(&["config", "core.hooksPath", ".githooks"]);
    let broken = fs::read_to_string(shop.path().join("schemas/orders/OrderPlaced/1.json")).unwrap();
    shop.write("schemas/orders/OrderPlaced/2.json", &broken.replace("total", "sum"));
    shop.git(&["add", "-A"]);

    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_stele")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let commit = std::process::Command::new("git")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-m", "x"])
        .current_dir(shop.path())
        .env("PATH", path)
        .output()
        .unwrap();

    assert!(!commit.status.success());
    let told = String::from_utf8_lossy(&commit.stdout).into_owned()
        + &String::from_utf8_lossy(&commit.stderr);
    assert!(told.contains("property_removed"), "{told}");
}

#[test]
fn shells_and_man_get_what_they_need() {
    let shop = Workshop::new();
    fs::create_dir(shop.path().join("man")).unwrap();

    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = shop.stele(&["completions", shell]);
        assert!(run.code == 0 && run.out.contains("check"), "{shell}");
    }
    let page = shop.stele(&["man"]);
    let pages = shop.stele(&["man", "--output", "man"]);
    let nowhere = shop.stele(&["man", "--output", "nowhere"]);

    assert!(page.out.starts_with(".ie") && page.out.contains(".SH SYNOPSIS"), "{page:?}");
    assert_eq!((pages.code, nowhere.code), (0, 2), "{pages:?}");
    let check = fs::read_to_string(shop.path().join("man/stele-check.1")).unwrap();
    assert!(check.contains("fail\\-on"), "{check}");
    insta::assert_snapshot!(nowhere.err, @r"
    error: cannot write the manual to `nowhere`
      because: No such file or directory (os error 2)
    hint: name a folder that is there
    ");
}

#[test]
fn the_overview_names_every_command() {
    let shop = Workshop::new();

    let run = shop.stele(&["--help"]);

    insta::assert_snapshot!(run.out, @r"
    Event schemas, set in stone: check a change before it breaks anybody

    Usage: stele [OPTIONS] <COMMAND>

    Commands:
      check         Say whether new schemas are compatible with old ones, with the event that breaks
                    where one does
      diff          List what changed between two schemas, place by place
      register      Put schemas into a registry; doing it twice changes nothing
      list          List the subjects of a registry
      show          Show a subject, one of its versions, or a file
      history       Show the versions of a subject as a timeline, and what each of them changed
      search        Find the subjects and places that speak of something
      lint          Say what in a schema is allowed, and still better said otherwise
      init          Begin a project: a folder for schemas, stele.yaml, and what CI needs
      config        Show the settings that are in effect, and where each came from
      admin         Keep a registry: its log out and in, a backup, tokens
      completions   Print what a shell needs to complete a command line
      man           Print the manual
      dev           Run a registry and a translator on this machine, to try things with
      dead-letters  Work with what a translator could not deliver
      lens          Work with lenses: how an event crosses from one version to the next
      help          Print this message or the help of the given subcommand(s)

    Options:
          --color <WHEN>
              When to colour

              Possible values:
              - auto:   On a terminal, unless `NO_COLOR` is set
              - always: Always
              - never:  Never
              
              [env: STELE_COLOR=]
              [default: auto]

      -q, --quiet
              Say only what stands in the way

      -v, --verbose
              Say more: what did not change, what was looked at and how long it took

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Examples:
      stele check --against git:origin/main       # is what I changed here compatible?
      stele check new.json --against old.json     # two files
      stele dev --scenario retail                 # see it all work, on this machine

    `stele COMMAND --help` has examples for each command.
    ");
}

#[test]
fn a_token_is_shown_once_and_its_hash_goes_to_the_file() {
    let shop = Workshop::new();

    let run = shop.stele(&["admin", "token", "orders-ci", "--grant", "writer@.orders"]);
    let odd = shop.stele(&["admin", "token", "a b", "--grant", "writer@.orders"]);
    let without = shop.stele(&["admin", "token", "ada"]);

    assert_eq!((run.code, odd.code, without.code), (0, 2, 2), "{run:?} {odd:?}");
    let token = run.out.trim();
    assert!(
        run.err.starts_with("orders-ci writer@.orders ") && !run.err.contains(token),
        "{run:?}"
    );
    insta::assert_snapshot!(odd.err, @r"
    error: cannot make a token
      because: `a b` cannot be the name of a token: expected letters, digits, `-`, `_`, `.`, `@`
    ");
}

#[test]
fn a_registry_goes_out_and_into_another() {
    let (shop, empty) = (Workshop::new(), Workshop::new());
    shop.write("schemas/orders/Placed/1.json", V1).write("schemas/orders/Placed/2.json", ADDED);
    let house = House::open(&shop);
    house.stele(&shop, &["register", "schemas"]);
    let other = House::open(&empty);

    let out = house.stele(&shop, &["admin", "export", "log.ndjson"]);
    let again = house.stele(&shop, &["admin", "export", "log.ndjson"]);
    let backup = house.stele(&shop, &["admin", "backup", "copy.db"]);
    let taken = other.stele(&shop, &["admin", "import", "log.ndjson"]);
    let twice = other.stele(&shop, &["admin", "import", "log.ndjson"]);
    let lists = [house.stele(&shop, &["list"]), other.stele(&shop, &["list"])];

    let codes = [&out, &again, &backup, &taken, &twice].map(|run| run.code);
    assert_eq!(codes, [0, 2, 0, 0, 2], "{out:?} {backup:?} {taken:?} {twice:?}");
    assert_eq!(lists[0].out, lists[1].out);
    assert!(fs::read(shop.path().join("copy.db")).unwrap().starts_with(b"SQLite format 3"));
    insta::assert_snapshot!(again.err, @r"
    error: cannot write `log.ndjson`
      because: File exists (os error 17)
    hint: name a file that is not there yet: nothing is overwritten
    ");
}
