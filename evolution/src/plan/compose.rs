//! Choosing the way, fusing its steps, naming and classing the plan.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{Class, Edge, Inner, Plan, Step, run::Action};
use crate::{
    budget::Budget,
    containment::{ContentModel, contains},
    lens::{Direction, Lens},
    pointer::Pointer,
    schema::Schema,
    version::Version,
};

/// How many steps of reasoning one question about a plan's class may cost.
const CLASS_STEPS: u64 = 200_000;

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no way from version {from} to version {to}{}", detail(*.blocked, *.unknown, one_way.as_deref()))]
pub struct NoPath {
    /// The version asked from.
    pub from: Version,
    /// The version asked for.
    pub to: Version,
    /// The first edge on the way that does not lead on, older version first.
    pub blocked: Option<(Version, Version)>,
    /// The end that is no version of the subject at all.
    pub unknown: Option<Version>,
    /// What has no way down, where the blocked edge has a lens that says so.
    pub one_way: Option<Box<OneWay>>,
}

/// An operation that has no way down.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("op {op} `{name}` at `{at}`")]
pub struct OneWay {
    /// Its place in `ops`, from 0.
    pub op: usize,
    /// Its name.
    pub name: &'static str,
    /// The first place that it writes.
    pub at: Pointer,
}

fn detail(
    blocked: Option<(Version, Version)>,
    unknown: Option<Version>,
    one_way: Option<&OneWay>,
) -> String {
    if let (Some((older, newer)), Some(stuck)) = (blocked, one_way) {
        return format!(": the lens from {older} to {newer} has no way down, because of {stuck}");
    }
    match (blocked, unknown) {
        (Some((older, newer)), _) => {
            format!(
                ": version {newer} is no addition to version {older}, and no lens stands between them"
            )
        }
        (None, Some(version)) => format!(": there is no version {version}"),
        (None, None) => String::new(),
    }
}

pub(super) fn compose(
    subject: &str,
    steps: &[Step],
    from: Version,
    to: Version,
    model: ContentModel,
) -> Result<Plan, NoPath> {
    let find = |version: Version| {
        steps.iter().position(|step| step.version == version).ok_or(NoPath {
            from,
            to,
            blocked: None,
            unknown: Some(version),
            one_way: None,
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
        let edge = newer.edge.as_ref().filter(|edge| match edge {
            Edge::Addition => true,
            Edge::Written(lens) => (lens.from(), lens.to()) == (older.version, newer.version),
        });
        let blocked = Some((older.version, newer.version));
        let no_path = |one_way| NoPath { from, to, blocked, unknown: None, one_way };
        let edge = edge.ok_or_else(|| no_path(None))?;
        if let (Edge::Written(lens), Direction::Down) = (edge, direction)
            && lens.is_one_way()
        {
            return Err(no_path(Some(Box::new(without_way_down(lens)))));
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
    let (writer, reader) = (&steps[start].schema, &steps[end].schema);
    let class = class(&edges, direction, writer, reader);
    let actions = match class {
        Class::Pass => Vec::new(),
        _ => edges.iter().flat_map(|(older, _, edge)| actions(older, edge, direction)).collect(),
    };
    Ok(Plan(Arc::new(Inner {
        id: id(subject, &edges, direction, &steps[start]),
        class,
        from,
        to,
        hops,
        actions,
        target: reader.clone(),
        model,
    })))
}

/// The operation that has no way down; the first at all, where the lens could go down but says that it does not.
fn without_way_down(lens: &Lens) -> OneWay {
    let found = lens.without_way_down().or_else(|| lens.steps(Direction::Up).into_iter().next());
    let nothing = || OneWay { op: 0, name: "one_way", at: Pointer::root() };
    found.map_or_else(nothing, |(op, operation)| {
        let at = operation.writes(Direction::Up).into_iter().next().unwrap_or_default();
        OneWay { op, name: operation.name(), at }
    })
}

type Hop<'s> = (&'s Step, &'s Step, &'s Edge);

/// The fused order: every operation of every edge, one after the other.
fn actions(older: &Step, edge: &Edge, direction: Direction) -> Vec<Action> {
    match (edge, direction) {
        (Edge::Addition, Direction::Up) => Vec::new(),
        (Edge::Addition, Direction::Down) => vec![Action::Project(older.schema.clone())],
        (Edge::Written(lens), direction) => {
            let steps = lens.steps(direction).into_iter();
            steps.map(|(op, _)| Action::Op { lens: lens.clone(), op, direction }).collect()
        }
    }
}

fn class(edges: &[Hop<'_>], direction: Direction, writer: &Schema, reader: &Schema) -> Class {
    if edges.is_empty() {
        return Class::Pass;
    }
    let budget = Budget::steps(CLASS_STEPS);
    let additions = edges.iter().all(|(_, _, edge)| matches!(edge, Edge::Addition));
    if additions && contains(writer, reader, ContentModel::Strict, &budget).is_compatible() {
        return Class::Pass;
    }
    let one_way = |edge: &Edge| matches!(edge, Edge::Written(lens) if lens.is_one_way());
    if edges.iter().any(|(_, _, edge)| one_way(edge)) {
        return Class::OneWay;
    }
    let lossy = edges.iter().any(|(_, _, edge)| match edge {
        Edge::Addition => direction == Direction::Down,
        Edge::Written(lens) => !lens.accepted(direction).is_empty(),
    });
    if lossy { Class::Lossy } else { Class::Iso }
}

/// 16 hex digits of the hash of everything that decides what the plan does.
fn id(subject: &str, edges: &[Hop<'_>], direction: Direction, start: &Step) -> String {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update(text.len().to_be_bytes());
        hash.update(text);
    };
    part("plan 1");
    part(subject);
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
            Edge::Written(lens) => part(&lens.to_value().to_string()),
        }
    }
    let first =
        hash.finalize().iter().take(8).fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    format!("{first:016x}")
}
