//! Rows as JSON bytes, straight from the cells.

use std::sync::Arc;

use rapport_schema::{
    FieldDef, FieldType, MaskKind, Model, ObjectDef, RecordId,
    codec::{self, Form},
    plan::link_name,
};

use crate::{
    Bin, Result, Shape, StoreError,
    compile::{Cx, col, formula},
    layout::Layout,
    row::Row,
};

/// What is written for one field.
struct Out {
    /// `,"name":`.
    key: Vec<u8>,
    field: usize,
    /// First column in the row.
    at: usize,
    mask: Option<MaskKind>,
}

/// How one reference is written under `$expand`.
enum Expand {
    /// `"owner_id":{"object":"user","id":` id column, title column.
    One { head: Vec<u8>, at: usize },
    /// `"target":{"object":"` object column, id column, title column.
    Poly { head: Vec<u8>, at: usize },
    /// `"members":` JSON array column.
    Many { head: Vec<u8>, at: usize },
}

/// Writes rows of one query.
pub(crate) struct Writer {
    object: Arc<ObjectDef>,
    form: Form,
    out: Vec<Out>,
    expand: Vec<Expand>,
    /// Column of the owner, and the caller: own rows are written unmasked.
    owner: Option<(usize, RecordId)>,
    deleted: bool,
}

impl Writer {
    /// Column 0 is the id, 1 the version, 2 the time of deletion; the select list continues in the order of the shape. Answers
    /// the list and the number of columns in it.
    pub(crate) fn new(cx: &mut Cx<'_>, layout: &Layout, shape: &Shape, bin: Bin) -> Result<(Self, String, usize)> {
        let object = &layout.object;
        let mut list = String::from(r#"t."id",t."version",t."deleted_at""#);
        let mut n = 3;
        let push = |list: &mut String, n: &mut usize, expr: &str| {
            list.push(',');
            list.push_str(expr);
            *n += 1;
            *n - 1
        };
        let mut out = vec![];
        for f in &shape.fields {
            let def = object.at(f.field);
            let at = n;
            if matches!(def.ty, FieldType::Calc { volatile: true, .. }) {
                let e = computed(cx, object, def)?;
                push(&mut list, &mut n, &e);
            }
            for c in layout.cols(f.field) {
                push(&mut list, &mut n, &col("t", &c.name));
            }
            out.push(Out { key: format!(",\"{}\":", def.name).into_bytes(), field: f.field.ix(), at, mask: f.mask });
        }
        let masks = shape.fields.iter().any(|f| f.mask.is_some());
        let owner = shape.me.filter(|_| masks && object.field("owner_id").is_some());
        let owner = owner.map(|me| (push(&mut list, &mut n, &col("t", "owner_id")), me.record()));
        let mut expand = vec![];
        for ix in &shape.expand {
            let def = object.at(*ix);
            let head = |tail: &str| format!("\"{}\":{tail}", def.name).into_bytes();
            match &def.ty {
                FieldType::Poly { targets } => {
                    let at = push(&mut list, &mut n, &col("t", &format!("{}__object", def.name)));
                    push(&mut list, &mut n, &col("t", &def.name));
                    let title = poly_title(cx, &def.name, targets);
                    push(&mut list, &mut n, &title);
                    expand.push(Expand::Poly { head: head("{\"object\":"), at });
                }
                ty => {
                    let Some(target) = ty.target().and_then(|t| cx.object(&t)) else { continue };
                    if ty.is_many() {
                        let e = many(cx, object, &def.name, target);
                        let at = push(&mut list, &mut n, &e);
                        expand.push(Expand::Many { head: head(""), at });
                    } else {
                        let from = col("t", &def.name);
                        let at = push(&mut list, &mut n, &from);
                        let e = title_of(cx, target, &from);
                        push(&mut list, &mut n, &e);
                        expand.push(Expand::One { head: head(&format!("{{\"object\":\"{}\",\"id\":", target.name)), at });
                    }
                }
            }
        }
        let w = Self { object: object.clone(), form: Form::of(cx.model), out, expand, owner, deleted: bin != Bin::Live };
        Ok((w, list, n))
    }

    /// Writes one row as a JSON object.
    pub(crate) fn write(&self, row: Row<'_>, buf: &mut Vec<u8>) {
        buf.extend_from_slice(b"{\"id\":");
        write_id(row.id_bytes(0).unwrap_or_default(), buf);
        buf.extend_from_slice(b",\"version\":");
        buf.extend_from_slice(row.int(1).unwrap_or(0).to_string().as_bytes());
        if self.deleted
            && let Some(t) = row.int(2)
        {
            buf.extend_from_slice(b",\"deleted_at\":\"");
            buf.extend_from_slice(rapport_schema::Millis(t).rfc3339().as_bytes());
            buf.push(b'"');
        }
        let own = self.owner.is_some_and(|(at, me)| row.id(at) == Some(me));
        let mut masked = false;
        for o in &self.out {
            buf.extend_from_slice(&o.key);
            let mask = o.mask.filter(|_| !own);
            masked |= mask.is_some();
            codec::write_cells_json(&self.object.fields[o.field], &row.at(o.at), buf, mask, self.form);
        }
        if masked {
            buf.extend_from_slice(b",\"$masked\":[");
            let mut first = true;
            for o in self.out.iter().filter(|o| o.mask.is_some()) {
                if !first {
                    buf.push(b',');
                }
                first = false;
                codec::write_str(&self.object.fields[o.field].name, buf);
            }
            buf.push(b']');
        }
        self.expansions(row, buf);
        buf.push(b'}');
    }

    fn expansions(&self, row: Row<'_>, buf: &mut Vec<u8>) {
        if self.expand.is_empty() {
            return;
        }
        buf.extend_from_slice(b",\"$expand\":{");
        let mut first = true;
        let mut start = |buf: &mut Vec<u8>, head: &[u8]| {
            if !first {
                buf.push(b',');
            }
            first = false;
            buf.extend_from_slice(head);
        };
        for e in &self.expand {
            match e {
                Expand::One { head, at } => {
                    let Some(id) = row.id_bytes(*at) else { continue };
                    start(buf, head);
                    write_id(id, buf);
                    title(row.text(at + 1), buf);
                }
                Expand::Poly { head, at } => {
                    let (Some(object), Some(id)) = (row.text(*at), row.id_bytes(at + 1)) else { continue };
                    start(buf, head);
                    codec::write_str(object, buf);
                    buf.extend_from_slice(b",\"id\":");
                    write_id(id, buf);
                    title(row.text(at + 2), buf);
                }
                Expand::Many { head, at } => {
                    let Some(list) = row.text(*at) else { continue };
                    start(buf, head);
                    buf.extend_from_slice(list.as_bytes());
                }
            }
        }
        buf.push(b'}');
    }
}

/// A formula computed when read; NULL when no database computes it: the caller of the store fills it in.
fn computed<'a>(cx: &mut Cx<'a>, object: &ObjectDef, f: &FieldDef) -> Result<String> {
    let o: &'a ObjectDef = cx.object(&object.name).ok_or_else(|| StoreError::Driver(format!("no object {}", object.name)))?;
    if formula::in_memory(cx.model, o, f) { Ok("NULL".into()) } else { formula::cell(cx, o, "t", f) }
}

