//! `in`: operations below a prefix, and what they share with `each`.

use super::{Direction, Fault, Node, Op, Operation, Scene};
use crate::{
    lens::{
        LensError,
        fields::Fields,
        shape::{Shape, Stop, carry},
    },
    pointer::Pointer,
};

pub(crate) struct In {
    at: Pointer,
    ops: Vec<Op>,
}

impl In {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        Ok(In { at: super::inner_pointer(fields, "at")?, ops: ops(fields)? })
    }

    pub(super) fn inner(&self) -> &[Op] {
        &self.ops
    }

    /// Where the prefix is absent there is nothing to do.
    fn run<'n>(&'n self, direction: Direction, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        let mut lost = Vec::new();
        let Some(part) = scene.inner(&self.at) else { return Ok(()) };
        let ran = run(&self.ops, direction, part, || self.at.clone(), &mut lost);
        scene.losses.append(&mut lost);
        ran
    }
}

impl Operation for In {
    fn up<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        self.run(Direction::Up, scene)
    }

    fn down<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        self.run(Direction::Down, scene)
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        shape.inside(&self.at, |inner| self::shape(&self.ops, Direction::Up, inner))
    }

    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop> {
        shape.inside(&self.at, |inner| self::shape(&self.ops, Direction::Down, inner))
    }

    fn origin(&self, direction: Direction, pointer: Pointer) -> Pointer {
        if !self.at.contains(&pointer) {
            return pointer;
        }
        origin(&self.ops, direction, &pointer, self.at.tokens().len())
    }

    fn writes(&self, direction: Direction) -> Vec<Pointer> {
        writes(&self.ops, direction, &self.at)
    }

    fn places(&self) -> Option<Vec<Pointer>> {
        Some(vec![self.at.clone()])
    }
}

/// The inner operations of `fields`.
pub(super) fn ops(fields: &Fields<'_>) -> Result<Vec<Op>, LensError> {
    listed(fields, "ops", fields.list("ops")?)
}

/// The operations of one list of `fields`.
pub(super) fn listed(
    fields: &Fields<'_>,
    key: &str,
    entries: &[serde_json::Value],
) -> Result<Vec<Op>, LensError> {
    let place = fields.place(key);
    let entries = entries.iter().enumerate();
    entries.map(|(index, entry)| Op::read(&place.child(index.to_string()), entry)).collect()
}

fn ordered(ops: &[Op], direction: Direction) -> Box<dyn DoubleEndedIterator<Item = &Op> + '_> {
    match direction {
        Direction::Up => Box::new(ops.iter()),
        Direction::Down => Box::new(ops.iter().rev()),
    }
}

/// Runs the inner operations on a part of the event that is at `base`.
pub(super) fn run<'n>(
    ops: &'n [Op],
    direction: Direction,
    part: &mut Node<'n>,
    base: impl Fn() -> Pointer,
    losses: &mut Vec<Pointer>,
) -> Result<(), Fault> {
    let mut lost = Vec::new();
    for (index, op) in ordered(ops, direction).enumerate() {
        op.run(direction, &mut Scene::new(part, &mut lost)).map_err(|fault| Fault {
            pointer: base().join(&fault.pointer),
            message: format!("`{}`: {}", op.name(), fault.message),
        })?;
        losses.extend(lost.drain(..).map(|pointer| {
            let before: Vec<&Op> = ordered(ops, direction).take(index).collect();
            let before = before.into_iter().rev();
            base().join(&before.fold(pointer, |pointer, op| op.origin(direction, pointer)))
        }));
    }
    Ok(())
}

/// Carries the schema of a part through the inner operations.
pub(super) fn shape(ops: &[Op], direction: Direction, part: Shape) -> Result<Vec<Shape>, Stop> {
    ordered(ops, direction).try_fold(vec![part], |shapes, op| {
        carry(op, direction, shapes).map_err(|stop| stop.by(op.name()))
    })
}

/// The origin of a place whose first `depth` tokens lead to the part.
pub(super) fn origin(ops: &[Op], direction: Direction, pointer: &Pointer, depth: usize) -> Pointer {
    let (prefix, rest) = pointer.tokens().split_at(depth);
    let rest: Pointer = rest.iter().cloned().collect();
    let rest = ordered(ops, direction).rev().fold(rest, |rest, op| op.origin(direction, rest));
    prefix.iter().cloned().collect::<Pointer>().join(&rest)
}

/// What the inner operations write, below `prefix`.
pub(super) fn writes(ops: &[Op], direction: Direction, prefix: &Pointer) -> Vec<Pointer> {
    ops.iter().flat_map(|op| op.writes(direction)).map(|place| prefix.join(&place)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lens::tests::{back_and_forth, up, with};

    #[test]
    fn operations_work_below_the_prefix() {
        let lens = with(&json!([{"in": {"at": "/order/customer", "ops": [
            {"rename": {"from": "/mail", "to": "/email"}}, {"add": {"at": "/tier", "value": 1}}
        ]}}]));

        back_and_forth(
            &lens,
            &json!({"order": {"customer": {"mail": "x"}}}),
            &json!({"order": {"customer": {"email": "x", "tier": 1}}}),
        );
        back_and_forth(&lens, &json!({"order": {}}), &json!({"order": {}}));
    }

    #[test]
    fn losses_are_told_where_they_came_from() {
        let lens = with(&json!([
            {"move": {"from": "/mail", "to": "/customer/mail"}},
            {"in": {"at": "/customer", "ops": [{"drop": {"at": "/mail"}}]}}
        ]));

        assert_eq!(
            up(&lens, &json!({"mail": "x"})),
            (json!({"customer": {}}), vec!["/mail".into()])
        );
    }
}
