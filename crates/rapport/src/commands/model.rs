//! `model …`.

use anyhow::Result;
use rapport_policy::{Reason, SystemScope};

use crate::{
    bootstrap,
    cli::{Model, Place},
    words::{disk, refused},
};

/// Runs a command.
pub async fn run(place: &Place, command: Model) -> Result<()> {
    let w = bootstrap::open(place, &place.workspace).await?;
    let scope = SystemScope::because(Reason::CommandLine);
    match command {
        Model::Export => print!("{}", w.engine.export_model(&scope, true).await.map_err(refused)?),
        Model::Plan { file } => println!("{:#}", change(&w, &scope, &file, true).await?),
        Model::Apply { file } => println!("{:#}", change(&w, &scope, &file, false).await?),
    }
    w.db.close().await?;
    Ok(())
}

async fn change(
    w: &bootstrap::Open,
    scope: &rapport_policy::Scope,
    file: &std::path::Path,
    dry_run: bool,
) -> Result<serde_json::Value> {
    let text = std::fs::read_to_string(file).map_err(disk(file))?;
    w.engine.apply_model(scope, &text, dry_run).await.map_err(refused)
}
