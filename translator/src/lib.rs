//! The translator: events in one version in, the consumer's version out.
