//! The online retail shop: four bounded contexts that agree on events, each at its own pace.
//!
//! Order management writes `OrderPlaced` in version 3 while inventory still reads version 1; payment and shipping are
//! behind in other places. Each stands behind a translator of its own, so none of them knows.
//!
//! How to run it: [`Retail::bind`] takes the addresses, [`Bound::plan`] says which sidecars are wanted before them,
//! [`Bound::start`] opens the shop once those stand, and [`run()`] places orders and waits for their ends.

mod amount;
pub mod bounded_context;
pub mod catalog;
pub mod convention;
pub mod inventory;
pub mod message;
mod moves;
pub mod order_management;
pub mod orders;
mod outbox;
pub mod payment;
pub mod plan;
mod puller;
mod run;
mod service;
pub mod shipping;
mod shop;
pub mod store;
pub mod summary;
pub mod trace;
pub mod upcasts;

pub use self::{
    amount::{Amount, AmountError},
    catalog::Catalog,
    convention::{Convention, Registered},
    moves::NEXT_SHIPMENT_CREATED,
    plan::{Route, Sidecar},
    run::{RunError, run, rush, summarize},
    service::RecallError,
    shop::{Bound, OpenError, Opening, Retail},
    summary::Summary,
    trace::{Step, Trace, What},
    upcasts::Upcasts,
};
