//! How deep references lead into each other: whoever follows them one inside the other needs stack for it.

use std::collections::HashMap;

use serde_json::Value;

/// References taken one inside the other, at most.
pub(super) const DEEPEST: usize = 200;

/// Whether some chain of local references is longer than [`DEEPEST`]. Circles end where they close.
pub(super) fn is_too_deep(document: &Value) -> bool {
    Chains { document, known: HashMap::new() }.below(document, DEEPEST).is_none()
}

struct Chains<'d> {
    document: &'d Value,
    /// The chain below each reference; nought while it is being followed.
    known: HashMap<&'d str, usize>,
}

impl<'d> Chains<'d> {
    /// The longest chain below `value`; `None` where it is longer than `left`.
    fn below(&mut self, value: &'d Value, left: usize) -> Option<usize> {
        let mut longest = 0;
        match value {
            Value::Object(members) => {
                for (keyword, value) in members {
                    let below = match value {
                        Value::String(reference) if keyword.ends_with("ef") => {
                            self.through(reference, left)?
                        }
                        // What merely stands there is followed when something refers to it.
                        _ if keyword == "$defs" || keyword == "definitions" => 0,
                        value => self.below(value, left)?,
                    };
                    longest = longest.max(below);
                }
            }
            Value::Array(items) => {
                for item in items {
                    longest = longest.max(self.below(item, left)?);
                }
            }
            _ => {}
        }
        (longest <= left).then_some(longest)
    }

    fn through(&mut self, reference: &'d str, left: usize) -> Option<usize> {
        if let Some(known) = self.known.get(reference) {
            return Some(known + 1).filter(|chain| *chain <= left);
        }
        let left = left.checked_sub(1)?;
        let Some(target) =
            reference.strip_prefix('#').and_then(|pointer| self.document.pointer(pointer))
        else {
            return Some(1);
        };
        self.known.insert(reference, 0);
        let chain = self.below(target, left)?;
        self.known.insert(reference, chain);
        Some(chain + 1)
    }
}
