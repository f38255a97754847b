//! The schema registry: an append-only log of decisions and the catalog folded from it.
