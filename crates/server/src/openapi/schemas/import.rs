//! Imports.

use serde_json::json;

use super::{Put, flag, id, int, list, map_of, named, nullable, object, one_of, text};

pub(super) fn put(put: Put<'_>) {
    put("ColumnValue", object(&[("value", text()), ("count", int())]));
    put(
        "SheetColumn",
        object(&[("header", text()), ("samples", list(nullable(text()))), ("values", nullable(list(named("ColumnValue"))))]),
    );
    let blank = || {
        list(
            json!({ "type": "object", "properties": { "column": text(), "value": text() }, "maxProperties": 1, "minProperties": 1 }),
        )
    };
    let column = |field: serde_json::Value, more: &[(&str, serde_json::Value)]| {
        let mut all = vec![
            ("column?", text()),
            ("field", field),
            ("values?", map_of(nullable(text()))),
            ("lookup?", nullable(text())),
            ("among?", json!({})),
            ("missing?", one_of(&["error", "empty", "create"])),
            ("template?", nullable(text())),
            ("blank?", blank()),
            ("date?", nullable(one_of(&["ymd", "mdy", "dmy"]))),
            ("times?", nullable(text())),
        ];
        all.extend_from_slice(more);
        object(&all)
    };
    let sure = [("confidence", json!({ "type": "number" })), ("why", nullable(named("Label")))];
    put("ProposedMapping", column(nullable(text()), &sure));
    put(
        "ImportSheet",
        object(&[
            ("file", text()),
            ("name", text()),
            ("rows", int()),
            ("columns", list(named("SheetColumn"))),
            ("suggested_object", nullable(text())),
            ("mapping", list(named("ProposedMapping"))),
        ]),
    );
    put(
        "ImportUpload",
        object(&[
            ("upload_id", id()),
            ("file_name", text()),
            ("sheets", list(named("ImportSheet"))),
            ("plan", nullable(list(named("ImportSheetPlan")))),
        ]),
    );
    put("ImportColumn", column(text(), &[]));
    put(
        "ImportChildPlan",
        object(&[("object", text()), ("via", text()), ("set?", map_of(json!({}))), ("map", list(named("ImportColumn")))]),
    );
    put(
        "ImportSheetPlan",
        object(&[
            ("file?", nullable(text())),
            ("sheet?", nullable(text())),
            ("rows?", list(map_of(text()))),
            ("object", text()),
            ("mode?", one_of(&["create", "update", "upsert"])),
            ("match?", nullable(text())),
            ("match_among?", json!({})),
            ("on_duplicate?", one_of(&["skip", "update", "create", "error"])),
            ("distinct?", nullable(text())),
            ("set?", map_of(json!({}))),
            ("set_state?", flag()),
            ("keep_times?", flag()),
            ("assign_by_rule?", flag()),
            ("map", list(named("ImportColumn"))),
            ("child?", list(named("ImportChildPlan"))),
        ]),
    );
    put("ImportStart", object(&[("upload_id", id()), ("sheets", list(named("ImportSheetPlan"))), ("dry_run?", flag())]));
    put(
        "ImportQuestion",
        object(&[
            ("sheet", int()),
            ("object", text()),
            ("field", text()),
            ("column", nullable(text())),
            ("open", one_of(&["record", "ambiguous", "choice", "blank"])),
            ("value", text()),
            ("rows", int()),
            ("first", int()),
            ("similar", list(text())),
        ]),
    );
    put("ImportQuestions", object(&[("questions", list(named("ImportQuestion"))), ("whole", flag())]));
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
