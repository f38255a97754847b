//! `type`, `enum`, `const`, numbers and strings.

use serde_json::Value;

use super::{Place, Reader};
use crate::schema::{
    Dialect, Formats,
    normal::{Form, Listed, Pattern, TypeSet, rational},
};

impl<'r> Reader<'r> {
    pub(super) fn scalars(&mut self, place: &mut Place<'_, 'r>) {
        self.types(place);
        self.values(place);
        self.numbers(place);
        self.strings(place);
    }

    fn literal(&mut self, place: &mut Place<'_, 'r>, keyword: &str, form: Form) {
        let at = format!("{}/{keyword}", place.at);
        place.parts.push(self.node(form, &at));
    }

    fn types(&mut self, place: &mut Place<'_, 'r>) {
        let words: Vec<&str> = match place.members.get("type") {
            Some(Value::String(word)) => vec![word],
            Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
            _ => return,
        };
        let spelled = place.dialect == Dialect::Draft4;
        let types = words
            .into_iter()
            .filter_map(|word| TypeSet::named(word, spelled))
            .fold(TypeSet::NONE, TypeSet::or);
        self.literal(place, "type", Form::Types(types));
    }

    fn values(&mut self, place: &mut Place<'_, 'r>) {
        if let Some(Value::Array(values)) = place.members.get("enum") {
            self.literal(place, "enum", Form::Values(Listed::new(values.clone())));
        }
        if place.dialect >= Dialect::Draft6
            && let Some(value) = place.members.get("const")
        {
            self.literal(place, "const", Form::Values(Listed::new(vec![value.clone()])));
        }
    }

    fn numbers(&mut self, place: &mut Place<'_, 'r>) {
        for (keyword, exclusive, low) in
            [("minimum", "exclusiveMinimum", true), ("maximum", "exclusiveMaximum", false)]
        {
            let open = place.members.get(exclusive);
            let draft4 = place.dialect == Dialect::Draft4;
            if let Some(Value::Number(number)) = place.members.get(keyword) {
                let form = bound(number, draft4 && open == Some(&Value::Bool(true)), low);
                self.literal(place, keyword, form);
            }
            if !draft4 && let Some(Value::Number(number)) = open {
                self.literal(place, exclusive, bound(number, true, low));
            }
        }
        if let Some(Value::Number(number)) = place.members.get("multipleOf") {
            let form = match rational(number.as_str()) {
                // The validator divides fractions in binary, so only whole steps are reasoned about.
                Some(step) if step.is_integer() => Form::MultipleOf(step),
                Some(step) => Form::Said(TypeSet::NUMBER, format!("multipleOf {step}")),
                None => Form::Said(TypeSet::NUMBER, format!("multipleOf {number}")),
            };
            self.literal(place, "multipleOf", form);
        }
    }

    fn strings(&mut self, place: &mut Place<'_, 'r>) {
        if let Some(least) = place.members.get("minLength") {
            let form = count(least, TypeSet::STRING, "minLength", Form::MinLength);
            self.literal(place, "minLength", form);
        }
        if let Some(most) = place.members.get("maxLength") {
            let form = count(most, TypeSet::STRING, "maxLength", Form::MaxLength);
            self.literal(place, "maxLength", form);
        }
        if let Some(Value::String(pattern)) = place.members.get("pattern") {
            self.literal(place, "pattern", Form::Matches(Pattern::new(pattern)));
        }
        if self.formats == Formats::Assert
            && let Some(Value::String(format)) = place.members.get("format")
        {
            self.literal(place, "format", Form::Said(TypeSet::STRING, format!("format {format}")));
        }
        if matches!(place.dialect, Dialect::Draft6 | Dialect::Draft7) {
            for keyword in ["contentEncoding", "contentMediaType"] {
                // They are checked together, so each is known only with the other.
                let both = ["contentEncoding", "contentMediaType"]
                    .map(|keyword| place.members.get(keyword));
                if place.members.contains_key(keyword) {
                    self.literal(
                        place,
                        keyword,
                        Form::Said(TypeSet::STRING, format!("content {both:?}")),
                    );
                }
            }
        }
    }
}

fn bound(number: &serde_json::Number, open: bool, low: bool) -> Form {
    match rational(number.as_str()) {
        Some(bound) if low => Form::AtLeast { bound, open },
        Some(bound) => Form::AtMost { bound, open },
        None => Form::Said(TypeSet::NUMBER, format!("bound {number} {open} {low}")),
    }
}

/// A keyword that counts, and the literal it means.
pub(super) type Count = (&'static str, fn(u64) -> Form);

/// A count as the literal it means; one too large to count becomes something merely recognised.
pub(super) fn count(value: &Value, types: TypeSet, keyword: &str, form: fn(u64) -> Form) -> Form {
    whole(value).map_or_else(|| Form::Said(types, format!("{keyword} {value}")), form)
}

/// A whole number that is not negative, however it is spelled.
pub(super) fn whole(value: &Value) -> Option<u64> {
    let Value::Number(number) = value else { return None };
    let exact = rational(number.as_str())?;
    exact.is_integer().then(|| u64::try_from(exact.to_integer()).ok()).flatten()
}
