//! `expr`: a value computed from others.

use serde_json::Value;

use super::{Direction, Fault, Operation, Scene, View};
use crate::{
    lens::{
        LensError,
        expression::Expression,
        fields::{Fields, kind},
        hint,
        number::{Decimal, comes_back},
        place::Parents,
        shape::{Shape, Stop, Taken},
    },
    pointer::Pointer,
};

/// The types a result can be of.
const TYPES: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];

/// Names that CEL keeps for itself, and the one that `down` does.
const RESERVED: [&str; 24] = [
    "as",
    "break",
    "const",
    "continue",
    "drop",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "type",
    "var",
    "void",
    "while",
    "has",
];

pub(crate) struct Expr {
    at: Pointer,
    /// The names the expressions use, and where their values stand.
    inputs: Vec<(String, Pointer)>,
    up: Way,
    down: Back,
    parents: Parents,
}

/// One expression, the type of what it makes, and what stands for it where it fails.
struct Way {
    expression: Expression,
    kind: &'static str,
    on_error: Option<Value>,
}

/// How the value goes on the way down.
enum Back {
    /// Another expression makes the older value of the newer; `at` is one of the inputs.
    By(Way),
    /// It is taken out; the inputs are still there to make it of again.
    Dropped,
    /// There is no way down.
    None,
}

