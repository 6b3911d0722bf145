//! Any text as a filter, JSON or text form: read or refused, never a panic; what was read says the same when written again.
#![no_main]

use std::sync::LazyLock;

use rapport_schema::{Model, filter};
use rapport_store::Rules;

static MODEL: LazyLock<Model> = LazyLock::new(rapport_model::shipped);

libfuzzer_sys::fuzz_target!(|text: &str| {
    let o = MODEL.object("opportunity").expect("shipped");
    if let Ok(f) = filter::parse(text, &MODEL, o, &Rules) {
        let again = filter::parse_json(&filter::to_json(&f), &MODEL, o, &Rules).expect("what was read can be written");
        assert_eq!(again, f);
    }
});
