//! `model …`.

use anyhow::Result;
use rapport_policy::{Reason, Scope, SystemScope};

use crate::{
    bootstrap::{self, Open},
    cli::{Model, ModelText, Place},
    words::{disk, error, refused},
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

/// Nothing in a text but roles, or nothing at all. What cannot be read is judged by the engine.
fn is_empty(text: &str) -> bool {
    toml::from_str::<toml::Table>(text).is_ok_and(|t| t.keys().all(|k| k == "role"))
}

async fn change(w: &Open, scope: &Scope, ask: &ModelText, dry_run: bool) -> Result<serde_json::Value> {
    let file = &ask.file;
    let text = std::fs::read_to_string(file).map_err(disk(file))?;
    if !ask.retire_all && is_empty(&text) && !is_empty(&w.engine.export_model(scope, false).await.map_err(refused)?) {
        let file = file.display();
        return Err(error(
            format!(
                "{file} holds no custom objects and fields: all there are would go out of use. If that is meant: --retire-all"
            ),
            format!("{file} 中没有自定义对象或字段，现有的将全部停用。确需如此请加 --retire-all"),
        ));
    }
    w.engine.apply_model(scope, &text, dry_run).await.map_err(refused)
}
