//! The engine of Stele: what a schema says, what changed between two, whether one contains the other, and how an
//! event crosses from one version to the next.
//!
//! Pure throughout: no I/O, no `async`, no clock, no randomness but a seed (`clippy.toml` holds that). The arrows
//! inside run one way: `schema` knows nobody, `difference` and `containment` read schemas, `policy` judges by both,
//! `raw` reads events, `lens` and `plan` carry them.
//!
//! ```
//! use stele_evolution::{budget::Budget, containment::ContentModel, policy::{self, Level}, schema::Schema};
//!
//! let old = Schema::read(r#"{"type": "object", "properties": {"id": {"type": "string"}}}"#).parse()?;
//! let new = Schema::read(r#"{"type": "object", "properties": {"id": {"type": "integer"}}}"#).parse()?;
//!
//! let judgement = policy::judge(&old, &new, Level::AdditionsOnly, ContentModel::Event, &Budget::steps(10_000));
//!
//! assert!(!judgement.accepted());
//! assert_eq!(judgement.refusals[0].rule, "type_changed");
//! # Ok::<(), stele_evolution::schema::SchemaError>(())
//! ```

pub mod budget;
pub mod containment;
pub mod difference;
pub mod lens;
pub mod plan;
pub mod pointer;
pub mod policy;
pub mod raw;
pub mod schema;
pub mod version;
