//! Tells cargo that the migrations are part of the program: the macro that embeds them does not.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
