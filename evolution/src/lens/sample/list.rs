//! Lists for a node: short, long, and one for every item that can stand in them.

use serde_json::{Map, Value};

use super::Making;

impl Making<'_> {
    pub(super) fn lists(&self, members: &Map<String, Value>, depth: usize) -> Vec<Value> {
        let size = |keyword: &str| {
            let size = members.get(keyword).and_then(Value::as_u64)?;
            usize::try_from(size).ok()
        };
        let least = size("minItems").unwrap_or(0);
        let most = size("maxItems").unwrap_or(usize::MAX);
        if least > 64 || least > most {
            return Vec::new();
        }
        let tuple = |keyword: &str| members.get(keyword).and_then(Value::as_array);
        let first: Vec<Vec<Value>> = tuple("prefixItems")
            .or_else(|| tuple("items"))
            .into_iter()
            .flatten()
            .map(|node| self.values(node, depth + 1))
            .collect();
        let anything = Value::Bool(true);
        let node = match members.get("items") {
            Some(Value::Array(_)) => members.get("additionalItems"),
            other => other,
        };
        let pool = self.values(node.unwrap_or(&anything), depth + 1);
        let unique = members.get("uniqueItems") == Some(&Value::Bool(true));
        let list = |length: usize, from: usize| -> Option<Value> {
            let items = (0..length).map(|index| match first.get(index) {
                Some(values) => values.get(from % values.len().max(1)),
                None if unique => pool.get(index - first.len() + from),
                None if index == first.len() => pool.get(from),
                None => pool.get((index - first.len()) % pool.len().max(1)),
            });
            let items = items.collect::<Option<Vec<&Value>>>()?;
            let size = items.iter().map(|item| super::size(item)).sum::<usize>();
            self.afford(1 + size, depth).then(|| items.into_iter().cloned().collect())
        };
        let usual = least.max(first.len()).max(2.min(most)).min(most);
        let longest = most.min(least + 4).min(64);
        let mut lists: Vec<Option<Value>> =
            vec![list(usual, 0), list(least, 0), list(least + 1, 0), list(longest, 0)];
        let single = least.max(first.len() + 1).min(most);
        let choices = first.iter().map(Vec::len).max().unwrap_or(0).max(pool.len());
        lists.extend((1..choices).map(|from| list(single, from)));
        let fits = |list: &Value| list.as_array().is_some_and(|items| items.len() <= most);
        lists.into_iter().flatten().filter(fits).collect()
    }
}
