//! `import` and `export`.

use std::{
    collections::BTreeMap,
    io::IsTerminal as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Result;
use rapport_exchange::{
    export::Form,
    report,
    run::{self, Fault, Import as Job, Progress},
};
use rapport_policy::Scope;
use rapport_records::ListRequest;
use rapport_schema::{FieldError, RecordId, Via};

use super::work::{self, scope};
use crate::{
    bootstrap::{self, Open},
    cli::{Import, Place},
    words::{disk, error, exchange, locale, say},
};

/// Writes records to a file.
pub async fn export(
    place: &Place,
    object: &str,
    (format, out): (Option<&str>, Option<PathBuf>),
    filter: Option<String>,
    fields: Vec<String>,
    user: Option<&str>,
) -> Result<()> {
    let ending = out.as_ref().and_then(|o| o.extension()).and_then(|e| e.to_str());
    let form = Form::parse(format.or(ending).unwrap_or("csv"))
        .ok_or_else(|| error("the file must end in .csv, .xlsx or .vcf", "文件扩展名须为 .csv、.xlsx 或 .vcf"))?;
    let to = out.unwrap_or_else(|| PathBuf::from(format!("{object}.{}", form.extension())));
    let w = bootstrap::open(place, &place.workspace).await?;
    let scope = scope(&w, user, Via::Api).await?;
    let ask = ListRequest { filter, fields: (!fields.is_empty()).then_some(fields), ..ListRequest::default() };
    let made = rapport_exchange::export::export(&w.engine, &scope, object, &ask, form, locale(), &to).await.map_err(exchange);
    w.db.close().await?;
    let n = made?;
    println!("{}", say(format!("{n} rows written to {}", to.display()), format!("已导出 {n} 行到 {}", to.display())));
    Ok(())
}

fn job(text: &str) -> Result<RecordId> {
    text.parse().map_err(|_| error(format!("`{text}` is not the id of a job"), format!("`{text}` 不是有效的任务标识")))
}

/// Brings records in.
pub async fn import(place: &Place, ask: Import) -> Result<()> {
    let w = bootstrap::open(place, &place.workspace).await?;
    let done = run_import(&w, &ask).await;
    w.db.close().await?;
    done
}

async fn run_import(w: &Open, ask: &Import) -> Result<()> {
    if let Some(j) = &ask.undo {
        return undo(w, &scope(w, ask.user.as_deref(), Via::Import).await?, job(j)?).await;
    }
    let import = match &ask.resume {
        Some(j) => work::go_on(w, ask, job(j)?).await?,
        None => work::begin(w, ask).await?,
    };
    let id = import.job;
    if let Some(to) = &ask.save_plan {
        std::fs::write(to, import.plan.to_toml().map_err(exchange)?).map_err(disk(to))?;
    }
    if !ask.dry_run {
        eprintln!("{}", say(format!("job {id}"), format!("任务 {id}")));
    }
    let stop = Arc::new(AtomicBool::new(false));
    let asked = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            asked.store(true, Ordering::SeqCst);
        }
    });
    let begun = std::time::Instant::now();
    let p = import.run(&stop, tell).await.map_err(exchange)?;
    eprintln!();
    summary(&p, begun.elapsed().as_secs_f64(), ask.dry_run);
    let wrong = p.failed + p.unlinked;
    let written = if wrong > 0 { write_faults(w, &import, ask.errors.as_deref()).await? } else { vec![] };
    if p.cancelled {
        println!(
            "{}",
            say(
                format!("stopped; to go on: rapport import --resume {id}"),
                format!("已停止；如需继续：rapport import --resume {id}")
            )
        );
    } else if !ask.dry_run {
        println!(
            "{}",
            say(format!("to take it back: rapport import --undo {id}"), format!("如需撤销：rapport import --undo {id}"))
        );
    }
    if wrong == 0 {
        return Ok(());
    }
    let names: Vec<String> = written.iter().map(|p| p.display().to_string()).collect();
    Err(error(
        format!("{wrong} rows were refused; they are in {} with the reasons", names.join(", ")),
        format!("有 {wrong} 行被拒绝，已连同原因写入 {}", names.join("、")),
    ))
}

