//! Small event-driven systems that run on Stele: the online retail shop.
