//! Writes what the simulation of two years of uploads finds: `cargo run -p proofreel-insight --example triggers > tests/bench/triggers.md`.

fn main() {
    use proofreel_insight::simulate::{page, table};
    print!("{}", page(&table()));
}
