//! Reading a schema into its normal form, keyword by keyword.

mod anchor;
mod array;
mod object;
mod scalar;
mod unevaluated;

use std::collections::HashMap;

use jsonschema::{Draft, uri};
use referencing::{Resolved, Resolver};
use serde_json::{Map, Value};

use self::anchor::Anchors;
use super::{Form, Node, NodeId, Normal, Shape, ShapeId, digest};
use crate::{
    containment::Reason,
    schema::{Dialect, Formats, ROOT, Schema, registry},
};

/// References followed one inside the other; beyond, a place is opaque. Keeps the stack small.
const DEEPEST: usize = 300;

impl Normal {
    /// Reads `schema`. Never fails: what cannot be followed becomes [`Form::Opaque`].
    pub(crate) fn of(schema: &Schema) -> Normal {
        let mut reader = Reader::new(schema);
        let known = registry(schema.references(), Some(schema)).ok();
        let found = known.as_ref().and_then(|registry| {
            let base = uri::from_str(ROOT).ok()?;
            registry.resolver(base).lookup("").ok()
        });
        let (root, root_shape) = match found {
            Some(found) => {
                let (contents, resolver, _) = found.into_inner();
                reader.schema(contents, "", &resolver, schema.dialect())
            }
            None => reader.opaque(Reason::Recursion, ""),
        };
        let unguarded = unguarded(&reader.nodes);
        Normal {
            nodes: reader.nodes,
            root,
            shapes: reader.shapes,
            root_shape,
            unguarded,
            unfollowed: reader.unfollowed,
            spelled_integers: reader.spelled_integers,
        }
    }
}

/// What is known while reading.
pub(super) struct Reader<'r> {
    nodes: Vec<Node>,
    shapes: Vec<Shape>,
    seen: HashMap<(usize, Dialect), (NodeId, ShapeId)>,
    depth: usize,
    formats: Formats,
    spelled_integers: bool,
    unfollowed: Option<Reason>,
    anchors: Anchors<'r>,
}

/// One schema object being read.
pub(super) struct Place<'p, 'r> {
    members: &'r Map<String, Value>,
    at: &'p str,
    resolver: &'p Resolver<'r>,
    dialect: Dialect,
    /// The conjunction so far.
    parts: Vec<NodeId>,
    shape: Shape,
}

impl<'r> Reader<'r> {
    fn new(schema: &'r Schema) -> Self {
        Reader {
            nodes: Vec::new(),
            shapes: Vec::new(),
            seen: HashMap::new(),
            depth: 0,
            formats: schema.formats(),
            spelled_integers: schema.dialect() == Dialect::Draft4,
            unfollowed: None,
            anchors: Anchors::of(schema),
        }
    }

