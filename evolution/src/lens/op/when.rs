//! `when`: other operations for other events, told apart by one value.

use serde_json::Value;

use super::{Direction, Fault, Op, Operation, Scene, View, inside};
use crate::{
    lens::{
        LensError,
        fields::Fields,
        hint,
        number::Decimal,
        shape::{self, Shape, Stop, Wrong},
    },
    pointer::Pointer,
    raw::Kind,
};

/// The types a condition can ask for.
const TYPES: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];

pub(crate) struct When {
    test: Condition,
    /// How the way down tells the branches apart, where the operations change what `test` looks at.
    test_down: Option<Condition>,
    ops: Vec<Op>,
    /// For events for which the condition does not hold; without it, they are not taken.
    otherwise: Option<Vec<Op>>,
}

/// One question about one place.
struct Condition {
    at: Pointer,
    asks: Asks,
}

enum Asks {
    Among(Vec<Value>),
    Present(bool),
    Type(&'static str),
}

impl When {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        let test = Condition::read(&fields.place("if"), fields.required("if")?)?;
        let test_down = match fields.optional("if_down") {
            None => None,
            Some(value) => Some(Condition::read(&fields.place("if_down"), value)?),
        };
        let ops = inside::ops(fields)?;
        let otherwise = match fields.optional("otherwise") {
            None => None,
            Some(value) => {
                let entries = fields.as_list("otherwise", value)?;
                Some(inside::listed(fields, "otherwise", entries)?)
            }
        };
        let when = When { test, test_down, ops, otherwise };
        if let (None, Some(place)) = (&when.test_down, when.touched(&when.test.at)) {
            let message = format!("the operations change `{place}`, which the condition looks at");
            return Err(LensError::at(&fields.place("if"), message)
                .with_hint("say in `if_down` how the way down tells the branches apart"));
        }
        Ok(when)
    }

    /// The operations of both branches.
    pub(super) fn inner(&self) -> impl Iterator<Item = &Op> {
        self.ops.iter().chain(self.otherwise.iter().flatten())
    }

    /// A place the operations write, in either direction, that overlaps `at`.
    fn touched(&self, at: &Pointer) -> Option<Pointer> {
        let meets = |place: &Pointer| {
            let pairs = place.tokens().iter().zip(at.tokens());
            pairs.into_iter().all(|(own, other)| own == "*" || own == other)
        };
        let places = |op: &Op| {
            let mut places = op.writes(Direction::Up);
            places.extend(op.writes(Direction::Down));
            places
        };
        self.inner().flat_map(places).find(meets)
    }

    fn test(&self, direction: Direction) -> &Condition {
        match (direction, &self.test_down) {
            (Direction::Down, Some(test)) => test,
            _ => &self.test,
        }
    }

    fn run<'n>(&'n self, direction: Direction, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        let test = self.test(direction);
        let holds = test.holds(scene);
        let ops = match (holds, &self.otherwise) {
            (true, _) => &self.ops,
            (false, Some(otherwise)) => otherwise,
            (false, None) => {
                let message = format!("{test} does not hold, and the lens says no `otherwise`");
                return Err(scene.fault(&test.at, message));
            }
        };
        let mut lost = Vec::new();
        let whole = Pointer::root();
        if let Some(event) = scene.inner(&whole) {
            inside::run(ops, direction, event, Pointer::root, &mut lost)?;
        }
        scene.losses.append(&mut lost);
        let back = self.test(direction.reversed());
        if back.holds(scene) != holds {
            let message = format!(
                "after the operations {back} {}, so the way back would take the other branch",
                if holds { "does not hold" } else { "holds" }
            );
            return Err(scene.fault(&back.at, message));
        }
        Ok(())
    }

    /// Carries a schema through both branches.
    pub(super) fn shape(&self, direction: Direction, shape: &Shape) -> Result<Vec<Shape>, Stop> {
        let test = self.test(direction);
        let yes = test.narrowed(shape, true)?;
        let no = test.narrowed(shape, false)?;
        if yes.is_none() && !shape.is_alternative() {
            let advice = "correct the condition, or leave the operation out";
            let message = format!("{test} never holds");
            return Err(Stop::Wrong(Wrong::new(&test.at, message, advice)));
        }
        let mut shapes = Vec::new();
        if let Some(yes) = yes {
            shapes.extend(inside::shape(&self.ops, direction, yes)?);
        }
        match (no, &self.otherwise) {
            (None, _) => {}
            (Some(no), Some(otherwise)) => shapes.extend(inside::shape(otherwise, direction, no)?),
            (Some(mut no), None) => {
                no.not_total();
                shapes.push(no);
            }
        }
        if self.test_down.is_some() {
            // Whether the way back takes the same branch is seen only when it is gone.
            shapes.iter_mut().for_each(Shape::not_total);
        }
        Ok(shapes)
    }
}

