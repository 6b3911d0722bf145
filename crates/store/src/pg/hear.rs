//! Hearing of other nodes' commits at once. A node listens on a channel named as the workspace's schema, and speaks on it after its
//! commits: on a connection of its own and not in the writer's transaction, because PostgreSQL lets only one transaction that
//! notifies commit at a time.
//!
//! Nothing rests on it. What was said may be lost (a pooler in transaction mode passes nothing on, a node dies between commit and
//! word), so the log is read now and then anyway, and often while nothing can be heard: see `follow`.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use deadpool_postgres::{Object, Pool};
use futures::StreamExt as _;
use rapport_schema::RecordId;
use tokio::{
    sync::{Notify, mpsc},
    task::JoinHandle,
};
use tokio_postgres::AsyncMessage;

use super::tls;
use crate::{Result, StoreError, dialect::Dialect, shared::Shared, sql::quote};

/// How often the line is tried with a word of our own; a line on which it is not heard until the next time is dead.
const PROBE: Duration = Duration::from_secs(10);
/// Between two words: what is committed meanwhile is told by one.
const BREATH: Duration = Duration::from_millis(20);
/// First and longest pause before the line is opened again.
const PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// Begins what is no commit, followed by the node that says it.
const SAYS: &str = "says ";
/// Longest word in bytes; the database passes on less than 8,000.
const LONGEST: usize = 7_000;

/// The node's ear and mouth; they end with it.
#[derive(Debug)]
pub(super) struct Ears {
    pool: Pool,
    channel: String,
    node: String,
    /// Something was committed and not said.
    unsaid: Arc<Notify>,
    tasks: [JoinHandle<()>; 2],
}

impl Ears {
    pub(super) fn open(url: &str, pool: &Pool, shared: &Arc<Shared>) -> Result<Self> {
        let Dialect::Postgres { schema } = &shared.dialect else {
            return Err(StoreError::Driver("only PostgreSQL passes words on".into()));
        };
        let (channel, node) = (schema.clone(), RecordId(uuid::Builder::from_random_bytes(super::writer::fresh()).into_uuid()));
        let (node, unsaid) = (node.to_string(), Arc::new(Notify::new()));
        let mut line = tls::line(url)?;
        line.config.application_name("rapport listener").connect_timeout(Duration::from_secs(5));
        let ear = tokio::spawn(listen(line, pool.clone(), channel.clone(), node.clone(), shared.clone()));
        let mouth = tokio::spawn(tell(pool.clone(), channel.clone(), node.clone(), unsaid.clone()));
        Ok(Self { pool: pool.clone(), channel, node, unsaid, tasks: [ear, mouth] })
    }
    /// Says something else than that something was committed.
    pub(super) async fn say(&self, word: &str) -> Result<()> {
        if word.len() > LONGEST {
            return Err(StoreError::Driver("a word is too long to be passed on".into()));
        }
        say(&self.pool, &self.channel, &format!("{SAYS}{} {word}", self.node)).await
    }
    /// To be rung after a commit.
    pub(super) fn bell(&self) -> Arc<Notify> {
        self.unsaid.clone()
    }
    /// Says a last word: a command that writes and ends is heard of as well.
    pub(super) async fn close(&self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        let last = say(&self.pool, &self.channel, &self.node);
        if !matches!(tokio::time::timeout(Duration::from_secs(1), last).await, Ok(Ok(()))) {
            tracing::debug!("other nodes were not told of the last commit; they will read of it");
        }
    }
}

impl Drop for Ears {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Says a word on the channel. It need not be durable: the commit does not wait for the disk.
async fn say(pool: &Pool, channel: &str, word: &str) -> Result<()> {
    let c = pool.get().await?;
    let q = "SELECT CAST(set_config('synchronous_commit', 'off', true) AS TEXT), CAST(pg_notify($1, $2) AS TEXT)";
    if let Err(e) = c.query(q, &[&channel, &word]).await {
        drop(Object::take(c));
        return Err(e.into());
    }
    Ok(())
}

async fn tell(pool: Pool, channel: String, node: String, unsaid: Arc<Notify>) {
    loop {
        unsaid.notified().await;
        if let Err(e) = say(&pool, &channel, &node).await {
            tracing::debug!(error = %e, "other nodes could not be told of a commit; they will read of it");
        }
        tokio::time::sleep(BREATH).await;
    }
}

async fn listen(line: tls::Line, pool: Pool, channel: String, node: String, shared: Arc<Shared>) {
    let mut pause = PAUSE.0;
    loop {
        let Err(e) = hear(&line, &pool, &channel, &node, &shared).await;
        if shared.hears.swap(false, Ordering::AcqRel) {
            pause = PAUSE.0;
            // Read often from now on.
            shared.behind.notify_one();
        }
        tracing::debug!(error = %e, "commits of other nodes are not heard of at once; the log is read instead");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE.1);
    }
}

/// Listens until the line is dead.
async fn hear(
    line: &tls::Line,
    pool: &Pool,
    channel: &str,
    node: &str,
    shared: &Arc<Shared>,
) -> std::result::Result<std::convert::Infallible, StoreError> {
    let (client, mut connection) = line.config.connect(line.tls.clone()).await?;
    let (to, mut heard) = mpsc::unbounded_channel();
    let pump = tokio::spawn(async move {
        let mut messages = futures::stream::poll_fn(move |cx| connection.poll_message(cx));
        while let Some(Ok(m)) = messages.next().await {
            if let AsyncMessage::Notification(n) = m
                && to.send(n.payload().to_owned()).is_err()
            {
                return;
            }
        }
    });
    let _ends_with_us = Ends(pump);
    let mut quoted = String::new();
    quote(channel, &mut quoted);
    client.batch_execute(&format!("LISTEN {quoted}")).await?;
    let probe = format!("probe {node}");
    let mut asked = false;
    let mut ticks = tokio::time::interval(PROBE);
    loop {
        tokio::select! {
            word = heard.recv() => match word {
                None => return Err(StoreError::Unavailable("the line was cut".into())),
                Some(w) if w == probe => {
                    asked = false;
                    if !shared.hears.swap(true, Ordering::AcqRel) {
                        // What was committed before anybody listened.
                        shared.behind.notify_one();
                    }
                }
                Some(w) if w == node || w.starts_with("probe ") => {}
                Some(w) if w.starts_with(SAYS) => {
                    if let Some((from, word)) = w[SAYS.len()..].split_once(' ')
                        && from != node
                    {
                        // Nobody listening is no fault.
                        let _ = shared.words.send(word.into());
                    }
                }
                Some(_) => shared.behind.notify_one(),
            },
            _ = ticks.tick() => {
                if std::mem::replace(&mut asked, true) {
                    return Err(StoreError::Unavailable("nothing is passed on".into()));
                }
                let (pool, channel, probe) = (pool.clone(), channel.to_owned(), probe.clone());
                tokio::spawn(async move {
                    if let Err(e) = say(&pool, &channel, &probe).await {
                        tracing::debug!(error = %e, "the line to other nodes could not be tried");
                    }
                });
            }
        }
    }
}

/// A task that ends when this is dropped.
struct Ends(JoinHandle<()>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.abort();
    }
}
