//! Tells the program which commit it was built from, where the source is a checkout.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=.git/HEAD");
    println!("cargo:rerun-if-changed=.git/refs/heads");
    let output = Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output();
    if let Ok(o) = output
        && o.status.success()
        && let Ok(commit) = String::from_utf8(o.stdout)
    {
        println!("cargo:rustc-env=SOFTSPOT_COMMIT={}", commit.trim());
    }
}
