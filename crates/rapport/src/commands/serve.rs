//! `serve` and `demo`.

use std::{
    collections::HashMap,
    fs::{File, TryLockError},
    sync::Arc,
};

use anyhow::{Context as _, Result};
use rapport_schema::{Clock as _, Label, SystemClock};
use rapport_server::{App, Config, Workspace, Workspaces, about::About};
use tokio::net::TcpListener;

use crate::{
    attachments,
    bootstrap::{self, Open},
    cli::{Listen, Place},
    words::{self, disk, error, say},
};

/// Name of the demo workspace.
const DEMO: &str = "demo";

/// Serves every workspace that is not archived.
pub async fn serve(place: &Place, listen: &Listen) -> Result<()> {
    let _alone = alone(place)?;
    let mut names: Vec<String> = place.store().list().await?.into_iter().filter(|w| !w.archived).map(|w| w.name).collect();
    if names.is_empty() {
        names.push(place.workspace.clone());
    }
    let mut open = vec![];
    for n in &names {
        open.push(
            bootstrap::open_or_create(place, n, None)
                .await
                .with_context(|| say(format!("workspace `{n}`"), format!("工作区 `{n}`")))?,
        );
    }
    run(place, listen, open).await
}

/// One server at a time on a folder of SQLite workspaces: each keeps what it knows of people and permissions in memory, and only one
/// may write at a time anyway. Held until the file is closed, however the process ends. On PostgreSQL several nodes are welcome.
fn alone(place: &Place) -> Result<Option<File>> {
    if place.database.is_some() {
        return Ok(None);
    }
    std::fs::create_dir_all(&place.data).map_err(disk(&place.data))?;
    let at = place.data.join("serve.lock");
    let f = File::options().create(true).truncate(false).write(true).open(&at).map_err(disk(&at))?;
    match f.try_lock() {
        Ok(()) => Ok(Some(f)),
        Err(TryLockError::WouldBlock) => Err(error(
            format!("another server already serves {}: stop it first, or give another folder with --data", place.data.display()),
            format!("已有另一个服务正在使用 {}：请先停止它，或用 --data 指定其他目录", place.data.display()),
        )),
        Err(TryLockError::Error(e)) => Err(e).with_context(|| at.display().to_string()),
    }
}

/// Makes the sample company where there is none, and serves it.
pub async fn demo(
    place: &Place,
    listen: &Listen,
    (customers, seed): (usize, u64),
    only_fill: bool,
    locale: Option<&str>,
) -> Result<()> {
    let _alone = if only_fill {
        None
    } else {
        loopback_or_twice(listen)?;
        alone(place)?
    };
    let name = if place.workspace == "main" { DEMO } else { &place.workspace };
    let new = !place.exists(name).await?;
    let info = About {
        organisation: Label::new(rapport_sample::company::NAME_EN, rapport_sample::company::NAME_ZH),
        demo: true,
        locale: words::language(locale),
    };
    let open = bootstrap::open_or_create(place, name, Some(info)).await?;
    if !open.info.demo {
        return Err(error(
            format!("the workspace `{name}` holds real data: give another name with --workspace"),
            format!("工作区 `{name}` 中是正式数据：请用 --workspace 指定其他名称"),
        ));
    }
    if new || open.access.directory().await.map_err(words::refused)?.users().count() == 0 {
        println!("{}", say("Making the sample company …", "正在生成示例公司……"));
        let tz = open.engine.model().tz();
        let filled = rapport_sample::fill(&open.engine, SystemClock.now(), tz, seed, customers).await?;
        let told: Vec<String> = filled.counts.iter().map(|(o, n)| format!("{o} {n}")).collect();
        println!("{}", told.join(", "));
    }
    if only_fill {
        open.db.close().await?;
        return Ok(());
    }
    run(place, listen, vec![open]).await
}

/// Fills a workspace with invented data in bulk.
pub async fn load(place: &Place, size: rapport_sample::load::Load) -> Result<()> {
    let open = bootstrap::open_or_create(place, &place.workspace, None).await?;
    rapport_sample::load::load(&open.engine, SystemClock.now(), size, |object, done| {
        if done % 20_000 == 0 {
            eprintln!("{object} {done}");
        }
    })
    .await?;
    open.db.close().await?;
    Ok(())
}

