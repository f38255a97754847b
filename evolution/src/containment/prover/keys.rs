//! The names an object can have, partitioned: those somebody mentions, and classes of all the others.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use serde_json::Value;

use super::{Case, Found, Goal, Lit, NameClass, Prover, Side, Sites};
use crate::{
    containment::{ContentModel, Doubt, site::Declared},
    schema::normal::{Form, Pattern},
};

/// Patterns told apart; with more, other names are not followed.
const PATTERNS: usize = 6;

/// One name, or one class of names of which this is an example.
#[derive(Debug, Clone)]
pub(super) struct Atom {
    pub name: String,
    /// The class it stands for; `None` for a name that is mentioned.
    pub class: Option<NameClass>,
    /// The reader sees members of this name.
    pub visible: bool,
}

/// The names of one object.
pub(super) struct Atoms {
    pub named: Vec<Atom>,
    /// Names that nobody mentions.
    pub fresh: Vec<Atom>,
    /// A class of names may exist, but no name of it was found; or there were too many patterns.
    pub doubt: Option<Doubt>,
}

impl Prover<'_> {
    pub(super) fn atoms(&mut self, case: &Case, sites: Option<&Rc<Sites>>) -> Atoms {
        let declared = sites
            .filter(|_| self.model == ContentModel::Event)
            .map(|sites| (sites.writer.declared(self.writer), sites.reader.declared(self.reader)));
        let mut names: BTreeSet<&str> = BTreeSet::new();
        let mut patterns: BTreeMap<&str, &Pattern> = BTreeMap::new();
        for lit in case.holds.iter().chain(&case.fails) {
            match self.form(*lit) {
                Form::Member(name, _) | Form::Required(name) => {
                    names.insert(name);
                }
                Form::Matching(pattern, _) => {
                    patterns.insert(pattern.text(), pattern);
                }
                Form::Others { names: own, patterns: others, .. } => {
                    names.extend(own.iter().map(String::as_str));
                    patterns.extend(others.iter().map(|pattern| (pattern.text(), pattern)));
                }
                _ => {}
            }
        }
        if let Some((writer, reader)) = &declared {
            for side in [writer, reader] {
                names.extend(&side.names);
                patterns.extend(side.patterns.iter().map(|pattern| (pattern.text(), *pattern)));
            }
        }
        let possible = |name: &str| declared.as_ref().is_none_or(|(writer, _)| writer.has(name));
        let visible = |name: &str| declared.as_ref().is_none_or(|(_, reader)| reader.has(name));
        let known: Vec<Atom> = names
            .iter()
            .filter(|name| possible(name))
            .map(|name| Atom { name: (*name).to_owned(), class: None, visible: visible(name) })
            .collect();
        // In the event model a producer that may send only listed names sends no other.
        let listed_only = declared
            .as_ref()
            .is_some_and(|(writer, _)| !writer.every && writer.patterns.is_empty());
        let mut atoms = Atoms { named: known, fresh: Vec::new(), doubt: None };
        if listed_only {
            return atoms;
        }
        if patterns.len() > PATTERNS {
            atoms.doubt =
                Some(Doubt { reason: super::Reason::RegexUnsupported, at: String::new() });
            return atoms;
        }
        let patterns: Vec<&Pattern> = patterns.into_values().collect();
        let mentioned: Vec<Value> =
            names.iter().map(|name| Value::String((*name).to_owned())).collect();
        for signs in 0..1_u32 << patterns.len() {
            let class = classify(&patterns, signs);
            let by = |declared: &Declared<'_>| {
                declared.every
                    || declared.patterns.iter().any(|pattern| class.matching.contains(pattern))
            };
            if declared.as_ref().is_some_and(|(writer, _)| !by(writer)) {
                continue;
            }
            let seen = declared.as_ref().is_none_or(|(_, reader)| by(reader));
            match self.name_of(&class, case, seen, &mentioned) {
                Found::Example(Value::String(name)) => {
                    atoms.fresh.push(Atom { name, class: Some(class), visible: seen });
                }
                Found::Nothing | Found::Example(_) => {}
                Found::Unsure(doubt) => atoms.doubt = Some(doubt),
            }
        }
        atoms
    }

    /// A name of a class that the `propertyNames` of the case allow and that is none of `avoid`.
    pub(super) fn name_of(
        &mut self,
        class: &NameClass,
        case: &Case,
        visible: bool,
        avoid: &[Value],
    ) -> Found {
        let holds: BTreeSet<Lit> = self.name_rules(case, visible).collect();
        let goal =
            Goal { holds, class: Some(class.clone()), avoid: avoid.to_vec(), ..Goal::default() };
        self.solve(&goal)
    }

    /// The `propertyNames` that hold for a name the reader sees, or does not.
    pub(super) fn name_rules(&self, case: &Case, visible: bool) -> impl Iterator<Item = Lit> {
        case.holds.iter().filter_map(move |lit| match self.form(*lit) {
            Form::Names(node) if visible || lit.side == Side::Writer => {
                Some(Lit { side: lit.side, node: *node })
            }
            _ => None,
        })
    }
}

fn classify(patterns: &[&Pattern], signs: u32) -> NameClass {
    let mut class = NameClass::default();
    for (index, pattern) in patterns.iter().enumerate() {
        let side = if signs >> index & 1 == 1 { &mut class.matching } else { &mut class.failing };
        side.push((*pattern).clone());
    }
    class
}
