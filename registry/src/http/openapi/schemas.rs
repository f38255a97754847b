//! The shapes of what travels. What is a list of words in the code comes from there.

use serde_json::{Map, Value, json};
use stele_api::problem::Code;
use stele_evolution::policy::Level;

use super::operations::{Parameter, Place};

/// A reference to a shape.
pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The shape of a value beside the body, by its name here.
pub(super) fn parameter(name: &str) -> Value {
    match name {
        "text" => json!({"type": "string"}),
        "words" => json!({"type": "string", "minLength": 1, "maxLength": 256, "pattern": "[^\\s]"}),
        "count" => json!({"type": "integer", "minimum": 0, "maximum": 9_007_199_254_740_991_i64}),
        "wait" => json!({"type": "integer", "minimum": 0, "maximum": 60}),
        "integer" => json!({"type": "integer", "minimum": 1, "maximum": 1_000_000}),
        "flag" => json!({"type": "boolean"}),
        "selector" => {
            json!({"type": "string", "minLength": 1, "examples": ["latest", "3", "1.4.2", "^1.2"]})
        }
        "version" => json!({"type": "integer", "minimum": 1, "maximum": 2_147_483_647}),
        "context" => json!({"type": "string", "pattern": "^[.][^:]*$", "maxLength": 255}),
        "subject" => {
            json!({"type": "string", "minLength": 1, "maxLength": 255, "examples": ["OrderPlaced", ":.orders:OrderPlaced"]})
        }
        "webhook" => json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}),
        shape => reference(shape),
    }
}

/// A value in a path, by the name of its hole.
pub(super) fn hole(name: &'static str) -> Parameter {
    let (schema, summary) = match name {
        "subject" => ("subject", "The subject"),
        "selector" => ("selector", "A number, a release, a range, or `latest`"),
        "webhook" => ("webhook", "The name of the webhook"),
        // Of a lens the ends are numbers, of a plan they may be any selector; a number is one.
        "from" => ("version", "The version before"),
        "to" => ("version", "The version after"),
        _ => ("text", ""),
    };
    Parameter { name, place: Place::Path, required: true, schema, summary }
}

/// An object: what must be there, and what may.
fn object(required: &Value, optional: &Value) -> Value {
    let mut properties = Map::new();
    let mut names = Vec::new();
    for (name, shape) in required.as_object().into_iter().flatten() {
        names.push(name.clone());
        properties.insert(name.clone(), shape.clone());
    }
    for (name, shape) in optional.as_object().into_iter().flatten() {
        properties.insert(name.clone(), shape.clone());
    }
    let mut object = json!({"type": "object", "properties": properties});
    if !names.is_empty() {
        object["required"] = names.into();
    }
    object
}

fn list(of: Value) -> Value {
    let mut list = json!({"type": "array"});
    list["items"] = of;
    list
}

fn or_null(shape: &Value) -> Value {
    json!({"anyOf": [shape, {"type": "null"}]})
}