async fn undo(w: &Open, scope: &Scope, id: RecordId) -> Result<()> {
    let (ok, not) = run::undo(&w.engine, scope, id).await.map_err(exchange)?;
    println!(
        "{}",
        say(format!("taken back: {ok}; not possible: {}", not.len()), format!("已撤销 {ok} 条；无法撤销 {} 条", not.len()))
    );
    for errors in not.iter().take(10) {
        eprintln!("  {}", errors.iter().map(reason).collect::<Vec<_>>().join("; "));
    }
    if not.is_empty() { Ok(()) } else { Err(error("not everything could be taken back", "部分记录无法撤销")) }
}

fn tell(p: &Progress) {
    let line = say(
        format!("part {}, {} rows, {} refused", p.sheet + 1, p.rows, p.failed),
        format!("第 {} 部分，已处理 {} 行，拒绝 {} 行", p.sheet + 1, p.rows, p.failed),
    );
    if std::io::stderr().is_terminal() {
        eprint!("\r{line} ");
    } else {
        eprintln!("{line}");
    }
}

#[allow(clippy::cast_precision_loss, reason = "a rate for people")]
fn summary(p: &Progress, seconds: f64, dry: bool) {
    let rate = p.rows as f64 / seconds.max(0.001);
    let head = if dry { say("checked, nothing written: ", "已校验，未写入：") } else { String::new() };
    println!(
        "{head}{}",
        say(
            format!(
                "{} rows: {} made (and {} with them), {} changed, {} skipped as duplicates, {} refused, {} references not set; {seconds:.1} s, {rate:.0} rows/s",
                p.rows, p.created, p.children, p.updated, p.skipped, p.failed, p.unlinked
            ),
            format!(
                "共 {} 行：新增 {}（另附 {}），更新 {}，重复跳过 {}，拒绝 {}，未能关联 {}；用时 {seconds:.1} 秒，每秒 {rate:.0} 行",
                p.rows, p.created, p.children, p.updated, p.skipped, p.failed, p.unlinked
            ),
        )
    );
}

fn reason(e: &FieldError) -> String {
    let s = rapport_server::messages::sentence(&e.code, &e.params, locale());
    if e.field.is_empty() { s } else { format!("{}: {s}", e.field) }
}

/// Refused rows of CSV files go to `NAME.errors.csv`, those of workbooks to `NAME.errors.xlsx`, beside the reason.
async fn write_faults(w: &Open, job: &Job, folder: Option<&Path>) -> Result<Vec<PathBuf>> {
    let folder = folder.unwrap_or_else(|| Path::new(""));
    let say_it: report::Sentence<'_> = &reason;
    let mut texts: BTreeMap<PathBuf, report::Text<'_>> = BTreeMap::new();
    let mut books: BTreeMap<PathBuf, report::Book<'_>> = BTreeMap::new();
    let mut shown = 0;
    let mut take = |f: Fault| {
        if shown < 10 {
            shown += 1;
            eprintln!("  {} {}: {}", f.sheet + 1, f.row, f.errors.iter().map(reason).collect::<Vec<_>>().join("; "));
        }
        let Some(plan) = job.plan.sheets.get(f.sheet) else { return Ok(()) };
        let name = plan.file.clone().or_else(|| job.files.0.first().map(|(n, _)| n.clone())).unwrap_or_else(|| "plan".into());
        let name = if plan.rows.is_empty() { name } else { "plan.csv".into() };
        let stem = Path::new(&name).file_stem().map_or_else(|| "import".into(), |s| s.to_string_lossy().into_owned());
        if name.to_ascii_lowercase().ends_with(".xlsx") {
            let to = folder.join(format!("{stem}.errors.xlsx"));
            books.entry(to).or_insert_with(|| report::Book::new(&job.plan, &job.files, locale(), say_it)).add(&f)
        } else {
            let to = folder.join(format!("{stem}.errors.csv"));
            if !texts.contains_key(&to) {
                texts.insert(to.clone(), report::Text::create(&to, plan, &job.files, locale(), say_it)?);
            }
            texts.get_mut(&to).map_or(Ok(()), |t| t.add(&f))
        }
    };
    if job.dry_run {
        let all = job.rehearsed.lock().map(|r| r.clone()).unwrap_or_default();
        for f in all {
            take(f).map_err(exchange)?;
        }
    } else {
        run::faults(&w.engine, job.job, &mut take).await.map_err(exchange)?;
    }
    let mut written: Vec<PathBuf> = vec![];
    for (to, t) in texts {
        t.finish().map_err(exchange)?;
        written.push(to);
    }
    for (to, b) in books {
        b.save(&to).map_err(exchange)?;
        written.push(to);
    }
    Ok(written)
}
