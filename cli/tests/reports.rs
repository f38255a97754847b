//! The reports: every format of the same finding, and that others can read what is meant for them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::{fs, process::Command};

use serde_json::Value;
use support::{ADDED, BROKEN, V1, Workshop};

/// One break, one addition, one first version, and one that nobody can decide.
fn workshop() -> Workshop {
    let shop = Workshop::new();
    let pretty = |text: &str| {
        serde_json::to_string_pretty(&serde_json::from_str::<Value>(text).unwrap()).unwrap()
    };
    for side in ["old", "new"] {
        shop.write(&format!("{side}/orders/Placed/1.json"), &pretty(V1))
            .write(&format!("{side}/orders/Paid/1.json"), &pretty(V1))
            .write(
                &format!("{side}/stock/Code/1.json"),
                r#"{"type":"string","pattern":"^(a+)b\\1$"}"#,
            );
    }
    shop.write("new/orders/Placed/2.json", &pretty(BROKEN))
        .write("new/orders/Paid/2.json", &pretty(ADDED))
        .write("new/stock/Counted/1.json", V1)
        .write("new/stock/Code/2.json", r#"{"type":"string","pattern":"^(a+)b\\1{1}$"}"#);
    shop
}

fn report(shop: &Workshop, format: &str) -> String {
    let run = shop.stele(&["check", "new", "--against", "old", "--format", format]);
    assert_eq!((run.code, run.err.as_str()), (1, ""), "{run:?}");
    run.out
}

fn valid(schema: &Value, document: &str) {
    let document: Value = serde_json::from_str(document).unwrap();
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
}

#[test]
fn people_see_the_source_of_both_versions() {
    insta::assert_snapshot!(report(&workshop(), "human"), @r#"
    compatible Paid 1 -> 2  (orders)  release 1.1.0, proved in both directions
               note: read strictly, an old event {"gift":null,"id":""} could break it: at /gift, null is
                     not of type "boolean"

    breaking   Placed 1 -> 2  (orders)
      old old/orders/Placed/1.json
      new new/orders/Placed/2.json
      by  ADDITIONS_ONLY in the event model; as a release it is 2.0.0

      type_changed at /properties/id/type
        the type changed from `string` to `integer`
         --> new/orders/Placed/2.json:4:7
          |
        4 |       "type": "integer"
          |       ^^^^^^^^^^^^^^^^^ now
          |
         ::: old/orders/Placed/1.json:4:7
          |
        4 |       "type": "string"
          |       ---------------- before
        instead: keep this type, and add a new optional property of the new type beside it

      backward_breaking this event of version 1 cannot be read by version 2
        {
          "id": ""  <-- "" is not of type "integer"
        }
        by `type` of version 2, at /properties/id/type

      forward_breaking this event of version 2 cannot be read by version 1
        /id: 0  <-- 0 is not of type "string"
        by `type` of version 1, at /properties/id/type

    breaking   Code 1 -> 2  (stock)
      old old/stock/Code/1.json
      new new/stock/Code/2.json
      by  ADDITIONS_ONLY in the event model; as a release it is 2.0.0

      constraint_changed at /pattern
        `pattern` changed from "^(a+)b\\1$" to "^(a+)b\\1{1}$"
         --> new/stock/Code/2.json:1:18
          |
        1 | {"type":"string","pattern":"^(a+)b\\1{1}$"}
          |                  ^^^^^^^^^^^^^^^^^^^^^^^^^ now
          |
         ::: old/stock/Code/1.json:1:18
          |
        1 | {"type":"string","pattern":"^(a+)b\\1$"}
          |                  ---------------------- before
        instead: leave it to the readers that want it, or put it on a new optional property

      backward_undecided whether version 2 can read every event of version 1 is not known:
                         REGEX_UNSUPPORTED at the root

      forward_undecided whether version 1 can read every event of version 2 is not known:
                        REGEX_UNSUPPORTED at the root

    compatible Counted 1  (stock)  the first version, release 1.0.0

    breaking: 2 breaking, 1 compatible, 1 new (new against old)
    "#);
}

#[test]
fn programs_read_a_documented_document() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/stele/report.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();

    let report = report(&workshop(), "json");

    valid(&schema, &report);
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["report"], 1);
    assert_eq!(report["findings"][1]["refusals"][0]["places"]["new"]["line"], 4);
}