impl Condition {
    fn read(place: &Pointer, value: &Value) -> Result<Self, LensError> {
        let fields = Fields::of(place, value)?;
        let at = fields.pointer("at")?;
        let mut asked: Vec<Asks> = Vec::new();
        if let Some(value) = fields.optional("const") {
            asked.push(Asks::Among(vec![value.clone()]));
        }
        if let Some(values) = fields.optional("enum") {
            let values = fields.as_list("enum", values)?;
            if values.is_empty() {
                return Err(LensError::at(&fields.place("enum"), "expected at least one value"));
            }
            asked.push(Asks::Among(values.to_vec()));
        }
        if fields.optional("present").is_some() {
            asked.push(Asks::Present(fields.flag("present")?));
        }
        if let Some(kind) = fields.optional("type") {
            let text = fields.as_text("type", kind)?;
            let known = TYPES.into_iter().find(|kind| *kind == text).ok_or_else(|| {
                LensError::at(&fields.place("type"), format!("unknown type `{text}`"))
                    .with_hint(format!("known here: {}", hint::listed(TYPES)))
            })?;
            asked.push(Asks::Type(known));
        }
        let (Some(asks), true) = (asked.pop(), asked.is_empty()) else {
            return Err(fields
                .wrong("a condition asks one thing")
                .with_hint("say one of `const`, `enum`, `present` and `type`"));
        };
        fields.done()?;
        Ok(Condition { at, asks })
    }

    /// Whether it holds for the event.
    fn holds(&self, scene: &Scene<'_, '_>) -> bool {
        match (&self.asks, scene.find(&self.at)) {
            (Asks::Present(present), found) => found.is_some() == *present,
            (_, None) => false,
            (Asks::Among(values), Some(view)) => values.iter().any(|value| view.same(value)),
            (Asks::Type(kind), Some(view)) => is_of(view, kind),
        }
    }

    /// The events of a shape for which it holds, or does not.
    fn narrowed(&self, shape: &Shape, holds: bool) -> Result<Option<Shape>, Stop> {
        let (test, holds) = match &self.asks {
            Asks::Among(values) => (shape::Test::Among(values), holds),
            Asks::Present(present) => (shape::Test::Present, holds == *present),
            Asks::Type(kind) => (shape::Test::Type(kind), holds),
        };
        shape.clone().narrowed(&self.at, &test, holds)
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.asks {
            Asks::Among(values) => {
                let values: Vec<String> = values.iter().map(Value::to_string).collect();
                write!(f, "`{}` is {}", self.at, values.join(" or "))
            }
            Asks::Present(true) => write!(f, "`{}` is present", self.at),
            Asks::Present(false) => write!(f, "`{}` is absent", self.at),
            Asks::Type(kind) => write!(f, "`{}` is of type {kind}", self.at),
        }
    }
}

/// Whether a value is of a type, as JSON Schema names it; a whole number is an integer however it is written.
fn is_of(view: View<'_, '_>, kind: &str) -> bool {
    match view.kind() {
        Kind::Null => kind == "null",
        Kind::True | Kind::False => kind == "boolean",
        Kind::Text => kind == "string",
        Kind::List => kind == "array",
        Kind::Object => kind == "object",
        Kind::Number if kind == "integer" => match view.to_value() {
            Value::Number(number) => {
                // However long it is.
                !number.as_str().contains(['.', 'e', 'E'])
                    || Decimal::of(&number).is_some_and(|it| it.is_integer())
            }
            _ => false,
        },
        Kind::Number => kind == "number",
    }
}

