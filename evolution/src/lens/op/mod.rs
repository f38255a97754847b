//! The operations, one file each: what they are called, what they do to an event both ways, what they do to a schema.
//!
//! An operation is plain data. What runs is [`Operation::up`] and [`Operation::down`] on a [`Scene`]; what is typed is
//! [`Operation::type_up`] and [`Operation::type_down`] on a [`Shape`]. A loss is actual: it is told exactly when the
//! operation's own inverse would not bring the value back.

mod absence;
mod absent_to_null;
mod add;
mod convert;
mod copy;
mod drop;
mod each;
mod expr;
mod head;
mod inside;
mod listing;
mod map;
mod merge;
mod move_;
mod null_to_absent;
mod nullable;
mod parts;
mod relocation;
mod rename;
mod split;
mod when;
mod wrap;

use serde_json::Value;

use super::{
    Direction, LensError, document,
    fields::Fields,
    node::{Node, View},
    place::{self, Blocked, Parents},
    shape::{Shape, Stop},
};
use crate::{pointer::Pointer, schema::MAX_DEPTH};

/// One operation of a lens.
pub(crate) enum Op {
    Rename(relocation::Relocation),
    Move(relocation::Relocation),
    Copy(copy::Copy),
    Map(map::Map),
    Convert(convert::Convert),
    Split(split::Split),
    Merge(merge::Merge),
    Add(add::Add),
    Drop(drop::Drop),
    Each(each::Each),
    In(inside::In),
    Wrap(wrap::Wrap),
    Head(head::Head),
    When(when::When),
    Nullable(nullable::Nullable),
    NullToAbsent(null_to_absent::NullToAbsent),
    AbsentToNull(absent_to_null::AbsentToNull),
    Expr(expr::Expr),
}

/// What every operation can do.
pub(crate) trait Operation {
    /// From the older version to the newer.
    fn up<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault>;

    /// From the newer version to the older.
    fn down<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault>;

    /// What `up` makes of a schema: at least every event it can give.
    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop>;

    /// What `down` makes of a schema.
    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop>;

    /// Where a value that is at `pointer` after the operation came from.
    fn origin(&self, direction: Direction, pointer: Pointer) -> Pointer {
        let _ = direction;
        pointer
    }

    /// The places it writes, `*` standing for every item of a list.
    fn writes(&self, direction: Direction) -> Vec<Pointer>;

    /// Every place it looks at, takes from or puts to, either way, what is inside included; `None` if it may be any.
    /// Operations on other places may be run before it or after it, with the same result.
    fn places(&self) -> Option<Vec<Pointer>> {
        None
    }

    /// From where to where it renames in the same object, if that is all it does.
    fn renaming(&self, direction: Direction) -> Option<(&Pointer, &Pointer)> {
        let _ = direction;
        None
    }

    /// Whether it has a way in this direction at all.
    fn leads(&self, direction: Direction) -> bool {
        let _ = direction;
        true
    }
}

impl Op {
    /// Every operation's name, as documents spell it.
    pub(crate) const NAMES: [&'static str; 18] = [
        "rename",
        "move",
        "copy",
        "map",
        "convert",
        "split",
        "merge",
        "add",
        "drop",
        "each",
        "in",
        "wrap",
        "head",
        "when",
        "nullable",
        "null_to_absent",
        "absent_to_null",
        "expr",
    ];

    /// Reads one entry of `ops`: an object with the operation's name as its only key.
    pub(super) fn read(at: &Pointer, entry: &Value) -> Result<Op, LensError> {
        let named = entry.as_object().filter(|entry| entry.len() == 1);
        let Some((name, body)) = named.and_then(|entry| entry.iter().next()) else {
            return Err(LensError::at(at, "expected one operation, such as `rename: {...}`")
                .with_hint("every entry of `ops` is an object with exactly one key"));
        };
        let at = at.child(name);
        let known = Op::NAMES.contains(&name.as_str());
        if !known {
            return Err(document::unknown_op(&at, name));
        }
        let fields = Fields::of(&at, body)?;
        let op = match name.as_str() {
            "rename" => Op::Rename(rename::read(&fields)?),
            "move" => Op::Move(move_::read(&fields)?),
            "copy" => Op::Copy(copy::Copy::read(&fields)?),
            "map" => Op::Map(map::Map::read(&fields)?),
            "convert" => Op::Convert(convert::Convert::read(&fields)?),
            "split" => Op::Split(split::Split::read(&fields)?),
            "merge" => Op::Merge(merge::Merge::read(&fields)?),
            "add" => Op::Add(add::Add::read(&fields)?),
            "drop" => Op::Drop(drop::Drop::read(&fields)?),
            "each" => Op::Each(each::Each::read(&fields)?),
            "wrap" => Op::Wrap(wrap::Wrap::read(&fields)?),
            "head" => Op::Head(head::Head::read(&fields)?),
            "when" => Op::When(when::When::read(&fields)?),
            "nullable" => Op::Nullable(nullable::Nullable::read(&fields)?),
            "null_to_absent" => Op::NullToAbsent(null_to_absent::NullToAbsent::read(&fields)?),
            "absent_to_null" => Op::AbsentToNull(absent_to_null::AbsentToNull::read(&fields)?),
            "expr" => Op::Expr(expr::Expr::read(&fields)?),
            _ => Op::In(inside::In::read(&fields)?),
        };
        fields.done()?;
        Ok(op)
    }

