//! Events of a schema.
