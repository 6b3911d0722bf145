//! The model as a caller may use it.

use serde_json::{Value, json};

use super::{Put, any, flag, int, list, map_of, named, nullable, object, one_of, text};

/// Codes of the field types, and `id` of the record's own number.
const TYPES: [&str; 36] = [
    "text", "long", "rich", "int", "dec", "money", "pct", "bool", "date", "dt", "time", "dur", "pick", "multi", "tags", "phone",
    "email", "url", "addr", "geo", "file", "img", "ref", "refs", "md", "poly", "roll", "calc", "auto", "user", "users", "dept",
    "depts", "rating", "json", "id",
];

pub(super) fn put(put: Put<'_>) {
    put("FieldType", one_of(&TYPES));
    put(
        "Condition",
        object(&[
            ("formula", text()),
            (
                "tree?",
                json!({ "type": "array", "items": {}, "description": "The formula's tree; absent: only the server can judge it" }),
            ),
        ]),
    );
    put("FieldMeta", field());
    put(
        "ActionMeta",
        object(&[
            ("name", text()),
            ("label", named("Label")),
            ("scope", one_of(&["record", "object"])),
            ("right", any()),
            ("from", list(text())),
            ("input", json!({ "type": "object", "additionalProperties": true, "description": "JSON schema of the input" })),
        ]),
    );
    put(
        "TransitionMeta",
        object(&[
            ("action", text()),
            ("from", list(text())),
            ("to", text()),
            ("label", named("Label")),
            ("requires", list(text())),
        ]),
    );
    put("SectionMeta", object(&[("key", text()), ("label", named("Label"))]));
    put(
        "LayoutMeta",
        object(&[
            ("when?", object(&[("field", text()), ("is", text())])),
            ("device?", one_of(&["phone"])),
            ("sections", list(object(&[("key", text()), ("label", named("Label")), ("fields", list(text()))]))),
            ("facts", list(text())),
        ]),
    );
    put("RelatedMeta", object(&[("object", text()), ("field", text())]));
    put("ObjectMeta", record());
    put("PickValue", object(&[("key", text()), ("label", named("Label")), ("color", nullable(text())), ("active", flag())]));
    put(
        "PicklistMeta",
        object(&[
            ("label", named("Label")),
            ("default", nullable(text())),
            ("system", flag()),
            ("values", list(named("PickValue"))),
        ]),
    );
    put("AreaMeta", object(&[("name", text()), ("label", named("Label"))]));
    put(
        "Model",
        object(&[
            ("version", text()),
            ("locale", text()),
            ("currency", text()),
            ("zone", text()),
            ("objects", list(named("ObjectMeta"))),
            ("picklists", map_of(named("PicklistMeta"))),
            ("areas", list(named("AreaMeta"))),
            ("functions", list(text())),
        ]),
    );
    put(
        "FormulaTrial",
        object(&[
            ("object", text()),
            ("formula", text()),
            ("result?", nullable(one_of(&["text", "int", "dec", "money", "pct", "bool", "date", "dt", "dur"]))),
            ("scale?", nullable(int())),
            ("id?", nullable(text())),
            ("count?", nullable(flag())),
        ]),
    );
    put("TriedRecord", object(&[("id", text()), ("title", text())]));
    put("FormulaCount", object(&[("count", int()), ("capped", flag()), ("among", nullable(int())), ("ids", list(text()))]));
    put(
        "FormulaResult",
        object(&[
            ("value", any()),
            ("beyond", flag()),
            ("record", nullable(named("TriedRecord"))),
            ("records", list(named("TriedRecord"))),
            ("broken", nullable(named("FormulaCount"))),
        ]),
    );
    put("ModelText", object(&[("text", text()), ("dry_run?", flag()), ("retire_all?", flag())]));
    put(
        "ModelChange",
        object(&[
            ("op", one_of(&["add", "change", "retire"])),
            ("name", text()),
            ("kind?", text()),
            ("type?", text()),
            ("fields?", list(text())),
        ]),
    );
    put(
        "ModelPlan",
        object(&[("version", int()), ("applied", flag()), ("changes", list(named("ModelChange"))), ("steps", int())]),
    );
}

/// A field. What is false or nothing is absent.
fn field() -> Value {
    object(&[
        ("name", text()),
        ("type", named("FieldType")),
        ("label", named("Label")),
        ("access", one_of(&["read", "edit"])),
        ("section?", text()),
        ("required?", flag()),
        ("unique?", flag()),
        ("system?", flag()),
        ("custom?", flag()),
        ("mask?", any()),
        ("help?", named("Label")),
        ("default?", any()),
        ("default_by_formula?", flag()),
        ("visible_if?", named("Condition")),
        ("required_if?", named("Condition")),
        ("readonly_if?", named("Condition")),
        ("filterable?", flag()),
        ("sortable?", flag()),
        ("groupable?", flag()),
        ("multiple?", flag()),
        ("target?", text()),
        ("targets?", list(text())),
        ("scale?", int()),
        ("picklist?", text()),
        ("min?", any()),
        ("max?", any()),
        ("unit_price?", flag()),
        ("result?", named("FieldType")),
    ])
}

fn record() -> Value {
    let rights: Vec<(&str, Value)> =
        ["create", "read", "edit", "delete", "transfer", "export", "import", "share", "merge", "convert", "mass_edit"]
            .map(|r| (r, flag()))
            .to_vec();
    object(&[
        ("name", text()),
        ("kind", text()),
        ("label", named("Label")),
        ("plural", named("Label")),
        ("icon", nullable(text())),
        ("area", nullable(text())),
        ("position", int()),
        ("title", text()),
        ("subtitle", list(text())),
        ("person_name", flag()),
        ("default_sort", nullable(text())),
        ("board", nullable(text())),
        ("status", nullable(text())),
        ("list", list(text())),
        ("card", list(text())),
        ("facts", list(text())),
        ("related", list(named("RelatedMeta"))),
        ("sections", list(named("SectionMeta"))),
        // Of those that fit a record and a page the first is used; none fits: `sections` and `facts` of the object.
        ("layouts", list(named("LayoutMeta"))),
        ("custom", flag()),
        ("rights", object(&rights)),
        ("actions", list(named("ActionMeta"))),
        ("transitions", list(named("TransitionMeta"))),
        ("fields", list(named("FieldMeta"))),
    ])
}
