//! What an import is about: begun with files and a plan, or gone on with by what is kept of it.

use std::{
    path::{Path, PathBuf},
    sync::Mutex,
};

use anyhow::Result;
use rapport_exchange::{
    ask,
    begun::Begun,
    plan::Plan,
    read,
    run::{Files, Import as Job},
};
use rapport_policy::{Principal, Reason, Scope, SystemScope};
use rapport_schema::{RecordId, UserId, Via};

use super::{asking, user::find};
use crate::{
    bootstrap::Open,
    cli::Import,
    words::{disk, error, exchange, refused, say, unread},
};

/// The rights of a person by login, or those of the machine's administrator.
pub async fn scope(w: &Open, user: Option<&str>, via: Via) -> Result<Scope> {
    scope_of(w, who(w, user).await?, via).await
}

async fn who(w: &Open, user: Option<&str>) -> Result<Option<UserId>> {
    match user {
        Some(login) => Ok(Some(find(w, login).await?)),
        None => Ok(None),
    }
}

async fn scope_of(w: &Open, user: Option<UserId>, via: Via) -> Result<Scope> {
    match user {
        None => Ok(SystemScope::because(Reason::CommandLine).through(via)),
        Some(user) => w.access.scope_of(user, Principal::Local, via).await.map_err(refused),
    }
}

/// A new import; what it is begun with is kept before anything is written.
pub async fn begin(w: &Open, ask: &Import) -> Result<Job> {
    let user = who(w, ask.user.as_deref()).await?;
    let scope = scope_of(w, user, Via::Import).await?;
    let (plan, files) = plan_of(w, &scope, ask).await?;
    let job = w.engine.new_id();
    if !ask.dry_run {
        Begun::new(user, &plan, &files, ask.encoding.as_deref())
            .map_err(exchange)?
            .keep(&w.engine, job)
            .await
            .map_err(exchange)?;
    }
    Ok(Job { engine: w.engine.clone(), scope, job, plan, files, dry_run: ask.dry_run, rehearsed: Mutex::default() })
}

/// An import that was cut off, as the person and by the plan it was begun with. Its files may lie elsewhere by now.
pub async fn go_on(w: &Open, ask: &Import, job: RecordId) -> Result<Job> {
    let anew = [
        ("--plan", ask.plan.is_some()),
        ("--object", ask.object.is_some()),
        ("--user", ask.user.is_some()),
        ("--encoding", ask.encoding.is_some()),
        ("--ask", ask.ask),
        ("--dry-run", ask.dry_run),
    ];
    let anew: Vec<&str> = anew.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect();
    if !anew.is_empty() {
        return Err(error(
            format!("--resume goes on by the plan kept with the job; leave out {}", anew.join(", ")),
            format!("--resume 按任务保存的方案继续，请去掉 {}", anew.join("、")),
        ));
    }
    let begun = Begun::of(&w.engine, job).await.map_err(exchange)?;
    let named = |name: &str| ask.files.iter().find(|p| file_name(p) == name);
    if let Some(other) = ask.files.iter().find(|p| begun.files.iter().all(|f| f.name != file_name(p))) {
        let (other, known) = (other.display(), begun.files.iter().map(|f| f.name.as_str()).collect::<Vec<_>>());
        return Err(error(
            format!("{other} is no file of this import; it was begun with {}", known.join(", ")),
            format!("{other} 不是该导入的文件；导入开始时的文件为 {}", known.join("、")),
        ));
    }
    let mut files = Files::default();
    for f in &begun.files {
        let path = match (named(&f.name), &ask.folder) {
            (Some(p), _) => p.clone(),
            (None, Some(folder)) => folder.join(&f.name),
            (None, None) => f.path.clone(),
        };
        f.check(&path).map_err(unread(&path))?;
        files.0.push((f.name.clone(), read::open_as(&path, begun.encoding.as_deref()).map_err(unread(&path))?));
    }
    let scope = scope_of(w, begun.user, Via::Import).await?;
    Ok(Job { engine: w.engine.clone(), scope, job, plan: begun.plan, files, dry_run: false, rehearsed: Mutex::default() })
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
}

/// The plan with the files it needs: the given one, or a guess that leaves nothing open.
async fn plan_of(w: &Open, scope: &Scope, ask: &Import) -> Result<(Plan, Files)> {
    let given = match &ask.plan {
        Some(p) => Some(Plan::from_toml(&std::fs::read_to_string(p).map_err(disk(p))?).map_err(unread(p))?),
        None => None,
    };
    let mut paths: Vec<PathBuf> = ask.files.clone();
    let folder = ask.folder.clone().unwrap_or_default();
    for name in given.iter().flat_map(Plan::files) {
        if !paths.iter().any(|p| file_name(p) == name) {
            paths.push(folder.join(name));
        }
    }
    let mut files = Files::default();
    for f in &paths {
        let name = file_name(f);
        // The plan knows files by their names.
        if files.0.iter().any(|(n, _)| *n == name) {
            return Err(error(
                format!("two files are called {name}; rename one, or import them one after the other"),
                format!("有两个文件都名为 {name}，请改名或分两次导入"),
            ));
        }
        files.0.push((name, read::open_as(f, ask.encoding.as_deref()).map_err(unread(f))?));
    }
    let guessed = given.is_none();
    let mut plan = match given {
        Some(p) => p,
        None => Plan::guess(&w.engine.model(), &files, ask.object.as_deref()).map_err(exchange)?,
    };
    if guessed {
        show(&plan, &files);
    }
    if !guessed && !ask.ask {
        return Ok((plan, files));
    }
    let (open, _) = ask::questions(&w.engine, scope, &plan, &files, u64::MAX).await.map_err(exchange)?;
    if open.is_empty() {
        return Ok((plan, files));
    }
    if !ask.ask {
        asking::show(&plan, &open);
        return Err(error(
            "answer with --ask, or write a plan (begin with --save-plan) with the lines above",
            "请用 --ask 逐一回答，或在方案中写入上面的内容（可先用 --save-plan 生成）",
        ));
    }
    asking::ask(&mut plan, &open)?;
    Ok((plan, files))
}

fn show(plan: &Plan, files: &Files) {
    for s in &plan.sheets {
        eprintln!("{} · {} -> {}", s.file.as_deref().unwrap_or(""), s.sheet.as_deref().unwrap_or(""), s.object);
        let headers = files.find(s).map(|(_, sheet)| sheet.headers).unwrap_or_default();
        for h in &headers {
            let field = s.columns.iter().find(|c| c.column.as_ref() == Some(h)).map(|c| c.field.as_str());
            eprintln!("  {h} -> {}", field.map_or_else(|| say("(left out)", "（不导入）"), str::to_owned));
        }
    }
}
