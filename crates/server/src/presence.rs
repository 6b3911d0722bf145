//! Who looks at a record now. Kept in memory: a page says every few seconds that it is there, and who says nothing for
//! [`STAYS`] is gone. Other nodes are told by words on the workspace's channel (`Db::say`); nothing is written to the database.
//! Whoever says to be at a record must see it; who else is there is told only to those who are there themselves.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use rapport_schema::{ObjectName, RecordId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::{sync::broadcast, time::Instant};

use crate::{App, Workspace};

/// Who said nothing for so long is gone.
pub const STAYS: Duration = Duration::from_secs(12);
/// How often those who are gone are looked for.
const SWEEP: Duration = Duration::from_secs(2);
/// Most pages one person has open at one record.
const TABS: usize = 20;

/// A record of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// Workspace.
    pub workspace: String,
    /// Object.
    pub object: ObjectName,
    /// Record.
    pub id: RecordId,
}

/// What a page says of itself; also what nodes say to each other.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Here {
    object: ObjectName,
    id: RecordId,
    user: UserId,
    name: String,
    tab: String,
    editing: bool,
    /// Goes away.
    leaves: bool,
}

/// Somebody at a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Present {
    /// Who.
    pub id: UserId,
    /// Name.
    pub name: String,
    /// Has a form of it open.
    pub editing: bool,
}

#[derive(Debug)]
struct Seat {
    name: String,
    editing: bool,
    until: Instant,
}

type Seats = HashMap<(UserId, String), Seat>;

/// Everybody who is at some record.
#[derive(Debug)]
pub struct Presence {
    places: Mutex<HashMap<Place, Seats>>,
    news: broadcast::Sender<Arc<Place>>,
    /// Workspaces whose other nodes are listened to.
    ears: Mutex<Vec<String>>,
}

impl Default for Presence {
    fn default() -> Self {
        Self { places: Mutex::default(), news: broadcast::channel(1_024).0, ears: Mutex::default() }
    }
}

impl Presence {
    /// Records at which somebody came, went, or began to write.
    #[must_use]
    pub fn news(&self) -> broadcast::Receiver<Arc<Place>> {
        self.news.subscribe()
    }

    /// Takes in what a page says; answers whether that is news.
    fn hear(&self, workspace: &str, h: Here, now: Instant) -> bool {
        let place = Place { workspace: workspace.to_owned(), object: h.object, id: h.id };
        let news = {
            let mut places = self.places.lock();
            if h.leaves {
                let Some(seats) = places.get_mut(&place) else { return false };
                let gone = seats.remove(&(h.user, h.tab)).is_some();
                if seats.is_empty() {
                    places.remove(&place);
                }
                gone
            } else {
                let seats = places.entry(place.clone()).or_default();
                let key = (h.user, h.tab);
                if !seats.contains_key(&key) && seats.keys().filter(|(u, _)| *u == key.0).count() >= TABS {
                    return false;
                }
                let until = now + STAYS;
                let before = seats.insert(key, Seat { name: h.name, editing: h.editing, until });
                before.is_none_or(|b| b.editing != h.editing)
            }
        };
        if news {
            self.tell(place);
        }
        news
    }

    fn tell(&self, place: Place) {
        // Nobody listening is no fault.
        let _ = self.news.send(Arc::new(place));
    }

    /// Who is there beside `me`, by name; none when `me` is not there.
    #[must_use]
    pub fn others(&self, place: &Place, me: UserId) -> Option<Vec<Present>> {
        self.others_at(place, me, Instant::now())
    }

    fn others_at(&self, place: &Place, me: UserId, now: Instant) -> Option<Vec<Present>> {
        let places = self.places.lock();
        let seats = places.get(place)?;
        let mut found: BTreeMap<UserId, Present> = BTreeMap::new();
        for ((user, _), s) in seats.iter().filter(|(_, s)| s.until > now) {
            let p = found.entry(*user).or_insert_with(|| Present { id: *user, name: s.name.clone(), editing: false });
            p.editing |= s.editing;
        }
        found.remove(&me)?;
        let mut all: Vec<Present> = found.into_values().collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Some(all)
    }

    /// Lets those go who said nothing for too long.
    fn sweep(&self, now: Instant) {
        let mut left = vec![];
        self.places.lock().retain(|place, seats| {
            let n = seats.len();
            seats.retain(|_, s| s.until > now);
            if seats.len() != n {
                left.push(place.clone());
            }
            !seats.is_empty()
        });
        for p in left {
            self.tell(p);
        }
    }
}

