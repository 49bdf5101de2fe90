# Short names for what DEVELOPERS.md explains. Each is one command, so nothing needs `just`.

# Shows this list.
default:
    @just --list --unsorted

# Starts the kiosk; without a configuration, the virtual one.
run *arguments:
    cargo run --release -- run {{ arguments }}

# Runs the tests whose names contain `filter`, or all.
test filter='':
    cargo test {{ filter }}

# Formats, lints, and tests the house rules: what to do before a commit.
check:
    cargo fmt
    cargo clippy --all-targets -- -D warnings
    cargo test --test main house::

# Everything that has to pass before a merge.
ci:
    .ci/run

# Writes what tests expect anew; look at every difference before you commit it.
expect filter='':
    UPDATE_EXPECTED=1 cargo test {{ filter }}
    git status --short tests

# Measures one thing: `just bench reading`.
bench name:
    cargo bench --bench {{ name }}

# Feeds `target` hostile input for `seconds`; needs a nightly compiler and cargo-fuzz.
fuzz target='scan' seconds='600':
    cargo +nightly fuzz run {{ target }} -- -max_total_time={{ seconds }} -max_len=65536

# Builds for a Raspberry Pi in a container; needs cross.
cross target='aarch64-unknown-linux-gnu':
    CROSS_CONFIG=cross.toml cross build --release --locked --features pi --target {{ target }}

# Makes the kiosk's package for a Raspberry Pi with Debian's cross compiler; needs cargo-deb.
package target='aarch64-unknown-linux-gnu':
    assets/package/build {{ target }}

# Tries scenarios on the emulated Pi: `just emulate list`; tests/emulated-pi/README.md says what it needs.
emulate *scenarios:
    sudo tests/emulated-pi/run {{ scenarios }}

# Holds the dependencies to deny.toml.
deny:
    cargo deny check

# Opens the documentation of every room.
doc:
    cargo doc --no-deps --document-private-items --open
