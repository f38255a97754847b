use std::sync::Arc;

use stele_client::History;
use stele_evolution::{
    lens::{Assurance, Lens},
    plan::Edge,
};

use super::*;
use crate::{
    envelope::Attribute,
    shop::{event, history, orders, route, stock, version},
};

const ORDER_V3: &str =
    r#"{"id":"o-1","total":12345678901234567890.10,"status":"placed","currency":"EUR"}"#;
const REGISTRY: &str = "http://registry:8081/";

fn table(histories: Vec<(History, &Route)>) -> Table {
    histories.into_iter().fold(Table::default(), |table, (history, route)| {
        table.with([Arc::new(Track::lay(history, &route.to))])
    })
}

/// Orders to the version, and stock to version 2.
fn shop(to: u32) -> (Routes, Table) {
    let (orders_route, stock_route) = (route("OrderPlaced", to), route("StockReserved", 2));
    let table = table(vec![(orders(), &orders_route), (stock(), &stock_route)]);
    (Routes::Named(vec![Arc::new(orders_route), Arc::new(stock_route)]), table)
}

fn to(consumer: u32, envelope: &Envelope) -> Result<Envelope, Fault> {
    let (routes, table) = shop(consumer);
    translate(envelope, &routes, &table, REGISTRY).map(|translation| translation.envelope)
}

fn one(route: Route, history: History, envelope: &Envelope) -> Result<Envelope, Fault> {
    let table = table(vec![(history, &route)]);
    let routes = Routes::Named(vec![Arc::new(route)]);
    translate(envelope, &routes, &table, REGISTRY).map(|translation| translation.envelope)
}

fn text<'e>(envelope: &'e Envelope, name: &str) -> Option<&'e str> {
    envelope.attributes.text(name)
}

