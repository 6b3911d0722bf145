//! Visits (R-VST-01): checked in where and when one stands, checked out with a result that becomes a follow-up.

use async_trait::async_trait;
use rapport_records::{Action, ActionSpec, Error, JsonMap, Result, Unit};
use rapport_schema::{
    FieldError, Label, Millis, ObjectDef, ObjectName, Record, RecordRef, Value,
    value::{Datum, Geo},
};
use serde_json::{Value as Json, json};

/// Mean radius of the earth in metres (IUGG).
const RADIUS: f64 = 6_371_008.8;

/// What both actions take: where the device says it is, and whether it may be believed.
fn input(more: &[(&str, Json)]) -> Json {
    let mut p = json!({
        "place": {
            "type": ["object", "null"],
            "properties": { "lat": { "type": "number" }, "lng": { "type": "number" } },
            "description": "Where the device stands, WGS-84 degrees",
        },
        "device_at": { "type": ["string", "null"], "format": "date-time", "description": "What the device's clock says" },
        "mock": { "type": ["boolean", "null"], "description": "The device says that its place is made up" },
        "device": { "type": ["string", "null"] },
    });
    for (name, schema) in more {
        p[name] = schema.clone();
    }
    p
}

/// The point of an input; none when the device would not tell.
fn place(input: &Json) -> Result<Option<Geo>> {
    let at = &input["place"];
    if at.is_null() {
        return Ok(None);
    }
    let wrong = || Error::field(FieldError::new("place", "value.type").with("expected", "point"));
    let part = |key: &str, most: f64| at[key].as_f64().filter(|d| d.abs() <= most).ok_or_else(wrong);
    #[allow(clippy::cast_possible_truncation, reason = "at most 180 degrees in units of 1e-7")]
    let e7 = |degrees: f64| (degrees * 1e7).round() as i64;
    Ok(Some(Geo { lat_e7: e7(part("lat", 90.0)?), lng_e7: e7(part("lng", 180.0)?), datum: Datum::Wgs84 }))
}

/// Whole metres between two points along the great circle (haversine); none between points of different datums, which can be half
/// a kilometre apart for the same place.
pub(crate) fn metres(a: Geo, b: Geo) -> Option<i64> {
    if a.datum != b.datum {
        return None;
    }
    #[allow(clippy::cast_precision_loss, reason = "31 bits")]
    let radians = |e7: i64| (e7 as f64 / 1e7).to_radians();
    let (p1, p2) = (radians(a.lat_e7), radians(b.lat_e7));
    let (dp, dl) = (p2 - p1, radians(b.lng_e7 - a.lng_e7));
    let h = (dp / 2.0).sin().powi(2) + p1.cos() * p2.cos() * (dl / 2.0).sin().powi(2);
    #[allow(clippy::cast_possible_truncation, reason = "at most half the earth's circumference")]
    Some((2.0 * RADIUS * h.sqrt().min(1.0).asin()).round() as i64)
}

/// Whoever goes there: nobody checks in for somebody else.
fn mine(u: &Unit<'_>, o: &ObjectDef, r: &Record) -> Result<()> {
    if u.scope.is_system() || (u.person_id().is_some() && r.get(o, "owner_id").as_id() == u.person_id()) {
        return Ok(());
    }
    Err(Error::Denied("permission.denied"))
}

fn status<'r>(o: &ObjectDef, r: &'r Record) -> Option<&'r str> {
    r.get(o, "status").as_text()
}

/// `check_in`: place, time and device are noted; far away, a made-up place or a wrong clock mark the visit as abnormal, or refuse it
/// when the organisation wants that (`visit.refuse_far`).
pub(crate) struct CheckIn(ActionSpec);
impl Default for CheckIn {
    fn default() -> Self {
        Self(ActionSpec::record("visit", "check_in", Label::new("Check In", "签到"), input(&[]), &[]).from_states(&["planned"]))
    }
}

