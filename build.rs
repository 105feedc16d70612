//! Tells cargo that the migrations are part of the program: the macro that embeds them does not.
#![expect(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