impl Expr {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        let at = super::inner_pointer(fields, "at")?;
        let inputs = inputs(fields)?;
        let in_place = inputs.iter().any(|(_, place)| *place == at);
        let overlap = inputs.iter().find(|(_, place)| {
            *place != at && (at.contains(place) || in_place && place.contains(&at))
        });
        if let Some((name, place)) = overlap {
            let message = format!("the input `{name}` at `{place}` overlaps `{at}`");
            return Err(LensError::at(&fields.place("inputs"), message)
                .with_hint("make what is replaced an input as a whole, and nothing around it"));
        }
        let (type_up, type_down) = types(fields)?;
        let (error_up, error_down) = super::on_error(fields)?;
        let up = Way {
            expression: expression(fields, "up", fields.text("up")?, &inputs)?,
            kind: type_up,
            on_error: error_up,
        };
        let down = match fields.optional("down") {
            None => Back::None,
            Some(value) => match (fields.as_text("down", value)?, in_place) {
                ("drop", false) => Back::Dropped,
                (_, false) => {
                    let message = format!("`{at}` is no input, so there is no older value to make");
                    return Err(LensError::at(&fields.place("down"), message)
                        .with_hint("say `down: drop`, or make it an input"));
                }
                ("drop", true) => {
                    let message = "the older version has a value here too, so it cannot go";
                    return Err(LensError::at(&fields.place("down"), message)
                        .with_hint("give the expression that makes the older value"));
                }
                (source, true) => Back::By(Way {
                    expression: expression(fields, "down", source, &inputs)?,
                    kind: type_down,
                    on_error: error_down,
                }),
            },
        };
        let parents = super::parents(fields)?;
        let expr = Expr { at, inputs, up, down, parents };
        expr.uses_its_inputs(fields)?;
        Ok(expr)
    }

    fn uses_its_inputs(&self, fields: &Fields<'_>) -> Result<(), LensError> {
        let used = |name: &str| {
            let down = match &self.down {
                Back::By(way) => way.expression.names().contains(name),
                Back::Dropped | Back::None => false,
            };
            down || self.up.expression.names().contains(name)
        };
        match self.inputs.iter().find(|(name, _)| !used(name)) {
            None => Ok(()),
            Some((name, _)) => {
                let message = format!("the input `{name}` is not used");
                Err(LensError::at(&fields.place("inputs"), message).with_hint("leave it out"))
            }
        }
    }

    fn is_in_place(&self) -> bool {
        self.inputs.iter().any(|(_, place)| *place == self.at)
    }

    /// Whether there is nothing to do: no value to replace, or none to make another of.
    fn is_idle(&self, scene: &Scene<'_, '_>) -> bool {
        if self.is_in_place() {
            scene.find(&self.at).is_none()
        } else {
            self.inputs.iter().all(|(_, place)| scene.find(place).is_none())
        }
    }

    /// What a way makes of the values that stand at the inputs, `instead` standing at `at`.
    fn made(
        &self,
        way: &Way,
        scene: &Scene<'_, '_>,
        instead: Option<&Value>,
    ) -> Result<Value, Fault> {
        let mut inputs = Vec::with_capacity(self.inputs.len());
        for (name, place) in &self.inputs {
            let value = match instead.filter(|_| *place == self.at) {
                Some(instead) => instead.clone(),
                None => match scene.find(place) {
                    Some(view) => view.to_value(),
                    None if !way.expression.names().contains(name) => continue,
                    None => return Err(scene.fault(place, "this input is absent")),
                },
            };
            inputs.push((name.as_str(), value));
        }
        let made = way.expression.run(&inputs).map_err(|message| scene.fault(&self.at, message))?;
        if is_of(&made, way.kind) {
            Ok(made)
        } else {
            let message = format!("the result is {}, not of type {}", kind(&made), way.kind);
            Err(scene.fault(&self.at, message))
        }
    }

    /// In place: one value for the other. It comes back if the other way makes it again.
    fn replace<'n>(
        &'n self,
        way: &'n Way,
        back: Option<&Way>,
        scene: &mut Scene<'_, 'n>,
    ) -> Result<(), Fault> {
        let Some(before) = scene.find(&self.at).map(View::to_value) else { return Ok(()) };
        match (self.made(way, scene, None), &way.on_error) {
            (Ok(made), _) => {
                let again = back.map(|back| self.made(back, scene, Some(&made)));
                let comes =
                    |again: Result<Value, Fault>| again.is_ok_and(|it| comes_back(&it, &before));
                if !again.is_none_or(comes) {
                    scene.lose(&self.at);
                }
                scene.replace(&self.at, made)
            }
            (Err(_), Some(instead)) => {
                scene.lose(&self.at);
                scene.replace(&self.at, instead)
            }
            (Err(fault), None) => Err(fault),
        }
    }

    /// A new value beside those it is made of.
    fn derive<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        if self.is_idle(scene) {
            return Ok(());
        }
        match (self.made(&self.up, scene, None), &self.up.on_error) {
            (Ok(made), _) => scene.put(&self.at, made, self.parents, 0),
            (Err(_), Some(instead)) => scene.put(&self.at, instead, self.parents, 0),
            (Err(fault), None) => Err(fault),
        }
    }

    /// The derived value goes. It is lost where the inputs would not make it again.
    fn discard(&self, scene: &mut Scene<'_, '_>) {
        let with_it = scene.goes_with(&self.at);
        let Some(taken) = scene.take(&self.at, self.parents, 0) else { return };
        let idle = self.is_idle(scene);
        let again = match self.made(&self.up, scene, None) {
            Ok(made) => Some(made),
            Err(_) => self.up.on_error.clone(),
        };
        let same = again.is_some_and(|again| taken.view().same(&again));
        if idle && self.parents == Parents::Made {
            scene.lose(&with_it);
        } else if idle || !same {
            scene.lose(&self.at);
        }
    }
}

/// Whether a value is of a type; a whole number is an integer however it is written.
fn is_of(value: &Value, kind: &str) -> bool {
    match value {
        Value::Null => kind == "null",
        Value::Bool(_) => kind == "boolean",
        Value::Number(number) => {
            kind == "number"
                || kind == "integer" && Decimal::of(number).is_some_and(|it| it.is_integer())
        }
        Value::String(_) => kind == "string",
        Value::Array(_) => kind == "array",
        Value::Object(_) => kind == "object",
    }
}

