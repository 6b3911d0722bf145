//! The commands, one file per noun.

mod asking;
mod keep;
mod model;
mod serve;
mod token;
mod transfer;
mod user;
mod work;
mod workspace;

use anyhow::Result;

use crate::cli::{Audit, Cli, Command};

/// Runs a command.
pub async fn run(cli: Cli) -> Result<()> {
    let mut place = cli.place;
    place.workspace = match cli.command {
        // These make one, or are about all.
        Command::Serve(_)
        | Command::Init { .. }
        | Command::Load { .. }
        | Command::Demo { .. }
        | Command::Restore { .. }
        | Command::Migrate
        | Command::Workspace { .. } => place.wanted(),
        _ => place.named().await?,
    };
    match cli.command {
        Command::Serve(listen) => serve::serve(&place, &listen).await,
        Command::Init { organisation, locale } => workspace::init(&place, &organisation, locale.as_deref()).await,
        Command::Load { accounts, contacts, opportunities, sellers, seed } => {
            serve::load(&place, rapport_sample::load::Load { accounts, contacts, opportunities, sellers, seed }).await
        }
        Command::Demo { listen, customers, seed, only_fill, locale } => {
            serve::demo(&place, &listen, (customers, seed), only_fill, locale.as_deref()).await
        }
        Command::Import(ask) => transfer::import(&place, ask).await,
        Command::Export { object, format, out, filter, fields, user } => {
            transfer::export(&place, &object, (format.as_deref(), out), filter, fields, user.as_deref()).await
        }
        Command::Backup { to } => keep::backup(&place, to).await,
        Command::Restore { from } => keep::restore(&place, &from).await,
        Command::Migrate => keep::migrate(&place).await,
        Command::Doctor => keep::doctor(&place).await,
        Command::Audit { command: Audit::Verify { since } } => keep::verify(&place, since.as_deref()).await,
        Command::User { command } => user::run(&place, command).await,
        Command::Token { command } => token::run(&place, command).await,
        Command::Workspace { command } => workspace::run(&place, command).await,
        Command::Model { command } => model::run(&place, command).await,
    }
}
