//! Gives the linker the board's memory map.

fn main() {
    println!("cargo:rerun-if-changed=memory.x");
    println!("cargo:rustc-link-search={}", env!("CARGO_MANIFEST_DIR"));
    println!("cargo:rustc-link-arg=-Tlink.x");
    // No vectors of a device's interrupts: the list of their names that the runtime asks for is empty.
    let out = std::path::PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    std::fs::write(out.join("device.x"), "").expect("cargo made the folder");
    println!("cargo:rustc-link-search={}", out.display());
}