#[async_trait]
impl Action for CheckIn {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let r = target.ok_or(Error::NotFound)?;
        let o = u.object("visit")?;
        if status(&o, &r) == Some("checked_in") {
            return u.answer("visit", r.id).await;
        }
        mine(u, &o, &r)?;
        let at = place(&input)?;
        let there = match r.get(&o, "account_id").as_id() {
            Some(account) => {
                let ao = u.object("account")?;
                u.peek("account", account).await?.and_then(|a| match a.get(&ao, "location") {
                    Value::Geo(g) => Some(*g),
                    _ => None,
                })
            }
            None => None,
        };
        let distance = at.zip(there).and_then(|(a, b)| metres(a, b));
        let far = distance.is_some_and(|m| m > u.setting("visit.far_m", 500));
        if far && u.setting("visit.refuse_far", false) {
            return Err(Error::field(FieldError::new("place", "visit.too_far").with("metres", distance)));
        }
        let skew = match input["device_at"].as_str() {
            Some(t) => {
                let said: jiff::Timestamp =
                    t.parse().map_err(|_| Error::field(FieldError::new("device_at", "value.type").with("expected", "time")))?;
                let said = Millis::from_timestamp(said);
                said.0.abs_diff(u.now().0) > u.setting("visit.clock_minutes", 10u64) * 60_000
            }
            None => false,
        };
        let abnormal = far || skew || input["mock"] == true;
        let device =
            input["device"].as_str().map_or(Value::Null, |d| Value::from(d.chars().take(255).collect::<String>().as_str()));
        let fields = [
            ("status", Value::from("checked_in")),
            ("checkin_at", Value::DateTime(u.now())),
            ("checkin_geo", at.map_or(Value::Null, Value::Geo)),
            ("checkin_distance", distance.map_or(Value::Null, Value::Int)),
            ("is_abnormal", Value::Bool(abnormal)),
            ("device", device),
        ];
        u.act_on("visit", r.id, &JsonMap::new(), &fields).await?;
        u.answer("visit", r.id).await
    }
}

/// `check_out`: with the result, which becomes a follow-up on the customer.
pub(crate) struct CheckOut(ActionSpec);
impl Default for CheckOut {
    fn default() -> Self {
        let result = json!({ "type": "string" });
        Self(
            ActionSpec::record("visit", "check_out", Label::new("Check Out", "签退"), input(&[("result", result)]), &["result"])
                .from_states(&["checked_in"]),
        )
    }
}

#[async_trait]
impl Action for CheckOut {
    fn spec(&self) -> &ActionSpec {
        &self.0
    }
    async fn run(&self, u: &mut Unit<'_>, target: Option<Record>, input: Json) -> Result<Json> {
        let r = target.ok_or(Error::NotFound)?;
        let o = u.object("visit")?;
        if status(&o, &r) == Some("completed") {
            return u.answer("visit", r.id).await;
        }
        mine(u, &o, &r)?;
        let at = place(&input)?;
        let mut data = JsonMap::new();
        data.insert("result".into(), input["result"].clone());
        let fields = [
            ("status", Value::from("completed")),
            ("checkout_at", Value::DateTime(u.now())),
            ("checkout_geo", at.map_or(Value::Null, Value::Geo)),
        ];
        let saved = u.act_on("visit", r.id, &data, &fields).await?;
        if saved.get(&o, "result").is_empty() {
            return Err(Error::field(FieldError::new("result", "value.required")));
        }
        if let Some(account) = saved.get(&o, "account_id").as_id() {
            let known = at.map_or_else(|| saved.get(&o, "checkin_geo").clone(), Value::Geo);
            let said = [
                ("content", saved.get(&o, "result").clone()),
                ("follow_type", Value::from("visit")),
                ("target", Value::Ref(RecordRef { object: ObjectName::lit("account"), id: account })),
                ("contacts", saved.get(&o, "contacts").clone()),
                ("occurred_at", Value::DateTime(u.now())),
                ("location", known),
                ("owner_id", saved.get(&o, "owner_id").clone()),
            ];
            let follow_up = u.make("follow_up", &said).await?.id;
            u.act_on("visit", r.id, &JsonMap::new(), &[("follow_up_id", Value::Id(follow_up))]).await?;
        }
        u.answer("visit", r.id).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_of_the_rule() {
        // R-VST-01: 39.9087, 116.3975 to 39.9163, 116.3972 = 845 m.
        let at = |lat_e7, lng_e7| Geo { lat_e7, lng_e7, datum: Datum::Wgs84 };
        assert_eq!(metres(at(399_087_000, 1_163_975_000), at(399_163_000, 1_163_972_000)), Some(845));
        assert_eq!(metres(at(0, 0), at(0, 1_800_000_000)), Some(20_015_114));
        assert_eq!(metres(at(0, 0), Geo { datum: Datum::Gcj02, ..at(0, 0) }), None);
    }
}
