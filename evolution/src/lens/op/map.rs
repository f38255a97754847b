//! `map`: a table of values, read forwards on the way up and backwards on the way down.

use serde_json::{Number, Value, json};

use super::{Direction, Fault, Operation, Scene, View};
use crate::{
    lens::{
        LensError,
        fields::Fields,
        hint, number, same,
        shape::{Domain, Shape, Stop, Wrong},
    },
    pointer::Pointer,
};

/// The type of a table's keys, which are texts in every document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    String,
    Number,
    Boolean,
}

pub(crate) struct Map {
    at: Pointer,
    /// The table as written: key, image.
    pairs: Vec<(Value, Value)>,
    otherwise: Option<Value>,
    /// The way back where `pairs` alone does not say it: image, key.
    down: Vec<(Value, Value)>,
}

impl Map {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LensError> {
        let at = fields.pointer("at")?;
        let keys = match fields.optional("keys") {
            None => None,
            Some(value) => Some(match value.as_str() {
                Some("string") => Keys::String,
                Some("number") => Keys::Number,
                Some("boolean") => Keys::Boolean,
                _ => {
                    let message = format!("{value} is no type of keys");
                    return Err(LensError::at(&fields.place("keys"), message)
                        .with_hint("write `string`, `number` or `boolean`"));
                }
            }),
        };
        let table = object(fields, "pairs", fields.required("pairs")?)?;
        let typed = keys.unwrap_or_else(|| Keys::of(table));
        let mut pairs = Vec::new();
        for (key, image) in table {
            let place = fields.place("pairs").child(key.clone());
            pairs.push((typed.read(key, &place)?, image.clone()));
        }
        let otherwise = fields.optional("else").cloned();
        let down = match fields.optional("down") {
            None => Vec::new(),
            Some(value) => back(object(fields, "down", value)?, &pairs, otherwise.as_ref()),
        };
        let map = Map { at, pairs, otherwise, down };
        map.injective(fields)?;
        Ok(map)
    }

    /// Refuses two keys with one image unless `down` says which of them comes back.
    fn injective(&self, fields: &Fields<'_>) -> Result<(), LensError> {
        for (index, (key, image)) in self.pairs.iter().enumerate() {
            let twin = self.pairs[..index].iter().find(|(_, other)| same(other, image));
            if let Some((other, _)) = twin
                && find(&self.down, View::Made(image)).is_none()
            {
                let message = format!("{other} and {key} both become {image}");
                return Err(LensError::at(&fields.place("pairs"), message).with_hint(format!(
                    "say in `down` which of them {image} becomes on the way back"
                )));
            }
        }
        Ok(())
    }

    fn forwards(&self, value: View<'_, '_>) -> Option<&Value> {
        find(&self.pairs, value).or(self.otherwise.as_ref())
    }

    fn backwards(&self, value: View<'_, '_>) -> Option<&Value> {
        let inverse = || self.pairs.iter().find(|(_, image)| value.same(image)).map(|(key, _)| key);
        find(&self.down, value).or_else(inverse)
    }

    fn cross(&self, direction: Direction, value: View<'_, '_>) -> Option<&Value> {
        match direction {
            Direction::Up => self.forwards(value),
            Direction::Down => self.backwards(value),
        }
    }

