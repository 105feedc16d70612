//! Tells cargo that the migrations and the words are part of the program: the macros that embed them do not see new files.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=src/language/words");
}
