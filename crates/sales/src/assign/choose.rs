//! What one rule makes of a record: nobody, a person, or a pool (R-ASN-04 … 09).

use std::{collections::HashMap, sync::Arc};

use rapport_access::Directory;
use rapport_records::{Result, Unit, q};
use rapport_schema::{ObjectDef, Record, RecordId, query::Filter};

use super::{
    people::{self, Out},
    pick::{self, Counters, Seat},
    place::{self, Area, Place},
    rule::{Member, Rule, Strategy, Who},
};
use crate::pool;

/// More territories than anybody draws.
const MANY: u32 = 5_000;

/// To whom a record goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum To {
    User(RecordId),
    /// A pool; none = the one whose condition fits.
    Pool(Option<RecordId>),
}

/// What a rule chose, and what it remembers from then on.
#[derive(Debug)]
pub(super) struct Choice {
    pub to: To,
    pub reason: &'static str,
    pub territory: Option<RecordId>,
    pub last: Option<RecordId>,
    pub counters: Counters,
}

/// Who was meant by a rule, and who of them was passed over.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub ring: Vec<Seat>,
    pub out: Out,
}

/// A record looking for an owner.
pub(super) struct Case<'a> {
    pub o: &'a Arc<ObjectDef>,
    pub r: &'a Record,
    pub directory: &'a Directory,
    /// Who is not meant whatever the rule: whoever has or just had it.
    pub barred: Option<RecordId>,
}

/// What the rule chooses; nothing when nobody it means is eligible.
pub(super) async fn choose(u: &mut Unit<'_>, c: &Case<'_>, rule: &Rule) -> Result<(Option<Choice>, Looked)> {
    match rule.strategy {
        Strategy::ToPool => Ok((to_pool(u, c, rule).await?, Looked::default())),
        Strategy::Territory => by_territory(u, c, rule).await,
        Strategy::FieldUser => {
            let named = rule.members.first().and_then(|m| if let Who::Field(f) = &m.who { Some(f) } else { None });
            let user = named.and_then(|f| c.r.get(c.o, f).as_id());
            let ring: Vec<Seat> = user.map(|user| Seat { user, weight: 1 }).into_iter().collect();
            among(u, c, rule, ring, None).await
        }
        _ => {
            let ring = people::ring(u, c.directory, &rule.members).await?;
            among(u, c, rule, ring, None).await
        }
    }
}

async fn to_pool(u: &mut Unit<'_>, c: &Case<'_>, rule: &Rule) -> Result<Option<Choice>> {
    let named = rule.members.first().and_then(|m| if let Who::Pool(id) = m.who { Some(id) } else { None });
    // A pool that was switched off since takes nothing in.
    if named.is_some() && !pool::by_id(u, named).await?.is_some_and(|p| p.enabled && p.object == *c.o.name) {
        return Ok(None);
    }
    let counters = rule.counters.clone();
    Ok(Some(Choice { to: To::Pool(named), reason: rule.strategy.key(), territory: None, last: rule.last, counters }))
}

/// The territory that means the record, and the next one of its members; its manager when none of them is eligible (R-ASN-08).
async fn by_territory(u: &mut Unit<'_>, c: &Case<'_>, rule: &Rule) -> Result<(Option<Choice>, Looked)> {
    let o = u.object("territory")?;
    let named: Vec<RecordId> = rule.members.iter().filter_map(|m| m.who.record().map(|(_, id)| id)).collect();
    let wanted = if named.is_empty() { Filter::True } else { q::ids(named) };
    let rows = u.find("territory", wanted, MANY).await?;
    let areas: Vec<Area> = rows.iter().map(|r| Area::read(&o, r)).collect();
    let Some(area) = place::territory(&areas, &Place::of(c.o, c.r)) else { return Ok((None, Looked::default())) };
    let ring = people::ring(u, c.directory, &[Member { who: Who::Territory(area.id), weight: 1 }]).await?;
    let (found, mut looked) = among(u, c, rule, ring, Some(area.id)).await?;
    let manager = rows.iter().find(|r| r.id == area.id).and_then(|r| r.get(&o, "manager_id").as_id());
    let (None, Some(manager)) = (&found, manager) else { return Ok((found, looked)) };
    // What would only make a member wait does not keep the manager from answering for the territory.
    let mut out = people::passed_over(u, c.directory, c.o, c.r, rule, &[Seat { user: manager, weight: 1 }]).await?;
    out.retain(|_, why| !matches!(*why, "away" | "off_hours" | "daily_cap"));
    if !out.contains_key(&manager) && c.barred != Some(manager) && pool::full(u, c.o, c.r, manager).await?.is_none() {
        let counters = rule.counters.clone();
        let (to, territory) = (To::User(manager), Some(area.id));
        let choice = Choice { to, reason: "territory_manager", territory, last: Some(manager), counters };
        return Ok((Some(choice), looked));
    }
    looked.out.extend(out);
    Ok((None, looked))
}

/// The next one of a ring by the rule's strategy. Whoever is chosen is asked once more, under a lock, whether there is room.
async fn among(
    u: &mut Unit<'_>,
    c: &Case<'_>,
    rule: &Rule,
    ring: Vec<Seat>,
    territory: Option<RecordId>,
) -> Result<(Option<Choice>, Looked)> {
    let mut out = people::passed_over(u, c.directory, c.o, c.r, rule, &ring).await?;
    if let Some(barred) = c.barred.filter(|b| ring.iter().any(|s| s.user == *b)) {
        out.entry(barred).or_insert("former_owner");
    }
    let loads = if rule.strategy == Strategy::LeastLoaded { people::loads(u, c.o, &ring).await? } else { HashMap::new() };
    loop {
        let mut counters = rule.counters.clone();
        let eligible = |user: RecordId| !out.contains_key(&user);
        let picked = match (rule.strategy, territory) {
            (Strategy::Weighted, _) => pick::weighted(&ring, &mut counters.credit, eligible),
            (Strategy::LeastLoaded, _) => {
                pick::least_loaded(&ring, &counters, |user| loads.get(&user).copied().unwrap_or(0), eligible)
            }
            (_, Some(area)) => pick::after(&ring, counters.last.get(&area).copied(), eligible),
            _ => pick::after(&ring, rule.last, eligible),
        };
        let Some(user) = picked else { return Ok((None, Looked { ring, out })) };
        if pool::full(u, c.o, c.r, user).await?.is_some() {
            out.insert(user, "hold_limit");
            continue;
        }
        if let Some(area) = territory {
            counters.last.insert(area, user);
        }
        if rule.strategy == Strategy::LeastLoaded {
            counters.turns += 1;
            counters.turn.retain(|u, _| ring.iter().any(|s| s.user == *u));
            counters.turn.insert(user, counters.turns);
        }
        let choice = Choice { to: To::User(user), reason: rule.strategy.key(), territory, last: Some(user), counters };
        return Ok((Some(choice), Looked { ring, out }));
    }
}
