//! `stele lens`: every screen, as people see it.

mod support;

use support::Workshop;

const OLD: &str = r#"{"type":"object","required":["orderId","status","lines"],"properties":{
  "orderId":{"type":"string"},"status":{"enum":["NEW","PAID"]},"note":{"type":"string"},
  "lines":{"type":"array","items":{"type":"object","required":["qty"],"properties":{"qty":{"type":"integer"}}}}}}"#;
const NEW: &str = r#"{"type":"object","required":["id","status","lines","currency"],"properties":{
  "id":{"type":"string"},"status":{"enum":["new","paid"]},"currency":{"type":"string","default":"EUR"},
  "lines":{"type":"array","items":{"type":"object","required":["quantity"],"properties":{"quantity":{"type":"integer"}}}}}}"#;
const LENS: &str = "\
lens: 1
subject: OrderPlaced
from: 1
to: 2
ops:
  - rename: { from: /orderId, to: /id }
  - map: { at: /status, pairs: { NEW: new, PAID: paid } }
  - drop: { at: /note }
  - add: { at: /currency, value: EUR }
  - each: { at: /lines, ops: [ { rename: { from: /qty, to: /quantity } } ] }
accept_loss: { up: [ /note ], down: [ /currency ] }
examples:
  - up: { orderId: \"7\", status: NEW, lines: [ { qty: 1 } ] }
    gives: { id: \"7\", status: new, currency: EUR, lines: [ { quantity: 1 } ] }
";

/// A folder with a subject of two versions and the lens between them.
fn shop() -> Workshop {
    let shop = Workshop::new();
    shop.write("s/OrderPlaced/1.json", OLD)
        .write("s/OrderPlaced/2.json", NEW)
        .write("s/OrderPlaced/1-2.lens.yaml", LENS);
    shop
}

#[test]
fn a_lens_is_proposed_and_what_is_proposed_holds() {
    let shop = shop();
    shop.write("1.json", OLD).write("2.json", NEW);

    let run = shop.stele(&["lens", "suggest", "1.json", "2.json", "--subject", "OrderPlaced"]);
    shop.write("proposed.yaml", &run.out);
    let check =
        shop.stele(&["lens", "check", "proposed.yaml", "--old", "1.json", "--new", "2.json"]);

    insta::assert_snapshot!(run.out, @r"
    lens: 1
    subject: OrderPlaced
    from: 1
    to: 2
    ops:
      - rename: { from: /orderId, to: /id }  # guess: `orderId` and `id` are alike (0.8) and of one type
      - map: { at: /status, pairs: { NEW: new, PAID: paid } }  # guess: values are paired by how alike they are
      - drop: { at: /note }
      - add: { at: /currency, value: EUR }
      - each:
          at: /lines
          ops:
            - rename: { from: /qty, to: /quantity }  # guess: `qty` and `quantity` are alike (0.6) and of one type
    accept_loss:  # guess: these values do not survive the way there and back; check that none of them is missed
      up: [ /note ]
      down: [ /currency ]
    ");
    insta::assert_snapshot!(run.err, @r"
    4 guesses to look at, 0 left open
    as it stands it is proved, both ways
    ");
    assert_eq!((run.code, check.code), (0, 0), "{check:?}");
}

#[test]
fn a_lens_that_the_shell_has_just_begun_to_write_is_not_read() {
    let shop = shop();
    shop.write("s/OrderPlaced/1-2.lens.yaml", "");

    let run = shop.stele(&["lens", "suggest", "s/OrderPlaced/1.json", "s/OrderPlaced/2.json"]);

    assert!(run.out.contains("subject: OrderPlaced\n"), "{run:?}");
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn what_is_left_open_is_said() {
    let shop = Workshop::new();
    shop.write(
        "1.json",
        r#"{"type":"object","required":["s"],"properties":{"s":{"enum":["A","B"]}}}"#,
    )
    .write(
        "2.json",
        r#"{"type":"object","required":["s"],"properties":{"s":{"enum":["A","C","D"]}}}"#,
    );

    let run = shop.stele(&["lens", "suggest", "1.json", "2.json", "--subject", "S"]);
    let program = shop.stele(&["lens", "suggest", "1.json", "2.json", "--format", "json"]);

    insta::assert_snapshot!(run.out, @r#"
    lens: 1
    subject: S
    from: 1
    to: 2
    ops:
      - map: { at: /s, pairs: { A: A } }
    # open: /s: the newer version has no `B`: say in `pairs` what it becomes
    # open: /s: the older version has no `C`, `D`: say in the `down` table of a `map` what it becomes
    "#);
    insta::assert_snapshot!(run.err, @r#"
    0 guesses to look at, 2 left open
    warning: as it stands it does not hold: op 0 at `/s`: "B" has no image in `pairs`, and there is no `else` (events of version 1)
    "#);
    assert_eq!(run.code, 3);
    let told: serde_json::Value = serde_json::from_str(&program.out).unwrap();
    assert_eq!(told["open"].as_array().map(Vec::len), Some(2), "{told}");
    assert_eq!(told["lens"]["lens"], 1);
}

#[test]
fn a_lens_is_checked_between_the_schemas_beside_it() {
    let shop = shop();

    let beside = shop.stele(&["lens", "check", "s/OrderPlaced/1-2.lens.yaml"]);
    let strict = shop.stele(&["lens", "check", "s/OrderPlaced/1-2.lens.yaml", "--strict"]);
    let swapped = ["lens", "check", "s/OrderPlaced/1-2.lens.yaml", "--old", "s/OrderPlaced/2.json"];
    let swapped = shop.stele(&swapped);

    insta::assert_snapshot!(beside.out, @"the lens of OrderPlaced from 1 to 2 holds for every event, both ways");
    assert_eq!((beside.code, strict.code, swapped.code), (0, 0, 2), "{swapped:?}");
}

#[test]
fn a_wrong_lens_is_refused_with_the_event_that_shows_it() {
    let shop = shop();
    shop.write("s/OrderPlaced/1-2.lens.yaml", &LENS.replace("PAID: paid", "PAYED: paid"));

    let run = shop.stele(&["lens", "check", "s/OrderPlaced/1-2.lens.yaml"]);

    insta::assert_snapshot!(run.out, @r#"
    the lens does not hold: operation 1, at /status: "PAID" has no image in `pairs`, and there is no
                            `else` (events of version 1)
      from this event:
        {
          "lines": [
            {
              "qty": 1
            },
            {
              "qty": 1
            }
          ],
          "note": "text",
          "orderId": "text",
          "status": "PAID"
        }
      hint: did you mean `PAYED`?
    "#);
    assert_eq!(run.code, 1);
}

#[test]
fn examples_are_run() {
    let shop = shop();

    let ok = shop.stele(&["lens", "test", "s"]);
    shop.write("lies.yaml", &LENS.replace("status: new,", "status: paid,"));
    let lies = shop.stele(&["lens", "test", "lies.yaml", "s/OrderPlaced/1-2.lens.yaml"]);
    shop.write("bare.yaml", LENS.split("examples:").next().unwrap());
    let bare = shop.stele(&["lens", "test", "bare.yaml"]);

    insta::assert_snapshot!(ok.out, @"ok          OrderPlaced 1 to 2  1 example");
    insta::assert_snapshot!(lies.out, @r#"
    failed      OrderPlaced 1 to 2  1 example
      example 0, up
        differs at /status
        - expected "paid"
        + given "new"
    ok          OrderPlaced 1 to 2  1 example
    "#);
    insta::assert_snapshot!(bare.out, @"no examples OrderPlaced 1 to 2");
    assert_eq!((ok.code, lies.code, bare.code), (0, 1, 0));
}

#[test]
fn an_event_is_carried_step_by_step() {
    let shop = shop();
    let event = r#"{"orderId":"7","status":"NEW","note":"ring","lines":[{"qty":1.0}]}"#;
    shop.write("event.json", event);
    let lens = "s/OrderPlaced/1-2.lens.yaml";

    let up = shop.stele(&["lens", "apply", lens, "event.json"]);
    let program = shop.stele_reading(event, &["lens", "apply", lens, "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&program.out).unwrap();
    let down =
        shop.stele_reading(&told["event"].to_string(), &["lens", "apply", lens, "-", "--down"]);
    let stuck = shop.stele_reading(r#"{"status":"LOST"}"#, &["lens", "apply", lens]);
    let none = shop.stele_reading("{", &["lens", "apply", lens]);

    insta::assert_snapshot!(up.out, @r#"
    op 0 rename: { from: /orderId, to: /id }
      - /orderId "7"
      + /id "7"
    op 1 map: { at: /status, pairs: { NEW: new, PAID: paid } }
      - /status "NEW"
      + /status "new"
    op 2 drop: { at: /note }
      - /note "ring"
      loss: /note of the event that came in is gone for good
    op 3 add: { at: /currency, value: EUR }
      + /currency "EUR"
    op 4 each: { at: /lines, ops: [ { rename: { from: /qty, to: /quantity } } ] }
      - /lines/0/qty 1.0
      + /lines/0/quantity 1.0

    comes out as
      {
        "currency": "EUR",
        "id": "7",
        "lines": [
          {
            "quantity": 1.0
          }
        ],
        "status": "new"
      }
    "#);
    insta::assert_snapshot!(stuck.out, @r#"
    op 0 rename: { from: /orderId, to: /id }
      nothing to do

    the event does not cross: op 1 `map` at `/status`: "LOST" has no image in `pairs`, and there is no
                              `else`
    "#);
    insta::assert_snapshot!(none.err, @r"
    error: `standard input` is not an event
      because: not JSON at line 1, column 1: EOF while parsing an object
    hint: an event is one JSON document, in a file or on standard input
    ");
    assert!(down.out.contains("\"orderId\": \"7\""), "{down:?}");
    assert_eq!((up.code, down.code, stuck.code, none.code), (0, 0, 1, 2));
}

#[test]
fn the_way_between_two_versions_is_shown_or_where_it_ends() {
    let shop = shop();
    let broken = NEW.replace("\"id\"", "\"key\"");
    shop.write("s/OrderPlaced/3.json", &broken);

    let up = shop.stele(&["lens", "plan", "s", "OrderPlaced", "1", "2"]);
    let down = shop.stele(&["lens", "plan", "s", "OrderPlaced", "2", "1"]);
    let blocked = shop.stele(&["lens", "plan", "s", "OrderPlaced", "1", "3"]);
    let nobody = shop.stele(&["lens", "plan", "s", "OrderPlacde", "1", "3"]);

    let without_id = |text: &str| text.lines().skip(1).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(without_id(&up.out), @r"
    lossy: something may be lost on the way
    what comes out is proved valid
    1 -> 2  by its lens, proved
      may lose /note
    ");
    insta::assert_snapshot!(without_id(&down.out), @r"
    lossy: something may be lost on the way
    what comes out is proved valid
    2 -> 1  by its lens, proved
      may lose /currency
    ");
    insta::assert_snapshot!(blocked.out, @r"
    OrderPlaced 1 to 3  no plan
      1 -> 2  by its lens, proved
        may lose /note
      2 -> 3  no way

    blocked: there is no way from version 1 to version 3: version 3 is no addition to version 2, and no
             lens stands between them
    ");
    insta::assert_snapshot!(nobody.err, @r"
    error: there is no subject `OrderPlacde` in `s`
    hint: name it as its folder is called: <context>/<Subject>/<version>.json
    ");
    assert_eq!((up.code, down.code, blocked.code, nobody.code), (0, 0, 1, 2));
}

#[test]
fn a_lens_without_a_way_down_says_which_operation_blocks() {
    let shop = Workshop::new();
    let of = |kind: &str| {
        format!(r#"{{"type":"object","required":["v"],"properties":{{"v":{{"type":"{kind}"}}}}}}"#)
    };
    let lens = "{lens: 1, subject: S, from: 1, to: 2, ops: [expr: {at: /v, inputs: {v: /v}, up: string(v), type: string, on_error: '?'}], accept_loss: {up: [/v]}}";
    shop.write("s/S/1.json", &of("integer")).write("s/S/2.json", &of("string"));
    shop.write("s/S/1-2.lens.yaml", lens);

    let undeclared = shop.stele(&["lens", "check", "s/S/1-2.lens.yaml"]);
    shop.write("s/S/1-2.lens.yaml", &lens.replace("ops:", "one_way: true, ops:"));
    let check = shop.stele(&["lens", "check", "s/S/1-2.lens.yaml"]);
    let up = shop.stele(&["lens", "plan", "s", "S", "1", "2"]);
    let down = shop.stele(&["lens", "plan", "s", "S", "2", "1"]);

    insta::assert_snapshot!(undeclared.out, @r#"
    the lens does not hold: operation 0, at /v: `expr` has no way down, and the lens does not say so
      from this event:
        {
          "v": 1
        }
      it makes this one:
        {
          "v": "1"
        }
      hint: give it a `down`, or declare `one_way: true`: no event will go down then
    "#);
    insta::assert_snapshot!(check.out, @"the lens of S from 1 to 2 holds for every event, on the way up");
    insta::assert_snapshot!(down.out, @r"
    S 2 to 1  no plan
      2 -> 1  no way

    blocked: there is no way from version 2 to version 1: op 0 `expr` of the lens between versions 1 and
             2 leads one way only
    ");
    assert!(up.out.contains("one way"), "{up:?}");
    assert_eq!((undeclared.code, check.code, up.code, down.code), (1, 0, 0, 1));
}

#[test]
fn a_skeleton_is_a_lens() {
    let shop = Workshop::new();

    let run = shop.stele(&["lens", "new", "OrderPlaced", "2"]);
    shop.write("2-3.lens.yaml", &run.out);
    let test = shop.stele(&["lens", "test", "2-3.lens.yaml"]);

    insta::assert_snapshot!(run.out, @r#"
    lens: 1
    subject: OrderPlaced
    from: 2
    to: 3
    ops: []
    # ops:
    #   - rename:  { from: /orderId, to: /id }
    #   - move:    { from: /name, to: /customer/name }
    #   - map:     { at: /status, pairs: { NEW: placed, PAID: paid } }
    #   - convert: { at: /total, to: string, format: decimal }
    #   - drop:    { at: /legacyFlag, restore: false }
    #   - add:     { at: /currency, value: EUR }
    #   - each:    { at: /lines, ops: [ { rename: { from: /qty, to: /quantity } } ] }
    # accept_loss:
    #   up:   [ /legacyFlag ]
    #   down: [ /currency ]
    # examples:
    #   - up:    { orderId: "7" }
    #     gives: { id: "7" }
    "#);
    assert_eq!((run.code, test.code), (0, 0), "{test:?}");
}
