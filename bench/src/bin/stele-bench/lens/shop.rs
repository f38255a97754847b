//! An order of a shop, about a kilobyte, and the plans it crosses by.

#![expect(
    clippy::expect_used,
    reason = "a fixture that does not read is a mistake in the bench itself"
)]

use serde_json::{Value, json};
use stele_evolution::{
    budget::Budget,
    lens::{Lens, check},
    plan::{Edge, Plan, Step},
    schema::Schema,
    version::Version,
};

use super::MODEL;

/// The event, as a producer of version 1 writes it.
pub fn event() -> String {
    let lines: Vec<Value> = (1..=4)
        .map(|line| {
            json!({"sku": format!("AB-{line}204-XL"), "title": "Blue shirt, long sleeves", "qty": line, "price": "49.90"})
        })
        .collect();
    json!({
        "orderId": "7f6c3b1e-5d7a-4e0b-9a55-0c1f2e3d4b5a",
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "status": "PAID",
        "total": 499.00,
        "placedAt": "2026-01-31T12:00:00Z",
        "legacyFlag": false,
        "channel": "web",
        "customer": {"tier": "gold", "since": "2019-04-01", "locale": "en-GB"},
        "address": {"street": "12 St James Square", "city": "London", "zip": "SW1Y 4JH", "country": "GB"},
        "lines": lines,
        "tags": ["spring", "returning", "gift"],
        "note": "Please leave the parcel with the neighbours at number 14 if nobody answers the door. They are at home \
                 in the evening; otherwise behind the shed, but please not in the rain, and ring the bell twice \
                 so that the dog knows it is you."
    })
    .to_string()
}

fn text() -> Value {
    json!({"type": "string"})
}

fn object(properties: &Value, required: &[&str]) -> Value {
    json!({"type": "object", "properties": properties, "required": required})
}

/// The schema of the event.
fn order() -> Value {
    let line = json!({
        "sku": text(), "title": text(), "qty": {"type": "integer", "minimum": 1}, "price": text()
    });
    object(
        &json!({
            "orderId": text(),
            "name": text(),
            "email": text(),
            "status": {"enum": ["NEW", "PAID", "SENT"]},
            "total": {"type": "number", "minimum": 0},
            "placedAt": text(),
            "legacyFlag": {"type": "boolean"},
            "channel": text(),
            "customer": object(&json!({"tier": text(), "since": text(), "locale": text()}), &["tier"]),
            "address": object(
                &json!({"street": text(), "city": text(), "zip": text(), "country": text()}),
                &[],
            ),
            "lines": {"type": "array", "items": object(&line, &["sku", "qty"])},
            "tags": {"type": "array", "items": text()},
            "note": text()
        }),
        &["orderId", "status", "total", "customer", "lines"],
    )
}

/// The schema of the event, read.
pub fn schema() -> Schema {
    Schema::read(&order().to_string()).parse().expect("a schema of the bench")
}

fn version(number: usize) -> Version {
    (1..number).fold(Version::FIRST, |version, _| version.next())
}

/// The plan from the first of these schemas to the last, by lenses of these operations; each as sure as its check is.
fn plan(schemas: &[Value], lenses: &[Value]) -> Plan {
    let schemas: Vec<Schema> = schemas
        .iter()
        .map(|schema| Schema::read(&schema.to_string()).parse().expect("a schema of the bench"))
        .collect();
    let steps: Vec<Step> = schemas
        .iter()
        .enumerate()
        .map(|(index, schema)| Step {
            version: version(index + 1),
            schema: schema.clone(),
            edge: index
                .checked_sub(1)
                .map(|before| edge(&lenses[before], &schemas[before], schema, index)),
        })
        .collect();
    Plan::compose("Order", &steps, version(1), version(schemas.len()), MODEL)
        .expect("a plan of the bench")
}

fn edge(lens: &Value, older: &Schema, newer: &Schema, index: usize) -> Edge {
    if lens.is_null() {
        return Edge::Addition;
    }
    let mut document = lens.clone();
    document["lens"] = json!(1);
    document["subject"] = json!("Order");
    document["from"] = json!(index);
    document["to"] = json!(index + 1);
    let lens = Lens::from_value(&document).expect("a lens of the bench");
    let assurance = check(&lens, older, newer, MODEL, &Budget::steps(20_000_000));
    Edge::Written { lens, assurance: assurance.expect("a lens that its check takes") }
}

/// One hop with ten operations, one of them on every item of a list.
pub fn ten_operations() -> Plan {
    let (old, new, lens) = ten_operation_documents();
    plan(&[old, new], &[lens])
}

/// The two schemas and the lens of that hop.
pub fn ten_operation_documents() -> (Value, Value, Value) {
    let mut new = order();
    let properties = &mut new["properties"];
    rename(properties, "orderId", "id");
    rename(properties, "placedAt", "placed_at");
    for name in ["name", "email"] {
        let moved = take(properties, name);
        properties["customer"]["properties"][name] = moved;
    }
    properties["status"] = json!({"enum": ["placed", "paid", "sent"]});
    properties["total"] = json!({"type": "string", "pattern": r"^(0|[1-9][0-9]*)(\.[0-9]+)?$"});
    take(properties, "legacyFlag");
    properties["currency"] = json!({"enum": ["EUR"]});
    rename(&mut properties["lines"]["items"]["properties"], "qty", "quantity");
    properties["lines"]["items"]["required"] = json!(["sku", "quantity"]);
    rename(&mut properties["address"]["properties"], "zip", "postcode");
    new["required"] = json!(["id", "status", "total", "customer", "lines", "currency"]);
    let lens = json!({
        "ops": [
            {"rename": {"from": "/orderId", "to": "/id"}},
            {"rename": {"from": "/placedAt", "to": "/placed_at"}},
            {"move": {"from": "/name", "to": "/customer/name"}},
            {"move": {"from": "/email", "to": "/customer/email"}},
            {"map": {"at": "/status", "pairs": {"NEW": "placed", "PAID": "paid", "SENT": "sent"}}},
            {"convert": {"at": "/total", "from": "number", "to": "string", "format": "decimal"}},
            {"drop": {"at": "/legacyFlag"}},
            {"add": {"at": "/currency", "value": "EUR"}},
            {"each": {"at": "/lines", "ops": [{"rename": {"from": "/qty", "to": "/quantity"}}]}},
            {"rename": {"from": "/address/zip", "to": "/address/postcode"}}
        ],
        "accept_loss": {"up": ["/legacyFlag", "/customer"], "down": ["/currency"]}
    });
    (order(), new, lens)
}

