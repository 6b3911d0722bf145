//! Hostile input over HTTP: a clear refusal with a stable code, nothing changed, and the server goes on (quality.md §2.1,
//! "Resource use", "Injection", "Files"; issue part "Reliability").

use std::{io::Write as _, net::SocketAddr, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::Method,
};
use rapport_server::serve;
use rapport_testkit::{Client, Reply, Space, both};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

fn escaped(s: &str) -> String {
    s.bytes().map(|b| format!("%{b:02X}")).collect()
}

async fn raw(c: &Client, kind: Option<&str>, path: &str, body: impl Into<Body>) -> Reply {
    c.send(c.request(Method::POST, path, kind, body.into())).await
}

async fn seq(s: &Space) -> i64 {
    s.engine.db().last_seq().await.unwrap().0
}

/// A refusal as it must be: of the caller's making, in the one form, with a code that has a sentence.
fn refused(what: &str, r: &Reply) {
    assert!(r.status.is_client_error(), "{what}: {} {}", r.status, r.text);
    assert_eq!(r.headers["content-type"], "application/problem+json", "{what}: {}", r.text);
    assert!(r.json["code"].as_str().is_some_and(|c| !c.is_empty()), "{what}: {}", r.text);
    assert!(!r.json["title"].as_str().unwrap_or("").is_empty(), "{what}: {}", r.text);
    let low = r.text.to_lowercase();
    for inner in ["/tmp", "sqlite", "postgres", "syntax error", "panicked", "src/"] {
        assert!(!low.contains(inner), "{what} tells about the machine: {}", r.text);
    }
}

const JSON: Option<&str> = Some("application/json");

