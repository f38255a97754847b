//! Tests of whole plans: three versions, the first step an addition, the second a written lens.

mod raw;
mod valid;

use serde_json::{Value, json};

use super::*;
use crate::lens::OpError;

const LENS: &str = r"
lens: 1
subject: OrderPlaced
from: 2
to: 3
ops:
  - rename: { from: /orderId, to: /id }
  - map: { at: /status, pairs: { NEW: placed, PAID: paid } }
  - drop: { at: /note }
  - add: { at: /currency, value: EUR }
accept_loss: { up: [ /note ], down: [ /currency ] }
";

fn schema(value: &Value) -> Schema {
    Schema::read(&value.to_string()).parse().unwrap()
}

fn steps() -> Vec<Step> {
    let mut first = json!({
        "type": "object", "required": ["orderId", "status"],
        "properties": {"orderId": {"type": "string"}, "status": {"enum": ["NEW", "PAID"]}}
    });
    let one = schema(&first);
    first["properties"]["note"] = json!({"type": "string"});
    let two = schema(&first);
    let three = schema(&json!({
        "type": "object", "required": ["id", "status", "currency"],
        "properties": {
            "id": {"type": "string"}, "status": {"enum": ["placed", "paid"]},
            "currency": {"type": "string", "maxLength": 3}
        }
    }));
    vec![
        Step { version: version(1), schema: one, edge: None },
        Step { version: version(2), schema: two, edge: Some(Edge::Addition) },
        Step {
            version: version(3),
            schema: three,
            edge: Some(Edge::Written {
                lens: Lens::parse(LENS).unwrap(),
                assurance: Assurance::Proven,
            }),
        },
    ]
}

fn version(number: u32) -> Version {
    Version::try_from(number).unwrap()
}

fn plan(from: u32, to: u32) -> Plan {
    Plan::compose("OrderPlaced", &steps(), version(from), version(to), ContentModel::Event).unwrap()
}

fn translated(plan: &Plan, event: &Value) -> (Value, Vec<String>) {
    let crossing = plan.translate(event).unwrap();
    (crossing.event, crossing.losses.iter().map(ToString::to_string).collect())
}

#[test]
fn an_event_goes_all_the_way_up() {
    let plan = plan(1, 3);

    let up = translated(&plan, &json!({"orderId": "7", "status": "NEW"}));

    assert_eq!(up, (json!({"id": "7", "status": "placed", "currency": "EUR"}), vec![]));
    assert_eq!(plan.hops(), [(version(1), version(2)), (version(2), version(3))]);
    assert_eq!(plan.class(), Class::Lossy);
}

#[test]
fn an_event_goes_all_the_way_down() {
    let plan = plan(3, 1);

    let down = translated(&plan, &json!({"id": "7", "status": "paid", "currency": "USD"}));

    assert_eq!(down, (json!({"orderId": "7", "status": "PAID"}), vec!["/currency".to_owned()]));
    assert_eq!(plan.hops(), [(version(3), version(2)), (version(2), version(1))]);
}

#[test]
fn an_addition_is_undone_by_deleting_what_is_not_declared() {
    let event = json!({"orderId": "7", "status": "NEW", "note": "x"});
    let strict: Vec<Step> = steps()
        .into_iter()
        .map(|step| {
            let mut value = step.schema.value().clone();
            value["additionalProperties"] = json!(false);
            Step { schema: schema(&value), ..step }
        })
        .collect();

    let plan =
        Plan::compose("OrderPlaced", &strict, version(2), version(1), ContentModel::Event).unwrap();

    assert_eq!(plan.class(), Class::Lossy);
    assert_eq!(
        translated(&plan, &event),
        (json!({"orderId": "7", "status": "NEW"}), vec!["/note".to_owned()])
    );
}

#[test]
fn a_plan_passes_only_what_the_reader_takes_as_it_is() {
    assert_eq!(plan(2, 2).class(), Class::Pass);
    assert_eq!(plan(2, 1).class(), Class::Pass);
    // Strictly, an event of version 1 may carry any `note` at all.
    assert_eq!(plan(1, 2).class(), Class::Iso);
    assert_eq!(plan(2, 3).class(), Class::Lossy);
}

