//! Sending requests and counting.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use serde::Serialize;

use crate::server::Server;

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    /// Method.
    pub method: reqwest::Method,
    /// Path and query.
    pub path: String,
    /// JSON body.
    pub body: Option<serde_json::Value>,
}

impl Request {
    /// `GET`.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: reqwest::Method::GET, path: path.into(), body: None }
    }
    /// With a body.
    #[must_use]
    pub fn with(method: reqwest::Method, path: impl Into<String>, body: serde_json::Value) -> Self {
        Self { method, path: path.into(), body: Some(body) }
    }
}

/// Figures of one operation.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// Name.
    pub name: String,
    /// Concurrent clients.
    pub clients: usize,
    /// Requests answered.
    pub requests: usize,
    /// Median in milliseconds.
    pub p50_ms: f64,
    /// 99th percentile in milliseconds.
    pub p99_ms: f64,
    /// Answers a second.
    pub rps: f64,
    /// CPU milliseconds of the server for a request.
    pub cpu_ms: f64,
}

/// A connection pool of one caller.
#[derive(Debug, Clone)]
pub struct Caller {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Caller {
    /// Somebody with a token.
    #[must_use]
    pub fn new(base: &str, token: &str) -> Self {
        Self { http: reqwest::Client::builder().no_proxy().build().unwrap_or_default(), base: base.into(), token: token.into() }
    }
    /// Sends and gives the status and the body.
    pub async fn send(&self, r: &Request) -> Result<(u16, Vec<u8>)> {
        let mut b = self.http.request(r.method.clone(), format!("{}{}", self.base, r.path)).bearer_auth(&self.token);
        if let Some(body) = &r.body {
            b = b.json(body);
        }
        let a = b.send().await?;
        let status = a.status().as_u16();
        Ok((status, a.bytes().await?.to_vec()))
    }
    /// Sends, expects success, reads JSON.
    pub async fn json(&self, r: &Request) -> Result<serde_json::Value> {
        let (status, body) = self.send(r).await?;
        if status >= 300 {
            bail!("{} {}: {status} {}", r.method, r.path, String::from_utf8_lossy(&body));
        }
        Ok(if body.is_empty() { serde_json::Value::Null } else { serde_json::from_slice(&body)? })
    }
}

/// Runs an operation for a while with some clients; `make(i)` gives the i-th request. Any answer but success fails the run.
pub async fn run(
    name: &str,
    server: &Server,
    caller: &Caller,
    clients: usize,
    time: Duration,
    make: impl Fn(u64) -> Request + Send + Sync + 'static,
) -> Result<Figures> {
    let make = Arc::new(make);
    let stop = Arc::new(AtomicBool::new(false));
    let next = Arc::new(AtomicU64::new(0));
    for i in 0..10 {
        caller.json(&make(u64::MAX / 2 + i)).await?;
    }
    let cpu = server.cpu_ms();
    let begun = Instant::now();
    let workers: Vec<_> = (0..clients)
        .map(|_| {
            let (make, stop, next, caller) = (make.clone(), stop.clone(), next.clone(), caller.clone());
            tokio::spawn(async move {
                let mut took = vec![];
                while !stop.load(Ordering::Relaxed) {
                    let r = make(next.fetch_add(1, Ordering::Relaxed));
                    let at = Instant::now();
                    let (status, body) = caller.send(&r).await?;
                    if status >= 300 {
                        bail!("{} {}: {status} {}", r.method, r.path, String::from_utf8_lossy(&body));
                    }
                    took.push(at.elapsed());
                }
                Ok::<_, anyhow::Error>(took)
            })
        })
        .collect();
    tokio::time::sleep(time).await;
    stop.store(true, Ordering::Relaxed);
    let mut took = vec![];
    for w in workers {
        took.extend(w.await??);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let cpu = server.cpu_ms() - cpu;
    took.sort_unstable();
    if took.is_empty() {
        bail!("{name}: no answer within {time:?}");
    }
    let at = |p: f64| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
        let i = ((took.len() as f64 * p) as usize).min(took.len() - 1);
        took[i].as_secs_f64() * 1e3
    };
    Ok(Figures {
        name: name.into(),
        clients,
        requests: took.len(),
        p50_ms: at(0.5),
        p99_ms: at(0.99),
        rps: took.len() as f64 / seconds,
        cpu_ms: cpu / took.len() as f64,
    })
}
