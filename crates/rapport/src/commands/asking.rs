//! Questions an import leaves open, on the terminal.

use std::io::{BufRead as _, Write as _};

use anyhow::Result;
use rapport_exchange::{
    ask::{self, Answer, Open, Question},
    plan::Plan,
};

use crate::words::{error, say};

/// What is open, in words.
pub fn sentence(plan: &Plan, q: &Question) -> String {
    let place = plan.sheets.get(q.sheet).and_then(|s| s.file.clone()).unwrap_or_default();
    let column = q.column.clone().unwrap_or_else(|| q.field.clone());
    let (v, o, f, n, first) = (&q.value, &q.object, &q.field, q.rows, q.first);
    let what = match q.open {
        Open::Record => say(format!("nothing is called `{v}`"), format!("找不到名为“{v}”的记录")),
        Open::Ambiguous => say(format!("several records are called `{v}`"), format!("名为“{v}”的记录不止一条")),
        Open::Choice => say(format!("there is no choice `{v}`"), format!("没有选项“{v}”")),
        Open::Blank => say("a value is needed where the cell is blank", "该字段必填，但单元格为空"),
    };
    say(
        format!("{place}, column {column} -> {o}.{f}: {what} ({n} rows, first {first})"),
        format!("{place}，列 {column} -> {o}.{f}：{what}（{n} 行，首见于第 {first} 行）"),
    )
}

/// Prints what is open with the lines of a plan that would answer it.
pub fn show(plan: &Plan, open: &[Question]) {
    for q in open {
        eprintln!("{}", sentence(plan, q));
        for line in q.answers() {
            eprintln!("    {line}");
        }
    }
}

/// Asks the person at the terminal; answers go into the plan.
pub fn ask(plan: &mut Plan, open: &[Question]) -> Result<()> {
    let mut lines = std::io::stdin().lock().lines();
    for q in open {
        eprintln!("{}", sentence(plan, q));
        for (i, s) in q.similar.iter().enumerate() {
            eprintln!("    {}  {s}", i + 1);
        }
        let more = match q.open {
            Open::Record => {
                say("c  make it    e  leave the field empty    or type what it means", "c 新建　e 留空　或直接输入其含义")
            }
            Open::Choice | Open::Ambiguous => {
                say("e  leave the field empty    or type what it means", "e 留空　或直接输入其含义")
            }
            Open::Blank => say("type the value for blank cells", "输入空单元格应取的值"),
        };
        eprintln!("    {more}    {}", say("(Enter: leave it open)", "（回车：保持未决）"));
        eprint!("> ");
        std::io::stderr().flush()?;
        let Some(line) = lines.next().transpose()? else {
            return Err(error("nobody answered", "没有得到回答"));
        };
        let line = line.trim();
        let chosen = line.parse::<usize>().ok().and_then(|n| q.similar.get(n.checked_sub(1)?));
        let answer = match (q.open, line, chosen) {
            (_, "", _) => continue,
            (Open::Blank, text, _) => Answer::Fill(text.to_owned()),
            (_, _, Some(s)) => Answer::Means(s.clone()),
            (Open::Record, "c", _) => Answer::Create,
            (Open::Record, "e", _) => Answer::Empty,
            (_, "e", _) => Answer::Means(String::new()),
            (_, text, _) => Answer::Means(text.to_owned()),
        };
        ask::answer(plan, q, &answer);
    }
    Ok(())
}
