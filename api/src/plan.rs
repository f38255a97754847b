//! A plan as it travels: the edges an event crosses from one version to another.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stele_evolution::{containment::ContentModel, lens, plan, pointer::Pointer, version::Version};

use crate::{subject::Subject, version::EdgeKind};

/// How an event gets from one version of a subject to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanResource {
    /// A hash of everything the plan consists of.
    pub id: String,
    /// The subject.
    pub subject: Subject,
    /// The version of the event that comes in.
    pub from: Version,
    /// The version of the event that goes out.
    pub to: Version,
    /// What can happen to an event on the way.
    pub class: PlanClass,
    /// The content model the plan is meant in.
    pub content_model: ContentModel,
    /// The edges in the order they are crossed.
    pub edges: Vec<PlanEdge>,
    /// What may be lost, as accepted by the lenses.
    pub losses: Vec<Pointer>,
    /// How sure the registry is of the weakest edge.
    pub assurance: Assurance,
}

/// One edge, as it is crossed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanEdge {
    /// The version before it.
    pub from: Version,
    /// The version after it; the older one on the way down.
    pub to: Version,
    /// Addition or lens.
    pub kind: EdgeKind,
    /// The lens, always written from the older to the newer version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lens: Option<Value>,
}

/// What can happen to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanClass {
    /// Nothing: the bytes go on.
    Pass,
    /// It changes its shape, and nothing is lost.
    Iso,
    /// Something may be lost.
    Lossy,
    /// There is no way back.
    OneWay,
}

/// How sure the registry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Assurance {
    /// So many events were tried, both ways.
    Tested(u32),
    /// It is proved.
    Proven,
}

/// The lens of one edge, with what its check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LensResource {
    /// The subject.
    pub subject: Subject,
    /// The older version.
    pub from: Version,
    /// The newer version.
    pub to: Version,
    /// The document.
    pub lens: Value,
    /// How sure the registry is of it.
    pub assurance: Assurance,
}

impl From<lens::Assurance> for Assurance {
    fn from(assurance: lens::Assurance) -> Self {
        match assurance {
            lens::Assurance::Proven => Assurance::Proven,
            lens::Assurance::Tested(events) => Assurance::Tested(events),
        }
    }
}

impl From<Assurance> for lens::Assurance {
    fn from(assurance: Assurance) -> Self {
        match assurance {
            Assurance::Proven => lens::Assurance::Proven,
            Assurance::Tested(events) => lens::Assurance::Tested(events),
        }
    }
}

impl From<plan::Class> for PlanClass {
    fn from(class: plan::Class) -> Self {
        match class {
            plan::Class::Pass => PlanClass::Pass,
            plan::Class::Iso => PlanClass::Iso,
            plan::Class::Lossy => PlanClass::Lossy,
            plan::Class::OneWay => PlanClass::OneWay,
        }
    }
}
