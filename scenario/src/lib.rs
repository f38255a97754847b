//! Small event-driven systems that run on Stele: the online retail shop.
//!
//! The services here are ordinary users of Stele. They talk to each other by CloudEvents over HTTP only, every one of
//! them behind a translator of its own, and neither starts a registry nor a translator: whoever runs a scenario hands
//! over their addresses.

pub mod retail;
