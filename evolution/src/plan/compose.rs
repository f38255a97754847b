//! Choosing the way, fusing its steps, naming and classing the plan.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{Class, Edge, End, Inner, Plan, Step, action, way::Way};
use crate::{containment::ContentModel, lens::Direction, schema::Widening, version::Version};

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no way from version {from} to version {to}{}", detail(*.blocked, *.op, *.unknown))]
pub struct NoPath {
    /// The version asked from.
    pub from: Version,
    /// The version asked for.
    pub to: Version,
    /// The first edge on the way that does not lead on, older version first.
    pub blocked: Option<(Version, Version)>,
    /// The operation of that edge's lens that has no way in this direction, as its place in `ops` and its name; `None`
    /// where there is no lens.
    pub op: Option<(usize, &'static str)>,
    /// The end that is no version of the subject at all.
    pub unknown: Option<Version>,
}

fn detail(
    blocked: Option<(Version, Version)>,
    op: Option<(usize, &'static str)>,
    unknown: Option<Version>,
) -> String {
    match (blocked, op, unknown) {
        (Some((older, newer)), Some((index, name)), _) => {
            format!(
                ": op {index} `{name}` of the lens between versions {older} and {newer} leads one way only"
            )
        }
        (Some((older, newer)), None, _) => {
            format!(
                ": version {newer} is no addition to version {older}, and no lens stands between them"
            )
        }
        (None, _, Some(version)) => format!(": there is no version {version}"),
        (None, _, None) => String::new(),
    }
}

pub(super) fn compose(
    subject: &str,
    steps: &[Step],
    from: Version,
    to: Version,
    model: ContentModel,
    widening: Widening,
) -> Result<Plan, NoPath> {
    let find = |version: Version| {
        steps.iter().position(|step| step.version == version).ok_or(NoPath {
            from,
            to,
            blocked: None,
            op: None,
            unknown: Some(version),
        })
    };
    let (start, end) = (find(from)?, find(to)?);
    let direction = if start <= end { Direction::Up } else { Direction::Down };
    let mut pairs: Vec<(&Step, &Step)> = steps[start.min(end)..=start.max(end)]
        .windows(2)
        .map(|pair| (&pair[0], &pair[1]))
        .collect();
    if direction == Direction::Down {
        pairs.reverse();
    }
    let mut edges = Vec::new();
    for (older, newer) in pairs {
        let no_path = |op| NoPath {
            from,
            to,
            blocked: Some((older.version, newer.version)),
            op,
            unknown: None,
        };
        let edge = newer.edge.as_ref().filter(|edge| match edge {
            Edge::Addition => true,
            Edge::Written { lens, .. } => {
                (lens.from(), lens.to()) == (older.version, newer.version)
            }
        });
        let edge = edge.ok_or_else(|| no_path(None))?;
        if let Some(op) = edge.blocked_by(direction) {
            return Err(no_path(Some(op)));
        }
        edges.push((older, newer, edge));
    }
    let hops = edges
        .iter()
        .map(|(older, newer, _)| match direction {
            Direction::Up => (older.version, newer.version),
            Direction::Down => (newer.version, older.version),
        })
        .collect();
    let way = Way {
        edges: &edges,
        direction,
        writer: &steps[start].schema,
        reader: &steps[end].schema,
        model,
    };
    let class = way.class();
    let assurance = way.assurance();
    let actions = if class == Class::Pass {
        Vec::new()
    } else {
        let edges: Vec<_> = edges.iter().map(|(older, _, edge)| (&older.schema, *edge)).collect();
        action::fused(&edges, direction)
    };
    Ok(Plan(Arc::new(Inner {
        id: id(subject, &edges, direction, &steps[start], model),
        class,
        assurance,
        losses: way.losses(),
        from,
        to,
        hops,
        actions,
        source: End::of(way.writer),
        // A reader of translated events takes what open lists do not name (spec verdicts, section 3).
        target: End::of(&way.reader.opened(widening)),
        model,
    })))
}

/// The older version, the newer, and what stands between them.
pub(super) type Hop<'s> = (&'s Step, &'s Step, &'s Edge);

/// 16 hex digits of the hash of everything that decides what the plan does.
fn id(
    subject: &str,
    edges: &[Hop<'_>],
    direction: Direction,
    start: &Step,
    model: ContentModel,
) -> String {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update(text.len().to_be_bytes());
        hash.update(text);
    };
    part("plan 2");
    part(subject);
    part(match model {
        ContentModel::Event => "event",
        ContentModel::Strict => "strict",
    });
    part(match direction {
        Direction::Up => "up",
        Direction::Down => "down",
    });
    part(&start.version.to_string());
    part(&start.schema.fingerprint().to_string());
    for (older, newer, edge) in edges {
        for step in [older, newer] {
            part(&step.version.to_string());
            part(&step.schema.fingerprint().to_string());
        }
        match edge {
            Edge::Addition => part("addition"),
            Edge::Written { lens, .. } => part(&lens.to_value().to_string()),
        }
    }
    let first =
        hash.finalize().iter().take(8).fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    format!("{first:016x}")
}
