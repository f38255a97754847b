//! Verdicts that were found before: the same question about immutable schemas has the same answer.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use super::{ContentModel, Verdict};
use crate::schema::{Fingerprint, Formats, Schema};

/// Verdicts by question, the oldest forgotten first. Shared between threads; lives as long as one engine does.
///
/// A question is two fingerprints (which include what is referred to, and the dialect), whether formats are asserted, and
/// the content model. What was left undecided is never kept: with more time, or a second prover that is free, it may not be.
#[derive(Debug)]
pub struct Verdicts {
    capacity: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    verdicts: HashMap<Question, Verdict>,
    order: VecDeque<Question>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Question {
    writer: (Fingerprint, Formats),
    reader: (Fingerprint, Formats),
    model: ContentModel,
}

impl Question {
    pub(super) fn of(writer: &Schema, reader: &Schema, model: ContentModel) -> Question {
        let side = |schema: &Schema| (schema.fingerprint(), schema.formats());
        Question { writer: side(writer), reader: side(reader), model }
    }
}

impl Verdicts {
    /// Keeps at most `capacity` verdicts.
    pub fn keeping(capacity: usize) -> Verdicts {
        Verdicts { capacity, kept: Mutex::default() }
    }

    pub(super) fn known(&self, question: &Question) -> Option<Verdict> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.verdicts.get(question).cloned()
    }

    pub(super) fn keep(&self, question: Question, verdict: Verdict) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.verdicts.insert(question.clone(), verdict).is_none() {
            kept.order.push_back(question);
        }
        while kept.order.len() > self.capacity {
            let oldest = kept.order.pop_front();
            oldest.and_then(|oldest| kept.verdicts.remove(&oldest));
        }
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).order.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{budget::Budget, containment::contains};

    fn schema(text: &str) -> Schema {
        Schema::read(text).parse().unwrap()
    }

    #[test]
    fn a_question_is_answered_once_and_the_oldest_answer_is_forgotten() {
        let verdicts = Verdicts::keeping(1);
        let (string, short) = (schema(r#"{"type":"string"}"#), schema(r#"{"maxLength":1}"#));
        let ask = |writer: &Schema, reader: &Schema, steps| {
            let budget = Budget::steps(steps).remembering(&verdicts);
            contains(writer, reader, ContentModel::Strict, &budget)
        };

        let first = ask(&string, &short, 10_000);

        // No step is left to find it again.
        assert_eq!(ask(&string, &short, 0), first);
        assert!(ask(&short, &string, 10_000).is_breaking());
        assert_eq!(verdicts.len(), 1);
        assert!(matches!(ask(&string, &short, 0), Verdict::Undecided(_)));
    }

    #[test]
    fn what_a_spent_budget_left_open_is_asked_again() {
        let verdicts = Verdicts::keeping(10);
        let (string, short) = (schema(r#"{"type":"string"}"#), schema(r#"{"maxLength":1}"#));
        let ask = |steps| {
            let budget = Budget::steps(steps).remembering(&verdicts);
            contains(&string, &short, ContentModel::Strict, &budget)
        };

        assert!(matches!(ask(0), Verdict::Undecided(_)));
        assert!(verdicts.is_empty());
        assert!(ask(10_000).is_breaking());
    }
}
