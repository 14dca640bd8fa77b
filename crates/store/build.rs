//! Embeds the migrations anew when a file is added to them; the macro itself only sees the files it knows.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
