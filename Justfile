# The commands that CI runs, by name. `just` lists them.

_default:
    @just --list --unsorted

# Rewrite every source in the house style
fmt:
    cargo fmt --all

# Lint everything, warnings are errors
clippy:
    cargo clippy --workspace --all-targets -- -D warnings

# Every test in Rust
test:
    cargo build --workspace --all-targets
    cargo test --workspace --no-fail-fast

# The feed, cut off a thousand times
soak-feed:
    cargo build --workspace
    STELE_SOAK_CUTS=1000 cargo test --workspace --test journeys feed::

# The registry, killed two hundred times
soak-crashes:
    cargo build --workspace
    STELE_CRASHES=200 cargo test --workspace --test journeys crash_consistency::

# The sidecar killed 100 times while 50,000 events flow, 20,000 events for a dead consumer, 200 swaps under load
soak-sidecar:
    cargo build --workspace
    STELE_SOAK=1 cargo test --workspace --test sidecar

# The long counts of everything
soak: soak-feed soak-crashes soak-sidecar

# The SDKs of CloudEvents, in Python and in Node, on both sides of a translator; `just ci` installs them
senders:
    cargo build --workspace
    .venv/bin/python tests/clients/senders.py target/debug
    node tests/clients/node/senders.js target/debug

# The unmodified clients of other registries; `just ci` installs them
clients:
    cargo build --workspace
    .venv/bin/python tests/clients/confluent.py target/debug/stele-registry
    node tests/clients/kafkajs/test.js target/debug/stele-registry

# Whatever the description of the API allows, and much that it does not; `just ci` installs it
openapi:
    cargo build --workspace
    .venv-api/bin/python tests/clients/openapi.py target/debug/stele-registry

# Licences, bans and sources of everything we depend on (needs cargo-deny)
deny:
    cargo deny check bans licenses sources

# The main job: the online shop, end to end
run:
    cargo run --release -- dev --scenario retail

# Everything, as CI does it
ci:
    .ci/run

# Ten minutes of fuzzing with pairs of schemas, five with events through lenses (needs a nightly compiler and cargo-fuzz)
fuzz:
    python3 fuzz/seeds.py fuzz/corpus/schema_pair
    cargo +nightly fuzz run --sanitizer none schema_pair -- -max_total_time=600 -timeout=10 -max_len=4096
    cargo +nightly fuzz run --sanitizer none event_lens -- -max_total_time=300 -timeout=10 -max_len=4096
