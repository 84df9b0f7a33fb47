//! `lenke user`: people who may use the console.

use crate::place::Place;
use anyhow::{Context, Result};
use clap::ValueEnum;
use lenke_store::{Role, Store};

/// Name of the account that the first start of a centre makes.
const FIRST_NAME: &str = "admin";

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Add a person, or give one a new password; the password is printed once.
    Add {
        /// Login name.
        name: String,
        /// What the person may do.
        #[arg(long, value_enum, default_value = "operator")]
        role: RoleName,
        #[command(flatten)]
        place: Place,
    },
}

/// Roles as they are written on the command line.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RoleName {
    Operator,
    Administrator,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Operator => Self::Operator,
            RoleName::Administrator => Self::Administrator,
        }
    }
}

/// A name with its password, for showing once.
pub(crate) struct Login {
    pub(crate) name: String,
    pub(crate) password: String,
}

pub(crate) async fn run(command: Command) -> Result<()> {
    let Command::Add { name, role, place } = command;
    let opened = place.begin().await?;
    let role = Role::from(role);
    opened.audit("user.put", &name, &format!("{role:?}").to_lowercase()).await?;
    let login = set_login(&*opened.store, &name, role).await?;
    println!("{} / {}   (shown this once)", login.name, login.password);
    Ok(())
}

/// Makes the first administrator where there is nobody yet.
///
/// # Errors
/// The store refuses.
pub(crate) async fn first_login(store: &dyn Store) -> Result<Option<Login>> {
    match store.user(FIRST_NAME).await? {
        Some(_) => Ok(None),
        None => set_login(store, FIRST_NAME, Role::Administrator).await.map(Some),
    }
}

/// Gives `name` a new random password and `role`.
///
/// # Errors
/// The store refuses.
pub(crate) async fn set_login(store: &dyn Store, name: &str, role: Role) -> Result<Login> {
    let password = lenke_console::bootstrap_user(store, name, role)
        .await
        .with_context(|| format!("cannot set the login of {name}"))?;
    Ok(Login { name: name.to_owned(), password })
}
