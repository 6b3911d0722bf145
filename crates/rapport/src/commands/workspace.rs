//! `init` and `workspace …`.

use anyhow::Result;
use rapport_server::about::{About, plain};

use super::keep;
use crate::{
    attachments, bootstrap,
    cli::{Place, Workspace},
    words::{self, error, say},
};

async fn make(place: &Place, name: &str, organisation: &str, locale: Option<&str>) -> Result<()> {
    if place.exists(name).await? {
        return Err(error(format!("there already is a workspace `{name}`"), format!("工作区 `{name}` 已存在")));
    }
    let info = About { organisation: plain(organisation), demo: false, locale: words::language(locale) };
    bootstrap::open_or_create(place, name, Some(info)).await?.db.close().await?;
    Ok(())
}

/// Makes the first workspace.
pub async fn init(place: &Place, organisation: &str, locale: Option<&str>) -> Result<()> {
    make(place, &place.workspace, organisation, locale).await?;
    println!(
        "{}",
        say(
            "The workspace is made. Next: `rapport serve`, then make the first administrator in the browser, or `rapport user create --admin --email … --name …`",
            "工作区已建立。下一步：运行 `rapport serve`，在浏览器中创建首位管理员，或运行 `rapport user create --admin --email … --name …`",
        )
    );
    Ok(())
}

/// Brings a SQLite workspace to PostgreSQL: a verified copy of the file, every table compared after its arrival, the search
/// index filled, its attachments copied beside those of the database.
async fn copy(place: &Place, name: &str, url: String, rename: Option<String>) -> Result<()> {
    if place.database.is_some() {
        return Err(error(
            "give the SQLite folder with --data, not --database",
            "请用 --data 指定 SQLite 数据目录，不要用 --database",
        ));
    }
    let there = Place {
        data: place.data.clone(),
        database: Some(url),
        asked: None,
        workspace: rename.unwrap_or_else(|| name.to_owned()),
    };
    if there.exists(&there.workspace).await? {
        return Err(error(
            format!("there already is a workspace `{}` in that database: give another name with --as", there.workspace),
            format!("该数据库中已有工作区 `{}`：请用 --as 指定其他名称", there.workspace),
        ));
    }
    let dir = place.data.join("backups");
    std::fs::create_dir_all(&dir)?;
    let file = dir.join(format!("{name}-copy-{:016x}.db", rand::random::<u64>()));
    let w = bootstrap::open(place, name).await?;
    w.db.backup(&file).await?;
    w.db.close().await?;
    let done = rapport_store::restore(&file, &there.target(&there.workspace)?).await;
    std::fs::remove_file(&file)?;
    done?;
    attachments::copy(&attachments::folder(place, name), &attachments::folder(&there, &there.workspace))?;
    bootstrap::open(&there, &there.workspace).await?.db.close().await?;
    println!(
        "{}",
        say(
            format!(
                "`{name}` is copied as `{}`, every table compared. The source is unchanged: `rapport workspace archive {name}` puts it aside",
                there.workspace
            ),
            format!(
                "`{name}` 已复制为 `{}`，各表均已核对。源工作区未改动，可用 `rapport workspace archive {name}` 归档",
                there.workspace
            ),
        )
    );
    Ok(())
}

/// Runs a command.
pub async fn run(place: &Place, command: Workspace) -> Result<()> {
    let store = place.store();
    match command {
        Workspace::Create { name, organisation, locale } => {
            make(place, &name, organisation.as_deref().unwrap_or(&name), locale.as_deref()).await?;
            println!("{}", say(format!("made `{name}`"), format!("已建立 `{name}`")));
        }
        Workspace::List => {
            for w in store.list().await? {
                println!("{}{}", w.name, if w.archived { say("  (archived)", "  （已归档）") } else { String::new() });
            }
        }
        Workspace::Rename { from, to } => {
            store.rename(&from, &to).await?;
            attachments::rename(place, &from, &to)?;
            println!("{}", say(format!("`{from}` is now `{to}`"), format!("`{from}` 已改名为 `{to}`")));
        }
        Workspace::Archive { name, undo } => {
            store.archive(&name, !undo).await?;
            println!(
                "{}",
                if undo {
                    say(format!("`{name}` is back"), format!("`{name}` 已取消归档"))
                } else {
                    say(format!("`{name}` is archived"), format!("`{name}` 已归档"))
                }
            );
        }
        Workspace::Copy { name, to, rename } => copy(place, &name, to, rename).await?,
        Workspace::Export { name, to } => keep::backup_of(place, &name, to).await?,
        Workspace::Drop { name, confirm } => {
            if confirm != name {
                return Err(error("--confirm must repeat the name", "--confirm 必须与名称一致"));
            }
            store.drop(&name).await?;
            // An archived one of the same name still has them.
            if !store.list().await?.iter().any(|w| w.name == name) {
                attachments::remove(place, &name)?;
            }
            println!("{}", say(format!("`{name}` is gone"), format!("`{name}` 已删除")));
        }
    }
    Ok(())
}
