//! `lenke openapi`: the HTTP API's description, made from the code.

use anyhow::Result;

#[expect(clippy::unnecessary_wraps, reason = "every subcommand answers alike")]
pub(crate) fn run() -> Result<()> {
    println!("{}", lenke_console::openapi_json());
    Ok(())
}
