//! Opening workspaces: store, pipeline with the domain rules, people, shipped records.

use std::sync::Arc;

use anyhow::Result;
use rapport_access::{Access, PasswordPreset, Vault};
use rapport_records::{Engine, Parts};
use rapport_schema::{
    SystemClock,
    clock::{IdGen, RandomIds},
};
use rapport_server::{
    about::{About, plain},
    people,
};
use rapport_store::{Db, Options, Place as StorePlace, Target};

use crate::{
    cli::Place,
    words::{self, disk, error, refused},
};

/// Name of a workspace that is given none.
const MAIN: &str = "main";

/// An open workspace.
pub struct Open {
    /// Its name.
    pub name: String,
    /// What it is.
    pub info: About,
    /// The database.
    pub db: Db,
    /// The pipeline.
    pub engine: Engine,
    /// People.
    pub access: Access,
}

impl Place {
    /// Where the store finds workspaces.
    #[must_use]
    pub fn store(&self) -> StorePlace {
        self.database.as_ref().map_or_else(|| StorePlace::Folder(self.data.clone()), |url| StorePlace::Postgres(url.clone()))
    }
    /// The database of a workspace.
    pub fn target(&self, name: &str) -> Result<Target> {
        Ok(self.store().target(name)?)
    }
    /// The workspace a command is about: the given one; else the only one there is, or `main` among several.
    pub async fn named(&self) -> Result<String> {
        if self.asked.is_some() {
            return Ok(self.wanted());
        }
        let mut all: Vec<String> = self.store().list().await?.into_iter().filter(|w| !w.archived).map(|w| w.name).collect();
        match (all.len(), all.iter().any(|n| n == MAIN)) {
            (0, _) | (_, true) => Ok(MAIN.to_owned()),
            (1, _) => Ok(all.remove(0)),
            _ => Err(error(
                format!("there are several workspaces: say which with --workspace: {}", all.join(", ")),
                format!("有多个工作区，请用 --workspace 指定：{}", all.join("、")),
            )),
        }
    }
    /// The given workspace or `main`: for what makes one.
    #[must_use]
    pub fn wanted(&self) -> String {
        self.asked.clone().unwrap_or_else(|| MAIN.to_owned())
    }
    /// Whether a workspace is there.
    pub async fn exists(&self, name: &str) -> Result<bool> {
        Ok(self.store().list().await?.iter().any(|w| w.name == name && !w.archived))
    }
}

fn preset() -> PasswordPreset {
    std::env::var("RAPPORT_PASSWORD_RULES").ok().and_then(|p| PasswordPreset::parse(&p)).unwrap_or_default()
}

/// The key that seals secrets in the databases: `RAPPORT_SECRET_KEY` (64 hexadecimal digits; several nodes on one PostgreSQL need
/// the same), else a file in the data folder, made at first use.
fn vault(place: &Place) -> Result<Vault> {
    match std::env::var("RAPPORT_SECRET_KEY") {
        Ok(k) => Vault::parse(&k).ok_or_else(|| {
            error("RAPPORT_SECRET_KEY must be 64 hexadecimal digits", "RAPPORT_SECRET_KEY 须为 64 位十六进制数字")
        }),
        Err(_) => Vault::of_folder(&place.data).map_err(disk(&place.data)),
    }
}

/// Opens a workspace that is there and brings it up to date: tables, then shipped records that are new.
pub async fn open(place: &Place, name: &str) -> Result<Open> {
    if !place.exists(name).await? {
        return Err(error(
            format!(
                "there is no workspace `{name}`; make it with `rapport workspace create {name}` (the first one: `rapport init`)"
            ),
            format!("没有名为 `{name}` 的工作区；请运行 `rapport workspace create {name}` 新建（首个工作区可用 `rapport init`）"),
        ));
    }
    open_or_create(place, name, None).await
}

/// Bytes that stay free on the disk: below, writing stops (`RAPPORT_DISK_RESERVE_MB`, default 200).
pub fn reserve_bytes() -> Result<u64> {
    let Ok(text) = std::env::var("RAPPORT_DISK_RESERVE_MB") else { return Ok(Options::default().reserve_bytes) };
    let mb: u64 = text.trim().parse().map_err(|_| {
        error(
            format!("RAPPORT_DISK_RESERVE_MB is a number of megabytes, not `{text}`"),
            format!("RAPPORT_DISK_RESERVE_MB 应为以 MB 计的整数，而不是“{text}”"),
        )
    })?;
    Ok(mb.saturating_mul(1 << 20))
}

fn options(place: &Place) -> Result<Options> {
    // Only to prove that the power-cut test sees what a missing sync loses; never for real data.
    let full_sync = std::env::var("RAPPORT_SQLITE_SYNC").as_deref() != Ok("normal");
    if !full_sync {
        tracing::warn!("RAPPORT_SQLITE_SYNC=normal: a power cut will lose acknowledged changes");
    }
    Ok(Options { backup_dir: Some(place.data.join("backups")), reserve_bytes: reserve_bytes()?, full_sync, ..Options::default() })
}

/// Opens a workspace, made first when it is not there and `new` says what it shall be.
pub async fn open_or_create(place: &Place, name: &str, new: Option<About>) -> Result<Open> {
    if place.database.is_none() {
        std::fs::create_dir_all(&place.data).map_err(disk(&place.data))?;
    }
    let model = rapport_model::shipped();
    let clock = Arc::new(SystemClock);
    let options = Options { clock: clock.clone(), ..options(place)? };
    let db = Db::open(&place.target(name)?, &model, options).await?;
    let ids: Arc<dyn IdGen> = Arc::new(RandomIds);
    let parts = Parts {
        clock: clock.clone(),
        ids: ids.clone(),
        hooks: rapport_sales::hooks(),
        actions: rapport_sales::actions(),
        chores: rapport_sales::chores(),
    };
    let engine = Engine::open(db.clone(), model, parts).await.map_err(refused)?;
    let info = match About::read(&engine).await.map_err(refused)? {
        Some(i) => i,
        None => {
            let i = new.unwrap_or_else(|| About { organisation: plain("Rapport"), demo: false, locale: words::locale() });
            i.write(&engine).await.map_err(refused)?;
            i
        }
    };
    engine.install(&rapport_model::defaults().records, info.locale).await.map_err(refused)?;
    let indexed = engine.fill_search().await.map_err(refused)?;
    if indexed > 0 {
        tracing::info!(workspace = name, records = indexed, "the search index is filled");
    }
    let of = engine.clone();
    let vault = vault(place)?;
    let access = Access::open(db.clone(), Arc::new(move || of.model()), clock, ids, preset(), vault).await.map_err(refused)?;
    engine.introduce(&access);
    if !info.demo {
        people::root_department(&engine, info.organisation.get(info.locale)).await.map_err(refused)?;
    }
    Ok(Open { name: name.to_owned(), info, db, engine, access })
}
