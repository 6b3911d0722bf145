//! The routes, one file per resource. Each handler reads the request, calls the pipeline once and writes the answer.

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    middleware,
    response::{IntoResponse, Response},
};
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
};

use crate::{
    App, Problem, assets, idempotency,
    layers::{edge, metrics, shed},
    openapi::{Api, Route},
};

pub mod actions;
pub mod aggregate;
pub mod batch;
pub mod bulk;
pub mod changes;
pub mod demo;
pub mod docs;
pub mod events;
pub mod export;
pub mod files;
pub mod guess;
pub mod health;
pub mod import;
pub mod me;
pub mod meta;
pub mod notifications;
pub mod pools;
pub mod readers;
pub mod records;
pub mod sample;
pub mod search;
pub mod session;
pub mod setup;
pub mod talk;
pub mod tokens;
pub mod uploads;

fn api() -> Api {
    let mut api = Api::default();
    for add in [
        health::routes,
        docs::routes,
        setup::routes,
        demo::routes,
        sample::routes,
        session::routes,
        me::routes,
        notifications::routes,
        pools::routes,
        tokens::routes,
        meta::routes,
        guess::routes,
        search::routes,
        changes::routes,
        events::routes,
        files::routes,
        uploads::routes,
        import::routes,
        batch::routes,
        bulk::routes,
        export::routes,
        readers::routes,
        records::routes,
        aggregate::routes,
        talk::routes,
        actions::routes,
    ] {
        api = add(api);
    }
    api
}

/// The route table: what the router serves and the document describes.
#[must_use]
pub fn table() -> Vec<Route> {
    api().docs
}

/// The whole service.
pub fn router(app: App) -> Router {
    let api = api();
    let routes = Arc::new(api.docs);
    if metrics::handle().is_none() {
        tracing::warn!("another recorder of figures is in this process: /metrics stays empty");
    }
    let compress = CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(
        SizeAbove::new(1024).and(NotForContentType::GRPC).and(NotForContentType::IMAGES).and(NotForContentType::SSE),
    );
    api.router
        .fallback(fallback)
        .method_not_allowed_fallback(wrong_method)
        .layer(axum::Extension(routes))
        // Every reader of a body has its own limit; the framework's would cut uploads off.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(app.clone(), idempotency::layer))
        .layer(middleware::from_fn_with_state(app.clone(), shed::shed))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(app.clone(), edge::edge))
        .layer(compress)
        .with_state(app)
}

async fn fallback(State(app): State<App>, req: axum::extract::Request) -> Response {
    if req.uri().path().starts_with("/api/") {
        return Problem::not_found().into_response();
    }
    assets::serve(&app, &req)
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "request.method")
}

/// A panic is a mistake of ours: the reader gets a trace id, the log the cause.
#[allow(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn panicked(cause: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let what = cause
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| cause.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    Problem::internal(&format!("panic: {what}")).into_response()
}