#[test]
fn a_written_lens_always_runs() {
    let shape =
        json!({"type": "object", "required": ["v"], "properties": {"v": {"type": "integer"}}});
    let lens = "{lens: 1, subject: S, from: 1, to: 2, ops: [convert: {at: /v, from: integer, to: integer, scale: 2}]}";
    let steps = [
        Step { version: version(1), schema: schema(&shape), edge: None },
        Step {
            version: version(2),
            schema: schema(&shape),
            edge: Some(Edge::Written {
                lens: Lens::parse(lens).unwrap(),
                assurance: Assurance::Proven,
            }),
        },
    ];

    let plan = Plan::compose("S", &steps, version(1), version(2), ContentModel::Event).unwrap();

    assert_eq!(plan.class(), Class::Iso);
    assert_eq!(translated(&plan, &json!({"v": 3})).0.to_string(), r#"{"v":300}"#);
}

#[test]
fn the_blocked_edge_is_named() {
    let mut steps = steps();
    steps[1].edge = None;

    let blocked = Plan::compose("S", &steps, version(3), version(1), ContentModel::Event);

    let error = blocked.unwrap_err();
    assert_eq!(error.blocked, Some((version(1), version(2))));
    insta::assert_snapshot!(error, @"there is no way from version 3 to version 1: version 2 is no addition to version 1, and no lens stands between them");
    assert!(Plan::compose("S", &steps, version(2), version(3), ContentModel::Event).is_ok());
}

#[test]
fn a_version_that_is_not_there_is_named() {
    let error =
        Plan::compose("S", &steps(), version(1), version(9), ContentModel::Event).unwrap_err();

    assert_eq!(error.unknown, Some(version(9)));
}

#[test]
fn a_lens_of_other_versions_leads_nowhere() {
    let mut steps = steps();
    steps.remove(1);

    let error =
        Plan::compose("S", &steps, version(1), version(3), ContentModel::Event).unwrap_err();

    assert_eq!(error.blocked, Some((version(1), version(3))));
}

#[test]
fn the_id_names_everything_that_decides_what_the_plan_does() {
    let ids = [plan(1, 2), plan(2, 1), plan(1, 3), plan(2, 3), plan(1, 1), plan(2, 2)]
        .map(|plan| plan.id().to_owned());

    let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len());
    assert!(ids.iter().all(|id| id.len() == 16));
    assert_eq!(plan(1, 3).id(), plan(1, 3).id());
    let other = Plan::compose("Other", &steps(), version(1), version(3), ContentModel::Event);
    assert_ne!(other.unwrap().id(), plan(1, 3).id());
}

#[test]
fn what_cannot_be_carried_is_never_delivered() {
    let plan = plan(1, 3);

    let stuck = plan.translate(&json!({"orderId": "7", "status": "LOST"})).unwrap_err();
    let invalid = plan.translate(&json!({"status": "NEW"})).unwrap_err();

    assert!(matches!(stuck, TranslateError::Lens(OpError { op: 1, name: "map", .. })));
    let TranslateError::InvalidOutput(cause) = invalid else { panic!("{invalid:?}") };
    assert_eq!(cause.keyword, "required");
}

#[test]
fn in_the_event_model_undeclared_names_do_not_disturb() {
    let mut closed = steps();
    let mut value = closed[2].schema.value().clone();
    value["additionalProperties"] = json!(false);
    closed[2].schema = schema(&value);
    let event = json!({"orderId": "7", "status": "NEW", "trace": "x"});
    let plan = |model| Plan::compose("S", &closed, version(2), version(3), model).unwrap();

    let tolerant = plan(ContentModel::Event).translate(&event).unwrap();

    assert_eq!(tolerant.event["trace"], "x");
    assert!(plan(ContentModel::Strict).translate(&event).is_err());
}

#[test]
fn a_reader_of_translated_events_takes_what_an_open_list_does_not_name() {
    let status = |values: Value, open: bool| {
        schema(&json!({"properties": {"status": {"enum": values, "x-open-enum": open}}}))
    };
    let plan = |open| {
        let (old, new) = (status(json!(["NEW"]), open), status(json!(["NEW", "SENT"]), open));
        let steps = [
            Step { version: version(1), schema: old, edge: None },
            Step { version: version(2), schema: new, edge: Some(Edge::Addition) },
        ];
        Plan::compose("Order", &steps, version(2), version(1), ContentModel::Event).unwrap()
    };
    let sent = json!({"status": "SENT"});

    assert_eq!(plan(true).translate(&sent).unwrap().event, sent);
    assert!(plan(false).translate(&sent).is_err());
}

#[test]
fn the_content_model_is_part_of_the_name() {
    let plan = |model| Plan::compose("OrderPlaced", &steps(), version(1), version(3), model);

    assert_ne!(plan(ContentModel::Event).unwrap().id(), plan(ContentModel::Strict).unwrap().id());
}

#[test]
fn a_plan_is_as_sure_as_its_least_sure_edge() {
    assert_eq!(plan(1, 2).assurance(), Assurance::Proven);
    assert_eq!(plan(2, 1).assurance(), Assurance::Proven);

    let mut tested = steps();
    let lens = Lens::parse(LENS).unwrap();
    tested[2].edge = Some(Edge::Written { lens, assurance: Assurance::Tested(40) });
    let plan = Plan::compose("S", &tested, version(1), version(3), ContentModel::Event).unwrap();

    assert_eq!(plan.assurance(), Assurance::Tested(40));
    assert_eq!(plan.losses(), ["/note".parse().unwrap()]);
}

#[test]
fn an_addition_that_declares_no_new_name_loses_nothing() {
    let mut same = steps();
    let mut value = same[0].schema.value().clone();
    value["properties"]["status"]["enum"] = json!(["NEW", "PAID", "LATE"]);
    same[1].schema = schema(&value);
    let plan = Plan::compose("S", &same, version(2), version(1), ContentModel::Event).unwrap();

    assert_eq!(plan.class(), Class::Iso);
}