/// All shapes, by name.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn all() -> Value {
    let text = || json!({"type": "string"});
    let flag = || json!({"type": "boolean"});
    let count = || json!({"type": "integer", "minimum": 0});
    let version = || parameter("version");
    let subject = || parameter("subject");
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let levels: Vec<&str> = Level::ALL.iter().map(|level| level.as_str()).collect();
    let verdict = || json!({"enum": ["compatible", "breaking", "undecided"]});
    let bump = || json!({"enum": ["patch", "minor", "major"]});
    let model = || json!({"enum": ["event", "strict"]});
    let assurance = || json!({"oneOf": [{"const": "proven"}, {"type": "object", "required": ["tested"], "properties": {"tested": count()}}]});
    let summary = json!({"version": version(), "release": text(), "globalId": count(), "fingerprint": text()});
    let summary_more = json!({"edge": {"enum": ["addition", "lens"]}, "sunset": {"type": "string", "format": "date"}, "deleted": flag()});
    let schema = || json!({"type": ["object", "boolean"]});
    let mut all = Map::new();
    all.insert("Anything".to_owned(), json!({}));
    all.insert("Text".to_owned(), text());
    all.insert(
        "Bytes".to_owned(),
        json!({"type": "string", "contentMediaType": "application/octet-stream"}),
    );
    all.insert("Status".to_owned(), object(&json!({"status": text()}), &json!({})));
    all.insert("Imported".to_owned(), object(&json!({"events": count()}), &json!({})));
    all.insert("Problem".to_owned(), object(
            &json!({"type": {"type": "string", "format": "uri"}, "title": text(), "status": {"type": "integer"}, "detail": text(), "code": {"enum": codes}}),
            &json!({"hint": text(), "refusals": list(reference("Refused")), "witness": reference("Witness"),
                "differences": list(reference("Difference")), "against": list(reference("CheckAnswer")), "rejection": {"type": "object"}}),
        ));
    all.insert("Level".to_owned(), json!({"enum": levels}));
    all.insert("Kind".to_owned(), json!({"enum": ["event", "command", "state"]}));
    all.insert(
        "Policy".to_owned(),
        object(
            &json!({"compatibility": reference("Level"), "contentModel": model()}),
            &json!({"widen": flag(), "strictLenses": flag()}),
        ),
    );
    all.insert("PolicyUpdate".to_owned(), object(&json!({}), &json!({"compatibility": or_null(&reference("Level")), "contentModel": or_null(&model()),
        "widen": or_null(&flag()), "strictLenses": or_null(&flag())})));
    all.insert("Reference".to_owned(), object(&json!({"name": text(), "subject": subject(), "version": {"type": "integer", "minimum": -1, "maximum": 2_147_483_647}}), &json!({})));
    all.insert(
        "Metadata".to_owned(),
        object(
            &json!({}),
            &json!({
            "tags": {"type": "object", "additionalProperties": list(text())},
            "properties": {"type": "object", "additionalProperties": text()},
            "sensitive": list(text())}),
        ),
    );
    all.insert(
        "Refused".to_owned(),
        object(&json!({"rule": text(), "at": text(), "why": text()}), &json!({})),
    );
    all.insert(
        "Difference".to_owned(),
        object(
            &json!({"kind": text(), "at": text(), "addition": flag(), "why": text()}),
            &json!({"old": {}, "new": {}}),
        ),
    );
    all.insert("Witness".to_owned(), object(&json!({"event": {}, "instancePath": text(), "keyword": text(), "oldPath": text(), "newPath": text(), "message": text()}), &json!({})));
    all.insert("Direction".to_owned(), object(&json!({"verdict": verdict()}), &json!({
            "proof": {"enum": ["equal", "structural", "canonical", null]}, "reason": {"type": ["string", "null"]},
            "at": text(), "witness": or_null(&reference("Witness"))})));
    all.insert(
        "Directions".to_owned(),
        object(
            &json!({"backward": reference("Direction"), "forward": reference("Direction")}),
            &json!({}),
        ),
    );
    all.insert("CheckRequest".to_owned(), object(&json!({"old": schema(), "new": schema()}), &json!({
            "schemaType": text(), "compatibility": reference("Level"), "contentModel": model(), "formats": flag(), "dialect": text()})));
    all.insert("CheckAnswer".to_owned(), object(
            &json!({"accepted": flag(), "refusals": list(reference("Refused")), "verdict": verdict(), "compatibility": reference("Level"),
                "contentModel": model(), "release": bump(), "directions": reference("Directions"), "otherModel": reference("Directions"),
                "differences": list(reference("Difference"))}),
            &json!({"version": version()}),
        ));
    all.insert("SubjectCheckRequest".to_owned(), object(&json!({"schema": schema()}), &json!({
            "schemaType": text(), "references": list(reference("Reference")), "lens": reference("Lens"), "release": text(),
            "compatibility": reference("Level"), "contentModel": model()})));
    all.insert("SubjectCheckAnswer".to_owned(), object(
            &json!({"accepted": flag(), "refusals": list(reference("Refused")), "verdict": verdict(), "compatibility": reference("Level"),
                "contentModel": model(), "differences": list(reference("Difference")), "against": list(reference("CheckAnswer"))}),
            &json!({"release": bump(), "directions": reference("Directions"), "otherModel": reference("Directions")}),
        ));
    all.insert(
        "SubjectSummary".to_owned(),
        object(
            &json!({"subject": subject(), "kind": reference("Kind")}),
            &json!({"owner": text(), "tags": list(text()), "latest": reference("VersionSummary")}),
        ),
    );
    all.insert("SubjectSummaries".to_owned(), list(reference("SubjectSummary")));
    all.insert("SubjectResource".to_owned(), object(
            &json!({"subject": subject(), "kind": reference("Kind"), "policy": reference("Policy"), "versions": list(reference("VersionSummary"))}),
            &json!({"owner": text(), "description": text(), "tags": list(text())}),
        ));
    all.insert("SubjectUpdate".to_owned(), json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "kind": reference("Kind"),
                "owner": {"type": ["string", "null"], "maxLength": 256},
                "description": {"type": ["string", "null"], "maxLength": 8192},
                "tags": {"type": ["array", "null"], "maxItems": 64, "items": {"type": "string", "minLength": 1, "maxLength": 64}},
                "policy": reference("PolicyUpdate"),
                "sunset": {"type": "object", "propertyNames": {"pattern": "^[1-9][0-9]*$"}, "additionalProperties": {"type": ["string", "null"], "format": "date"}},
            },
        }));
    all.insert(
        "RestoreRequest".to_owned(),
        object(&json!({}), &json!({"version": or_null(&version())})),
    );
    all.insert("VersionSummary".to_owned(), object(&summary, &summary_more));
    all.insert("VersionSummaries".to_owned(), list(reference("VersionSummary")));
    all.insert("VersionResource".to_owned(), object(
            &json!({"subject": subject(), "version": version(), "release": text(), "globalId": count(), "fingerprint": text(), "schemaType": text(), "schema": schema()}),
            &json!({"references": list(reference("Reference")), "metadata": reference("Metadata"), "edge": {"enum": ["addition", "lens"]},
                "deleted": flag(), "ruleSet": {"type": "object"}}),
        ));
    all.insert("RegisterRequest".to_owned(), object(&json!({"schema": schema()}), &json!({
            "schemaType": text(), "references": list(reference("Reference")), "metadata": reference("Metadata"), "lens": reference("Lens"),
            "release": text(), "kind": reference("Kind")})));
    all.insert("Diff".to_owned(), object(
            &json!({"subject": subject(), "from": version(), "to": version(), "release": bump(), "differences": list(reference("Difference"))}),
            &json!({}),
        ));
    all.insert(
        "Lens".to_owned(),
        json!({"type": ["object", "string"], "description": "A lens as JSON, or its text as YAML"}),
    );
    all.insert("LensResource".to_owned(), object(&json!({"subject": subject(), "from": version(), "to": version(), "lens": {"type": "object"}, "assurance": assurance()}), &json!({})));
    all.insert("PlanResource".to_owned(), object(
            &json!({"id": text(), "subject": subject(), "from": version(), "to": version(), "class": {"enum": ["pass", "iso", "lossy", "one_way"]},
                "contentModel": model(), "edges": list(reference("PlanEdge")), "losses": list(text()), "assurance": assurance()}),
            &json!({}),
        ));
    all.insert(
        "PlanEdge".to_owned(),
        object(
            &json!({"from": version(), "to": version(), "kind": {"enum": ["addition", "lens"]}}),
            &json!({"lens": {"type": "object"}}),
        ),
    );
    all.insert(
        "Translated".to_owned(),
        object(&json!({"event": {}, "plan": text(), "loss": list(text())}), &json!({})),
    );
    all.insert(
        "Found".to_owned(),
        object(&json!({"hits": list(reference("Hit")), "total": count()}), &json!({})),
    );
    all.insert("Hit".to_owned(), object(&json!({"subject": subject(), "kind": reference("Kind"), "matches": list(reference("Match"))}), &json!({"latest": version()})));
    all.insert("Match".to_owned(), object(&json!({"in": {"enum": ["name", "tag", "property", "owner", "description"]}, "text": text()}), &json!({})));
    all.insert("Change".to_owned(), object(
            &json!({"sequence": count(), "time": {"type": "string", "format": "date-time"}, "type": text(), "data": {"type": "object"}}),
            &json!({"subject": subject(), "who": text(), "why": text()}),
        ));
    all.insert(
        "Changes".to_owned(),
        object(&json!({"changes": list(reference("Change")), "next": count()}), &json!({})),
    );
    all.insert(
        "Webhook".to_owned(),
        object(&json!({"url": text()}), &json!({"subjectPrefix": text(), "types": list(text())})),
    );
    all.insert(
        "WebhookRequest".to_owned(),
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["url"],
            "properties": {
                "url": {"type": "string", "format": "uri", "maxLength": 2048},
                "subjectPrefix": {"type": ["string", "null"]},
                "types": {"type": ["array", "null"], "maxItems": 32, "items": text()},
                "secret": {"type": ["string", "null"], "minLength": 16},
                "after": {"type": ["integer", "null"], "minimum": 0},
            },
        }),
    );
    all.insert("WebhookResource".to_owned(), object(
            &json!({"name": parameter("webhook"), "webhook": reference("Webhook"), "state": {"enum": ["active", "retrying", "dead"]},
                "cursor": count(), "behind": count(), "failures": count()}),
            &json!({"reason": text(), "secret": text()}),
        ));
    all.insert("WebhookResources".to_owned(), list(reference("WebhookResource")));
    all.into()
}
