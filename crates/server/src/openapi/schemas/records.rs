//! Records, groups, batches, history, changes, search.

use rapport_schema::query::Op;
use serde_json::{Value, json};

use super::{Put, any, at, data, flag, id, int, list, map_of, named, nullable, object, one_of, open, text};

const OPS: [Op; 17] = [
    Op::Eq,
    Op::Ne,
    Op::Lt,
    Op::Lte,
    Op::Gt,
    Op::Gte,
    Op::Between,
    Op::In,
    Op::Nin,
    Op::Contains,
    Op::Starts,
    Op::IsEmpty,
    Op::NotEmpty,
    Op::Any,
    Op::All,
    Op::None,
    Op::Within,
];

pub(super) fn put(put: Put<'_>) {
    put(
        "Record",
        open(&[
            ("id", id()),
            ("version", int()),
            ("created_at?", at()),
            ("updated_at?", at()),
            ("deleted_at?", nullable(at())),
            ("$expand?", named("Expand")),
            ("$masked?", list(text())),
            ("$warnings?", list(any())),
        ]),
    );
    put("RecordPage", object(&[("data", list(named("Record"))), ("next", named("Cursor")), ("count?", named("Count"))]));
    put("RecordInput", map_of(any()));
    filters(put);
    put("FieldChange", object(&[("field", text()), ("before?", any()), ("after?", any())]));
    put(
        "HistoryEntry",
        object(&[
            ("seq", int()),
            ("at", at()),
            ("op", text()),
            ("actor", nullable(named("Actor"))),
            ("via", text()),
            ("act", nullable(text())),
            ("reason", nullable(text())),
            ("changes", list(named("FieldChange"))),
        ]),
    );
    put("History", object(&[("data", list(named("HistoryEntry"))), ("next", nullable(int()))]));
    put(
        "Why",
        object(&[
            // `admin`, `role`, `owner`, `reports`, `department`, `creator`, `team`, `shared`, `public`, `oneself`, `through`.
            ("by", text()),
            ("object?", text()),
        ]),
    );
    put(
        "Reader",
        object(&[
            ("user", object(&[("id", id()), ("name", text())])),
            ("read", flag()),
            ("edit", flag()),
            ("why", list(named("Why"))),
        ]),
    );
    put("Readers", object(&[("data", list(named("Reader"))), ("next", nullable(text()))]));
    put("DuplicateQuery", object(&[("data", map_of(any())), ("id?", id())]));
    put(
        "Duplicate",
        object(&[
            ("object", text()),
            ("id", nullable(id())),
            ("title", any()),
            ("score", int()),
            ("keys", list(text())),
            ("visible", flag()),
            ("owner", any()),
            ("department", any()),
            ("pool", any()),
            ("offer", nullable(text())),
        ]),
    );
    put("Duplicates", data(named("Duplicate")));
    put("ActionInput", map_of(any()));
    put("ActionOutput", any());
    groups(put);
    batches(put);
    put(
        "Highlight",
        object(&[("field", text()), ("ranges", list(json!({ "type": "array", "prefixItems": [int(), int()], "items": false })))]),
    );
    put(
        "Hit",
        object(&[
            ("object", text()),
            ("id", id()),
            ("title", text()),
            ("subtitle", text()),
            ("highlights", list(named("Highlight"))),
            ("score", json!({ "type": "number" })),
        ]),
    );
    put("SearchAnswer", object(&[("hits", list(named("Hit")))]));
    put(
        "Change",
        object(&[
            ("seq", int()),
            ("at", at()),
            ("object", text()),
            ("id", id()),
            ("op", text()),
            ("fields", list(text())),
            ("actor", named("Actor")),
            ("version", int()),
            ("batch?", nullable(id())),
            ("act?", nullable(text())),
        ]),
    );
    put("Changes", object(&[("data", list(named("Change"))), ("next", int())]));
}

/// The tree of a filter; it contains itself.
fn filters(put: Put<'_>) {
    let ops: Vec<Value> = OPS.iter().map(|o| json!(o)).collect();
    put("FilterOp", json!({ "type": "string", "enum": ops }));
    put("FilterLeaf", object(&[("field", text()), ("op", named("FilterOp")), ("value?", any())]));
    put(
        "Filter",
        json!({ "anyOf": [
            named("FilterLeaf"), object(&[("and", list(named("Filter")))]), object(&[("or", list(named("Filter")))]), object(&[("not", named("Filter"))]),
        ] }),
    );
}

fn groups(put: Put<'_>) {
    put("Measure", object(&[("fn", one_of(&["count", "count_distinct", "sum", "avg", "min", "max"])), ("field?", text())]));
    put(
        "AggregateQuery",
        object(&[
            ("filter?", named("Filter")),
            ("group?", list(text())),
            ("measures?", list(named("Measure"))),
            ("having?", any()),
            ("sort?", any()),
            ("limit?", int()),
            ("q?", text()),
        ]),
    );
    put("Group", object(&[("key", map_of(any())), ("values", list(nullable(text())))]));
    put("AggregateAnswer", open(&[("groups", list(named("Group")))]));
}

fn batches(put: Put<'_>) {
    put(
        "BatchChild",
        object(&[
            ("object", text()),
            ("via", json!({ "type": "string", "description": "Its field that points to the record made" })),
            ("data", map_of(any())),
        ]),
    );
    put(
        "BatchOp",
        object(&[
            ("op", one_of(&["create", "update", "delete", "restore"])),
            ("id?", id()),
            ("data?", map_of(any())),
            ("version?", int()),
            ("children?", list(named("BatchChild"))),
        ]),
    );
    put(
        "Batch",
        object(&[("ops", json!({ "type": "array", "maxItems": 10_000, "items": named("BatchOp") })), ("atomic?", flag())]),
    );
    put("BatchRow", object(&[("status", int()), ("id?", id()), ("version?", int()), ("error?", named("Problem"))]));
    let tags = || list(text());
    put(
        "BulkChange",
        object(&[
            ("kind", one_of(&["update", "tags", "delete", "action"])),
            ("data?", map_of(any())),
            ("add?", tags()),
            ("remove?", tags()),
            ("action?", text()),
            ("input?", any()),
        ]),
    );
    put(
        "BulkStart",
        object(&[
            ("filter?", any()),
            ("q?", nullable(text())),
            ("except?", list(id())),
            ("ids?", list(id())),
            ("change", named("BulkChange")),
        ]),
    );
    put(
        "BulkJob",
        object(&[
            ("id", id()),
            ("object", text()),
            ("change", named("BulkChange")),
            ("status", one_of(&["running", "done", "cancelled", "failed", "undoing", "undone"])),
            ("collected", flag()),
            ("total", int()),
            ("done", int()),
            ("changed", int()),
            ("unchanged", int()),
            ("refused", int()),
            ("began_at", at()),
            ("batch_id", id()),
            ("undoable", flag()),
            ("error", nullable(text())),
        ]),
    );
    put("BulkJobs", object(&[("data", list(named("BulkJob")))]));
    put(
        "BulkRefusedRow",
        object(&[
            ("at", int()),
            ("id", id()),
            ("title", nullable(text())),
            ("errors", list(object(&[("field", text()), ("code", text()), ("params", map_of(any())), ("message", text())]))),
        ]),
    );
    put("BulkRefused", object(&[("data", list(named("BulkRefusedRow"))), ("next", nullable(text()))]));
    put("BatchResult", object(&[("results", list(named("BatchRow"))), ("batch_id", id()), ("complete?", flag())]));
}