    /// The operation's name, as documents spell it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Op::Rename(_) => "rename",
            Op::Move(_) => "move",
            Op::Copy(_) => "copy",
            Op::Map(_) => "map",
            Op::Convert(_) => "convert",
            Op::Split(_) => "split",
            Op::Merge(_) => "merge",
            Op::Add(_) => "add",
            Op::Drop(_) => "drop",
            Op::Each(_) => "each",
            Op::In(_) => "in",
            Op::Wrap(_) => "wrap",
            Op::Head(_) => "head",
            Op::When(_) => "when",
            Op::Nullable(_) => "nullable",
            Op::NullToAbsent(_) => "null_to_absent",
            Op::AbsentToNull(_) => "absent_to_null",
            Op::Expr(_) => "expr",
        }
    }

    /// How many operations it is, inner ones included.
    pub(super) fn count(&self) -> usize {
        1 + self.inner().map(Op::count).sum::<usize>()
    }

    /// The operations it holds.
    fn inner(&self) -> Box<dyn Iterator<Item = &Op> + '_> {
        match self {
            Op::Each(each) => Box::new(each.inner().iter()),
            Op::In(inside) => Box::new(inside.inner().iter()),
            Op::When(when) => Box::new(when.inner()),
            _ => Box::new(std::iter::empty()),
        }
    }

    fn operation(&self) -> &dyn Operation {
        match self {
            Op::Rename(op) | Op::Move(op) => op,
            Op::Copy(op) => op,
            Op::Map(op) => op,
            Op::Convert(op) => op,
            Op::Split(op) => op,
            Op::Merge(op) => op,
            Op::Add(op) => op,
            Op::Drop(op) => op,
            Op::Each(op) => op,
            Op::In(op) => op,
            Op::Wrap(op) => op,
            Op::Head(op) => op,
            Op::When(op) => op,
            Op::Nullable(op) => op,
            Op::NullToAbsent(op) => op,
            Op::AbsentToNull(op) => op,
            Op::Expr(op) => op,
        }
    }

    /// Runs it on an event.
    pub(crate) fn run<'n>(
        &'n self,
        direction: Direction,
        scene: &mut Scene<'_, 'n>,
    ) -> Result<(), Fault> {
        match direction {
            Direction::Up => self.operation().up(scene),
            Direction::Down => self.operation().down(scene),
        }
    }

    /// Carries a schema through it. More than one comes out where the operation does different things to events.
    pub(super) fn shape(&self, direction: Direction, mut shape: Shape) -> Result<Vec<Shape>, Stop> {
        match (self, direction) {
            (Op::When(when), direction) => return when.shape(direction, &shape),
            (_, Direction::Up) => self.operation().type_up(&mut shape)?,
            (_, Direction::Down) => self.operation().type_down(&mut shape)?,
        }
        Ok(vec![shape])
    }

    /// Where a value that is at `pointer` after the operation came from.
    pub(crate) fn origin(&self, direction: Direction, pointer: Pointer) -> Pointer {
        self.operation().origin(direction, pointer)
    }

    /// Every place it looks at or changes; `None` if it may be any.
    pub(crate) fn places(&self) -> Option<Vec<Pointer>> {
        self.operation().places()
    }

    /// From where to where it renames, if that is all it does.
    pub(crate) fn renaming(&self, direction: Direction) -> Option<(&Pointer, &Pointer)> {
        self.operation().renaming(direction)
    }

    /// Whether it has a way in this direction, and everything that it holds.
    pub(crate) fn leads(&self, direction: Direction) -> bool {
        self.operation().leads(direction) && self.inner().all(|op| op.leads(direction))
    }

    /// The places it writes, `*` standing for every item of a list.
    pub(crate) fn writes(&self, direction: Direction) -> Vec<Pointer> {
        self.operation().writes(direction)
    }
}

/// The event an operation works on, or the part of it that is its whole event, and what is lost on the way.
///
/// Looking ([`find`](Scene::find)) opens nothing; changing opens the objects on the way and nothing else. What is put in
/// may be borrowed from the operation itself, for as long as `'n`: `scene.put(&self.at, &self.value, ..)` copies nothing,
/// and `scene.put(&self.at, json!(3), ..)` takes what was made. An operation that needs a parsed value asks for one:
/// `scene.find(&self.at).map(View::to_value)`.
pub(crate) struct Scene<'s, 'n> {
    event: &'s mut Node<'n>,
    losses: &'s mut Vec<Pointer>,
}

