//! Imports.

use serde_json::json;

use super::{Put, flag, id, int, list, map_of, named, nullable, object, one_of, text};

pub(super) fn put(put: Put<'_>) {
    put("ColumnValue", object(&[("value", text()), ("count", int())]));
    put(
        "SheetColumn",
        object(&[("header", text()), ("samples", list(nullable(text()))), ("values", nullable(list(named("ColumnValue"))))]),
    );
    put(
        "ProposedMapping",
        object(&[
            ("column", text()),
            ("field", nullable(text())),
            ("confidence", json!({ "type": "number" })),
            ("why", nullable(named("Label"))),
            ("values?", map_of(text())),
            ("lookup?", nullable(text())),
        ]),
    );
    put(
        "ImportSheet",
        object(&[
            ("name", text()),
            ("rows", int()),
            ("columns", list(named("SheetColumn"))),
            ("suggested_object", nullable(text())),
            ("mapping", list(named("ProposedMapping"))),
        ]),
    );
    put("ImportUpload", object(&[("upload_id", id()), ("file_name", text()), ("sheets", list(named("ImportSheet")))]));
    put(
        "ImportColumn",
        object(&[
            ("column", text()),
            ("field", text()),
            ("values?", map_of(nullable(text()))),
            ("lookup?", nullable(text())),
            ("date?", nullable(one_of(&["ymd", "mdy", "dmy"]))),
        ]),
    );
    put(
        "ImportSheetPlan",
        object(&[
            ("sheet", text()),
            ("object", text()),
            ("mode?", one_of(&["create", "update", "upsert"])),
            ("on_duplicate?", nullable(one_of(&["skip", "update", "create", "error"]))),
            ("match_field?", nullable(text())),
            ("mapping", list(named("ImportColumn"))),
        ]),
    );
    put("ImportStart", object(&[("upload_id", id()), ("sheets", list(named("ImportSheetPlan"))), ("dry_run?", flag())]));
    put("GuessAsk", object(&[("upload_id", id()), ("sheet?", nullable(text()))]));
    put("GuessRemark", object(&[("code", text()), ("params", map_of(json!({})))]));
    put("GuessChoice", object(&[("key", text()), ("label", text()), ("count", int())]));
    put(
        "GuessColumn",
        object(&[
            ("column", text()),
            ("label", named("Label")),
            ("name", text()),
            ("type", text()),
            ("keep", flag()),
            ("required", flag()),
            ("unique", flag()),
            ("distinct", flag()),
            ("scale?", int()),
            ("target?", text()),
            ("lookup?", text()),
            ("date?", one_of(&["ymd", "mdy", "dmy"])),
            ("options?", list(named("GuessChoice"))),
            ("samples", list(text())),
            ("filled", int()),
            ("blank", int()),
            ("remarks", list(named("GuessRemark"))),
        ]),
    );
    put(
        "GuessSheet",
        object(&[
            ("sheet", text()),
            ("rows", int()),
            ("name", text()),
            ("label", named("Label")),
            ("title", nullable(text())),
            ("columns", list(named("GuessColumn"))),
        ]),
    );
    put("ObjectGuess", object(&[("upload_id", id()), ("file_name", text()), ("sheets", list(named("GuessSheet")))]));
    put(
        "ImportJob",
        object(&[
            ("id", id()),
            ("status", one_of(&["running", "done", "cancelled", "failed", "undoing", "undone"])),
            ("dry_run", flag()),
            ("file_name", text()),
            ("total", int()),
            ("done", int()),
            ("created", int()),
            ("children", int()),
            ("updated", int()),
            ("skipped", int()),
            ("failed", int()),
            ("batch_id", id()),
            ("undoable", flag()),
            ("error", nullable(text())),
        ]),
    );
}
