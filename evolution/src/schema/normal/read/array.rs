//! `items`, `prefixItems`, `additionalItems`, `contains`, counts and `uniqueItems`.

use serde_json::Value;

use super::{
    Place, Reader,
    scalar::{Count, count, whole},
};
use crate::schema::{
    Dialect,
    normal::{Form, TypeSet},
};

impl<'r> Reader<'r> {
    pub(super) fn arrays(&mut self, place: &mut Place<'_, 'r>) {
        let (prefix_keyword, rest_keyword) = match place.members.get("items") {
            _ if place.dialect == Dialect::Draft202012 => ("prefixItems", "items"),
            // Without an array of items, `additionalItems` is ignored (draft 7, section 6.4.2).
            Some(Value::Array(_)) => ("items", "additionalItems"),
            _ => ("", "items"),
        };
        let prefix = match place.members.get(prefix_keyword) {
            Some(Value::Array(prefix)) => prefix.as_slice(),
            _ => &[],
        };
        let mut from = 0;
        for item in prefix {
            let at = format!("{}/{prefix_keyword}/{from}", place.at);
            let (node, shape) = self.below(place, item, &at);
            place.shape.prefix.push(shape);
            place.parts.push(self.node(Form::Item(from, node), &at));
            from += 1;
        }
        if let Some(rest) = place.members.get(rest_keyword) {
            let at = format!("{}/{rest_keyword}", place.at);
            let (node, shape) = self.below(place, rest, &at);
            place.shape.items.push((from, shape));
            place.parts.push(self.node(Form::ItemsFrom(from, node), &at));
        }
        self.counts(place);
        self.contains(place);
    }

    fn counts(&mut self, place: &mut Place<'_, 'r>) {
        let counts: [Count; 2] = [("minItems", Form::MinItems), ("maxItems", Form::MaxItems)];
        for (keyword, form) in counts {
            if let Some(value) = place.members.get(keyword) {
                let form = count(value, TypeSet::ARRAY, keyword, form);
                place.parts.push(self.node(form, &format!("{}/{keyword}", place.at)));
            }
        }
        if place.members.get("uniqueItems") == Some(&Value::Bool(true)) {
            place.parts.push(self.node(Form::Unique, &format!("{}/uniqueItems", place.at)));
        }
    }

    fn contains(&mut self, place: &mut Place<'_, 'r>) {
        if place.dialect < Dialect::Draft6 {
            return;
        }
        let Some(wanted) = place.members.get("contains") else { return };
        let at = format!("{}/contains", place.at);
        let (node, shape) = self.below(place, wanted, &at);
        place.shape.items.push((0, shape));
        let counted = place.dialect >= Dialect::Draft201909;
        let least = place.members.get("minContains").filter(|_| counted);
        let most = place.members.get("maxContains").filter(|_| counted);
        let form = match least.map(whole) {
            None => Form::ContainsMin(1, node),
            Some(Some(least)) => Form::ContainsMin(least, node),
            Some(None) => Form::Opaque(crate::containment::Reason::Unwitnessed),
        };
        place.parts.push(self.node(form, &at));
        if let Some(most) = most {
            let form = match whole(most) {
                Some(most) => Form::ContainsMax(most, node),
                None => Form::Opaque(crate::containment::Reason::Unwitnessed),
            };
            place.parts.push(self.node(form, &format!("{}/maxContains", place.at)));
        }
    }
}
