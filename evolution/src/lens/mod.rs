//! A lens says how an event of one version becomes one of the adjacent version, and back (spec lenses).
