//! One direction of a lens, tried on events: what comes out is validated, carried back and compared.

use serde_json::Value;

use crate::{
    containment::{ContentModel, project},
    lens::{
        Direction, Lens, OpError, Rejection,
        document::Example,
        number::comes_back,
        shape::{Shape, Stop, carry},
    },
    pointer::Pointer,
    schema::{Invalid, Schema},
};

/// A lens in one direction, with the schemas at its ends.
pub(in crate::lens) struct Way<'c> {
    pub(in crate::lens) lens: &'c Lens,
    pub(in crate::lens) direction: Direction,
    pub(in crate::lens) source: &'c Schema,
    pub(in crate::lens) target: &'c Schema,
    pub(in crate::lens) model: ContentModel,
}

/// The schemas of everything that can come out, if they can be told, and whether everything that goes in does.
pub(in crate::lens) type Image = (Option<Vec<Schema>>, bool);

impl Way<'_> {
    pub(super) fn back(&self) -> Direction {
        self.direction.reversed()
    }

    fn name(&self) -> &'static str {
        match self.direction {
            Direction::Up => "up",
            Direction::Down => "down",
        }
    }

    /// What can come out, each event being of one of the schemas.
    pub(in crate::lens) fn image(&self) -> Result<Image, (usize, Stop)> {
        let mut shapes = vec![Shape::of(self.source, self.model)];
        for (index, op) in self.lens.steps(self.direction) {
            shapes = match carry(op, self.direction, shapes) {
                Ok(shapes) => shapes,
                Err(Stop::Wrong(wrong)) => return Err((index, Stop::Wrong(wrong))),
                Err(_) => return Ok((None, false)),
            };
        }
        let (images, totals): (Vec<Option<Schema>>, Vec<bool>) =
            shapes.into_iter().map(|shape| shape.finish(self.source)).unzip();
        Ok((images.into_iter().collect(), totals.into_iter().all(|total| total)))
    }

    /// Carries one event there and back.
    pub(super) fn attempt(&self, event: &Value) -> Result<(), Box<Rejection>> {
        let (out, losses) = self
            .lens
            .trace(self.direction, event)
            .map_err(|error| stuck(error).shown(event, None))?;
        if let Err(invalid) = valid(self.target, &out, self.model) {
            return Err(self.refused_output(&invalid).shown(event, Some(&out)));
        }
        let accepted = self.lens.accepted(self.direction);
        for (op, loss) in losses {
            if !accepted.iter().any(|accepted| covers(accepted, &loss)) {
                let error = format!("the value at `{loss}` is lost on the way {}", self.name());
                let finding = Rejection::found(Some(op), &loss, error);
                return Err(finding.with_hint(self.list_it(&loss)).shown(event, Some(&out)));
            }
        }
        if self.lens.is_one_way() {
            return Ok(());
        }
        let (back, _) = self
            .lens
            .trace(self.back(), &out)
            .map_err(|error| stuck(error).shown(event, Some(&out)).during("on the way back"))?;
        let mut changed = Vec::new();
        differences(event, &back, &Pointer::root(), &mut changed);
        let unlawful =
            changed.iter().find(|at| !accepted.iter().any(|accepted| covers(accepted, at)));
        if let Some(at) = unlawful {
            let found = |value: &Value| {
                at.find(value).map_or_else(|| "nothing".to_owned(), Value::to_string)
            };
            let error =
                format!("there and back, `{at}` changes from {} to {}", found(event), found(&back));
            let op = self.attributed(at);
            let finding = Rejection::found(op, at, error).with_hint(self.list_it(at));
            return Err(finding.shown(event, Some(&out)));
        }
        valid(self.source, &back, self.model).map_err(|invalid| {
            let at = pointer(&invalid.instance_path);
            let error = format!("there and back, the event is not valid any more: {invalid}");
            Rejection::found(self.writer(self.back(), &at), &at, error)
                .with_hint("give what the way back needs, such as `restore` on a `drop`")
                .shown(event, Some(&out))
        })
    }

    /// What of the event is told lost, or does not come back.
    pub(in crate::lens) fn lost(&self, event: &Value) -> Vec<Pointer> {
        let Ok((out, losses)) = self.lens.trace(self.direction, event) else { return Vec::new() };
        let mut lost: Vec<Pointer> = losses.into_iter().map(|(_, place)| place).collect();
        if let Ok((back, _)) = self.lens.trace(self.back(), &out) {
            differences(event, &back, &Pointer::root(), &mut lost);
        }
        lost
    }

    /// The place, with `*` for the number of an item.
    pub(in crate::lens) fn every(at: &Pointer) -> Pointer {
        let star = |token: &String| {
            if token.bytes().all(|b| b.is_ascii_digit()) { "*".to_owned() } else { token.clone() }
        };
        at.tokens().iter().map(star).collect()
    }

    /// Runs one golden case.
    pub(super) fn example(&self, index: usize, example: &Example) -> Result<(), Box<Rejection>> {
        if let Err(invalid) = valid(self.source, &example.event, self.model) {
            let at = pointer(&invalid.instance_path);
            let error = format!("example {index} is no event to go {}: {invalid}", self.name());
            let finding = Rejection::found(None, &at, error);
            return Err(finding.with_hint("correct the example").shown(&example.event, None));
        }
        let (out, _) = self.lens.trace(self.direction, &example.event).map_err(|error| {
            stuck(error).shown(&example.event, None).during(&format!("example {index}"))
        })?;
        let mut changed = Vec::new();
        differences(&example.gives, &out, &Pointer::root(), &mut changed);
        match changed.first() {
            None => self.attempt(&example.event),
            Some(at) => {
                let found = |value: &Value| {
                    at.find(value).map_or_else(|| "nothing".to_owned(), Value::to_string)
                };
                let error = format!(
                    "example {index} expects {} at `{at}`, and the lens gives {}",
                    found(&example.gives),
                    found(&out)
                );
                let advice = "correct the example or the operation";
                let finding = Rejection::found(self.writer_of(at), at, error);
                Err(finding.with_hint(advice).shown(&example.event, Some(&out)))
            }
        }
    }

    fn refused_output(&self, invalid: &Invalid) -> Box<Rejection> {
        let mut at = pointer(&invalid.instance_path);
        if invalid.keyword == "required"
            && let Some(name) = missing(invalid)
        {
            at = at.child(name);
        }
        let version = match self.direction {
            Direction::Up => self.lens.to(),
            Direction::Down => self.lens.from(),
        };
        let error = format!("what comes out is no event of version {version}: {invalid}");
        let advice = match (invalid.keyword.as_str(), self.direction) {
            ("required", Direction::Up) => "`add` it, or `move` or `rename` to it",
            ("required", Direction::Down) => {
                "`drop` it with a `restore`, or `move` or `rename` from it"
            }
            ("type", _) => "`convert` it, or correct the type",
            ("enum" | "const", _) => "`map` it to the values that are taken",
            ("additionalProperties" | "unevaluatedProperties", Direction::Up) => "`drop` it",
            ("additionalProperties" | "unevaluatedProperties", Direction::Down) => {
                "`add` it, so that it goes on the way down"
            }
            _ => "make the operation write what the schema takes, or loosen the schema",
        };
        Rejection::found(self.writer_of(&at), &at, error).with_hint(advice)
    }

    fn list_it(&self, at: &Pointer) -> String {
        let every = Way::every(at);
        format!("keep it, or accept the loss: `accept_loss: {{ {}: [ {every} ] }}`", self.name())
    }

    /// The operation that last wrote a place of the output.
    fn writer_of(&self, at: &Pointer) -> Option<usize> {
        self.writer(self.direction, at)
    }

    /// The operation that last wrote a place on the way in a direction.
    fn writer(&self, direction: Direction, at: &Pointer) -> Option<usize> {
        let mut at = at.clone();
        for (index, op) in self.lens.steps(direction).into_iter().rev() {
            let wrote = |place: &Pointer| {
                covers(place, &at) || !at.tokens().is_empty() && covers(&at, place)
            };
            if op.writes(direction).iter().any(wrote) {
                return Some(index);
            }
            at = op.origin(direction, at);
        }
        None
    }

    /// The operation to blame for a place of the input that does not come back.
    fn attributed(&self, at: &Pointer) -> Option<usize> {
        self.lens
            .steps(self.direction)
            .into_iter()
            .find(|(_, op)| {
                let back = op.writes(self.back());
                back.iter().any(|place| covers(place, at) || covers(at, place))
            })
            .map(|(index, _)| index)
    }
}

