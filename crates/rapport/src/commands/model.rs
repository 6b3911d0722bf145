//! `model …`.

use anyhow::Result;
use rapport_policy::{Reason, Scope, SystemScope};
use rapport_records::Apply;

use crate::{
    bootstrap::{self, Open},
    cli::{Model, ModelText, Place},
    words::{disk, refused},
};

/// Runs a command.
pub async fn run(place: &Place, command: Model) -> Result<()> {
    let w = bootstrap::open(place, &place.workspace).await?;
    let scope = SystemScope::because(Reason::CommandLine);
    match command {
        Model::Export => print!("{}", w.engine.export_model(&scope, true).await.map_err(refused)?),
        Model::Plan { text } => println!("{:#}", change(&w, &scope, &text, true).await?),
        Model::Apply { text } => println!("{:#}", change(&w, &scope, &text, false).await?),
    }
    w.db.close().await?;
    Ok(())
}

async fn change(w: &Open, scope: &Scope, ask: &ModelText, dry_run: bool) -> Result<serde_json::Value> {
    let file = &ask.file;
    let text = std::fs::read_to_string(file).map_err(disk(file))?;
    let how = Apply { dry_run, retire_all: ask.retire_all };
    w.engine.apply_model(scope, &text, how).await.map_err(refused)
}
