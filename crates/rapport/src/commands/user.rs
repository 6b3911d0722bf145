//! `user …`.

use std::io::BufRead as _;

use anyhow::Result;
use rapport_policy::{Reason, SystemScope};
use rapport_records::{JsonMap, ListRequest, WriteOptions};
use rapport_schema::{Locale, UserId};
use rapport_server::people::{self, ADMIN_ROLE, NewPerson};
use serde_json::Value;

use crate::{
    bootstrap::{self, Open},
    cli::{PasswordSource, Place, User},
    words::{error, locale, refused, say},
};

/// How long a link to set a password is good.
const LINK_MS: i64 = 3600 * 1000;
const INVITATION_MS: i64 = 7 * 24 * LINK_MS;

/// A person by e-mail, user name or mobile.
pub async fn find(w: &Open, login: &str) -> Result<UserId> {
    w.access
        .find_user(login)
        .await
        .map_err(refused)?
        .ok_or_else(|| error(format!("nobody is called `{login}`"), format!("没有找到用户 `{login}`")))
}

fn read_password(p: &PasswordSource) -> Result<Option<String>> {
    if !p.password_stdin {
        return Ok(None);
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Runs a command.
pub async fn run(place: &Place, command: User) -> Result<()> {
    let w = bootstrap::open(place, &place.workspace).await?;
    let done = act(&w, command).await;
    w.db.close().await?;
    done
}

async fn act(w: &Open, command: User) -> Result<()> {
    let scope = SystemScope::because(Reason::CommandLine);
    match command {
        User::Create { email, name, username, admin, role, department, password } => {
            let mut roles = role;
            if admin && !roles.iter().any(|r| r == ADMIN_ROLE) {
                roles.push(ADMIN_ROLE.into());
            }
            if roles.is_empty() {
                return Err(error("give --admin or --role", "请指定 --admin 或 --role"));
            }
            let language = if locale() == Locale::Zh { "zh_cn" } else { "en" };
            let p = NewPerson { name, email: email.clone(), username, roles, department, locale: Some(language.into()) };
            if let Some(secret) = read_password(&password)? {
                people::create_with_password(&w.engine, &w.access, &p, &secret).await.map_err(refused)?;
                println!("{}", say(format!("made {email}"), format!("已建立 {email}")));
            } else {
                let user = people::create(&w.engine, &p).await.map_err(refused)?;
                let link = w.access.invite(user, INVITATION_MS).await.map_err(refused)?;
                println!(
                    "{}",
                    say(
                        format!("made {email}; to set the password within 7 days: /invitation#{link}"),
                        format!("已建立 {email}；7 天内通过此链接设置密码：/invitation#{link}")
                    )
                );
            }
        }
        User::List => {
            let mut cursor = None;
            loop {
                let fields = ["username", "name", "email", "status"].map(str::to_owned).to_vec();
                let ask = ListRequest {
                    fields: Some(fields),
                    sort: Some("created_at".into()),
                    limit: Some(200),
                    cursor,
                    ..ListRequest::default()
                };
                let page = w.engine.list(&scope, "user", &ask).await.map_err(refused)?;
                let rows: Vec<Value> = serde_json::from_slice(&[b"[".as_slice(), &page.rows, b"]"].concat())?;
                for r in rows {
                    let t = |k: &str| r[k].as_str().unwrap_or("").to_owned();
                    println!("{}\t{}\t{}\t{}\t{}", t("id"), t("username"), t("name"), t("email"), t("status"));
                }
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
        }
        User::Disable { login } => {
            let user = find(w, &login).await?;
            let data = JsonMap::from_iter([("status".to_owned(), "disabled".into())]);
            let opts = WriteOptions { set_state: true, ..WriteOptions::default() };
            w.engine.update(&scope, "user", user.record(), data, opts).await.map_err(refused)?;
            println!("{}", say(format!("{login} is disabled"), format!("{login} 已停用")));
        }
        User::Password { login, password } => {
            let user = find(w, &login).await?;
            if let Some(secret) = read_password(&password)? {
                w.access.set_password(user, &secret, None).await.map_err(refused)?;
                println!("{}", say("the password is set; other sessions have ended", "密码已设置，其他会话已结束"));
            } else {
                let link = w.access.invite(user, LINK_MS).await.map_err(refused)?;
                println!(
                    "{}",
                    say(
                        format!("to set the password within an hour: /invitation#{link}"),
                        format!("1 小时内通过此链接设置密码：/invitation#{link}")
                    )
                );
            }
        }
    }
    Ok(())
}