    fn run<'n>(&'n self, direction: Direction, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        let Some(value) = scene.find(&self.at) else { return Ok(()) };
        let Some(image) = self.cross(direction, value) else {
            return Err(scene.fault(&self.at, no_image(direction, &value.to_value())));
        };
        let back = self.cross(direction.reversed(), View::Held(image));
        if !back.is_some_and(|back| value.same(back)) {
            scene.lose(&self.at);
        }
        scene.replace(&self.at, image)
    }

    fn shape(&self, direction: Direction, shape: &mut Shape) -> Result<(), Stop> {
        shape.replace(&self.at, |place, domain, total| match domain {
            Domain::Values(values) => {
                let mut images = Vec::new();
                for value in values {
                    match self.cross(direction, View::Made(value)) {
                        Some(image) => images.push(image.clone()),
                        None => return Err(Stop::Wrong(self.uncovered(direction, place, value))),
                    }
                }
                Ok(enumeration(images))
            }
            Domain::Schema(_) => {
                let column = |(key, image): &(Value, Value)| match direction {
                    Direction::Up => image.clone(),
                    Direction::Down => key.clone(),
                };
                let mut images: Vec<Value> = self.pairs.iter().map(column).collect();
                if direction == Direction::Down {
                    images.extend(self.down.iter().map(|(_, key)| key.clone()));
                }
                match (&self.otherwise, direction) {
                    (Some(otherwise), Direction::Up) => images.push(otherwise.clone()),
                    _ => *total = false,
                }
                Ok(enumeration(images))
            }
        })
    }

    fn uncovered(&self, direction: Direction, place: &Pointer, value: &Value) -> Wrong {
        let known: Vec<&Value> = match direction {
            Direction::Up => self.pairs.iter().map(|(key, _)| key).collect(),
            Direction::Down => self.pairs.iter().map(|(_, image)| image).collect(),
        };
        let retyped = known.iter().any(|known| text(known) == text(value));
        let near = value.as_str().and_then(|value| {
            hint::did_you_mean(value, known.iter().filter_map(|known| known.as_str()))
        });
        let advice = match (retyped, near, direction) {
            (true, ..) => {
                "the keys have another type: say `keys: string`, `number` or `boolean`".into()
            }
            (_, Some(near), _) => near,
            (_, None, Direction::Up) => format!("add {value} to `pairs`, or give an `else`"),
            (_, None, Direction::Down) => format!("say in `down` what {value} becomes"),
        };
        Wrong::new(place, no_image(direction, value), advice)
    }
}

fn no_image(direction: Direction, value: &Value) -> String {
    match direction {
        Direction::Up => format!("{value} has no image in `pairs`, and there is no `else`"),
        Direction::Down => format!("{value} is no image of `pairs` and no key of `down`"),
    }
}

impl Keys {
    /// Numbers if every key reads as one, booleans likewise, texts otherwise.
    fn of(table: &serde_json::Map<String, Value>) -> Keys {
        if table.keys().all(|key| number::is_json(key)) {
            Keys::Number
        } else if table.keys().all(|key| key == "true" || key == "false") {
            Keys::Boolean
        } else {
            Keys::String
        }
    }

    fn read(self, key: &str, place: &Pointer) -> Result<Value, LensError> {
        let refused = |what| LensError::at(place, format!("the key `{key}` is no {what}"));
        match self {
            Keys::String => Ok(Value::from(key)),
            Keys::Number => as_number(key).ok_or_else(|| refused("number")),
            Keys::Boolean => key.parse().map(Value::Bool).map_err(|_| refused("boolean")),
        }
    }
}

fn as_number(text: &str) -> Option<Value> {
    number::is_json(text).then(|| text.parse::<Number>().ok()).flatten().map(Value::Number)
}

/// The `down` table: a key that spells an image is that image, otherwise it has the type all images share.
fn back(
    table: &serde_json::Map<String, Value>,
    pairs: &[(Value, Value)],
    otherwise: Option<&Value>,
) -> Vec<(Value, Value)> {
    let images: Vec<&Value> = pairs.iter().map(|(_, image)| image).chain(otherwise).collect();
    table
        .iter()
        .map(|(spelled, key)| {
            let image = images.iter().find(|image| text(image) == *spelled);
            let typed = || {
                if images.iter().all(|image| image.is_number()) {
                    as_number(spelled)
                } else if images.iter().all(|image| image.is_boolean()) {
                    spelled.parse().ok().map(Value::Bool)
                } else {
                    None
                }
            };
            let image = image.map(|image| (*image).clone()).or_else(typed);
            (image.unwrap_or_else(|| spelled.as_str().into()), key.clone())
        })
        .collect()
}

