//! The typed client of the registry.