/// What an operation cannot take, and where in the event.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Where.
    pub(crate) pointer: Pointer,
    /// What is wrong there.
    pub(crate) message: String,
}

impl<'s, 'n> Scene<'s, 'n> {
    pub(crate) fn new(event: &'s mut Node<'n>, losses: &'s mut Vec<Pointer>) -> Self {
        Scene { event, losses }
    }

    /// Tells that the value at a place does not come back.
    fn lose(&mut self, at: &Pointer) {
        self.losses.push(at.clone());
    }

    #[expect(clippy::unused_self, reason = "it is the scene's place that is at fault")]
    fn fault(&self, at: &Pointer, message: impl Into<String>) -> Fault {
        Fault { pointer: at.clone(), message: message.into() }
    }

    /// A look at the value at a place.
    fn find(&self, at: &Pointer) -> Option<View<'_, 'n>> {
        place::find(self.event, at)
    }

    /// What is told lost where the value at a place is taken out with the parents that it leaves empty.
    fn goes_with(&self, at: &Pointer) -> Pointer {
        place::goes_with(self.event, at)
    }

    /// Takes out the value at a place. Parents below the first `floor` steps go with it if they are left empty.
    fn take(&mut self, at: &Pointer, parents: Parents, floor: usize) -> Option<Node<'n>> {
        place::take(self.event, at, parents, floor)
    }

    /// Puts a value where nothing is yet. A parent that will not come back as it was is told lost.
    fn put(
        &mut self,
        at: &'n Pointer,
        value: impl Into<Node<'n>>,
        parents: Parents,
        floor: usize,
    ) -> Result<(), Fault> {
        match place::put(self.event, at, value.into(), parents, floor) {
            Ok(lost) => {
                if let Some(lost) = lost {
                    self.lose(&lost);
                }
                Ok(())
            }
            Err(Blocked::Occupied) => Err(self.fault(at, "the place is occupied")),
            Err(Blocked::TooDeep) => Err(self.too_deep(at)),
            Err(Blocked::NotAnObject(above)) => {
                let message = format!("there is no object here to put `{at}` into");
                Err(self.fault(&above, message))
            }
        }
    }

    /// Puts a value in the place of one that is there; where nothing is, nothing happens.
    fn replace(&mut self, at: &Pointer, value: impl Into<Node<'n>>) -> Result<(), Fault> {
        let value = value.into();
        if at.tokens().len() + value.height(MAX_DEPTH) > place::DEEPEST {
            return Err(self.too_deep(at));
        }
        if let Some(node) = self.event.open_at(at.tokens()) {
            *node = value;
        }
        Ok(())
    }

    /// The same value under another name of the same object, at the same place among the members.
    fn rename(&mut self, from: &Pointer, to: &'n Pointer) -> Result<(), Fault> {
        let (Some((name, above)), Some(new)) = (from.tokens().split_last(), to.tokens().last())
        else {
            return Ok(());
        };
        let Some(view) = self.event.view().find(above) else { return Ok(()) };
        if view.member(name).is_none() {
            return Ok(());
        }
        if view.member(new).is_some() {
            return Err(self.fault(to, "the place is occupied"));
        }
        if let Some(members) = self.event.open_at(above).and_then(Node::open) {
            members.rename(name, new.as_str());
        }
        Ok(())
    }

    /// The value at a place, to be changed as an event of its own: for operations that hold operations.
    fn inner(&mut self, at: &Pointer) -> Option<&mut Node<'n>> {
        self.find(at)?;
        self.event.open_at(at.tokens())
    }

    fn too_deep(&self, at: &Pointer) -> Fault {
        self.fault(at, format!("the event would be nested deeper than {} levels", place::DEEPEST))
    }
}

/// Reads the pointer `key`; the whole event is no answer.
fn inner_pointer(fields: &Fields<'_>, key: &'static str) -> Result<Pointer, LensError> {
    let pointer = fields.pointer(key)?;
    if pointer.tokens().is_empty() {
        let message = "the whole event cannot be meant here";
        return Err(LensError::at(&fields.place(key), message).with_hint("name a place in it"));
    }
    Ok(pointer)
}

fn parents(fields: &Fields<'_>) -> Result<Parents, LensError> {
    let kept = fields.flag("keep_parents")?;
    Ok(if kept { Parents::Kept } else { Parents::Made })
}

/// `on_error`: a value for the way up, or an object with one for each way.
fn on_error(fields: &Fields<'_>) -> Result<(Option<Value>, Option<Value>), LensError> {
    match fields.optional("on_error") {
        None => Ok((None, None)),
        Some(ways @ Value::Object(_)) => {
            let ways = Fields::of(&fields.place("on_error"), ways)?;
            let found = (ways.optional("up").cloned(), ways.optional("down").cloned());
            ways.done()?;
            Ok(found)
        }
        Some(up) => Ok((Some(up.clone()), None)),
    }
}