impl Operation for When {
    fn up<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        self.run(Direction::Up, scene)
    }

    fn down<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        self.run(Direction::Down, scene)
    }

    fn type_up(&self, _: &mut Shape) -> Result<(), Stop> {
        Err(Stop::Beyond)
    }

    fn type_down(&self, _: &mut Shape) -> Result<(), Stop> {
        Err(Stop::Beyond)
    }

    /// Which branch an event took is not known here: the one that moves the place is the one that is meant.
    fn origin(&self, direction: Direction, pointer: Pointer) -> Pointer {
        let by = |ops: &[Op]| inside::origin(ops, direction, &pointer, 0);
        let first = by(&self.ops);
        match &self.otherwise {
            Some(otherwise) if first == pointer => by(otherwise),
            _ => first,
        }
    }

    fn writes(&self, direction: Direction) -> Vec<Pointer> {
        self.inner().flat_map(|op| op.writes(direction)).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lens::{
        Lens,
        tests::{back_and_forth, fails, up, with},
    };

    #[test]
    fn each_event_takes_its_branch_and_comes_back_by_it() {
        let lens = with(&json!([{"when": {
            "if": {"at": "/kind", "const": "card"},
            "ops": [{"rename": {"from": "/number", "to": "/pan"}}],
            "otherwise": [{"rename": {"from": "/number", "to": "/iban"}}]
        }}]));

        back_and_forth(
            &lens,
            &json!({"kind": "card", "number": 1}),
            &json!({"kind": "card", "pan": 1}),
        );
        back_and_forth(&lens, &json!({"kind": "x", "number": 1}), &json!({"kind": "x", "iban": 1}));
        back_and_forth(&lens, &json!({"number": 1}), &json!({"iban": 1}));
    }

    #[test]
    fn presence_and_type_are_conditions_too() {
        let presence = with(&json!([{"when": {
            "if": {"at": "/a", "present": false}, "ops": [{"add": {"at": "/n", "value": 1}}], "otherwise": []
        }}]));
        let kind = with(&json!([{"when": {
            "if": {"at": "/v", "type": "integer"}, "if_down": {"at": "/v", "type": "array"},
            "ops": [{"wrap": {"at": "/v"}}], "otherwise": []
        }}]));

        back_and_forth(&presence, &json!({}), &json!({"n": 1}));
        back_and_forth(&presence, &json!({"a": null}), &json!({"a": null}));
        back_and_forth(&kind, &json!({"v": 1.0}), &json!({"v": [1.0]}));
        back_and_forth(&kind, &json!({"v": "x"}), &json!({"v": "x"}));
        assert_eq!(
            fails(kind.up(&json!({"v": [1]}))),
            "op 0 `when` at `/v`: after the operations `/v` is of type array holds, so the way back would take the other branch"
        );
    }

    #[test]
    fn an_event_of_no_branch_is_refused() {
        let lens = with(&json!([{"when": {
            "if": {"at": "/kind", "enum": ["a", "b"]}, "ops": []
        }}]));

        assert_eq!(up(&lens, &json!({"kind": "b"})).1, Vec::<String>::new());
        assert_eq!(
            fails(lens.up(&json!({"kind": "c"}))),
            "op 0 `when` at `/kind`: `/kind` is \"a\" or \"b\" does not hold, and the lens says no `otherwise`"
        );
    }

    #[test]
    fn operations_that_change_the_condition_need_another_for_the_way_down() {
        let document = |extra: &str| {
            format!(
                "{{lens: 1, subject: S, from: 1, to: 2, ops: [when: {{if: {{at: /k/x, const: a}}, ops: [map: {{at: /k/x, pairs: {{a: b}}}}]{extra}}}]}}"
            )
        };

        let error = Lens::parse(&document("")).unwrap_err();

        assert_eq!(
            error.to_string(),
            "op 0 `when` at `/k/x`: `/ops/0/when/if` in the lens: the operations change `/k/x`, which the condition looks at"
        );
        assert!(Lens::parse(&document(", if_down: {at: /k/x, const: b}")).is_ok());
    }

    #[test]
    fn losses_in_a_branch_are_told_where_they_were() {
        let lens = with(&json!([
            {"rename": {"from": "/a", "to": "/b"}},
            {"when": {"if": {"at": "/k", "const": 1}, "ops": [{"drop": {"at": "/b"}}], "otherwise": []}}
        ]));

        assert_eq!(up(&lens, &json!({"k": 1, "a": 2})), (json!({"k": 1}), vec!["/a".into()]));
    }
}