    /// Adds a node made of finished parts.
    fn node(&mut self, form: Form, at: &str) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        let (digest, flat) = (self.digest(&form), self.is_flat(&form));
        self.nodes.push(Node { form, at: at.to_owned(), digest, flat });
        id
    }

    fn digest(&self, form: &Form) -> Option<[u8; 16]> {
        let parts: Option<Vec<_>> =
            form.parts().iter().map(|part| self.nodes[part.0 as usize].digest).collect();
        match (form, parts) {
            // Two places nobody can look into may mean different things.
            (Form::Opaque(_), _) => None,
            (form, parts) => parts.map(|mut parts| {
                if matches!(form, Form::All(_) | Form::Any(_) | Form::One(_)) {
                    parts.sort_unstable();
                }
                digest(form, &parts)
            }),
        }
    }

    fn is_flat(&self, form: &Form) -> bool {
        form.is_flat() && form.parts().iter().all(|part| self.nodes[part.0 as usize].flat)
    }

    fn shape(&mut self, shape: Shape) -> ShapeId {
        self.shapes.push(shape);
        ShapeId(u32::try_from(self.shapes.len() - 1).unwrap_or(u32::MAX))
    }

    fn opaque(&mut self, reason: Reason, at: &str) -> (NodeId, ShapeId) {
        let node = self.unfollowed(reason, at);
        let shape = self.shape(Shape { at: at.to_owned(), ..Shape::default() });
        (node, shape)
    }

    /// A node nobody could follow, whose names are therefore not known either.
    fn unfollowed(&mut self, reason: Reason, at: &str) -> NodeId {
        self.unfollowed.get_or_insert(reason);
        self.node(Form::Opaque(reason), at)
    }

    /// Reads the schema `value`, which stands at the pointer `at`.
    fn schema(
        &mut self,
        value: &'r Value,
        at: &str,
        resolver: &Resolver<'r>,
        dialect: Dialect,
    ) -> (NodeId, ShapeId) {
        let members = match value {
            Value::Object(members) => members,
            Value::Bool(all) => {
                let form = if *all { Form::All(Vec::new()) } else { Form::Any(Vec::new()) };
                let node = self.node(form, at);
                let shape = self.shape(Shape { at: at.to_owned(), ..Shape::default() });
                return (node, shape);
            }
            _ => return self.opaque(Reason::Unwitnessed, at),
        };
        let key = (std::ptr::from_ref(value) as usize, dialect);
        if let Some(known) = self.seen.get(&key) {
            return *known;
        }
        if self.depth > DEEPEST {
            return self.opaque(Reason::Recursion, at);
        }
        let marked = members.get("$schema").and_then(Value::as_str);
        if self.depth > 0 && marked.is_some_and(|uri| Dialect::from_uri(uri) != Some(dialect)) {
            return self.opaque(Reason::DialectMix, at);
        }
        let node = self.node(Form::Opaque(Reason::Recursion), at);
        let shape = self.shape(Shape::default());
        self.seen.insert(key, (node, shape));
        self.depth += 1;
        let inner = resolver.in_subresource(dialect.draft().create_resource_ref(value));
        let mut place = Place {
            members,
            at,
            resolver: inner.as_ref().unwrap_or(resolver),
            dialect,
            parts: Vec::new(),
            shape: Shape { at: at.to_owned(), ..Shape::default() },
        };
        self.read(&mut place);
        self.depth -= 1;
        let Place { mut parts, shape: written, .. } = place;
        parts.retain(|part| !matches!(&self.nodes[part.0 as usize].form, Form::All(parts) if parts.is_empty()));
        let form = Form::All(parts);
        self.nodes[node.0 as usize].digest = self.digest(&form);
        self.nodes[node.0 as usize].flat = self.is_flat(&form);
        self.nodes[node.0 as usize].form = form;
        self.shapes[shape.0 as usize] = written;
        (node, shape)
    }

    fn read(&mut self, place: &mut Place<'_, 'r>) {
        self.reference(place);
        if place.dialect.ref_hides_siblings() && place.members.contains_key("$ref") {
            return;
        }
        self.logic(place);
        self.scalars(place);
        self.arrays(place);
        self.objects(place);
        self.unevaluated(place);
    }

    /// `$ref`, `$dynamicRef`, `$recursiveRef`.
    fn reference(&mut self, place: &mut Place<'_, 'r>) {
        for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
            let Some(Value::String(reference)) = place.members.get(keyword) else { continue };
            match self.lookup(keyword, reference, place.resolver, place.dialect) {
                None => {}
                Some(Ok(found)) => {
                    let (contents, resolver, draft) = found.into_inner();
                    let at = reference.strip_prefix('#').unwrap_or(reference).to_owned();
                    let dialect = dialect_of(draft).unwrap_or(place.dialect);
                    self.spelled_integers |= dialect == Dialect::Draft4;
                    let (node, shape) = self.schema(contents, &at, &resolver, dialect);
                    place.parts.push(node);
                    place.shape.in_place.push(shape);
                }
                Some(Err(reason)) => place.parts.push(self.unfollowed(reason, place.at)),
            }
        }
    }

    /// What a reference leads to; `None` where the dialect does not know the keyword.
    ///
    /// A dynamic reference means something else at every place it is reached, unless there is but one anchor that it
    /// could mean: then it is a `$ref`.
    fn lookup(
        &mut self,
        keyword: &str,
        reference: &str,
        resolver: &Resolver<'r>,
        dialect: Dialect,
    ) -> Option<Result<Resolved<'r>, Reason>> {
        let single = match keyword {
            "$dynamicRef" if dialect == Dialect::Draft202012 => {
                self.anchors.single_dynamic(reference, resolver)
            }
            "$recursiveRef" if dialect == Dialect::Draft201909 => {
                self.anchors.single_recursive(resolver)
            }
            "$ref" => true,
            _ => return None,
        };
        if !single {
            return Some(Err(Reason::UnevaluatedDynamic));
        }
        Some(resolver.lookup(reference).map_err(|_| Reason::Recursion))
    }

    /// `allOf`, `anyOf`, `oneOf`, `not`, `if`.
    fn logic(&mut self, place: &mut Place<'_, 'r>) {
        for keyword in ["allOf", "anyOf", "oneOf"] {
            let Some(Value::Array(branches)) = place.members.get(keyword) else { continue };
            let mut nodes = Vec::with_capacity(branches.len());
            for (index, branch) in branches.iter().enumerate() {
                nodes.push(self.in_place(
                    place,
                    branch,
                    &format!("{}/{keyword}/{index}", place.at),
                ));
            }
            let form = match keyword {
                "allOf" => Form::All(nodes),
                "anyOf" => Form::Any(nodes),
                _ => Form::One(nodes),
            };
            place.parts.push(self.node(form, &format!("{}/{keyword}", place.at)));
        }
        if let Some(negated) = place.members.get("not") {
            let at = format!("{}/not", place.at);
            let inner = self.in_place(place, negated, &at);
            place.parts.push(self.node(Form::Not(inner), &at));
        }
        if place.dialect >= Dialect::Draft7
            && let Some(condition) = place.members.get("if")
        {
            let condition_at = format!("{}/if", place.at);
            let condition = self.in_place(place, condition, &condition_at);
            let negated = self.node(Form::Not(condition), &condition_at);
            for (keyword, unless) in [("then", negated), ("else", condition)] {
                let Some(branch) = place.members.get(keyword) else { continue };
                let at = format!("{}/{keyword}", place.at);
                let branch = self.in_place(place, branch, &at);
                place.parts.push(self.node(Form::Any(vec![unless, branch]), &at));
            }
        }
    }

    /// Reads a subschema that applies to the same instance.
    fn in_place(&mut self, place: &mut Place<'_, 'r>, value: &'r Value, at: &str) -> NodeId {
        let (node, shape) = self.schema(value, at, place.resolver, place.dialect);
        place.shape.in_place.push(shape);
        node
    }

    /// Reads a subschema that applies further down.
    fn below(&mut self, place: &Place<'_, 'r>, value: &'r Value, at: &str) -> (NodeId, ShapeId) {
        self.schema(value, at, place.resolver, place.dialect)
    }
}

fn dialect_of(draft: Draft) -> Option<Dialect> {
    use Dialect::{Draft4, Draft6, Draft7, Draft201909, Draft202012};
    [Draft4, Draft6, Draft7, Draft201909, Draft202012]
        .into_iter()
        .find(|dialect| dialect.draft() == draft)
}

/// Whether some node leads back to itself through the same instance only.
fn unguarded(nodes: &[Node]) -> bool {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; nodes.len()];
    let in_place = |index: usize| -> &[NodeId] {
        let form = &nodes[index].form;
        if form.is_in_place() { form.parts() } else { &[] }
    };
    for start in 0..nodes.len() {
        if marks[start] != Mark::New {
            continue;
        }
        marks[start] = Mark::Open;
        let mut path = vec![(start, 0)];
        while let Some((index, next)) = path.last_mut() {
            if let Some(part) = in_place(*index).get(*next) {
                *next += 1;
                let part = part.0 as usize;
                match marks[part] {
                    Mark::Open => return true,
                    Mark::New => {
                        marks[part] = Mark::Open;
                        path.push((part, 0));
                    }
                    Mark::Done => {}
                }
            } else {
                marks[*index] = Mark::Done;
                path.pop();
            }
        }
    }
    false
}
