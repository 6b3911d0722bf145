//! `backup`, `restore`, `migrate`, `doctor`, `audit verify`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use rapport_schema::{Clock as _, SystemClock};

use crate::{
    attachments, bootstrap,
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
    // It has its name once all of it is there; what an earlier one that was cut off left behind is worth nothing.
    let part = unfinished(&to);
    if part.is_dir() {
        std::fs::remove_dir_all(&part)?;
    } else if part.exists() {
        std::fs::remove_file(&part)?;
    }
    let w = bootstrap::open(place, name).await?;
    w.db.backup(&part).await?;
    // After the records: the contents of everything they name were there before them.
    let named = attachments::named(&w).await?;
    w.db.close().await?;
    let beside = attachments::beside(&to);
    let copied = attachments::copy(&attachments::folder(place, name), &beside)?;
    std::fs::rename(&part, &to)?;
    println!("{}", say(format!("copied and verified: {}", to.display()), format!("已备份并校验：{}", to.display())));
    if copied.files > 0 {
        let kibibytes = copied.bytes.div_ceil(1 << 10);
        println!(
            "{}",
            say(
                format!("with its attachments ({}, {kibibytes} KiB): {}; keep the two together", copied.files, beside.display()),
                format!("另有附件 {} 个，共 {kibibytes} KiB：{}；请与备份文件一同保存", copied.files, beside.display()),
            )
        );
    }
    tell_missing(&attachments::missing(&named, &beside))
}

/// Where a backup grows.
fn unfinished(to: &Path) -> PathBuf {
    let mut p = to.as_os_str().to_owned();
    p.push(".unfinished");
    p.into()
}

/// Attachments that could not be kept or brought back; the rest is safe.
fn tell_missing(lines: &[String]) -> Result<()> {
    for l in lines.iter().take(20) {
        eprintln!("✗ {l}");
    }
    if lines.is_empty() {
        return Ok(());
    }
    let n = lines.len();
    Err(error(
        format!("{n} attachments are missing or damaged; everything else is there"),
        format!("有 {n} 个附件缺失或损坏，其余内容完整"),
    ))
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
    // The attachments first: the workspace is there only once all of it is.
    let folder = attachments::folder(place, name);
    let fresh = !folder.exists();
    let brought: Result<()> = async {
        attachments::copy(&attachments::beside(from), &folder)?;
        rapport_store::restore(from, &place.target(name)?).await?;
        Ok(())
    }
    .await;
    if brought.is_err() && fresh {
        attachments::remove(place, name)?;
    }
    brought?;
    let w = bootstrap::open(place, name).await?;
    let named = attachments::named(&w).await?;
    w.db.close().await?;
    println!("{}", say(format!("restored as `{name}`"), format!("已恢复为 `{name}`")));
    tell_missing(&attachments::missing(&named, &folder))
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
    if let Err(f) = w.db.verify_log(None).await? {
        faults.push(f);
    }
    faults.extend(attachments::missing(&attachments::named(&w).await?, &attachments::folder(place, &w.name)));
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

/// Checks the hash chain, against a head noted earlier when one is given.
pub async fn verify(place: &Place, since: Option<&str>) -> Result<()> {
    let since = since.map(str::parse).transpose().map_err(|()| {
        error(
            "--since is a head as an earlier check printed it: NUMBER:HASH",
            "--since 应为此前校验时输出的链头，格式为 编号:哈希",
        )
    })?;
    let w = bootstrap::open(place, &place.workspace).await?;
    let checked = w.db.verify_log(since).await?;
    w.db.close().await?;
    match checked {
        Ok(head) => {
            println!(
                "{}",
                say(
                    format!(
                        "✓ the change log is whole up to {}\nhead {head}\nKept elsewhere, this head proves at the next check that nothing before it was written anew: rapport audit verify --since {head}",
                        head.seq.0
                    ),
                    format!(
                        "✓ 变更日志完整，至第 {} 条\n链头 {head}\n请另行保存链头；下次运行 rapport audit verify --since {head} 即可证明此前的记录未被整体改写",
                        head.seq.0
                    ),
                )
            );
            Ok(())
        }
        Err(f) => Err(error(format!("the change log was tampered with: {f}"), format!("变更日志校验失败：{f}"))),
    }
}