/// `,"title":…}`.
fn title(t: Option<&str>, buf: &mut Vec<u8>) {
    buf.extend_from_slice(b",\"title\":");
    match t {
        Some(t) => codec::write_str(t, buf),
        None => buf.extend_from_slice(b"null"),
    }
    buf.push(b'}');
}

fn write_id(id: [u8; 16], buf: &mut Vec<u8>) {
    let mut text = [0u8; 36];
    uuid::Uuid::from_bytes(id).hyphenated().encode_lower(&mut text);
    buf.push(b'"');
    buf.extend_from_slice(&text);
    buf.push(b'"');
}

/// The title of a row of `object` as text.
pub(crate) fn title_column(layout: &Layout, alias: &str) -> String {
    let o = &layout.object;
    match layout.cols(o.title_ix()).first() {
        None => "''".into(),
        Some(c) if c.class == rapport_schema::physical::Class::Text => col(alias, &c.name),
        Some(c) => format!("CAST({} AS TEXT)", col(alias, &c.name)),
    }
}

/// The title of the record an id points to.
fn title_of(cx: &mut Cx<'_>, target: &Arc<ObjectDef>, from: &str) -> String {
    let (t, a) = (cx.table(&target.name), cx.alias());
    let title = title_column(&cx.shared.layout(target), &a);
    format!("(SELECT {title} FROM {t} {a} WHERE {a}.id = {from})")
}

fn poly_title(cx: &mut Cx<'_>, field: &str, targets: &[rapport_schema::ObjectName]) -> String {
    let model: &Arc<Model> = cx.model;
    let all: Vec<Arc<ObjectDef>> = if targets.is_empty() {
        model.objects.values().filter(|o| o.kind == rapport_schema::ObjectKind::Ownable).cloned().collect()
    } else {
        targets.iter().filter_map(|t| model.object(t)).cloned().collect()
    };
    let from = col("t", field);
    let mut s = format!("CASE {}", col("t", &format!("{field}__object")));
    for o in &all {
        let title = title_of(cx, o, &from);
        s.push_str(&format!(" WHEN '{}' THEN {title}", o.name));
    }
    if all.is_empty() { "NULL".into() } else { s + " END" }
}

/// The elements of a many-valued reference as a JSON array.
fn many(cx: &mut Cx<'_>, object: &ObjectDef, field: &str, target: &Arc<ObjectDef>) -> String {
    let (links, to) = (cx.table(&link_name(&object.name, field)), cx.table(&target.name));
    let (l, a) = (cx.alias(), cx.alias());
    let title = title_column(&cx.shared.layout(target), &a);
    let id = cx.shared.dialect.id_text(&format!("{l}.value"));
    let (row, list) = if cx.shared.dialect.is_pg() {
        (format!("json_build_object('object', '{}', 'id', {id}, 'title', {title})", target.name), "json_agg")
    } else {
        (format!("json_object('object', '{}', 'id', {id}, 'title', {title})", target.name), "json_group_array")
    };
    format!(
        "(SELECT CAST({list}({row}) AS TEXT) FROM {links} {l} LEFT JOIN {to} {a} ON {a}.id = {l}.value WHERE {l}.record = t.\"id\")"
    )
}