#[test]
fn an_event_crosses_a_break_and_an_addition_down() {
    let mut envelope = event("OrderPlaced.v3", ORDER_V3);
    envelope.attributes.set("dssematerial", "signature");
    envelope.attributes.set("dataref", "http://elsewhere/o-1");
    envelope.attributes.insert("sequence".into(), Attribute::Bare("3".into()));

    let out = to(1, &envelope).unwrap();

    assert_eq!(out.data, r#"{"orderId":"o-1","total":12345678901234567890.10,"status":"NEW"}"#);
    assert_eq!(text(&out, "type"), Some("OrderPlaced.v1"));
    assert_eq!(text(&out, "time"), Some("2026-11-24T13:45:00.123456789Z"));
    assert_eq!(text(&out, "sequence"), Some("3"));
    assert_eq!(text(&out, "schemafrom"), Some("3"));
    assert_eq!(text(&out, "translationloss"), Some("0"));
    assert_eq!(text(&out, "translation").map(str::is_empty), Some(false));
    assert_eq!((text(&out, "dssematerial"), text(&out, "dataref")), (None, None));
}

#[test]
fn an_actual_loss_is_counted_and_its_value_is_not_told() {
    let event = event("OrderPlaced.v3", r#"{"id":"o-1","currency":"CHF"}"#);

    let out = to(1, &event).unwrap();

    assert_eq!(out.data, r#"{"orderId":"o-1"}"#);
    assert_eq!(text(&out, "translationloss"), Some("1"));
}

#[test]
fn an_event_crosses_up() {
    let out = to(3, &event("OrderPlaced.v1", r#"{"orderId":"o-1","status":"PAID"}"#)).unwrap();

    assert_eq!(out.data, r#"{"id":"o-1","status":"paid","currency":"EUR"}"#);
    assert_eq!(text(&out, "type"), Some("OrderPlaced.v3"));
}

#[test]
fn every_convention_is_read_and_rewritten() {
    let mut by_uri = event("OrderPlaced", ORDER_V3);
    by_uri.attributes.set("dataschema", "http://r/subjects/OrderPlaced/versions/3");
    let mut by_attribute = event("OrderPlaced", ORDER_V3);
    by_attribute.attributes.set("schemaid", "13");
    let mut by_header = Envelope::plain(ORDER_V3);
    by_header.metadata.set("__value_schema_id", "13");
    let by_frame = Envelope::plain([b"\0\0\0\0\x0d", ORDER_V3.as_bytes()].concat());

    let out = to(1, &by_uri).unwrap();
    assert_eq!(text(&out, "dataschema"), Some("http://r/subjects/OrderPlaced/versions/1"));
    assert_eq!(text(&out, "type"), Some("OrderPlaced"));

    let out = to(1, &by_attribute).unwrap();
    assert_eq!(text(&out, "schemaid"), Some("11"));

    let out = to(1, &by_header).unwrap();
    assert_eq!(out.metadata.text("__value_schema_id"), Some("11"));
    assert_eq!(out.metadata.text("schemafrom"), Some("3"));

    let out = to(1, &by_frame).unwrap();
    assert!(out.data.starts_with(b"\0\0\0\0\x0b{\"orderId\":\"o-1\""));
}

#[test]
fn a_dataschema_that_is_not_the_registrys_does_not_outlive_its_version() {
    let mut envelope = event("OrderPlaced.v3", ORDER_V3);
    envelope.attributes.set("dataschema", "https://shop.example/schemas/order.json");

    let out = to(1, &envelope).unwrap();

    assert_eq!(
        text(&out, "dataschema"),
        Some("http://registry:8081/subjects/OrderPlaced/versions/1")
    );
}

#[test]
fn a_consumer_on_names_reads_a_stream_on_ids() {
    let route = Route { out: Some(Convention::Name), ..route("OrderPlaced", 3) };
    let mut envelope = event("OrderPlaced", ORDER_V3);
    envelope.attributes.set("schemaid", "13");

    let out = one(route, orders(), &envelope).unwrap();

    assert_eq!(text(&out, "type"), Some("OrderPlaced.v3"));
    assert_eq!(out.data, envelope.data);
}

#[test]
fn the_consumers_own_version_goes_on_untouched() {
    let mut envelope = event("OrderPlaced.v3", "{ \"id\" : 1,, }");
    envelope.attributes.set("dssematerial", "signature");

    assert_eq!(to(3, &envelope), Ok(envelope));
}

#[test]
fn a_plan_that_changes_nothing_passes_the_bytes() {
    let spaced = "{ \"sku\" : \"a\" }";

    let out = to(1, &event("StockReserved.v1", spaced)).unwrap();

    assert_eq!(out.data, spaced);
    assert_eq!(text(&out, "type"), Some("StockReserved.v2"));
    assert_eq!(text(&out, "translationloss"), Some("0"));
}

#[test]
fn a_version_in_the_body_is_rewritten_there() {
    let conventions = vec![Convention::Payload("/version".parse().unwrap())];
    let route = Route { conventions, ..route("StockReserved", 2) };
    let event = event("StockReserved", r#"{"sku":"a","version":1}"#);

    let out = one(route, stock(), &event).unwrap();

    assert_eq!(out.data, r#"{"sku":"a","version":2}"#);
}

#[test]
fn the_newest_is_assumed_only_where_versions_only_added() {
    let silent =
        |subject, to| Route { conventions: vec![Convention::Nothing], ..route(subject, to) };
    let stocked = event("StockReserved", r#"{"sku":"a","warehouse":"b"}"#);
    let wrong = event("StockReserved", r#"{"sku":1}"#);
    let ordered = event("OrderPlaced", r#"{"id":"o-1"}"#);

    let out = one(silent("StockReserved", 1), stock(), &stocked).unwrap();
    let invalid = one(silent("StockReserved", 2), stock(), &wrong).unwrap_err();
    let broken = one(silent("OrderPlaced", 1), orders(), &ordered).unwrap_err();

    assert_eq!(out.data, r#"{"sku":"a"}"#);
    assert_eq!(
        (invalid.code, invalid.place.pointer.as_deref()),
        (Code::InvalidInput, Some("/sku"))
    );
    assert_eq!(broken.code, Code::VersionNotSaid);
}

#[test]
fn what_is_not_translated_is_a_fault_with_its_own_code() {
    let code = |envelope: &Envelope| to(1, envelope).unwrap_err().code;
    let mut disagreeing = event("OrderPlaced.v3", ORDER_V3);
    disagreeing.attributes.set("schemaid", "12");
    let mut elsewhere = event("OrderPlaced.v3", ORDER_V3);
    elsewhere.attributes.set("dataschema", "http://r/subjects/StockReserved/versions/1");
    let mut referring = event("OrderPlaced.v3", "");
    referring.attributes.set("dataref", "http://elsewhere/o-1");
    let deep = format!(r#"{{"id":"a","note":{}1{}}}"#, "[".repeat(200), "]".repeat(200));

    assert_eq!(code(&event("OrderPlaced.v9", ORDER_V3)), Code::UnknownVersion);
    assert_eq!(code(&event("OrderPlaced", ORDER_V3)), Code::VersionNotSaid);
    assert_eq!(code(&event("OrderShipped.v1", "{}")), Code::SubjectNotRouted);
    assert_eq!(code(&Envelope::plain("{}")), Code::SubjectNotSaid);
    assert_eq!(code(&disagreeing), Code::ConventionsDisagree);
    assert_eq!(code(&elsewhere), Code::ConventionsDisagree);
    assert_eq!(code(&referring), Code::DatarefAlone);
    assert_eq!(code(&event("OrderPlaced.v3", "nope")), Code::NotJson);
    assert_eq!(code(&event("OrderPlaced.v3", r#"{"id":"a","id":"b"}"#)), Code::DuplicateKey);
    assert_eq!(code(&event("OrderPlaced.v3", &deep)), Code::TooDeep);
    assert_eq!(code(&event("OrderPlaced.v3", r#"{"total":"1"}"#)), Code::InvalidInput);
}

#[test]
fn an_occupied_name_is_a_lens_error_with_its_place() {
    let event = event("OrderPlaced.v2", r#"{"orderId":"o-1","id":"taken"}"#);

    let fault = to(3, &event).unwrap_err();

    assert_eq!(fault.code, Code::LensError);
    assert_eq!(fault.place.op.as_deref(), Some("rename"));
    assert_eq!((fault.place.from, fault.place.to), (Some(version(2)), Some(version(3))));
    assert!(fault.place.plan.is_some());
}

#[test]
fn a_lens_that_makes_what_its_target_forbids_delivers_nothing() {
    let lens = "{lens: 1, subject: A, from: 1, to: 2, ops: [{rename: {from: /a, to: /b}}]}";
    let history = history(
        "A",
        vec![
            (r#"{"properties":{"a":{"type":"string"}}}"#, None, 1),
            (
                r#"{"properties":{"b":{"type":"integer"}}}"#,
                Some(Edge::Written {
                    lens: Lens::parse(lens).unwrap(),
                    assurance: Assurance::Proven,
                }),
                2,
            ),
        ],
    );

    let fault = one(route("A", 2), history, &event("A.v1", r#"{"a":"x"}"#)).unwrap_err();

    assert_eq!((fault.code, fault.place.pointer.as_deref()), (Code::InvalidOutput, Some("/b")));
}

#[test]
fn without_a_lens_there_is_no_path() {
    let history =
        history("A", vec![(r#"{"type":"object"}"#, None, 1), (r#"{"type":"string"}"#, None, 2)]);

    let fault = one(route("A", 2), history, &event("A.v1", "{}")).unwrap_err();

    assert_eq!(fault.code, Code::NoPath);
}

#[test]
fn what_is_not_loaded_yet_is_not_guessed() {
    let (routes, _) = shop(1);

    let fault = translate(&event("OrderPlaced.v1", "{}"), &routes, &Table::default(), REGISTRY);

    assert_eq!(fault.unwrap_err().code, Code::RegistryUnavailable);
}

fn admitted(input: Input, data: &str) -> Result<Envelope, Fault> {
    one(Route { input, ..route("OrderPlaced", 1) }, orders(), &event("OrderPlaced.v1", data))
}

#[test]
fn producers_are_trusted_as_far_as_somebody_says() {
    let extra = r#"{"orderId": "o-1", "secret": 1}"#;
    let invalid = r#"{"orderId": 1}"#;

    assert_eq!(admitted(Input::Valid, extra).unwrap().data, extra);
    assert_eq!(admitted(Input::Trust, invalid).unwrap().data, invalid);
    let refused = admitted(Input::Check, extra).unwrap_err();
    assert_eq!(
        (refused.code, refused.place.pointer.as_deref()),
        (Code::InvalidInput, Some("/secret"))
    );
    assert_eq!(admitted(Input::Check, invalid).unwrap_err().code, Code::InvalidInput);
    assert_eq!(admitted(Input::Strip, extra).unwrap().data, r#"{"orderId":"o-1"}"#);
    assert_eq!(admitted(Input::Strip, invalid).unwrap_err().code, Code::InvalidInput);
}

#[test]
fn a_stripped_event_loses_its_signature_and_keeps_its_frame() {
    let mut framed = event("OrderPlaced", "");
    framed.data = b"\0\0\0\0\x0b{\"orderId\":\"o-1\",\"secret\":1}".as_slice().into();
    framed.attributes.set("dssematerial", "signature");

    let out = one(Route { input: Input::Strip, ..route("OrderPlaced", 1) }, orders(), &framed);

    let out = out.unwrap();
    assert_eq!(out.data, b"\0\0\0\0\x0b{\"orderId\":\"o-1\"}".as_slice());
    assert_eq!(text(&out, "dssematerial"), None);
}

#[test]
fn what_a_plan_does_not_touch_leaves_byte_for_byte() {
    let out = to(1, &event("OrderPlaced.v3", r#"{"id": "o-1",  "total":1.10 }"#)).unwrap();

    assert_eq!(out.data, r#"{"orderId": "o-1",  "total":1.10 }"#);
}

#[test]
fn the_stream_says_the_version_and_is_renamed_with_it() {
    let stream = Convention::Stream("orders.v{version}".parse().unwrap());
    let route = |out| Route { conventions: vec![stream.clone()], out, ..route("OrderPlaced", 1) };
    let mut plain = Envelope::plain(r#"{"id":"o-1"}"#);
    plain.stream = Some("orders.v3".into());

    let out = one(route(None), orders(), &plain).unwrap();
    let by_name = one(route(Some(Convention::SchemaId)), orders(), &plain).unwrap();
    plain.stream = Some("orders.v9".into());
    let unknown = one(route(None), orders(), &plain).unwrap_err();

    assert_eq!(
        (out.stream.as_deref(), &*out.data),
        (Some("orders.v1"), &br#"{"orderId":"o-1"}"#[..])
    );
    assert_eq!(by_name.metadata.text("__value_schema_id"), Some("11"));
    assert_eq!(unknown.code, Code::UnknownVersion);
}

#[test]
fn a_guid_says_the_version_and_its_kind_is_kept() {
    let guid = |version: usize| orders().versions()[version - 1].guid();
    let mut framed = event("OrderPlaced", "");
    let head = [&[1], &guid(3).to_be_bytes()[..]].concat();
    framed.data = [head.as_slice(), br#"{"id":"o-1"}"#].concat().into();
    let mut named = event("OrderPlaced", r#"{"id":"o-1"}"#);
    named.attributes.set("schemaid", uuid::Uuid::from_u128(guid(3)).to_string());

    let (framed, named) = (to(1, &framed).unwrap(), to(1, &named).unwrap());

    let head = [&[1], &guid(1).to_be_bytes()[..]].concat();
    assert_eq!(framed.data, [head.as_slice(), br#"{"orderId":"o-1"}"#].concat());
    assert_eq!(text(&named, "schemaid"), Some(&*uuid::Uuid::from_u128(guid(1)).to_string()));
}

#[test]
fn bytes_that_are_no_json_pass_unread_only_where_nothing_is_checked_and_nothing_changes() {
    let admitted = |input, event_type| {
        let route = Route { input, ..route("StockReserved", 2) };
        one(route, stock(), &event(event_type, "no JSON")).map(|out| out.data)
    };

    for event_type in ["StockReserved.v1", "StockReserved.v2"] {
        for input in [Input::Trust, Input::Valid] {
            assert_eq!(admitted(input, event_type).unwrap(), "no JSON", "{event_type}");
        }
        for input in [Input::Check, Input::Strip] {
            assert_eq!(admitted(input, event_type).unwrap_err().code, Code::NotJson);
        }
    }
    let changed = Route { input: Input::Trust, ..route("OrderPlaced", 1) };
    let refused = one(changed, orders(), &event("OrderPlaced.v3", "no JSON")).unwrap_err();
    assert_eq!(refused.code, Code::NotJson);
}
