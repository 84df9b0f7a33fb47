//! A release embeds the pages: it must be built again when a page file comes or goes. Debug builds read them from disk.

fn main() {
    let embeds = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    println!("cargo::rerun-if-changed={}", if embeds { "web" } else { "build.rs" });
}
