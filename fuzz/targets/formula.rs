//! Any text as a formula: read and evaluated over an empty record, or refused, never a panic.
#![no_main]

use std::sync::LazyLock;

use rapport_schema::{
    Millis, Model, Record, RecordId, Value,
    filter::RecordView,
    formula::{self, Env},
};
use rapport_store::Rules;

static MODEL: LazyLock<Model> = LazyLock::new(rapport_model::shipped);

libfuzzer_sys::fuzz_target!(|text: &str| {
    let o = MODEL.object("opportunity").expect("shipped");
    if let Ok(f) = formula::check(text, &MODEL, o) {
        let record = Record::new(o, RecordId::from_bytes([1; 16]));
        let zone = MODEL.tz();
        let env = Env {
            model: &MODEL,
            norm: &Rules,
            now: Millis(1_795_000_000_000),
            zone: &zone,
            user: None,
            workday: &Env::weekdays,
            rate: &|_, _| None,
        };
        let _ = formula::eval(&f.root, &RecordView { object: o, record: &record, related: &|_| Value::Null }, &env);
    }
});
