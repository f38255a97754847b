//! Objects for a node: all members, as few as possible, each value of each member, then some by chance.

use serde_json::{Map, Value, json};

use super::{MOST, MOST_BELOW, Making, scalar};
use crate::containment::ContentModel;

/// Events with everything chosen by chance.
const SEEDED: usize = 80;

/// One member of an object in the making.
struct Part {
    name: String,
    values: Vec<Value>,
    needed: bool,
}

impl Making<'_> {
    pub(super) fn objects(&self, members: &Map<String, Value>, depth: usize) -> Vec<Value> {
        let nothing = Map::new();
        let properties = members.get("properties").and_then(Value::as_object).unwrap_or(&nothing);
        let required: Vec<&str> = members
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let anything = Value::Bool(true);
        let rest =
            members.get("additionalProperties").or_else(|| members.get("unevaluatedProperties"));
        let mut parts: Vec<Part> = Vec::new();
        let listed = properties.keys().map(String::as_str);
        let mut names: Vec<&str> = listed.chain(required.iter().copied()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let node = properties.get(name).or(rest).unwrap_or(&anything);
            let values = self.values(node, depth + 1);
            let needed = required.contains(&name);
            if values.is_empty() {
                if needed {
                    return Vec::new();
                }
                continue;
            }
            parts.push(Part { name: name.to_owned(), values, needed });
        }
        self.extra_names(members, rest, &mut parts, depth);
        if parts.is_empty() {
            return vec![json!({}), json!({"any": "thing"})];
        }
        self.combined(&parts, depth)
    }

    /// One name for every pattern, one for a schema that speaks of all others, and an undeclared one where it counts.
    fn extra_names(
        &self,
        members: &Map<String, Value>,
        rest: Option<&Value>,
        parts: &mut Vec<Part>,
        depth: usize,
    ) {
        let mut add = |name: String, node: &Value| {
            let values = self.values(node, depth + 1);
            if !values.is_empty() && !parts.iter().any(|part| part.name == name) {
                parts.push(Part { name, values, needed: false });
            }
        };
        let patterns = members.get("patternProperties").and_then(Value::as_object);
        for (pattern, node) in patterns.into_iter().flatten() {
            if let Some(name) = scalar::matching(pattern, &self.seed).into_iter().next() {
                add(name, node);
            }
        }
        match rest {
            Some(node @ Value::Object(_)) => add("extra".to_owned(), node),
            None | Some(Value::Bool(true)) if self.model == ContentModel::Strict => {
                add("undeclared".to_owned(), &json!({"enum": [1]}));
            }
            _ => {}
        }
    }

    fn combined(&self, parts: &[Part], depth: usize) -> Vec<Value> {
        let most = if depth == 0 { MOST } else { MOST_BELOW };
        let all: Map<String, Value> =
            parts.iter().map(|part| (part.name.clone(), part.values[0].clone())).collect();
        let few: Map<String, Value> = parts
            .iter()
            .filter(|part| part.needed)
            .map(|part| (part.name.clone(), part.values[0].clone()))
            .collect();
        let weight = parts.iter().map(|part| 1 + super::size(&part.values[0])).sum::<usize>();
        if !self.afford(2 * weight, depth) {
            return Vec::new();
        }
        let mut objects = vec![all.clone(), few.clone()];
        let mut push = |object: &Map<String, Value>, name: &str, value: Option<&Value>| {
            let fits = objects.len() < most && self.afford(weight, depth);
            if fits {
                let mut object = object.clone();
                match value {
                    Some(value) => object.insert(name.to_owned(), value.clone()),
                    None => object.remove(name),
                };
                objects.push(object);
            }
            fits
        };
        for part in parts.iter().filter(|part| !part.needed) {
            let without = push(&all, &part.name, None);
            if !without || !push(&few, &part.name, Some(&part.values[0])) {
                break;
            }
        }
        let longest = parts.iter().map(|part| part.values.len()).max().unwrap_or(0);
        'full: for index in 1..longest {
            for part in parts {
                if let Some(value) = part.values.get(index)
                    && !(self.afford(super::size(value), depth)
                        && push(&all, &part.name, Some(value)))
                {
                    break 'full;
                }
            }
        }
        if depth == 0 {
            let by_chance = (0..SEEDED).take_while(|_| self.afford(weight, depth));
            objects.extend(by_chance.map(|_| self.by_chance(parts)));
        }
        objects.into_iter().map(Value::Object).collect()
    }

    fn by_chance(&self, parts: &[Part]) -> Map<String, Value> {
        parts
            .iter()
            .filter(|part| part.needed || self.seed.below(3) > 0)
            .map(|part| {
                (part.name.clone(), part.values[self.seed.below(part.values.len())].clone())
            })
            .collect()
    }
}