/// Takes in what a page says and passes it on to other nodes; answers who else is there.
pub async fn say(app: &App, ws: &Arc<Workspace>, here: Here) -> Value {
    listen(app, ws);
    let place = Place { workspace: ws.name.clone(), object: here.object.clone(), id: here.id };
    let me = here.user;
    let word = serde_json::to_string(&here).unwrap_or_default();
    app.presence().hear(&ws.name, here, Instant::now());
    if let Err(e) = ws.engine.db().say(&word).await {
        tracing::debug!(error = %e, "other nodes were not told who looks at a record");
    }
    json!({ "people": app.presence().others(&place, me).unwrap_or_default() })
}

/// Begins to listen to the other nodes of a workspace, and to let go who is gone: once, when somebody is first seen.
fn listen(app: &App, ws: &Arc<Workspace>) {
    {
        let mut ears = app.presence().ears.lock();
        if ears.contains(&ws.name) {
            return;
        }
        ears.push(ws.name.clone());
    }
    let (stop, presence, name) = (app.stop().clone(), app.presence().clone(), ws.name.clone());
    let mut words = ws.engine.db().words();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(SWEEP);
        loop {
            tokio::select! {
                () = stop.wait() => return,
                _ = ticks.tick() => presence.sweep(Instant::now()),
                word = words.recv() => match word {
                    Ok(w) => {
                        if let Ok(h) = serde_json::from_str::<Here>(&w) {
                            presence.hear(&name, h, Instant::now());
                        }
                    }
                    // What was missed is said again in a few seconds.
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    // The workspace is closed; opened again it is listened to again.
                    Err(broadcast::error::RecvError::Closed) => return presence.ears.lock().retain(|n| *n != name),
                },
            }
        }
    });
}

impl Here {
    /// What a person's page says.
    #[must_use]
    pub fn new(object: ObjectName, id: RecordId, user: UserId, name: &str, tab: &str) -> Self {
        Self { object, id, user, name: name.to_owned(), tab: tab.chars().take(40).collect(), editing: false, leaves: false }
    }
    /// With a form of it open.
    #[must_use]
    pub fn editing(mut self, yes: bool) -> Self {
        self.editing = yes;
        self
    }
    /// The page goes away.
    #[must_use]
    pub fn leaves(mut self, yes: bool) -> Self {
        self.leaves = yes;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> RecordId {
        RecordId::from_bytes([n; 16])
    }
    fn here(user: u8, tab: &str) -> Here {
        Here::new(ObjectName::new("account").unwrap(), id(1), UserId::of(id(user)), &format!("P{user}"), tab)
    }
    fn place() -> Place {
        Place { workspace: "w".into(), object: ObjectName::new("account").unwrap(), id: id(1) }
    }
    fn seen(p: &Presence, by: u8, at: Instant) -> Option<Vec<(String, bool)>> {
        p.others_at(&place(), UserId::of(id(by)), at).map(|v| v.into_iter().map(|x| (x.name, x.editing)).collect())
    }

    #[test]
    fn who_says_nothing_is_gone_and_only_those_there_know() {
        let (p, t) = (Presence::default(), Instant::now());
        let mut news = p.news();
        assert!(p.hear("w", here(2, "a"), t));
        assert!(p.hear("w", here(3, "a").editing(true), t));
        assert!(!p.hear("w", here(3, "a").editing(true), t), "no news");
        assert_eq!(seen(&p, 2, t), Some(vec![("P3".into(), true)]));
        assert_eq!(seen(&p, 4, t), None, "who is not there is told nothing");
        assert!(p.hear("w", here(3, "b"), t), "another page of the same person");
        assert_eq!(seen(&p, 2, t).unwrap().len(), 1);
        p.hear("w", here(2, "a"), t + STAYS - Duration::from_secs(1));
        let later = t + STAYS + Duration::from_secs(1);
        assert_eq!(seen(&p, 2, later), Some(vec![]), "nothing heard of the other");
        while news.try_recv().is_ok() {}
        p.sweep(later);
        assert_eq!(*news.try_recv().unwrap(), place(), "and those who are there hear of it");
        assert!(p.hear("w", here(2, "a").leaves(true), later));
        assert!(p.places.lock().is_empty());
    }
}
