//! Event streams: a queue bounded in bytes between the one who filters and the one who reads, and the count of listeners.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use futures::Stream;
use tokio::sync::mpsc;

/// Counts the listeners of this process.
#[derive(Debug, Clone, Default)]
pub struct Hub(Arc<AtomicUsize>);

impl Hub {
    /// Listeners now.
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
    /// A place for one listener: a feed to write to and a stream to send. Both know when the other is gone.
    #[must_use]
    pub fn open(&self, backlog: usize) -> (Feed, Frames) {
        let (tx, rx) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        self.0.fetch_add(1, Ordering::Relaxed);
        let seat = Seat(self.0.clone());
        (Feed { tx, waiting: waiting.clone(), backlog }, Frames { rx, waiting, _seat: seat })
    }
}

#[derive(Debug)]
struct Seat(Arc<AtomicUsize>);
impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Why a feed ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The reader went away.
    Gone,
    /// The reader was further behind than allowed.
    Slow,
}

/// The writing end.
#[derive(Debug)]
pub struct Feed {
    tx: mpsc::UnboundedSender<Bytes>,
    waiting: Arc<AtomicUsize>,
    backlog: usize,
}

impl Feed {
    /// Queues a frame. A frame larger than the backlog still goes to a reader that has nothing waiting.
    ///
    /// # Errors
    /// When the reader is gone or too far behind.
    pub fn send(&self, frame: Bytes) -> Result<(), Ended> {
        let before = self.waiting.load(Ordering::Acquire);
        if before > 0 && before + frame.len() > self.backlog {
            return Err(Ended::Slow);
        }
        self.waiting.fetch_add(frame.len(), Ordering::AcqRel);
        self.tx.send(frame).map_err(|_| Ended::Gone)
    }
    /// Resolves when the reader is gone.
    pub async fn closed(&self) {
        self.tx.closed().await;
    }
}

/// The reading end: the body of the answer.
#[derive(Debug)]
pub struct Frames {
    rx: mpsc::UnboundedReceiver<Bytes>,
    waiting: Arc<AtomicUsize>,
    _seat: Seat,
}

impl Stream for Frames {
    type Item = Result<Bytes, std::convert::Infallible>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.rx.poll_recv(cx).map(|f| {
            f.map(|b| {
                self.waiting.fetch_sub(b.len(), Ordering::AcqRel);
                Ok(b)
            })
        })
    }
}

/// A server-sent event. `data` must not hold line breaks: JSON text never does.
#[must_use]
pub fn frame(event: &str, id: Option<i64>, data: &str) -> Bytes {
    let mut s = String::with_capacity(data.len() + event.len() + 48);
    s.push_str("event: ");
    s.push_str(event);
    if let Some(id) = id {
        s.push_str("\nid: ");
        s.push_str(&id.to_string());
    }
    s.push_str("\ndata: ");
    s.push_str(data);
    s.push_str("\n\n");
    s.into()
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;

    use super::*;

    #[tokio::test]
    async fn a_slow_reader_is_dropped_at_the_backlog() {
        let hub = Hub::default();
        let (feed, mut frames) = hub.open(1000);
        let big = Bytes::from(vec![b'x'; 400]);
        assert_eq!(feed.send(big.clone()), Ok(()));
        assert_eq!(feed.send(big.clone()), Ok(()));
        assert_eq!(feed.send(big.clone()), Err(Ended::Slow));
        assert_eq!(frames.next().await.unwrap().unwrap().len(), 400);
        assert_eq!(feed.send(big.clone()), Ok(()), "what was read makes room");
        drop(frames);
        assert_eq!(feed.send(Bytes::from_static(b"y")), Err(Ended::Gone));
    }

    #[tokio::test]
    async fn listeners_are_counted_while_they_read() {
        let hub = Hub::default();
        let (_feed, frames) = hub.open(10);
        assert_eq!(hub.listeners(), 1);
        drop(frames);
        assert_eq!(hub.listeners(), 0);
    }

    #[test]
    fn frames_have_the_form_browsers_expect() {
        assert_eq!(&frame("change", Some(7), "{}")[..], b"event: change\nid: 7\ndata: {}\n\n");
    }
}
