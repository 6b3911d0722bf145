//! `POST /api/v1/meta/guess`: the object a sheet would become. Answers a proposal and changes nothing: the object is made by
//! `POST /api/v1/meta/custom`, its rows come by `POST /api/v1/import/jobs`.

use axum::response::Response;
use rapport_exchange::{
    ExchangeError, read,
    shape::{self, Look, links},
};
use rapport_schema::RecordId;
use serde::Deserialize;
use serde_json::json;

use super::uploads::uploaded;
use crate::{
    Problem, body,
    body::Json,
    caller::Caller,
    imports::Kept,
    openapi::{Api, Doc},
};

/// Most sheets of a workbook that are looked at.
const SHEETS: usize = 20;

/// Adds the route.
pub fn routes(api: Api) -> Api {
    api.post(
        "/api/v1/meta/guess",
        guess,
        Doc::new(
            "guess_object",
            "meta",
            "The object an uploaded sheet would become: fields, types, title",
            "按表格猜测对象与字段",
        )
        .body("GuessAsk")
        .answer("ObjectGuess"),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    upload_id: RecordId,
    #[serde(default)]
    sheet: Option<String>,
}

async fn guess(c: Caller, Json(ask): Json<Ask>) -> Result<Response, Problem> {
    if !c.scope.is_admin() && !c.scope.may("model.edit") {
        return Err(Problem::denied());
    }
    let first = uploaded(&c, ask.upload_id).await?.files.into_iter().next().ok_or_else(Problem::not_found)?;
    let Kept { name, path } = first;
    let looked = tokio::task::spawn_blocking(move || looks(&path, ask.sheet.as_deref())).await;
    let model = c.ws.engine.model();
    let mut sheets = vec![];
    for (sheet, look) in looked.map_err(|e| Problem::internal(&e))?? {
        let mut shape = shape::propose(&model, &name, &sheet, &look);
        links::find(&c.ws.engine, &c.scope, &mut shape, &look).await?;
        sheets.push(shape);
    }
    body::value(&json!({ "upload_id": ask.upload_id, "file_name": name, "sheets": sheets }))
}

/// Every sheet that can become an object; when none can, why the first cannot.
fn looks(path: &std::path::Path, only: Option<&str>) -> Result<Vec<(read::Sheet, Look)>, ExchangeError> {
    let book = read::open(path)?;
    let (mut good, mut bad) = (vec![], None);
    for sheet in book.sheets.iter().filter(|s| only.is_none_or(|o| o == s.name)).take(SHEETS) {
        match shape::look(&book, sheet) {
            Ok(look) => good.push((sheet.clone(), look)),
            Err(e) => bad = bad.or(Some(e)),
        }
    }
    match bad {
        Some(e) if good.is_empty() => Err(e),
        None if good.is_empty() => Err(ExchangeError::refused("plan.unknown_sheet").with("name", only.unwrap_or(""))),
        _ => Ok(good),
    }
}
