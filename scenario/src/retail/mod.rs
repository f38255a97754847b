//! The online retail shop: four bounded contexts that agree on events, each at its own pace.

pub mod catalog;

pub use self::catalog::Catalog;
