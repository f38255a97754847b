//! Plans made of the files of `schemas/retail`, where a running shop would ask its registry.
#![allow(dead_code, reason = "every test file uses a part of it")]

use stele_evolution::{
    containment::ContentModel,
    lens::{Assurance, Lens},
    plan::{Edge, Plan, Step},
    schema::Schema,
    version::Version,
};
use stele_scenario::retail::{
    Catalog, Upcasts, bounded_context::BoundedContext, catalog::Subject,
    order_management::OrderManagement,
};

/// The versions of a subject with their edges.
pub fn steps(subject: &Subject) -> Vec<Step> {
    subject
        .editions
        .iter()
        .map(|edition| Step {
            version: edition.version,
            schema: Schema::read(edition.schema).parse().unwrap(),
            edge: match edition.lens {
                Some(text) => Some(Edge::Written {
                    lens: Lens::parse(text).unwrap(),
                    assurance: Assurance::Proven,
                }),
                None => (edition.version != Version::FIRST).then_some(Edge::Addition),
            },
        })
        .collect()
}

/// The way from one version of a subject to another.
pub fn plan(subject: &Subject, from: Version, to: Version) -> Plan {
    let name = &subject.about.subject;
    Plan::compose(name, &steps(subject), from, to, ContentModel::Event).unwrap()
}

/// The ways up to what order management understands now.
pub fn upcasts() -> Upcasts {
    let catalog = Catalog::embedded().unwrap();
    let mut upcasts = Upcasts::default();
    for shape in OrderManagement::STORES {
        let subject = catalog.subject(shape.subject).unwrap();
        upcasts.add(*shape, |from, to| Ok(plan(subject, from, to))).unwrap();
    }
    upcasts
}
