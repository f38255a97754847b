//! The golden cases of a lens, run by themselves: no schema is asked.

use serde::Serialize;
use serde_json::Value;

use super::{Direction, Lens, OpError, check::first_difference};
use crate::pointer::Pointer;

/// What became of one golden case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tried {
    /// Its place in `examples`, from 0.
    pub example: usize,
    /// Which way it goes.
    pub direction: Direction,
    /// The event that goes in.
    pub event: Value,
    /// What should come out.
    pub gives: Value,
    /// What comes out; nothing where an operation cannot take the event.
    pub out: Option<Value>,
    /// The operation that cannot take the event.
    pub error: Option<OpError>,
    /// The first place where what comes out is not what should.
    pub differs: Option<Pointer>,
}

impl Tried {
    /// Whether it gives what it says.
    pub fn holds(&self) -> bool {
        self.error.is_none() && self.differs.is_none()
    }
}

impl Lens {
    /// Runs every golden case of the document, in its order.
    ///
    /// ```
    /// use stele_evolution::lens::Lens;
    ///
    /// let lens = Lens::parse(
    ///     "{lens: 1, subject: S, from: 1, to: 2, ops: [rename: {from: /a, to: /b}], examples: [{up: {a: 1}, gives: {b: 2}}]}",
    /// )?;
    ///
    /// let tried = lens.examples();
    ///
    /// assert!(!tried[0].holds());
    /// assert_eq!(tried[0].differs.as_ref().map(ToString::to_string).as_deref(), Some("/b"));
    /// # Ok::<(), stele_evolution::lens::LensError>(())
    /// ```
    pub fn examples(&self) -> Vec<Tried> {
        let examples = self.document().examples.iter().enumerate();
        examples
            .map(|(index, example)| {
                let crossing = self.cross(example.direction, &example.event);
                let (out, error) = match crossing {
                    Ok(crossing) => (Some(crossing.event), None),
                    Err(error) => (None, Some(error)),
                };
                let differs = out.as_ref().and_then(|out| first_difference(&example.gives, out));
                Tried {
                    example: index,
                    direction: example.direction,
                    event: example.event.clone(),
                    gives: example.gives.clone(),
                    out,
                    error,
                    differs,
                }
            })
            .collect()
    }
}