fn object<'d>(
    fields: &Fields<'_>,
    key: &str,
    value: &'d Value,
) -> Result<&'d serde_json::Map<String, Value>, LensError> {
    match value.as_object() {
        Some(table) if !table.is_empty() => Ok(table),
        _ => Err(LensError::at(&fields.place(key), "expected a table with at least one entry")),
    }
}

fn find<'t>(table: &'t [(Value, Value)], key: View<'_, '_>) -> Option<&'t Value> {
    table.iter().find(|(known, _)| key.same(known)).map(|(_, image)| image)
}

/// A value as a key spells it.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The schema of exactly these values.
fn enumeration(values: Vec<Value>) -> Value {
    let mut distinct: Vec<Value> = Vec::new();
    for value in values {
        if !distinct.iter().any(|known| same(known, &value)) {
            distinct.push(value);
        }
    }
    json!({"enum": distinct})
}

impl Operation for Map {
    fn up<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        self.run(Direction::Up, scene)
    }

    fn down<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        self.run(Direction::Down, scene)
    }

    fn type_up(&self, shape: &mut Shape) -> Result<(), Stop> {
        self.shape(Direction::Up, shape)
    }

    fn type_down(&self, shape: &mut Shape) -> Result<(), Stop> {
        self.shape(Direction::Down, shape)
    }

    fn writes(&self, _: Direction) -> Vec<Pointer> {
        vec![self.at.clone()]
    }

    fn places(&self) -> Option<Vec<Pointer>> {
        Some(vec![self.at.clone()])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::lens::tests::{back_and_forth, down, fails, up, with};

    #[test]
    fn the_table_is_read_both_ways() {
        let lens =
            with(&json!([{"map": {"at": "/s", "pairs": {"NEW": "placed", "PAID": "paid"}}}]));

        back_and_forth(&lens, &json!({"s": "NEW"}), &json!({"s": "placed"}));
        back_and_forth(&lens, &json!({}), &json!({}));
    }

    #[test]
    fn keys_are_typed() {
        let numbers = with(&json!([{"map": {"at": "/s", "pairs": {"1": "one", "2.50": "more"}}}]));
        let flags = with(&json!([{"map": {"at": "/s", "pairs": {"true": 1, "false": 0}}}]));
        let texts = with(&json!([{"map": {"at": "/s", "pairs": {"1": "one"}, "keys": "string"}}]));

        back_and_forth(&numbers, &json!({"s": 1}), &json!({"s": "one"}));
        back_and_forth(&numbers, &json!({"s": 2.5}), &json!({"s": "more"}));
        back_and_forth(&flags, &json!({"s": true}), &json!({"s": 1}));
        back_and_forth(&texts, &json!({"s": "1"}), &json!({"s": "one"}));
        assert!(numbers.up(&json!({"s": "1"})).is_err());
    }

    #[test]
    fn merged_values_are_told_lost_unless_they_are_the_one_that_comes_back() {
        let lens = with(&json!([{"map": {
            "at": "/s", "pairs": {"NEW": "open", "PAID": "open"}, "down": {"open": "NEW"}, "else": "other"
        }}]));

        assert_eq!(up(&lens, &json!({"s": "PAID"})), (json!({"s": "open"}), vec!["/s".into()]));
        assert_eq!(up(&lens, &json!({"s": "NEW"})), (json!({"s": "open"}), vec![]));
        assert_eq!(up(&lens, &json!({"s": 3})), (json!({"s": "other"}), vec!["/s".into()]));
        assert_eq!(down(&lens, &json!({"s": "open"})), (json!({"s": "NEW"}), vec![]));
    }

    #[test]
    fn a_value_without_an_image_is_refused() {
        let lens = with(&json!([{"map": {"at": "/s", "pairs": {"NEW": "placed"}}}]));

        assert_eq!(
            fails(lens.up(&json!({"s": "PAID"}))),
            "op 0 `map` at `/s`: \"PAID\" has no image in `pairs`, and there is no `else`"
        );
        assert_eq!(
            fails(lens.down(&json!({"s": "paid"}))),
            "op 0 `map` at `/s`: \"paid\" is no image of `pairs` and no key of `down`"
        );
    }
}