fn inputs(fields: &Fields<'_>) -> Result<Vec<(String, Pointer)>, LensError> {
    let place = fields.place("inputs");
    let value = fields.required("inputs")?;
    let Some(table) = value.as_object().filter(|table| !table.is_empty()) else {
        return Err(LensError::at(&place, "expected a table with at least one entry")
            .with_hint("give every value that the expressions use a name: `{ total: /total }`"));
    };
    table
        .iter()
        .map(|(name, value)| {
            let at = place.child(name);
            let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            let named = first && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !named || RESERVED.contains(&name.as_str()) {
                return Err(LensError::at(&at, format!("`{name}` cannot be the name of an input"))
                    .with_hint(
                        "use letters, digits and `_`, and no word that CEL keeps for itself",
                    ));
            }
            let text = value.as_str().ok_or_else(|| {
                LensError::at(&at, format!("expected a pointer, found {}", kind(value)))
            })?;
            let pointer = text.parse().map_err(|error: crate::pointer::PointerError| {
                LensError::at(&at, error.to_string()).with_hint(format!("write `/{text}`"))
            })?;
            Ok((name.clone(), pointer))
        })
        .collect()
}

fn expression(
    fields: &Fields<'_>,
    key: &str,
    source: &str,
    inputs: &[(String, Pointer)],
) -> Result<Expression, LensError> {
    let names: Vec<&str> = inputs.iter().map(|(name, _)| name.as_str()).collect();
    Expression::read(source, &names).map_err(|message| {
        LensError::at(&fields.place(key), message)
            .with_hint(format!("an expression is CEL over its inputs: {}", hint::listed(names)))
    })
}

/// `type`: of the value on the way up, or an object with one for each way.
fn types(fields: &Fields<'_>) -> Result<(&'static str, &'static str), LensError> {
    let value = fields.required("type")?;
    let named = |place: &Pointer, value: &Value| {
        let found = TYPES.into_iter().find(|kind| value.as_str() == Some(kind));
        found.ok_or_else(|| {
            LensError::at(place, format!("unknown type {value}"))
                .with_hint(format!("known here: {}", hint::listed(TYPES)))
        })
    };
    if !value.is_object() {
        let kind = named(&fields.place("type"), value)?;
        return Ok((kind, kind));
    }
    let ways = Fields::of(&fields.place("type"), value)?;
    let up = named(&ways.place("up"), ways.required("up")?)?;
    let down = named(&ways.place("down"), ways.required("down")?)?;
    ways.done()?;
    Ok((up, down))
}

impl Way {
    /// The schema of what it makes.
    fn image(&self) -> Value {
        let made = serde_json::json!({"type": self.kind});
        match &self.on_error {
            None => made,
            Some(instead) => serde_json::json!({"anyOf": [made, {"enum": [instead]}]}),
        }
    }

    fn shape_in_place(&self, at: &Pointer, shape: &mut Shape) -> Result<(), Stop> {
        shape.replace(at, |_, _, total| {
            // Whether an expression fails is known only when it runs.
            *total &= self.on_error.is_some();
            Ok(self.image())
        })
    }
}

