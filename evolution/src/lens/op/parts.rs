//! One text and its parts: what `split` and `merge` share, each the other's way back.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{Fault, Scene, View, relocation::rebase};
use crate::{
    lens::{
        LensError,
        fields::{Fields, kind},
        place::Parents,
        same,
        shape::{Shape, Stop, Taken, literal},
    },
    pointer::Pointer,
};

/// The whole, its parts in order, and what stands between them.
pub(crate) struct Parts {
    pub(super) whole: Pointer,
    pub(super) pieces: Vec<Pointer>,
    pub(super) sep: String,
    /// What a part is where the whole has too few; parts at the end that are this are left out of the whole.
    pub(super) missing: Option<Value>,
}

impl Parts {
    pub(super) fn read(
        fields: &Fields<'_>,
        whole: &'static str,
        parts: &'static str,
    ) -> Result<Self, LensError> {
        let whole = super::inner_pointer(fields, whole)?;
        fields.list(parts)?;
        let at = fields.place(parts);
        let parts = fields.pointers(parts)?;
        if parts.len() < 2 {
            return Err(LensError::at(&at, "expected two parts or more"));
        }
        for (index, part) in parts.iter().enumerate() {
            let place = at.child(index.to_string());
            if parts[..index].iter().any(|other| other.contains(part) || part.contains(other)) {
                return Err(LensError::at(&place, format!("`{part}` overlaps another part")));
            }
            if part != &whole && (whole.contains(part) || part.contains(&whole)) {
                return Err(LensError::at(&place, format!("`{part}` overlaps `{whole}`")));
            }
        }
        let sep = fields.text("sep")?.to_owned();
        if sep.is_empty() {
            let message = "the separator is empty, so nobody could tell the parts apart";
            return Err(LensError::at(&fields.place("sep"), message));
        }
        Ok(Parts { whole, pieces: parts, sep, missing: fields.optional("missing").cloned() })
    }

    /// The whole into its parts; the last part takes what is left, separators included.
    pub(super) fn tear<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        let whole = match scene.find(&self.whole) {
            None => return Ok(()),
            Some(whole) => whole.text().map(Cow::into_owned).ok_or_else(|| {
                let message = format!("expected a text, found {}", whole.kind_name());
                scene.fault(&self.whole, message)
            })?,
        };
        let values = self.torn(&whole).ok_or_else(|| {
            let message = format!(
                "the text has fewer than {} parts between `{}`, and the lens says no `missing`",
                self.pieces.len(),
                self.sep
            );
            scene.fault(&self.whole, message)
        })?;
        if self.joined(&values).ok().as_deref() != Some(whole.as_str()) {
            scene.lose(&self.whole);
        }
        scene.take(&self.whole, Parents::Made, 0);
        for (part, value) in self.pieces.iter().zip(values) {
            scene.put(part, value, Parents::Made, 0)?;
        }
        Ok(())
    }

    fn torn(&self, whole: &str) -> Option<Vec<Value>> {
        let mut values: Vec<Value> =
            whole.splitn(self.pieces.len(), &self.sep).map(Value::from).collect();
        while values.len() < self.pieces.len() {
            values.push(self.missing.clone()?);
        }
        Some(values)
    }

    /// The parts into the whole. Where no part is there, neither is the whole.
    pub(super) fn join<'n>(&'n self, scene: &mut Scene<'_, 'n>) -> Result<(), Fault> {
        let found: Vec<Option<Value>> =
            self.pieces.iter().map(|part| scene.find(part).map(View::to_value)).collect();
        if found.iter().all(Option::is_none) {
            return Ok(());
        }
        let mut values = Vec::with_capacity(found.len());
        for (part, value) in self.pieces.iter().zip(found) {
            let value = value.or_else(|| self.missing.clone()).ok_or_else(|| {
                scene.fault(part, "this part is absent, and the lens says no `missing`")
            })?;
            values.push(value);
        }
        let whole = self.joined(&values).map_err(|index| {
            let message = format!("expected a text, found {}", kind(&values[index]));
            scene.fault(&self.pieces[index], message)
        })?;
        let back = self.torn(&whole);
        for (index, part) in self.pieces.iter().enumerate() {
            let comes_back = back.as_ref().is_some_and(|back| same(&back[index], &values[index]));
            if !comes_back {
                scene.lose(part);
            }
            scene.take(part, Parents::Made, 0);
        }
        scene.put(&self.whole, Value::String(whole), Parents::Made, 0)
    }

    /// The whole that the values make, or the index of the one that is no text.
    fn joined(&self, values: &[Value]) -> Result<String, usize> {
        let is_missing = |value: &Value| self.missing.as_ref().is_some_and(|m| same(m, value));
        let end = values.iter().rposition(|value| !is_missing(value)).map_or(0, |last| last + 1);
        let texts: Result<Vec<&str>, usize> = values[..end.max(1)]
            .iter()
            .enumerate()
            .map(|(index, value)| value.as_str().ok_or(index))
            .collect();
        Ok(texts?.join(&self.sep))
    }

    pub(super) fn shape_tear(&self, shape: &mut Shape) -> Result<(), Stop> {
        let whole = shape.take(&self.whole, Parents::Made, 0)?;
        shape.expect_type(&self.whole, &whole.schema, "string")?;
        let sep = literal(&self.sep);
        if self.missing.is_none() {
            let enough = vec![sep.as_str(); self.pieces.len() - 1].join(r"[\s\S]*");
            if !shape.is_only(&whole.schema, &enough) {
                shape.not_total();
            }
        }
        let last = self.pieces.len() - 1;
        for (index, place) in self.pieces.iter().enumerate() {
            let mut part = json!({"type": "string"});
            // Only the last part can hold a separator; a class says so where the separator is one character.
            if index < last && self.sep.chars().count() == 1 {
                let class = if self.sep == "-" { r"\-" } else { &sep };
                part["pattern"] = format!("^[^{class}]*$").into();
            }
            if let Some(missing) = self.missing.as_ref().filter(|_| index > 0) {
                part = json!({"anyOf": [part, {"enum": [missing]}]});
            }
            shape.put(place, Taken { schema: part, always: whole.always })?;
        }
        Ok(())
    }

    pub(super) fn shape_join(&self, shape: &mut Shape) -> Result<(), Stop> {
        let mut any = false;
        let mut all = true;
        for place in &self.pieces {
            let part = shape.take(place, Parents::Made, 0)?;
            if self.missing.as_ref().is_none_or(Value::is_string) {
                shape.expect_type(place, &part.schema, "string")?;
            } else {
                shape.not_total();
            }
            any |= part.always;
            all &= part.always;
        }
        if !all && self.missing.is_none() {
            shape.not_total();
        }
        shape.put(&self.whole, Taken { schema: json!({"type": "string"}), always: any })
    }

    /// The whole and every part.
    pub(super) fn places(&self) -> Vec<Pointer> {
        self.pieces.iter().chain([&self.whole]).cloned().collect()
    }

    pub(super) fn origin_torn(&self, pointer: Pointer) -> Pointer {
        self.pieces.iter().fold(pointer, |pointer, part| rebase(pointer, part, &self.whole))
    }

    pub(super) fn origin_joined(&self, pointer: Pointer) -> Pointer {
        rebase(pointer, &self.whole, &self.pieces[0])
    }
}
