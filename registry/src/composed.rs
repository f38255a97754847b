//! A lens that holds by itself is tried together with all others: every way that leads over it, composed as a whole.
//!
//! An edge may let names through that the next one knows nothing of, and that disturb the one after that.

use stele_api::{stream::Policy, subject::Subject};
use stele_evolution::{
    budget::Budget,
    lens::{Assurance, Lens, Rejection},
    plan::{Edge, Step, Uncrossed, check_composed},
    pointer::Pointer,
    version::Version,
};

use crate::{
    catalog::{Catalog, Entry},
    failure::Failure,
    registry::read_lens,
};

/// The versions of a subject, oldest first, as plans are composed of them.
pub fn steps<'e>(
    catalog: &Catalog,
    entries: impl IntoIterator<Item = &'e Entry>,
) -> Result<Vec<Step>, Failure> {
    let mut steps = Vec::new();
    for entry in entries {
        let schema = catalog.schema(&entry.content).map_err(Failure::Registered)?;
        let edge = if steps.is_empty() { None } else { edge(entry)? };
        steps.push(Step { version: entry.version, schema, edge });
    }
    Ok(steps)
}

fn edge(entry: &Entry) -> Result<Option<Edge>, Failure> {
    Ok(match (&entry.lens, entry.edge()) {
        (Some(written), _) => Some(Edge::Written {
            lens: read_lens(&written.document)?,
            assurance: written.assurance.into(),
        }),
        (None, Some(_)) => Some(Edge::Addition),
        (None, None) => None,
    })
}

/// Tries every way that leads over the edge to `newer`, which is given a lens of this assurance.
///
/// What is not done when the budget ends is not known to hold: the edge is then as sure as what was tried.
pub fn checked(
    subject: &Subject,
    steps: &mut [Step],
    newer: Version,
    (lens, assurance): (&Lens, Assurance),
    policy: Policy,
    budget: &Budget<'_>,
) -> Result<Assurance, Box<Rejection>> {
    let Some(place) = steps.iter().position(|step| step.version == newer) else {
        return Ok(assurance);
    };
    steps[place].edge = Some(Edge::Written { lens: lens.clone(), assurance });
    let terms = (policy.content_model, policy.widening());
    let mut tried: u32 = 0;
    // Adjacent versions were tried with the lens itself, so the newest, which most events are of, come first.
    for end in (place..steps.len()).rev() {
        if budget.is_spent() {
            break;
        }
        let (ways, version) = (&steps[..=end], steps[end].version);
        tried = tried.saturating_add(
            check_composed(&subject.to_string(), ways, version, terms, budget)
                .map_err(|found| rejection(*found))?,
        );
    }
    let assurance = match assurance {
        Assurance::Proven if !budget.is_spent() => Assurance::Proven,
        Assurance::Proven => Assurance::Tested(tried),
        tested @ Assurance::Tested(_) => tested,
    };
    match assurance {
        Assurance::Tested(events) if policy.strict_lenses => Err(unproved(events)),
        assurance => Ok(assurance),
    }
}

/// Why a lens is refused that holds as far as anybody can tell.
fn unproved(events: u32) -> Box<Rejection> {
    Box::new(Rejection {
        op: None,
        pointer: Pointer::root(),
        input: None,
        output: None,
        error: format!("it could not be proved, though it carries {events} events that were tried"),
        hint: "use operations whose result can be typed, or let the policy of the subject take tested lenses (`strictLenses`)".to_owned(),
    })
}

fn rejection(uncrossed: Uncrossed) -> Box<Rejection> {
    let Uncrossed { from, to, op, pointer, input, error } = uncrossed;
    Box::new(Rejection {
        op,
        pointer,
        input: Some(input),
        output: None,
        error: format!("on the whole way from version {from} to version {to}: {error}"),
        hint: "every edge on that way holds by itself: have one of them drop or move what it lets through".to_owned(),
    })
}
