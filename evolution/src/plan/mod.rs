//! A plan is the way from one version of a subject to another: the edges between them, composed.
