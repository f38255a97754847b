//! What travels over HTTP: wire types, paths, error codes. No I/O.
