//! Objects: which members must, may and cannot be there, and what each must be.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use serde_json::{Map, Value};

use super::{
    Case, Demands, Found, Goal, Lit, Prover, Reason, Side, Sites,
    keys::{Atom, Atoms},
};
use crate::schema::normal::{Form, NodeId, Pattern};

/// How many members one side counts.
#[derive(Default, Clone, Copy)]
struct Window {
    least: u64,
    most: Option<u64>,
}

impl Window {
    fn at_most(&mut self, most: u64) {
        self.most = Some(self.most.map_or(most, |own| own.min(most)));
    }
}

/// A member that must exist somewhere, failing something.
enum Demand<'s> {
    Matching(Side, &'s Pattern, NodeId),
    Others(Side, &'s [String], &'s [Pattern], NodeId),
    /// A name that is not what `propertyNames` says.
    Name(Side, NodeId),
}

/// What an object of a case must be.
struct Wanted<'s> {
    required: BTreeSet<&'s str>,
    absent: BTreeSet<&'s str>,
    /// What the member of a name must not be; it must be there to be that.
    failing: Demands,
    demands: Vec<Demand<'s>>,
    writer: Window,
    reader: Window,
}

impl<'s> Prover<'s> {
    pub(super) fn objects(&mut self, case: &Case, goal: &Goal) -> Found {
        let Some(wanted) = self.wanted(case) else { return Found::Nothing };
        let sites = goal.sites.clone();
        let atoms = self.atoms(case, sites.as_ref());
        let present: BTreeSet<&str> = wanted
            .required
            .iter()
            .copied()
            .chain(wanted.failing.keys().map(String::as_str))
            .collect();
        let mut members = Map::new();
        let mut doubt = atoms.doubt.clone();
        for name in &present {
            let Some(atom) = self.may_be_there(name, &wanted, &atoms, case) else {
                return Found::Nothing;
            };
            let fails = wanted.failing.get(*name).cloned().unwrap_or_default();
            match self.member(atom, fails, case, sites.as_ref()) {
                Found::Nothing => return Found::Nothing,
                Found::Example(value) => {
                    members.insert((*name).to_owned(), value);
                }
                Found::Unsure(why) => {
                    doubt.get_or_insert(why);
                }
            }
        }
        for demand in &wanted.demands {
            match self.somewhere(demand, &wanted, &atoms, case, sites.as_ref(), &mut members) {
                Found::Nothing => return Found::Nothing,
                Found::Unsure(why) => {
                    doubt.get_or_insert(why);
                }
                Found::Example(_) => {}
            }
        }
        let found = self.filled(members, &present, &wanted, &atoms, case, sites.as_ref());
        match (found, doubt) {
            (Found::Nothing, _) => Found::Nothing,
            (_, Some(doubt)) => Found::Unsure(doubt),
            (found, None) => found,
        }
    }

