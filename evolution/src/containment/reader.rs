//! A tolerant reader, compiled: which names a schema declares at every place of an event, worked out once.
//!
//! [`project`](super::project) says what a reader sees, place by place from the schema. This says the same from a table,
//! so that an event that is looked at a million times asks the schema nothing. Places without end (recursion is finite,
//! but branches and patterns can multiply) are followed from the schema where the table stops.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::{BuildHasherDefault, Hasher},
};

use super::site::Site;
use crate::schema::Schema;

/// The most places that are tabled.
const MAX_ROOMS: usize = 4_000;

/// The most items of one list that have places of their own.
const MAX_ITEMS: u64 = 64;

/// What a tolerant reader on one schema declares, at every place.
#[derive(Debug)]
pub(crate) struct Reader {
    schema: Schema,
    rooms: Vec<Room>,
}

/// A hash of a name for tables that are filled from a schema and only asked by events: quick, and nobody who sends
/// events chooses what is in the table.
#[derive(Debug, Default)]
struct Fold(u64);

impl Hasher for Fold {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        let rest = rest.iter().fold(rest.len() as u64, |word, byte| word << 8 | u64::from(*byte));
        for word in words.iter().map(|word| u64::from_le_bytes(*word)).chain([rest]) {
            self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.0 ^= u64::from(byte);
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 29
    }
}

/// One place of an event, or several that are alike.
#[derive(Debug)]
struct Room {
    site: Site,
    /// Nothing is ever deleted here or further down.
    open: bool,
    /// Every name is declared.
    every: bool,
    /// The members that the table knows: whether the name is declared, and where it leads.
    members: HashMap<String, (bool, usize), BuildHasherDefault<Fold>>,
    /// Where every other member leads, if it is the same for all.
    others: Option<usize>,
    /// The first items.
    items: Vec<usize>,
    /// Every other item, if the table goes on.
    rest: Option<usize>,
}

/// A place in an event as a reader goes through it.
#[derive(Debug, Clone)]
pub(crate) enum Sight<'r> {
    /// In the table.
    Room(&'r Reader, usize),
    /// Beyond the table: asked from the schema.
    Beyond(&'r Reader, Site),
}

impl Reader {
    /// Compiles a reader.
    pub fn of(schema: &Schema) -> Reader {
        let normal = schema.normal();
        let mut rooms: Vec<Room> = Vec::new();
        let mut known: HashMap<Site, usize> = HashMap::new();
        let mut waiting = VecDeque::new();
        let mut room = |site: Site, waiting: &mut VecDeque<(usize, Site)>| {
            let next = known.len();
            let index = *known.entry(site.clone()).or_insert(next);
            if index == next {
                waiting.push_back((index, site));
            }
            index
        };
        room(Site::root(normal), &mut waiting);
        while let Some((index, site)) = waiting.pop_front() {
            debug_assert_eq!(index, rooms.len(), "rooms are built in the order they are found");
            let declared = site.declared(normal);
            let full = rooms.len() + waiting.len() >= MAX_ROOMS;
            let mut members = HashMap::default();
            let mut others = None;
            let (mut items, mut rest) = (Vec::new(), None);
            if !full {
                for name in site.named(normal).into_iter().chain(declared.names.iter().copied()) {
                    let below = site.member(normal, name);
                    members
                        .insert(name.to_owned(), (declared.has(name), room(below, &mut waiting)));
                }
                if let Some(below) = site.other_member(normal) {
                    others = Some(room(below, &mut waiting));
                }
                let alike = site.alike_from(normal);
                if alike <= MAX_ITEMS {
                    items = (0..alike)
                        .map(|index| room(site.item(normal, index), &mut waiting))
                        .collect();
                    rest = Some(room(site.item(normal, alike), &mut waiting));
                }
            }
            let every = declared.every;
            rooms.push(Room { site, open: every, every, members, others, items, rest });
        }
        let mut reader = Reader { schema: schema.clone(), rooms };
        reader.close();
        reader
    }

    /// Takes `open` back from every place from which a place leads on that is not.
    fn close(&mut self) {
        loop {
            let closed: Vec<usize> = (0..self.rooms.len())
                .filter(|index| {
                    let room = &self.rooms[*index];
                    room.open && !room.leads().all(|to| to.is_some_and(|to| self.rooms[to].open))
                })
                .collect();
            if closed.is_empty() {
                return;
            }
            for index in closed {
                self.rooms[index].open = false;
            }
        }
    }

    /// Where the whole event stands.
    pub fn root(&self) -> Sight<'_> {
        Sight::Room(self, 0)
    }

    /// Whether this reader sees no name, at any place, that `other` does not see: what `other` deletes, this one would
    /// delete as well. "No" may also mean that it is not known.
    pub fn is_within(&self, other: &Reader) -> bool {
        let mut compared = HashSet::new();
        let mut waiting = vec![(0, 0)];
        while let Some(pair) = waiting.pop() {
            if !compared.insert(pair) {
                continue;
            }
            let (own, theirs) = (&self.rooms[pair.0], &other.rooms[pair.1]);
            if theirs.open {
                continue;
            }
            let tabled = |room: &Room| room.others.is_some() && room.rest.is_some();
            if compared.len() > MAX_ROOMS || !tabled(own) || !tabled(theirs) {
                return false;
            }
            if own.every && !theirs.every {
                return false;
            }
            let names = own.members.keys().chain(theirs.members.keys());
            for name in names {
                let (sees, below) = own.member(name);
                let (shows, there) = theirs.member(name);
                if sees && !shows {
                    return false;
                }
                if let (true, Some(below), Some(there)) = (sees, below, there) {
                    waiting.push((below, there));
                }
            }
            if let (true, Some(below), Some(there)) = (own.every, own.others, theirs.others) {
                waiting.push((below, there));
            }
            let alike = own.items.len().max(theirs.items.len());
            for index in 0..=alike {
                if let (Some(below), Some(there)) = (own.item(index), theirs.item(index)) {
                    waiting.push((below, there));
                }
            }
        }
        true
    }
}