impl Operation for Expr {
    fn up<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        if !self.is_in_place() {
            return self.derive(scene);
        }
        let back = match &self.down {
            Back::By(way) => Some(way),
            Back::Dropped | Back::None => None,
        };
        self.replace(&self.up, back, scene)
    }

    fn down<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        match &self.down {
            Back::By(way) => self.replace(way, Some(&self.up), scene),
            Back::Dropped => {
                self.discard(scene);
                Ok(())
            }
            Back::None => {
                Err(scene.fault(&self.at, "there is no way down: the lens says no `down`"))
            }
        }
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        let mut any = false;
        for (_, place) in &self.inputs {
            any |= shape.look(place)?.always;
        }
        if self.is_in_place() {
            return self.up.shape_in_place(&self.at, shape);
        }
        if self.up.on_error.is_none() {
            shape.not_total();
        }
        shape.put(&self.at, Taken { schema: self.up.image(), always: any })
    }

    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop> {
        for (_, place) in &self.inputs {
            shape.look(place)?;
        }
        match &self.down {
            Back::By(way) => way.shape_in_place(&self.at, shape),
            Back::Dropped => shape.take(&self.at, self.parents, 0).map(|_| ()),
            Back::None => Err(Stop::Beyond),
        }
    }

    fn writes(&self, direction: Direction) -> Vec<Pointer> {
        match (direction, &self.down) {
            (Direction::Up, _) | (Direction::Down, Back::By(_)) => vec![self.at.clone()],
            (Direction::Down, _) => Vec::new(),
        }
    }

    fn places(&self) -> Option<Vec<Pointer>> {
        let inputs = self.inputs.iter().map(|(_, place)| place.clone());
        Some(inputs.chain([self.at.clone()]).collect())
    }

    fn leads(&self, direction: Direction) -> bool {
        direction == Direction::Up || !matches!(self.down, Back::None)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::lens::{
        Lens,
        tests::{back_and_forth, down, fails, up, with},
    };

    fn expr(body: &Value) -> Lens {
        with(&json!([{"expr": body}]))
    }

    #[test]
    fn a_value_is_replaced_and_comes_back() {
        let lens = expr(&json!({
            "at": "/total", "inputs": {"total": "/total"}, "type": "integer",
            "up": "total * 100", "down": "total / 100"
        }));

        back_and_forth(&lens, &json!({"total": 3}), &json!({"total": 300}));
        back_and_forth(&lens, &json!({}), &json!({}));
        assert_eq!(
            down(&lens, &json!({"total": 350})),
            (json!({"total": 3}), vec!["/total".into()])
        );
    }

    #[test]
    fn a_value_is_derived_and_dropped_again() {
        let lens = expr(&json!({
            "at": "/person/name", "inputs": {"a": "/first", "b": "/last"}, "type": "string",
            "up": "a + ' ' + b", "down": "drop"
        }));

        back_and_forth(
            &lens,
            &json!({"first": "Ada", "last": "L"}),
            &json!({"first": "Ada", "last": "L", "person": {"name": "Ada L"}}),
        );
        back_and_forth(&lens, &json!({}), &json!({}));
        let (event, losses) =
            down(&lens, &json!({"first": "A", "last": "B", "person": {"name": "C"}}));
        assert_eq!(
            (event, losses),
            (json!({"first": "A", "last": "B"}), vec!["/person/name".into()])
        );
        assert_eq!(
            fails(lens.up(&json!({"first": "A"}))),
            "op 0 `expr` at `/last`: this input is absent"
        );
    }

    #[test]
    fn what_fails_is_refused_or_replaced() {
        let strict = json!({"at": "/v", "inputs": {"v": "/v"}, "type": "integer", "up": "v / 0"});
        let mut lenient = strict.clone();
        lenient["on_error"] = json!(-1);

        assert!(fails(expr(&strict).up(&json!({"v": 1}))).starts_with("op 0 `expr` at `/v`: "));
        assert_eq!(up(&expr(&lenient), &json!({"v": 1})), (json!({"v": -1}), vec!["/v".into()]));
        assert_eq!(
            fails(expr(&strict).down(&json!({"v": 1}))),
            "op 0 `expr` at `/v`: there is no way down: the lens says no `down`"
        );
    }

    #[test]
    fn the_type_is_checked_when_it_runs() {
        let lens = expr(&json!({
            "at": "/v", "inputs": {"v": "/v"}, "type": {"up": "string", "down": "integer"},
            "up": "v > 1 ? 'many' : v", "down": "v == 'many' ? 2 : 1"
        }));

        assert_eq!(up(&lens, &json!({"v": 2})).0, json!({"v": "many"}));
        assert_eq!(
            fails(lens.up(&json!({"v": 1}))),
            "op 0 `expr` at `/v`: the result is a number, not of type string"
        );
        let fraction: Value = serde_json::from_str("{\"v\": 1.5}").unwrap();
        insta::assert_snapshot!(fails(lens.up(&fraction)), @"op 0 `expr` at `/v`: 1.5 cannot be held exactly: an expression takes whole numbers of 64 bits");
    }
}