/// The name that is missing, which the validator's sentence begins with.
fn missing(invalid: &Invalid) -> Option<String> {
    let sentence = invalid.to_string();
    serde_json::Deserializer::from_str(&sentence).into_iter::<String>().next()?.ok()
}

/// An operation that met something it cannot take.
fn stuck(error: OpError) -> Box<Rejection> {
    let OpError { op, name, pointer, message } = error;
    let advice = match name {
        "map" => "give every value an image, or an `else`",
        "convert" => "give an `on_error`, or narrow the schema to what can be converted",
        "when" => "give an `otherwise`, which may be empty, or an `if_down`",
        "head" | "wrap" => "say in `empty` what an empty list becomes",
        "expr" => "give an `on_error`, or narrow the schema to what the expression takes",
        "split" | "merge" => "say in `missing` what a part is where there are too few",
        _ => "narrow the schema, or let an operation before this one make room",
    };
    Rejection::found(Some(op), &pointer, message).with_hint(advice)
}

/// Whether a reader on `schema` takes the event.
fn valid(schema: &Schema, event: &Value, model: ContentModel) -> Result<(), Invalid> {
    match model {
        ContentModel::Strict => schema.validate(event),
        ContentModel::Event => schema.validate(&project(schema, event)),
    }
}

/// Whether `place`, where `*` stands for anything, is `at` or above it.
fn covers(place: &Pointer, at: &Pointer) -> bool {
    let (place, at) = (place.tokens(), at.tokens());
    place.len() <= at.len()
        && place.iter().zip(at).all(|(place, at)| place == "*" || at == "*" || place == at)
}

fn pointer(text: &str) -> Pointer {
    text.parse().unwrap_or_default()
}

/// The first place where two events differ.
pub(in crate::lens) fn first_difference(left: &Value, right: &Value) -> Option<Pointer> {
    let mut found = Vec::new();
    differences(left, right, &Pointer::root(), &mut found);
    found.into_iter().next()
}

/// Every place where two events differ, numbers by value, also those that are texts.
fn differences(left: &Value, right: &Value, here: &Pointer, found: &mut Vec<Pointer>) {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            for (name, value) in left {
                let at = here.child(name.clone());
                match right.get(name) {
                    None => found.push(at),
                    Some(other) => differences(value, other, &at, found),
                }
            }
            let gained = right.keys().filter(|name| !left.contains_key(*name));
            found.extend(gained.map(|name| here.child(name.clone())));
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                differences(left, right, &here.child(index.to_string()), found);
            }
        }
        (left, right) if comes_back(left, right) => {}
        _ => found.push(here.clone()),
    }
}
