//! Every pair of versions, composed and tried again as a whole (spec lenses, check 5).
//!
//! That every edge holds does not say that every way does: in the event model an edge may let names through that the
//! next one knows nothing of. So a version that comes is tried with all the others, in both directions.

use serde::Serialize;
use serde_json::Value;

use super::{Plan, Step, TranslateError};
use crate::{
    budget::Budget, containment::ContentModel, lens::samples, pointer::Pointer, schema::Widening,
    version::Version,
};

/// How many events of a pair that is begun are tried whatever the budget says.
const AT_LEAST: usize = 20;

/// An event that a composed plan does not carry, although every edge on the way holds.
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[error("from version {from} to version {to}, at `{pointer}`: {error}")]
pub struct Uncrossed {
    /// The version the event is of.
    pub from: Version,
    /// The version it should become.
    pub to: Version,
    /// The operation that cannot take it, as its place in the `ops` of its lens, where it is one.
    pub op: Option<usize>,
    /// Where, in the event.
    pub pointer: Pointer,
    /// The event.
    pub input: Value,
    /// What is wrong, in a sentence.
    pub error: String,
}

/// Tries the plans between `version` and every other of `steps`, both ways, on events of the version they come from.
///
/// Answers how many events were tried; once the budget is spent no further pair is begun. Pairs without a plan are left out: that a way is blocked is said elsewhere.
pub fn check_composed(
    subject: &str,
    steps: &[Step],
    version: Version,
    (model, widening): (ContentModel, Widening),
    budget: &Budget<'_>,
) -> Result<u32, Box<Uncrossed>> {
    let mut tried = 0;
    let others = || steps.iter().map(|step| step.version).filter(|other| *other != version);
    let pairs =
        others().map(|other| (other, version)).chain(others().map(|other| (version, other)));
    for (from, to) in pairs {
        if budget.is_spent() {
            break;
        }
        let terms = (model, widening);
        let Ok(plan) = Plan::compose_widening(subject, steps, from, to, terms) else { continue };
        let Some(step) = steps.iter().find(|step| step.version == from) else { continue };
        for (index, event) in samples(&step.schema, model).iter().enumerate() {
            if !budget.step() && index >= AT_LEAST {
                break;
            }
            plan.translate(event).map_err(|error| Box::new(uncrossed((from, to), event, error)))?;
            tried += 1;
        }
    }
    Ok(tried)
}

fn uncrossed((from, to): (Version, Version), event: &Value, error: TranslateError) -> Uncrossed {
    let (op, pointer, error) = match error {
        TranslateError::Lens(error) => (Some(error.op), error.pointer, error.message),
        TranslateError::InvalidOutput(invalid) => {
            let at = invalid.instance_path.parse().unwrap_or_default();
            (None, at, format!("what comes out is no event of version {to}: {invalid}"))
        }
        other => (None, Pointer::root(), other.to_string()),
    };
    Uncrossed { from, to, op, pointer, input: event.clone(), error }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        lens::{Assurance, Lens},
        plan::Edge,
        schema::Schema,
    };

    fn step(number: u32, schema: &Value, ops: Option<Value>) -> Step {
        let version = Version::try_from(number).unwrap();
        let edge = ops.map(|ops| {
            let document =
                json!({"lens": 1, "subject": "S", "from": number - 1, "to": number, "ops": ops});
            let lens = Lens::from_value(&document).unwrap();
            Edge::Written { lens, assurance: Assurance::Tested(1) }
        });
        Step { version, schema: Schema::read(&schema.to_string()).parse().unwrap(), edge }
    }

    fn of(name: &str) -> Value {
        json!({"type": "object", "required": [name], "properties": {name: {"type": "string"}}})
    }

    fn checked(steps: &[Step]) -> Result<u32, Box<Uncrossed>> {
        checked_within(steps, &Budget::steps(1000))
    }

    fn checked_within(steps: &[Step], budget: &Budget<'_>) -> Result<u32, Box<Uncrossed>> {
        let newest = steps.last().unwrap().version;
        check_composed("S", steps, newest, (ContentModel::Event, Widening::Marked), budget)
    }

    #[test]
    fn a_spent_budget_begins_no_further_pair() {
        let renamed = |older: &str, newer: &str| {
            Some(json!([{"rename": {"from": format!("/{older}"), "to": format!("/{newer}")}}]))
        };
        let steps = [
            step(1, &of("a"), None),
            step(2, &of("b"), renamed("a", "b")),
            step(3, &of("c"), renamed("b", "c")),
            step(4, &of("d"), renamed("c", "d")),
        ];
        let budget = Budget::steps(1);

        let tried = checked_within(&steps, &budget).unwrap();

        assert!(budget.is_spent());
        assert!(tried > 0 && tried < checked(&steps).unwrap() / 2, "{tried}");
    }

    #[test]
    fn a_chain_that_holds_is_tried_both_ways() {
        let steps = [
            step(1, &of("a"), None),
            step(2, &of("b"), Some(json!([{"rename": {"from": "/a", "to": "/b"}}]))),
            step(3, &of("c"), Some(json!([{"rename": {"from": "/b", "to": "/c"}}]))),
        ];

        assert!(checked(&steps).unwrap() > 20);
    }

    #[test]
    fn a_name_that_slips_through_one_edge_and_disturbs_the_next_is_found() {
        let mut first = of("a");
        first["properties"]["c"] = json!({"type": "integer"});
        // The second version says nothing of `c`, so its lens lets it through; the third wants the place.
        let steps = [
            step(1, &first, None),
            step(2, &of("a"), Some(json!([]))),
            step(3, &of("c"), Some(json!([{"rename": {"from": "/a", "to": "/c"}}]))),
        ];

        let found = checked(&steps).unwrap_err();

        assert_eq!((found.from.number(), found.to.number(), found.op), (1, 3, Some(0)));
        assert_eq!(
            found.to_string(),
            "from version 1 to version 3, at `/c`: the place is occupied"
        );
        assert!(found.input.get("c").is_some());
    }
}
