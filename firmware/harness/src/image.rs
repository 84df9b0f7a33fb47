//! Builds what a run needs: the tag's image by `firmware/build`, and the program `lenke`.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The tag's image, and how large it is.
#[derive(Debug, Deserialize)]
pub(crate) struct Image {
    pub(crate) elf: PathBuf,
    pub(crate) text: u64,
    pub(crate) static_ram: u64,
}

#[derive(Deserialize)]
struct Built {
    images: Vec<Image>,
}

/// The repository's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Builds the image of the emulated board.
pub(crate) fn build() -> Result<Image> {
    let script = root().join("firmware/build");
    let output = Command::new(&script)
        .args(["mps2", "--json"])
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", script.display()))?;
    if !output.status.success() {
        bail!("firmware/build mps2 failed");
    }
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().find(|line| line.starts_with('{')).context("firmware/build said no JSON")?;
    let built: Built = serde_json::from_str(line).context("firmware/build said another JSON")?;
    built.images.into_iter().next().context("firmware/build built no image")
}

/// Builds `lenke` as `cargo build` does.
pub(crate) fn build_centre() -> Result<PathBuf> {
    let root = root();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--package", "lenke", "--bin", "lenke"]).current_dir(&root);
    // `cargo run` describes this package in the environment. Build scripts of others look at that, and cargo would
    // build them and all that rests on them anew, each time.
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        {
            build.env_remove(name);
        }
    }
    let status = build.status().context("cannot start cargo")?;
    if !status.success() {
        bail!("cargo build --bin lenke failed");
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("debug/lenke"))
}