/// Demo people need no password: the network sees them only when told twice.
fn loopback_or_twice(listen: &Listen) -> Result<()> {
    if listen.listen.ip().is_loopback() || listen.demo_on_network >= 2 {
        return Ok(());
    }
    Err(error(
        format!(
            "anybody who reaches {} could sign in as a demo person without a password. Listen on 127.0.0.1, or give --demo-on-network twice",
            listen.listen
        ),
        format!("任何能访问 {} 的人都可以不用密码登录演示人员。请监听 127.0.0.1，或将 --demo-on-network 写两次", listen.listen),
    ))
}

async fn run(place: &Place, listen: &Listen, open: Vec<Open>) -> Result<()> {
    if open.iter().any(|o| o.info.demo) {
        loopback_or_twice(listen)?;
    }
    let secret = setup_secret(listen, &open).await?;
    let public = listen.public_url.as_deref().map(|u| u.trim_end_matches('/').to_owned());
    let config = Config {
        secure: public.as_ref().is_some_and(|u| u.starts_with("https://")),
        origins: public.iter().cloned().collect(),
        trusted_proxies: listen.trusted_proxy.clone(),
        loopback_only: listen.listen.ip().is_loopback() && listen.public_url.is_none(),
        setup_secret: secret,
        files: attachments::root(place),
        disk_reserve: bootstrap::reserve_bytes()?,
        rate: (listen.rate, listen.rate.saturating_mul(5)),
        ..Config::default()
    };
    let dbs: Vec<_> = open.iter().map(|o| o.db.clone()).collect();
    let app = App::new(config, workspaces(open, &place.workspace));
    let listener = TcpListener::bind(listen.listen).await.with_context(|| {
        say(
            format!("cannot listen on {}; is it in use? Give another with --listen", listen.listen),
            format!("无法监听 {}，可能已被占用；请用 --listen 指定其他地址", listen.listen),
        )
    })?;
    let at = listener.local_addr()?;
    let shown = public.unwrap_or_else(|| format!("http://{at}"));
    println!("{}", say(format!("Rapport is ready: {shown}"), format!("睿客已就绪：{shown}")));
    tracing::info!(listen = %at, version = env!("CARGO_PKG_VERSION"), page = rapport_server::assets::has_page(), "serving");
    let stop = app.stop().clone();
    tokio::spawn(async move {
        signalled().await;
        tracing::info!("stopping: running requests finish first");
        stop.now();
    });
    let done = rapport_server::serve(app, listener).await;
    for db in dbs {
        db.close().await?;
    }
    tracing::info!("stopped");
    Ok(done?)
}

/// A workspace answers to hosts that begin with its name (`acme.example.com`); the wanted or only one to all others.
fn workspaces(open: Vec<Open>, wanted: &str) -> Workspaces {
    let mut by_host = HashMap::new();
    let mut default = None;
    let only = open.len() == 1;
    for o in open {
        let is_default = only || o.name == wanted;
        let w = Arc::new(Workspace {
            name: o.name.clone(),
            organisation: o.info.organisation.into(),
            demo: o.info.demo,
            engine: o.engine,
            access: o.access,
        });
        if is_default {
            default = Some(w.clone());
        }
        by_host.insert(o.name, w);
    }
    Workspaces { default, by_host }
}

/// On the network whoever comes first could make himself administrator: the log's reader proves to be the owner.
async fn setup_secret(listen: &Listen, open: &[Open]) -> Result<Option<String>> {
    if listen.listen.ip().is_loopback() && listen.public_url.is_none() {
        return Ok(None);
    }
    for o in open {
        if !o.info.demo && o.access.needs_setup().await.map_err(words::refused)? {
            let secret: String = rand::random::<[u8; 10]>()
                .iter()
                .map(|b| char::from(b"abcdefghjkmnpqrstuvwxyz23456789"[usize::from(*b) % 31]))
                .collect();
            println!(
                "{}",
                say(
                    format!("Set-up secret for the first administrator: {secret}"),
                    format!("创建首位管理员的初始化口令：{secret}")
                )
            );
            return Ok(Some(secret));
        }
    }
    Ok(None)
}

/// Resolves at SIGINT or SIGTERM.
async fn signalled() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut term) => {
                tokio::select! { _ = interrupt => {}, _ = term.recv() => {} }
            }
            Err(_) => {
                let _ = interrupt.await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = interrupt.await;
    }
}