#[test]
fn code_scanning_reads_sarif() {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--locked", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sarif/Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "serde-sarif").unwrap();
    let manifest = std::path::Path::new(package["manifest_path"].as_str().unwrap());
    let schema = fs::read_to_string(manifest.with_file_name("src/schema.json"));
    let mut schema: Value = serde_json::from_str(&schema.unwrap()).unwrap();
    // A pattern of theirs has a bracket that closes nothing: no regular expression in the sense of ECMA-262.
    for place in ["/definitions/run", "/definitions/toolComponent"] {
        let language = schema.pointer_mut(&format!("{place}/properties/language")).unwrap();
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }

    let report = report(&workshop(), "sarif");

    valid(&schema, &report);
    let report: Value = serde_json::from_str(&report).unwrap();
    let result = &report["runs"][0]["results"][0];
    insta::assert_snapshot!(serde_json::to_string_pretty(result).unwrap(), @r#"
    {
      "level": "error",
      "locations": [
        {
          "logicalLocations": [
            {
              "fullyQualifiedName": "/properties/id/type",
              "kind": "member"
            }
          ],
          "physicalLocation": {
            "artifactLocation": {
              "uri": "new/orders/Placed/2.json"
            },
            "region": {
              "endColumn": 24,
              "endLine": 4,
              "startColumn": 7,
              "startLine": 4
            }
          }
        }
      ],
      "message": {
        "text": "Placed 1 -> 2: the type changed from `string` to `integer`; instead: keep this type, and add a new optional property of the new type beside it"
      },
      "partialFingerprints": {
        "stele/v1": "new/orders/Placed/2.json|Placed 1 -> 2|type_changed|/properties/id/type"
      },
      "relatedLocations": [
        {
          "logicalLocations": [
            {
              "fullyQualifiedName": "/properties/id/type",
              "kind": "member"
            }
          ],
          "message": {
            "text": "before"
          },
          "physicalLocation": {
            "artifactLocation": {
              "uri": "old/orders/Placed/1.json"
            },
            "region": {
              "endColumn": 23,
              "endLine": 4,
              "startColumn": 7,
              "startLine": 4
            }
          }
        }
      ],
      "ruleId": "type_changed",
      "ruleIndex": 5
    }
    "#);
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    let rules = &report["runs"][0]["tool"]["driver"]["rules"];
    assert_eq!(rules[index]["id"], result["ruleId"]);
}

#[test]
fn every_ci_system_reads_junit() {
    insta::assert_snapshot!(report(&workshop(), "junit"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="stele" tests="4" skipped="0" failures="2" errors="0">
        <testsuite name="orders" tests="2" skipped="0" errors="0" failures="1">
            <testcase name="Paid 1 -&gt; 2"/>
            <testcase name="Placed 1 -&gt; 2">
                <failure message="the type changed from `string` to `integer`" type="type_changed">new/orders/Placed/2.json:4:7: type_changed: Placed 1 -&gt; 2: the type changed from `string` to `integer`; instead: keep this type, and add a new optional property of the new type beside it
    new/orders/Placed/2.json:4:7: backward_breaking: Placed 1 -&gt; 2: this event of the old version cannot be read by the new one: {&quot;id&quot;:&quot;&quot;} (&quot;&quot; is not of type &quot;integer&quot;); instead: let the new schema take every event of the old one: widen that place again, or make it optional
    new/orders/Placed/2.json:3:5: forward_breaking: Placed 1 -&gt; 2: this event of the new version cannot be read by the old one: {&quot;id&quot;:0} (0 is not of type &quot;string&quot;); instead: let readers of the old schema take every new event: keep what was there, and add beside it</failure>
            </testcase>
        </testsuite>
        <testsuite name="stock" tests="2" skipped="0" errors="0" failures="1">
            <testcase name="Code 1 -&gt; 2">
                <failure message="`pattern` changed from &quot;^(a+)b\\1$&quot; to &quot;^(a+)b\\1{1}$&quot;" type="constraint_changed">new/stock/Code/2.json:1:18: constraint_changed: Code 1 -&gt; 2: `pattern` changed from &quot;^(a+)b\\1$&quot; to &quot;^(a+)b\\1{1}$&quot;; instead: leave it to the readers that want it, or put it on a new optional property
    new/stock/Code/2.json:1:1: backward_undecided: Code 1 -&gt; 2: neither a proof nor an event that breaks was found (REGEX_UNSUPPORTED); instead: simplify that place, or let it pass knowingly with `--fail-on breaking`
    new/stock/Code/2.json:1:1: forward_undecided: Code 1 -&gt; 2: neither a proof nor an event that breaks was found (REGEX_UNSUPPORTED); instead: simplify that place, or let it pass knowingly with `--fail-on breaking`</failure>
            </testcase>
            <testcase name="Counted 1"/>
        </testsuite>
    </testsuites>
    "#);
}

#[test]
fn github_shows_annotations_and_a_summary() {
    let shop = workshop();
    let summary = shop.path().join("summary.md");

    let run = shop.stele_with(
        ".",
        "",
        &["check", "new", "--against", "old", "--format", "github"],
        &[("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())],
    );

    assert_eq!(run.code, 1, "{run:?}");
    insta::assert_snapshot!(run.out, @r#"
    ::error file=new/orders/Placed/2.json,line=4,endLine=4,col=7,endColumn=24,title=Placed 1 -> 2%3A type_changed::Placed 1 -> 2: the type changed from `string` to `integer`; instead: keep this type, and add a new optional property of the new type beside it
    ::error file=new/orders/Placed/2.json,line=4,endLine=4,col=7,endColumn=24,title=Placed 1 -> 2%3A backward_breaking::Placed 1 -> 2: this event of the old version cannot be read by the new one: {"id":""} ("" is not of type "integer"); instead: let the new schema take every event of the old one: widen that place again, or make it optional
    ::error file=new/orders/Placed/2.json,line=3,endLine=3,col=5,endColumn=9,title=Placed 1 -> 2%3A forward_breaking::Placed 1 -> 2: this event of the new version cannot be read by the old one: {"id":0} (0 is not of type "string"); instead: let readers of the old schema take every new event: keep what was there, and add beside it
    ::error file=new/stock/Code/2.json,line=1,endLine=1,col=18,endColumn=43,title=Code 1 -> 2%3A constraint_changed::Code 1 -> 2: `pattern` changed from "^(a+)b\\1$" to "^(a+)b\\1{1}$"; instead: leave it to the readers that want it, or put it on a new optional property
    ::error file=new/stock/Code/2.json,line=1,endLine=1,col=1,endColumn=44,title=Code 1 -> 2%3A backward_undecided::Code 1 -> 2: neither a proof nor an event that breaks was found (REGEX_UNSUPPORTED); instead: simplify that place, or let it pass knowingly with `--fail-on breaking`
    ::error file=new/stock/Code/2.json,line=1,endLine=1,col=1,endColumn=44,title=Code 1 -> 2%3A forward_undecided::Code 1 -> 2: neither a proof nor an event that breaks was found (REGEX_UNSUPPORTED); instead: simplify that place, or let it pass knowingly with `--fail-on breaking`
    "#);
    assert_eq!(fs::read_to_string(summary).unwrap(), report(&shop, "markdown"));
}

#[test]
fn gitlab_shows_code_quality() {
    let issues: Value = serde_json::from_str(&report(&workshop(), "gitlab")).unwrap();

    insta::assert_snapshot!(serde_json::to_string_pretty(&issues[0]).unwrap(), @r#"
    {
      "check_name": "type_changed",
      "description": "Placed 1 -> 2: the type changed from `string` to `integer`; instead: keep this type, and add a new optional property of the new type beside it",
      "fingerprint": "2ff2110cadaeb169bae25a1393b9a84e",
      "location": {
        "lines": {
          "begin": 4,
          "end": 4
        },
        "path": "new/orders/Placed/2.json"
      },
      "severity": "critical"
    }
    "#);
    let fingerprints: std::collections::BTreeSet<&str> =
        issues.as_array().unwrap().iter().map(|it| it["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(fingerprints.len(), issues.as_array().unwrap().len());
}

#[test]
fn a_pull_request_shows_markdown() {
    insta::assert_snapshot!(report(&workshop(), "markdown"), @r#"
    ### ❌ Event schemas: this breaks a consumer

    `new` against `old`: 2 breaking, 0 undecided, 2 compatible

    #### `Placed 1 -> 2`: breaking

    - ❌ **type_changed** at `/properties/id/type`: the type changed from `string` to `integer`
      ````diff
      -old/orders/Placed/1.json:4  "type": "string"
      +new/orders/Placed/2.json:4  "type": "integer"
      ````
      Instead: keep this type, and add a new optional property of the new type beside it
    - ❌ **backward_breaking** at `/properties/id/type`: this event of the old version cannot be read by the new one: {"id":""} ("" is not of type "integer")
      ````diff
      -old/orders/Placed/1.json:3  "id": {
      +new/orders/Placed/2.json:4  "type": "integer"
      ````
      Instead: let the new schema take every event of the old one: widen that place again, or make it optional
    - ❌ **forward_breaking** at `/properties/id/type`: this event of the new version cannot be read by the old one: {"id":0} (0 is not of type "string")
      ````diff
      -old/orders/Placed/1.json:4  "type": "string"
      +new/orders/Placed/2.json:3  "id": {
      ````
      Instead: let readers of the old schema take every new event: keep what was there, and add beside it

    #### `Code 1 -> 2`: breaking

    - ❌ **constraint_changed** at `/pattern`: `pattern` changed from "^(a+)b\\1$" to "^(a+)b\\1{1}$"
      ````diff
      -old/stock/Code/1.json:1  {"type":"string","pattern":"^(a+)b\\1$"}
      +new/stock/Code/2.json:1  {"type":"string","pattern":"^(a+)b\\1{1}$"}
      ````
      Instead: leave it to the readers that want it, or put it on a new optional property
    - ❌ **backward_undecided** at `the root`: neither a proof nor an event that breaks was found (REGEX_UNSUPPORTED)
      ````diff
      -old/stock/Code/1.json:1  {"type":"string","pattern":"^(a+)b\\1$"}
      +new/stock/Code/2.json:1  {"type":"string","pattern":"^(a+)b\\1{1}$"}
      ````
      Instead: simplify that place, or let it pass knowingly with `--fail-on breaking`
    - ❌ **forward_undecided** at `the root`: neither a proof nor an event that breaks was found (REGEX_UNSUPPORTED)
      ````diff
      -old/stock/Code/1.json:1  {"type":"string","pattern":"^(a+)b\\1$"}
      +new/stock/Code/2.json:1  {"type":"string","pattern":"^(a+)b\\1{1}$"}
      ````
      Instead: simplify that place, or let it pass knowingly with `--fail-on breaking`

    <details><summary>Compatible</summary>

    - `Paid 1 -> 2`: compatible
    - `Counted 1`: new

    </details>
    "#);
}

#[test]
fn one_run_writes_as_many_reports_as_asked_for() {
    let shop = workshop();

    let run = shop.stele(&[
        "check",
        "new",
        "--against",
        "old",
        "--format",
        "markdown",
        "--output",
        "comment.md",
        "--report",
        "sarif=out.sarif",
        "--report",
        "junit=out.xml",
    ]);

    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    for (file, format) in [("comment.md", "markdown"), ("out.sarif", "sarif"), ("out.xml", "junit")]
    {
        assert_eq!(fs::read_to_string(shop.path().join(file)).unwrap(), report(&shop, format));
    }
}

#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let shop = workshop();

    let nowhere =
        shop.stele(&["check", "new", "--against", "old", "--output", "nowhere/report.json"]);
    let unknown = shop.stele(&["check", "new", "--against", "old", "--report", "pdf=x"]);

    assert_eq!((nowhere.code, unknown.code), (2, 2));
    insta::assert_snapshot!(nowhere.err, @r"
    error: cannot write `nowhere/report.json`
      because: No such file or directory (os error 2)
    hint: name a file in a folder that is there
    ");
    insta::assert_snapshot!(unknown.err, @r"
    error: invalid value 'pdf=x' for '--report <FORMAT=FILE>': expected one of human, json, sarif, junit, github, gitlab, markdown before the `=`

    For more information, try '--help'.
    ");
}

#[test]
fn colours_are_for_terminals_and_for_who_asks() {
    let shop = workshop();
    let check = ["check", "new", "--against", "old"];

    let piped = shop.stele(&check);
    let asked = shop.stele(&[&check[..], &["--color", "always"]].concat());
    let file = shop.stele(&[&check[..], &["--color", "always", "--output", "x.txt"]].concat());

    assert!(!piped.out.contains('\u{1b}'));
    assert!(asked.out.contains('\u{1b}'));
    assert_eq!(file.out, "");
    assert_eq!(fs::read_to_string(shop.path().join("x.txt")).unwrap(), piped.out);
}

#[test]
fn what_a_terminal_would_obey_is_shown() {
    let shop = Workshop::new();
    shop.write("old.json", V1).write(
        "new.json",
        &V1.replace(
            "\"string\"",
            "[\"string\", \"null\"], \"description\": \"\\u001b[2J\u{202e}\"",
        ),
    );

    let run = shop.stele(&["check", "new.json", "--against", "old.json"]);

    assert_eq!(run.code, 1);
    assert!(!run.out.contains('\u{1b}') && !run.out.contains('\u{202e}'), "{run:?}");
}

#[test]
fn an_explanation_says_what_the_rules_mean() {
    let shop = Workshop::new();
    shop.write("old.json", V1).write("new.json", ADDED);

    let run = shop.stele(&["check", "new.json", "--against", "old.json", "--explain"]);

    insta::assert_snapshot!(run.out, @r#"
    compatible new  release 1.1.0, proved in both directions
               note: read strictly, an old event {"gift":null,"id":""} could break it: at /gift, null is
                     not of type "boolean"

      why: ADDITIONS_ONLY lets a version add optional properties, and asks that every event can be read
           in both directions
        old events, read by the new schema: proved, part by part
        new events, read by the old schema: proved, part by part
        strictly, backward: broken by {"gift":null,"id":""}: null is not of type "boolean"
        strictly, forward: proved, part by part
        property_added at /properties/gift, let in: an optional property was added
                       (docs/reference/differences.md#property_added)

    compatible: 1 compatible (new.json against old.json)
    "#);
}

#[test]
fn quiet_says_nothing_where_nothing_is_wrong_and_verbose_says_all() {
    let shop = workshop();
    let fine = shop.stele(&["check", "old", "--against", "old", "--quiet"]);
    let wrong = shop.stele(&["check", "new", "--against", "old", "--quiet"]);
    let all = shop.stele(&["check", "old", "--against", "old", "--verbose"]);

    assert_eq!((fine.code, fine.out.as_str(), fine.err.as_str()), (0, "", ""));
    assert!(wrong.out.contains("type_changed") && !wrong.out.contains("Paid"), "{wrong:?}");
    insta::assert_snapshot!(all.out, @r"
    unchanged  Paid 1  (orders)
    unchanged  Placed 1  (orders)
    unchanged  Code 1  (stock)

    compatible: 3 unchanged (old against old)
    ");
}