both! {
    async fn bodies_that_are_none_change_nothing(s) {
        let me = s.admin().await;
        let before = seq(&s).await;
        let deep = |n: usize| format!("{{\"name\":\"x\",\"source_system\":{}1{}}}", "[".repeat(n), "]".repeat(n));
        let cases: Vec<(&str, Option<&str>, Vec<u8>, u16)> = vec![
            ("bad UTF-8", JSON, b"{\"name\":\"\xff\xfe\"}".to_vec(), 400),
            ("half a surrogate", JSON, br#"{"name":"\ud800"}"#.to_vec(), 400),
            ("cut off", JSON, br#"{"name":"x"#.to_vec(), 400),
            ("two values", JSON, br#"{"name":"x"}{"name":"y"}"#.to_vec(), 400),
            ("a list", JSON, br#"[{"name":"x"}]"#.to_vec(), 422),
            ("a number too large", JSON, br#"{"name":"x","annual_revenue":1e400}"#.to_vec(), 400),
            ("10,000 levels", JSON, deep(10_000).into_bytes(), 400),
            ("a form", Some("application/x-www-form-urlencoded"), b"name=x".to_vec(), 415),
            ("text", Some("text/plain"), br#"{"name":"x"}"#.to_vec(), 415),
            ("no type", None, br#"{"name":"x"}"#.to_vec(), 415),
            ("xml", Some("application/xml"), b"<a/>".to_vec(), 415),
            ("too large", JSON, format!("{{\"name\":\"{}\"}}", "x".repeat(2 << 20)).into_bytes(), 413),
        ];
        for (what, kind, body, want) in cases {
            let r = raw(&me, kind, "/api/v1/account", body).await;
            refused(what, &r);
            assert_eq!(r.status.as_u16(), want, "{what}: {}", r.text);
        }
        // A body that grows while it comes ends at the limit, not at the memory's end.
        let endless = futures::stream::iter((0..4096).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 1 << 10]))));
        let r = raw(&me, JSON, "/api/v1/account", Body::from_stream(endless)).await;
        assert_eq!(r.refusal(), (413, "request.too_large"));
        assert_eq!(seq(&s).await, before, "nothing was written");
    }

    async fn values_that_fit_no_field_are_refused_by_field(s) {
        let me = s.admin().await;
        let before = seq(&s).await;
        let cases = [
            ("ten to the forty", json!({ "name": "x", "annual_revenue": "1".to_owned() + &"0".repeat(40) })),
            ("no number", json!({ "name": "x", "annual_revenue": "NaN" })),
            ("a NUL", json!({ "name": "a\u{0}b" })),
            ("a NUL alone", json!({ "name": "\u{0}" })),
            ("a name of a megabyte", json!({ "name": "名".repeat(200_000) })),
            ("an object for a text", json!({ "name": { "$ne": null } })),
            ("a column that is none", json!({ "name": "x", "name; DROP TABLE account; --": 1 })),
            ("a field of the engine", json!({ "name": "x", "version": 7 })),
            ("somebody else's id", json!({ "name": "x", "id": "01890000-0000-7000-8000-000000000001" })),
            ("a date that is none", json!({ "name": "x", "founded_on": "2026-02-30" })),
            ("a reference by injection", json!({ "name": "x", "parent_id": "' OR 1=1 --" })),
        ];
        for (what, body) in cases {
            let r = me.post("/api/v1/account", body).await;
            refused(what, &r);
            assert!(matches!(r.status.as_u16(), 413 | 422), "{what}: {} {}", r.status, r.text);
        }
        assert_eq!(seq(&s).await, before, "nothing was written");
        // What only looks like SQL or a path is a name like any other, on the way in and out.
        for name in ["Robert'); DROP TABLE account;--", "../../etc/passwd", "<script>alert(1)</script>", "=1+1", "%00 {{7*7}} ${x}", "\u{202e}gnp.exe"] {
            let made = me.post("/api/v1/account?override_duplicates=true", json!({ "name": name })).await;
            if made.status == 422 {
                refused(name, &made);
                continue;
            }
            let made = made.ok();
            let filter = escaped(&json!({ "field": "name", "op": "eq", "value": made["name"] }).to_string());
            let found = me.get(&format!("/api/v1/account?filter={filter}")).await.ok();
            assert_eq!(found["data"][0]["id"], made["id"], "{name}");
            assert!(me.get(&format!("/api/v1/account?q={}", escaped(name))).await.status.as_u16() < 500);
            assert!(me.get(&format!("/api/v1/search?q={}", escaped(name))).await.status.is_success());
        }
    }

    async fn questions_nobody_should_ask_are_refused(s) {
        let me = s.admin().await;
        let deep = |n: usize| format!("{}{{\"field\":\"name\",\"op\":\"eq\",\"value\":\"x\"}}{}", "{\"not\":".repeat(n), "}".repeat(n));
        let wide = json!({ "or": (0..900).map(|i| json!({ "field": "name", "op": "eq", "value": i.to_string() })).collect::<Vec<_>>() }).to_string();
        let cases: Vec<(&str, String)> = vec![
            ("a deep filter", format!("filter={}", escaped(&deep(100)))),
            ("a deep text filter", format!("filter={}name{}", "(".repeat(5000), ")".repeat(5000))),
            ("nots without end", format!("filter={}", "not%20".repeat(5000))),
            ("a wide filter", format!("filter={}", escaped(&wide).chars().take(60_000).collect::<String>())),
            ("a filter that is SQL", format!("filter={}", escaped("1=1; DROP TABLE account"))),
            ("a column that is none", format!("sort={}", escaped("name; DROP TABLE account"))),
            ("a field by injection", format!("fields={}", escaped("name,(SELECT secret FROM _doc)"))),
            ("an expansion without end", format!("expand={}", "parent_id.".repeat(50))),
            ("a NUL in a filter", format!("filter={}", escaped("name = \"a\u{0}b\""))),
            ("a limit of 10^40", format!("limit=1{}", "0".repeat(40))),
            ("a negative limit", "limit=-1".to_owned()),
            ("a cursor of 60 KB", format!("cursor={}", "A".repeat(60_000))),
            ("a forged cursor", "cursor=eyJhIjoxfQ".to_owned()),
            ("a count nobody knows", "count=all".to_owned()),
            ("a relative date far away", format!("filter={}", escaped(r#"{"field":"created_at","op":"within","value":{"rel":"last_days","n":99999999999999}}"#))),
        ];
        for (what, query) in cases {
            let r = me.get(&format!("/api/v1/account?{query}")).await;
            // A NUL can stand in a filter's text: then nothing is found by it.
            if what == "a NUL in a filter" && r.status.is_success() {
                assert_eq!(r.json["data"], json!([]));
                continue;
            }
            refused(what, &r);
        }
        for path in ["/api/v1/account/..%2f..%2fetc%2fpasswd", "/api/v1/files/..%2f..%2fmain.db", "/api/v1/%00", "/api/v1/account%00/x", "/api/v1/_doc", "/api/v1/account/'%20OR%201=1", "/api/v1/import/jobs/..%2f.."] {
            refused(path, &me.get(path).await);
        }
        for path in ["/..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/Cargo.toml", "/assets/..%2f..%2f..%2fCargo.toml"] {
            let r = me.get(path).await;
            assert!(!r.text.contains("[package]") && !r.text.contains("root:"), "{path}");
            assert!(!r.status.is_server_error(), "{path}");
        }
        // Groups and measures of no field, of everything, of nothing.
        for body in [
            json!({ "group": ["name; DROP TABLE account"], "measures": [{ "fn": "count" }] }),
            json!({ "group": ["owner_id"], "measures": [{ "fn": "pg_sleep", "field": "name" }] }),
            json!({ "group": (0..50).map(|_| "owner_id").collect::<Vec<_>>(), "measures": [{ "fn": "count" }] }),
            json!({ "measures": [{ "fn": "sum", "field": "version" }] }),
            json!({ "measures": [{ "fn": "max", "field": "id" }] }),
            json!({ "measures": [{ "fn": "avg", "field": "name" }] }),
            json!({ "group": [1], "measures": [{ "fn": "sum", "field": "name" }] }),
            json!({ "measures": [{ "fn": "count" }], "filter": serde_json::from_str::<Value>(&deep(60)).unwrap() }),
        ] {
            refused(&body.to_string().chars().take(80).collect::<String>(), &me.post("/api/v1/account/aggregate", body.clone()).await);
        }
        assert_eq!(me.get("/healthz").await.status, 200);
    }
}

/// A form with one file.
fn upload(c: &Client, path: &str, fields: &[(&str, &str)], name: &str, content: &[u8]) -> axum::http::Request<Body> {
    let mut b = vec![];
    for (k, v) in fields {
        let _ = write!(b, "--x\r\nContent-Disposition: form-data; name=\"{k}\"\r\n\r\n{v}\r\n");
    }
    let _ = write!(b, "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    b.extend_from_slice(content);
    b.extend_from_slice(b"\r\n--x--\r\n");
    c.request(Method::POST, path, Some("multipart/form-data; boundary=x"), Body::from(b))
}

fn paths(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let Ok(all) = std::fs::read_dir(dir) else { return vec![] };
    all.flatten().flat_map(|e| if e.path().is_dir() { paths(&e.path()) } else { vec![e.path()] }).collect()
}

/// A workbook whose one sheet unpacks to 128 MB.
fn bomb() -> Vec<u8> {
    let mut z = zip::ZipWriter::new(std::io::Cursor::new(vec![]));
    let deflated = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    let mut part = |name: &str, head: &str, fill: usize, tail: &str| {
        z.start_file(name, deflated).unwrap();
        z.write_all(head.as_bytes()).unwrap();
        let block = vec![b' '; 1 << 18];
        for _ in 0..fill {
            z.write_all(&block).unwrap();
        }
        z.write_all(tail.as_bytes()).unwrap();
    };
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    part(
        "xl/workbook.xml",
        &format!(
            r#"<workbook xmlns="{main}" xmlns:r="{rel}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>"#
        ),
        0,
        "",
    );
    part(
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
        0,
        "",
    );
    part(
        "xl/worksheets/sheet1.xml",
        &format!(r#"<worksheet xmlns="{main}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row>"#),
        512,
        "</sheetData></worksheet>",
    );
    z.finish().unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_bite_are_refused_and_names_lead_nowhere() {
    let s = Space::sqlite().await;
    let me = s.admin().await;
    let before = seq(&s).await;
    let packed = bomb();
    assert!(packed.len() < 3 << 20, "{}", packed.len());
    for (what, name, content) in [
        ("a zip bomb", "a.xlsx", packed.as_slice()),
        ("no archive", "a.xlsx", b"PK\x03\x04 nothing".as_slice()),
        ("a broken text", "a.csv", b"\x00\x01\x02\x03\xff\xfe\x00".as_slice()),
        ("nothing", "a.csv", b"".as_slice()),
    ] {
        let begun = std::time::Instant::now();
        let r = me.send(upload(&me, "/api/v1/import/uploads", &[], name, content)).await;
        refused(what, &r);
        assert!(begun.elapsed() < Duration::from_secs(20), "{what} took {:?}", begun.elapsed());
    }
    // A part that should be a word and never ends.
    for (path, field) in [("/api/v1/import/uploads", "object"), ("/api/v1/files", "object"), ("/api/v1/files", "field")] {
        let r = me.send(upload(&me, path, &[(field, &"x".repeat(3 << 20))], "a.csv", b"name\nx\n")).await;
        assert_eq!(r.refusal(), (413, "request.too_large"), "{path} {field}");
    }
    assert_eq!(seq(&s).await, before);
    let left = paths(&s.dir.path().join("files"));
    assert!(left.is_empty(), "{left:?}");

    let owner = s.person("Olga Owner", "sales_rep", None).await;
    let account = s.account("Files", owner).await.to_string();
    let at = [("object", "account"), ("id", account.as_str())];
    for name in ["../../../evil.txt", "..\\..\\evil.txt", "/etc/cron.d/evil", "C:\\evil.txt", "evil\u{0}.txt", "con", "<b>.html"]
    {
        let r = me.send(upload(&me, "/api/v1/files", &at, name, b"hello")).await;
        if !r.status.is_success() {
            refused(name, &r);
            continue;
        }
        let got = me.get(&format!("/api/v1/files/{}", r.json["id"].as_str().unwrap())).await;
        assert_eq!(got.text, "hello", "{name}");
        let how = got.headers["content-disposition"].to_str().unwrap();
        assert!(how.starts_with("attachment") && !how.contains("..") && !how.contains('\\'), "{name}: {how}");
        assert_eq!(got.headers["x-content-type-options"], "nosniff");
    }
    let files = s.dir.path().join("files");
    for p in paths(s.dir.path()) {
        let name = p.file_name().unwrap().to_string_lossy().into_owned();
        assert!(!name.contains("evil"), "{}", p.display());
        assert!(p.starts_with(&files) || name.starts_with("test.db"), "{}", p.display());
    }
}

/// Sends bytes as they are and reads what comes, for at most 10 s.
async fn bytes(at: SocketAddr, parts: &[&[u8]]) -> String {
    let mut t = TcpStream::connect(at).await.unwrap();
    for p in parts {
        // The server may hang up in the middle of what it does not want to hear.
        if t.write_all(p).await.is_err() {
            break;
        }
    }
    let mut got = vec![];
    let _ = tokio::time::timeout(Duration::from_secs(10), t.read_to_end(&mut got)).await;
    String::from_utf8_lossy(&got).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_are_none_end_their_connection_and_nothing_else() {
    let s = Space::sqlite().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let running = tokio::spawn(serve(s.app.clone(), listener));
    let long = |n: usize| "a".repeat(n);
    let head = "Host: localhost\r\nConnection: close\r\n";
    let status = |answer: &str| answer.split(' ').nth(1).and_then(|n| n.parse::<u16>().ok());
    let cases: Vec<(&str, Vec<u8>, &[u16])> = vec![
        ("a header of 64 KB", format!("GET /api/v1/account HTTP/1.1\r\n{head}X-Long: {}\r\n\r\n", long(64 << 10)).into(), &[431]),
        ("a header of 2 MB", format!("GET /healthz HTTP/1.1\r\n{head}X-Long: {}\r\n\r\n", long(2 << 20)).into(), &[431]),
        ("5,000 headers", format!("GET /healthz HTTP/1.1\r\n{head}{}\r\n", "X-A: b\r\n".repeat(5000)).into(), &[431, 400]),
        ("an address of 1 MB", format!("GET /api/v1/account?cursor={} HTTP/1.1\r\n{head}\r\n", long(1 << 20)).into(), &[414, 431]),
        ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n".to_vec(), &[400]),
        ("two lengths", format!("POST /api/v1/session HTTP/1.1\r\n{head}Content-Length: 2\r\nContent-Length: 5\r\n\r\n{{}}").into(), &[400]),
        ("a length that is none", format!("POST /api/v1/session HTTP/1.1\r\n{head}Content-Length: -5\r\n\r\n").into(), &[400]),
        ("a chunk that is none", format!("POST /api/v1/session HTTP/1.1\r\n{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{{}}\r\n0\r\n\r\n").into(), &[400]),
        ("TRACE", format!("TRACE / HTTP/1.1\r\n{head}\r\n").into(), &[405, 404]),
        ("a method nobody knows", format!("PROPFIND /api/v1/account HTTP/1.1\r\n{head}\r\n").into(), &[405]),
        ("bytes in a header", [b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept-Language: \xff\xfe\r\n\r\n".as_slice()].concat(), &[200, 400]),
    ];
    for (what, request, want) in cases {
        let answer = bytes(at, &[&request]).await;
        assert!(status(&answer).is_some_and(|s| want.contains(&s)), "{what}: {}", answer.chars().take(200).collect::<String>());
        assert!(
            bytes(at, &[format!("GET /healthz HTTP/1.1\r\n{head}\r\n").as_bytes()]).await.contains("\"ok\""),
            "alive after {what}"
        );
    }
    // Chunks over the limit: refused in the one form, before the rest has come.
    let begin = format!(
        "POST /api/v1/session HTTP/1.1\r\n{head}Content-Type: application/json\r\nOrigin: http://localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let mut parts = vec![begin.as_bytes()];
    parts.extend(std::iter::repeat_n(chunk.as_bytes(), 40));
    let answer = bytes(at, &parts).await;
    assert!(answer.is_empty() || status(&answer) == Some(413), "{}", answer.chars().take(300).collect::<String>());
    // Somebody who never ends a request holds nobody up.
    let mut slow = TcpStream::connect(at).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: loc").await.unwrap();
    assert!(bytes(at, &[format!("GET /healthz HTTP/1.1\r\n{head}\r\n").as_bytes()]).await.contains("\"ok\""));
    drop(slow);
    s.app.stop().now();
    running.await.unwrap().unwrap();
}
