//! Benches of softspot: one file a subject, run by `cargo bench -p softspot-benches`.