/// A plan that does nothing: the newer schema adds a property, and the older takes any event as it is.
pub fn pass() -> Plan {
    let mut new = order();
    new["description"] = json!("An order that was placed.");
    plan(&[order(), new], &[Value::Null])
}

/// Nineteen versions in which one property is renamed each time, and one hop from its first name to its last.
pub fn renamed() -> (Plan, Plan) {
    let mut schemas = vec![order()];
    let mut lenses = Vec::new();
    let mut name = "note".to_owned();
    for number in 2..=20 {
        let next = format!("note{number}");
        let mut schema = schemas[schemas.len() - 1].clone();
        rename(&mut schema["properties"], &name, &next);
        schemas.push(schema);
        lenses.push(
            json!({"ops": [{"rename": {"from": format!("/{name}"), "to": format!("/{next}")}}]}),
        );
        name = next;
    }
    let hop = json!({"ops": [{"rename": {"from": "/note", "to": format!("/{name}")}}]});
    (plan(&schemas, &lenses), plan(&[schemas[0].clone(), schemas[19].clone()], &[hop]))
}

/// Nineteen versions with something else each time, and one hop that does it all.
pub fn edited() -> (Plan, Plan) {
    let mut schema = order();
    let mut schemas = vec![schema.clone()];
    let mut lenses = Vec::new();
    let mut note = "note".to_owned();
    let (mut once, mut losses) = (Vec::new(), Vec::new());
    for number in 2..=20 {
        let properties = &mut schema["properties"];
        let op = match number % 4 {
            0 => {
                let name = format!("added{number}");
                properties[&name] = json!({"type": "integer"});
                json!({"add": {"at": format!("/{name}"), "value": number}})
            }
            1 => {
                let names = ["street", "city", "zip", "country"];
                let name = names[number / 4 % 4];
                let next = format!("{name}_{number}");
                let from = properties["address"]["properties"].as_object().into_iter().flatten();
                let from = from
                    .map(|(name, _)| name.clone())
                    .find(|own| own.starts_with(name))
                    .unwrap_or_default();
                rename(&mut properties["address"]["properties"], &from, &next);
                json!({"rename": {"from": format!("/address/{from}"), "to": format!("/address/{next}")}})
            }
            2 => {
                let next = format!("note{number}");
                rename(properties, &note, &next);
                let op = json!({"rename": {"from": format!("/{note}"), "to": format!("/{next}")}});
                note = next;
                op
            }
            _ => {
                let (from, to) = match number / 4 % 2 {
                    0 => (["NEW", "PAID", "SENT"], ["new", "paid", "sent"]),
                    _ => (["new", "paid", "sent"], ["NEW", "PAID", "SENT"]),
                };
                properties["status"] = json!({"enum": to});
                json!({"map": {"at": "/status", "pairs": {from[0]: to[0], from[1]: to[1], from[2]: to[2]}}})
            }
        };
        once.push(op.clone());
        schemas.push(schema.clone());
        let down = op.pointer("/add/at").cloned();
        lenses.push(json!({"ops": [op], "accept_loss": {"down": down.as_ref().map_or(json!([]), |at| json!([at]))}}));
        losses.extend(down);
    }
    let once = json!({"ops": equivalent(once, &note), "accept_loss": {"down": losses}});
    (plan(&schemas, &lenses), plan(&[schemas[0].clone(), schema], &[once]))
}

/// What one author writes who does it all at once: one renaming for each that was renamed, one table for the values.
fn equivalent(ops: Vec<Value>, note: &str) -> Vec<Value> {
    let mut once: Vec<Value> = Vec::new();
    let mut maps = 0;
    for op in ops {
        let is_note = op.pointer("/rename/from").is_some_and(|from| from == "/note");
        match op.as_object().and_then(|op| op.keys().next()).map(String::as_str) {
            Some("rename") if is_note => {
                once.push(json!({"rename": {"from": "/note", "to": format!("/{note}")}}));
            }
            Some("rename")
                if op["rename"]["from"].as_str().is_some_and(|from| from.starts_with("/note")) => {}
            Some("map") => maps += 1,
            _ => once.push(op),
        }
    }
    // An even number of tables, each undoing the one before, is none.
    if maps % 2 == 1 {
        once.push(json!({"map": {"at": "/status", "pairs": {"NEW": "new", "PAID": "paid", "SENT": "sent"}}}));
    }
    once
}

fn take(properties: &mut Value, name: &str) -> Value {
    properties.as_object_mut().and_then(|own| own.remove(name)).unwrap_or_default()
}

fn rename(properties: &mut Value, from: &str, to: &str) {
    let schema = take(properties, from);
    properties[to] = schema;
}