    /// Sorts the literals of a case; `None` where they contradict each other outright.
    fn wanted(&self, case: &Case) -> Option<Wanted<'s>> {
        let mut wanted = Wanted {
            required: BTreeSet::new(),
            absent: BTreeSet::new(),
            failing: BTreeMap::new(),
            demands: Vec::new(),
            writer: Window::default(),
            reader: Window::default(),
        };
        let signed = case
            .holds
            .iter()
            .map(|lit| (true, lit))
            .chain(case.fails.iter().map(|lit| (false, lit)));
        for (holds, lit) in signed {
            let window = match lit.side {
                Side::Writer => &mut wanted.writer,
                Side::Reader => &mut wanted.reader,
            };
            match (self.form(*lit), holds) {
                (Form::Required(name), true) => drop(wanted.required.insert(name)),
                (Form::Required(name), false) => drop(wanted.absent.insert(name)),
                (Form::MinMembers(least), true) => window.least = window.least.max(*least),
                (Form::MaxMembers(most), true) => window.at_most(*most),
                (Form::MinMembers(least), false) => window.at_most(least.checked_sub(1)?),
                (Form::MaxMembers(most), false) => {
                    window.least = window.least.max(most.checked_add(1)?);
                }
                (Form::Member(name, node), false) => {
                    let lit = Lit { side: lit.side, node: *node };
                    wanted.failing.entry(name.clone()).or_default().insert(lit);
                }
                (Form::Matching(pattern, node), false) => {
                    wanted.demands.push(Demand::Matching(lit.side, pattern, *node));
                }
                (Form::Others { names, patterns, node }, false) => {
                    wanted.demands.push(Demand::Others(lit.side, names, patterns, *node));
                }
                (Form::Names(node), false) => wanted.demands.push(Demand::Name(lit.side, *node)),
                _ => {}
            }
        }
        Some(wanted)
    }

    /// The atom of a mentioned name, unless no member of that name can be there.
    fn may_be_there<'a>(
        &self,
        name: &str,
        wanted: &Wanted<'_>,
        atoms: &'a Atoms,
        case: &Case,
    ) -> Option<&'a Atom> {
        let atom = atoms.named.iter().find(|atom| atom.name == name)?;
        let allowed = !wanted.absent.contains(name)
            && self
                .name_rules(case, atom.visible)
                .all(|rule| self.name_is(name, rule) != Some(false));
        allowed.then_some(atom)
    }

    /// Looks for a value of the member an atom stands for, that fails `fails` as well.
    fn member(
        &mut self,
        atom: &Atom,
        fails: BTreeSet<Lit>,
        case: &Case,
        sites: Option<&Rc<Sites>>,
    ) -> Found {
        let mut holds = BTreeSet::new();
        for lit in &case.holds {
            if !atom.visible && lit.side == Side::Reader {
                continue;
            }
            let (applies, node) = match self.form(*lit) {
                Form::Member(name, node) => (*name == atom.name && atom.class.is_none(), *node),
                Form::Matching(pattern, node) => (atom.matches(pattern), *node),
                Form::Others { names, patterns, node } => (atom.is_other(names, patterns), *node),
                _ => continue,
            };
            if applies {
                holds.insert(Lit { side: lit.side, node });
            }
        }
        let below = sites.map(|sites| {
            Rc::new(Sites {
                writer: sites.writer.member(self.writer, &atom.name),
                reader: sites.reader.member(self.reader, &atom.name),
            })
        });
        let goal = self.below(below, holds, fails);
        self.solve(&goal)
    }

    /// Looks for a member that meets a demand, anywhere it may stand, and puts it among `members`.
    fn somewhere(
        &mut self,
        demand: &Demand<'_>,
        wanted: &Wanted<'_>,
        atoms: &Atoms,
        case: &Case,
        sites: Option<&Rc<Sites>>,
        members: &mut Map<String, Value>,
    ) -> Found {
        let mut doubt = atoms.doubt.clone();
        for atom in atoms.named.iter().chain(&atoms.fresh) {
            let (side, applies, node) = match demand {
                Demand::Matching(side, pattern, node) => {
                    (*side, atom.matches(pattern), Some(*node))
                }
                Demand::Others(side, names, patterns, node) => {
                    (*side, atom.is_other(names, patterns), Some(*node))
                }
                Demand::Name(side, node) => {
                    let off = match &atom.class {
                        None => {
                            self.name_is(&atom.name, Lit { side: *side, node: *node }) != Some(true)
                        }
                        Some(_) => true,
                    };
                    (*side, off, None)
                }
            };
            let seen = atom.visible || side == Side::Writer;
            if !applies
                || !seen
                || atom.class.is_none()
                    && self.may_be_there(&atom.name, wanted, atoms, case).is_none()
            {
                continue;
            }
            let mut fails = wanted.failing.get(&atom.name).cloned().unwrap_or_default();
            fails.extend(node.map(|node| Lit { side, node }));
            let mut atom = atom.clone();
            if let (Demand::Name(side, node), Some(class)) = (demand, &atom.class) {
                let holds: BTreeSet<Lit> = self.name_rules(case, atom.visible).collect();
                let goal = Goal {
                    holds,
                    fails: BTreeSet::from([Lit { side: *side, node: *node }]),
                    class: Some(class.clone()),
                    avoid: atoms
                        .named
                        .iter()
                        .map(|atom| Value::String(atom.name.clone()))
                        .collect(),
                    ..Goal::default()
                };
                match self.solve(&goal) {
                    Found::Example(Value::String(name)) => atom.name = name,
                    Found::Nothing | Found::Example(_) => continue,
                    Found::Unsure(why) => {
                        doubt.get_or_insert(why);
                        continue;
                    }
                }
            }
            match self.member(&atom, fails, case, sites) {
                Found::Nothing => {}
                Found::Example(value) => {
                    members.insert(atom.name, value);
                    return Found::Example(Value::Null);
                }
                Found::Unsure(why) => {
                    doubt.get_or_insert(why);
                }
            }
        }
        doubt.map_or(Found::Nothing, Found::Unsure)
    }

    /// Adds members until each side counts enough, or shows that it cannot be.
    fn filled(
        &mut self,
        mut members: Map<String, Value>,
        present: &BTreeSet<&str>,
        wanted: &Wanted<'_>,
        atoms: &Atoms,
        case: &Case,
        sites: Option<&Rc<Sites>>,
    ) -> Found {
        let seen = |name: &str| atoms.named.iter().any(|atom| atom.name == name && atom.visible);
        let surely = present.len() as u64;
        let surely_seen = present.iter().filter(|name| seen(name)).count() as u64;
        if wanted.writer.most.is_some_and(|most| surely > most)
            || wanted.reader.most.is_some_and(|most| surely_seen > most)
        {
            return Found::Nothing;
        }
        let all = |atom: &&Atom| !present.contains(atom.name.as_str());
        let (least, least_seen) = (wanted.writer.least, wanted.reader.least);
        let hidden_first = wanted.reader.most.is_some();
        let mut optional: Vec<&Atom> = atoms.named.iter().filter(all).chain(&atoms.fresh).collect();
        optional.sort_by_key(|atom| atom.visible == hidden_first);
        let mut possible = surely;
        let mut possible_seen = surely_seen;
        let mut endless = atoms.doubt.is_some();
        let mut endless_seen = endless;
        let mut endless_hidden = endless;
        let mut doubt = atoms.doubt.clone();
        let counted = |members: &Map<String, Value>, atoms: &Atoms| {
            let seen = members.keys().filter(|name| {
                atoms
                    .named
                    .iter()
                    .chain(&atoms.fresh)
                    .find(|atom| atom.name == **name)
                    .is_none_or(|atom| atom.visible)
            });
            (members.len() as u64, seen.count() as u64)
        };
        if counted(&members, atoms) >= (least, 0) && counted(&members, atoms).1 >= least_seen {
            return Found::Example(Value::Object(members));
        }
        for atom in optional {
            if atom.class.is_none() && self.may_be_there(&atom.name, wanted, atoms, case).is_none()
            {
                continue;
            }
            let value = match self.member(atom, BTreeSet::new(), case, sites) {
                Found::Nothing => continue,
                Found::Example(value) => Some(value),
                Found::Unsure(why) => {
                    doubt.get_or_insert(why);
                    None
                }
            };
            possible += 1;
            possible_seen += u64::from(atom.visible);
            endless |= atom.class.is_some();
            endless_seen |= atom.class.is_some() && atom.visible;
            endless_hidden |= atom.class.is_some() && !atom.visible;
            let Some(value) = value else { continue };
            let mut name = atom.name.clone();
            loop {
                let (count, count_seen) = counted(&members, atoms);
                let useful = count < least || count_seen < least_seen && atom.visible;
                if !useful || members.contains_key(&name) && atom.class.is_none() {
                    break;
                }
                members.insert(name.clone(), value.clone());
                let Some(class) = &atom.class else { break };
                let taken: Vec<Value> = members
                    .keys()
                    .map(|name| Value::String(name.clone()))
                    .chain(atoms.named.iter().map(|atom| Value::String(atom.name.clone())))
                    .collect();
                match self.name_of(class, case, atom.visible, &taken) {
                    Found::Example(Value::String(next)) if members.len() < 1_000 => name = next,
                    _ => break,
                }
            }
        }
        if !endless && possible < least || !endless_seen && possible_seen < least_seen {
            return Found::Nothing;
        }
        // What the reader may not see more of must be made up for by members it does not see.
        let hidden_enough = wanted.reader.most.is_none_or(|most| {
            endless_hidden || (possible - possible_seen).saturating_add(most) >= least
        });
        if !hidden_enough || wanted.writer.most.is_some_and(|most| most < least_seen) {
            return Found::Nothing;
        }
        let (count, count_seen) = counted(&members, atoms);
        match doubt {
            None if count >= least && count_seen >= least_seen => {
                Found::Example(Value::Object(members))
            }
            Some(doubt) => Found::Unsure(doubt),
            None => Found::unsure(Reason::Unwitnessed, ""),
        }
    }
}

impl Atom {
    fn matches(&self, pattern: &Pattern) -> bool {
        match &self.class {
            Some(class) => class.matching.contains(pattern),
            None => pattern.matches(&self.name),
        }
    }

    fn is_other(&self, names: &[String], patterns: &[Pattern]) -> bool {
        (self.class.is_some() || !names.contains(&self.name))
            && !patterns.iter().any(|pattern| self.matches(pattern))
    }
}
