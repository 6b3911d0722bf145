//! `token …`.

use anyhow::Result;
use rapport_policy::{Reason, SystemScope};

use super::user::find;
use crate::{
    bootstrap,
    cli::{Place, Token},
    words::{error, refused, say},
};

const DAY_MS: i64 = 24 * 3600 * 1000;

/// Runs a command.
pub async fn run(place: &Place, command: Token) -> Result<()> {
    let w = bootstrap::open(place, &place.workspace).await?;
    // Not the person whose token it is: whoever has the machine.
    let by = SystemScope::because(Reason::CommandLine).actor();
    match command {
        Token::Create { user, name, scope, days } => {
            let of = find(&w, &user).await?;
            let scopes = (!scope.is_empty()).then(|| scope.into_iter().collect());
            let expires = w.engine.now().plus(days.max(1).saturating_mul(DAY_MS));
            let t = w.access.create_token(by, of, &name, scopes, vec![], expires).await.map_err(refused)?;
            // Only the secret on standard output, for scripts.
            eprintln!(
                "{}",
                say(
                    format!("good until {}; shown only now:", expires.rfc3339()),
                    format!("有效期至 {}；仅显示这一次：", expires.rfc3339())
                )
            );
            println!("{}", t.secret);
        }
        Token::List { user } => {
            let of = find(&w, &user).await?;
            for t in w.access.tokens(of).await.map_err(refused)? {
                println!("{}\t{}\t{}\t{}\t{}", t.id, t.prefix, t.name, t.expires_at, t.state);
            }
        }
        Token::Revoke { user, id } => {
            let of = find(&w, &user).await?;
            let id = id.parse().map_err(|_| {
                error(
                    format!("`{id}` is no id; see `rapport token list`"),
                    format!("`{id}` 不是有效标识，请查看 `rapport token list`"),
                )
            })?;
            w.access.revoke_token(by, of, id).await.map_err(refused)?;
            println!("{}", say("revoked", "已吊销"));
        }
    }
    w.db.close().await?;
    Ok(())
}
