//! `backup`, `restore`, `migrate`, `doctor`, `audit verify`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use rapport_schema::{Clock as _, SystemClock};

use crate::{
    bootstrap,
    cli::Place,
    words::{error, say},
};

/// Copies the workspace of the command line.
pub async fn backup(place: &Place, to: Option<PathBuf>) -> Result<()> {
    let to = to.unwrap_or_else(|| {
        let at = SystemClock.now().rfc3339().replace([':', '.'], "-");
        place.data.join("backups").join(format!("{}-{at}.backup", place.workspace))
    });
    backup_of(place, &place.workspace, to).await
}

/// Copies a workspace, verified.
pub async fn backup_of(place: &Place, name: &str, to: PathBuf) -> Result<()> {
    if to.exists() {
        return Err(error(format!("{} is there already", to.display()), format!("{} 已存在", to.display())));
    }
    if let Some(dir) = to.parent().filter(|d| !d.as_os_str().is_empty()) {
        std::fs::create_dir_all(dir)?;
    }
    let w = bootstrap::open(place, name).await?;
    w.db.backup(&to).await?;
    w.db.close().await?;
    println!("{}", say(format!("copied and verified: {}", to.display()), format!("已备份并校验：{}", to.display())));
    Ok(())
}

/// Brings a backup back under a name that is free.
pub async fn restore(place: &Place, from: &Path) -> Result<()> {
    let name = &place.workspace;
    if place.exists(name).await? {
        return Err(error(
            format!("there already is a workspace `{name}`: give another with --workspace, or archive it first"),
            format!("工作区 `{name}` 已存在：请用 --workspace 指定其他名称，或先归档"),
        ));
    }
    if place.database.is_none() {
        std::fs::create_dir_all(&place.data)?;
    }
    rapport_store::restore(from, &place.target(name)?).await?;
    bootstrap::open(place, name).await?.db.close().await?;
    println!("{}", say(format!("restored as `{name}`"), format!("已恢复为 `{name}`")));
    Ok(())
}

/// Opening brings the tables and shipped records up to date.
pub async fn migrate(place: &Place) -> Result<()> {
    for w in place.store().list().await?.into_iter().filter(|w| !w.archived) {
        bootstrap::open(place, &w.name).await?.db.close().await?;
        println!("{}", say(format!("`{}` is up to date", w.name), format!("`{}` 已是最新", w.name)));
    }
    Ok(())
}

/// Looks for faults.
pub async fn doctor(place: &Place) -> Result<()> {
    let w = bootstrap::open(place, &place.workspace).await?;
    let mut faults = w.db.doctor(&w.engine.model()).await?;
    if let Err(f) = w.db.verify_log().await? {
        faults.push(f);
    }
    let stats = w.db.stats().await?;
    println!(
        "{} {} · {} bytes · seq {} · {}",
        w.name,
        stats.backend,
        stats.bytes,
        stats.seq.0,
        if rapport_server::assets::has_page() {
            say("page embedded", "含页面")
        } else {
            say("built without the page", "未包含页面")
        }
    );
    w.db.close().await?;
    for f in &faults {
        println!("✗ {f}");
    }
    if faults.is_empty() {
        println!("{}", say("✓ healthy", "✓ 一切正常"));
        Ok(())
    } else {
        Err(error(format!("{} faults", faults.len()), format!("发现 {} 处问题", faults.len())))
    }
}

/// Checks the hash chain.
pub async fn verify(place: &Place) -> Result<()> {
    let w = bootstrap::open(place, &place.workspace).await?;
    let checked = w.db.verify_log().await?;
    w.db.close().await?;
    match checked {
        Ok(seq) => {
            println!(
                "{}",
                say(format!("✓ the change log is whole up to {}", seq.0), format!("✓ 变更日志完整，至第 {} 条", seq.0))
            );
            Ok(())
        }
        Err(f) => Err(error(format!("the change log was tampered with: {f}"), format!("变更日志校验失败：{f}"))),
    }
}