impl Room {
    /// The places that lead on from here; `None` for those that the table does not know.
    fn leads(&self) -> impl Iterator<Item = Option<usize>> {
        let members = self.members.values().map(|(_, to)| Some(*to));
        let items = self.items.iter().map(|to| Some(*to));
        members.chain(items).chain([self.others, self.rest])
    }

    /// Whether a name is declared, and where it leads.
    fn member(&self, name: &str) -> (bool, Option<usize>) {
        match self.members.get(name) {
            Some((declared, to)) => (*declared, Some(*to)),
            None => (self.every, self.others),
        }
    }

    fn item(&self, index: usize) -> Option<usize> {
        self.items.get(index).copied().or(self.rest)
    }
}

impl<'r> Sight<'r> {
    /// Whether nothing is deleted here or further down, whatever there is.
    pub fn is_open(&self) -> bool {
        match self {
            Sight::Room(reader, room) => reader.rooms[*room].open,
            Sight::Beyond(..) => false,
        }
    }

    /// Where the member of a name stands; `None` if the name is not declared.
    pub fn member(&self, name: &str) -> Option<Sight<'r>> {
        let (reader, site) = match self {
            Sight::Room(reader, room) => {
                let own = &reader.rooms[*room];
                if own.others.is_some() || own.members.contains_key(name) {
                    let (declared, to) = own.member(name);
                    return to.filter(|_| declared).map(|to| Sight::Room(reader, to));
                }
                (*reader, &own.site)
            }
            Sight::Beyond(reader, site) => (*reader, site),
        };
        let normal = reader.schema.normal();
        let declared = site.declared(normal).has(name);
        declared.then(|| Sight::Beyond(reader, site.member(normal, name)))
    }

    /// Where the item at an index stands.
    pub fn item(&self, index: usize) -> Sight<'r> {
        let (reader, site) = match self {
            Sight::Room(reader, room) => {
                let own = &reader.rooms[*room];
                match own.item(index) {
                    Some(to) => return Sight::Room(reader, to),
                    None => (*reader, &own.site),
                }
            }
            Sight::Beyond(reader, site) => (*reader, site),
        };
        Sight::Beyond(reader, site.item(reader.schema.normal(), index as u64))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::containment::project;

    fn reader(value: &Value) -> Reader {
        Reader::of(&Schema::read(&value.to_string()).parse().unwrap())
    }

    /// The event as a reader sees it, by its table.
    fn seen(at: &Sight<'_>, event: &Value) -> Value {
        match event {
            _ if at.is_open() => event.clone(),
            Value::Object(members) => members
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), seen(&at.member(name)?, value))))
                .collect(),
            Value::Array(items) => {
                items.iter().enumerate().map(|(index, item)| seen(&at.item(index), item)).collect()
            }
            scalar => scalar.clone(),
        }
    }

    #[test]
    fn the_table_says_what_the_schema_says() {
        let schemas = [
            json!({"properties": {"a": {"properties": {"b": {}}}, "c": {"items": {"required": ["a"]}}}}),
            json!({"properties": {"a": {"$ref": "#"}, "c": {"items": {"$ref": "#"}}}}),
            json!({"patternProperties": {"^a": {"properties": {"b": {}}}}, "properties": {"ab": {}}}),
            json!({"properties": {"a": {}}, "additionalProperties": {"properties": {"b": {}}}}),
            json!({"properties": {"c": {"prefixItems": [{"required": ["a"]}, {}], "items": {"required": ["b"]}}}}),
            json!({"anyOf": [{"properties": {"a": {"required": ["b"]}}}, {"properties": {"a": {"required": ["c"]}}}]}),
            json!({"type": "object"}),
            json!(true),
        ];
        let events = [
            json!({"a": {"b": 1, "x": 2}, "ab": {"x": 1}, "aX": {"b": 1, "c": 2}, "c": [{"a": 1, "b": 2}], "z": 0}),
            json!({"a": {"a": {"z": 1, "c": [{"a": 1, "z": 2}]}}, "c": [{"a": 0, "b": 0}, {"a": 0}, {"a": 0, "b": 0}]}),
            json!({"other": {"b": {"x": 1}, "c": 1}, "a": {"x": 1}}),
            json!([1, {"a": 2}]),
            json!("text"),
        ];
        for value in &schemas {
            let schema = Schema::read(&value.to_string()).parse().unwrap();
            let reader = Reader::of(&schema);
            for event in &events {
                assert_eq!(seen(&reader.root(), event), project(&schema, event), "{value} {event}");
            }
        }
    }

    #[test]
    fn a_reader_is_within_one_that_sees_more() {
        let old = reader(&json!({"properties": {"a": {"properties": {"b": {}}}, "m": {}}}));
        let new = reader(
            &json!({"properties": {"a": {"properties": {"b": {}, "c": {}}}, "m": {}, "n": {}}}),
        );
        let named = reader(
            &json!({"properties": {"a": {"properties": {"b": {}}}, "m": {"properties": {"k": {}}}}}),
        );
        let tree = json!({"properties": {"kids": {"items": {"$ref": "#"}}, "a": {}}});
        let wider = json!({"properties": {"kids": {"items": {"$ref": "#"}}, "a": {}, "b": {}}});

        assert!(old.is_within(&new) && !new.is_within(&old));
        // The older sees every name below `m`, the newer only `k`.
        assert!(!old.is_within(&named) && named.is_within(&old));
        assert!(reader(&tree).is_within(&reader(&wider)));
        assert!(!reader(&wider).is_within(&reader(&tree)));
    }

    #[test]
    fn a_schema_with_more_places_than_the_table_takes_is_still_read_rightly() {
        let branches: Vec<Value> = (0..13)
            .map(|bit| json!({"properties": {format!("n{bit}"): {"$ref": "#/$defs/all"}}}))
            .collect();
        let keep: Vec<Value> = (0..13)
            .map(|bit| json!({"properties": {"next": {"properties": {format!("k{bit}"): {"$ref": format!("#/$defs/d{bit}")}}}}}))
            .collect();
        let mut defs = json!({"all": {"allOf": branches}});
        for bit in 0..13 {
            defs[format!("d{bit}")] = keep[bit].clone();
        }
        let value = json!({"$defs": defs, "allOf": [{"$ref": "#/$defs/all"}], "properties": {"k": {"anyOf": keep}}});
        let schema = Schema::read(&value.to_string()).parse().unwrap();
        let event = json!({"n0": {"n5": {"x": 1, "n7": {}}}, "k": {"next": {"k1": {"next": {"k1": 1, "z": 2}}, "z": 1}}, "z": 3});

        assert_eq!(seen(&Reader::of(&schema).root(), &event), project(&schema, &event));
    }
}
