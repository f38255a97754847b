//! Attributes are names with texts, in the order they came.

use std::mem;

/// The text of one attribute, and whether JSON spells it with quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// A string.
    Text(String),
    /// A number or a boolean, as JSON spells it.
    Bare(String),
}

impl Attribute {
    /// The text, as a header would carry it.
    pub fn as_str(&self) -> &str {
        match self {
            Attribute::Text(text) | Attribute::Bare(text) => text,
        }
    }
}

/// Names with texts; each name once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes(Vec<(String, Attribute)>);

impl Attributes {
    /// The text of the attribute `name`.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, attribute)| attribute.as_str())
    }

    /// Sets the attribute `name` to a text, in its old place if it has one.
    pub fn set(&mut self, name: &str, text: impl Into<String>) {
        self.insert(name.to_owned(), Attribute::Text(text.into()));
    }

    /// Sets the attribute `name`; answers what stood there before.
    pub fn insert(&mut self, name: String, attribute: Attribute) -> Option<Attribute> {
        if let Some((_, old)) = self.0.iter_mut().find(|(known, _)| *known == name) {
            return Some(mem::replace(old, attribute));
        }
        self.0.push((name, attribute));
        None
    }

    /// Removes the attribute `name`.
    pub fn remove(&mut self, name: &str) -> Option<Attribute> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(place).1)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Attribute)> {
        self.0.iter().map(|(name, attribute)| (name.as_str(), attribute))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
