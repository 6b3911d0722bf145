//! `backup`, `restore`, `migrate`, `doctor`, `audit verify`.

use crate::{
    both,
    place::{Place, Server, json},
};

const OBJECTS: [&str; 6] = ["account", "contact", "opportunity", "follow_up", "stage", "role"];

both! {
    async fn a_backup_under_load_comes_back_equal(p) {
        p.ok(&["demo", "--customers", "12", "--only-fill"]);
        let s = Server::start(&p, &["--workspace", "demo", "demo", "--listen", "127.0.0.1:0"]);
        p.ok_with(&["--workspace", "demo", "user", "create", "--admin", "--email", "boss@firm.example", "--name", "Boss", "--password-stdin"], "a fine long phrase 5");
        let said = p.ok(&["--workspace", "demo", "token", "create", "--user", "boss@firm.example"]);
        let token = said.split_whitespace().find(|w| w.starts_with("rpt_")).unwrap().to_owned();
        let (at, stop) = (s.at, std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)));
        let (flag, secret) = (stop.clone(), token.clone());
        let writer = std::thread::spawn(move || {
            use std::io::{Read as _, Write as _};
            let mut n = 0;
            while !flag.load(std::sync::atomic::Ordering::Relaxed) {
                let body = format!("{{\"name\":\"Under load {n}\"}}");
                let mut t = std::net::TcpStream::connect(at).unwrap();
                write!(t, "POST /api/v1/account?override_duplicates=true HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {secret}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
                let mut all = String::new();
                t.read_to_string(&mut all).unwrap();
                assert!(all.contains(" 201 "), "{all}");
                n += 1;
            }
            n
        });
        let file = p.path("copy.backup");
        let said = p.ok(&["--workspace", "demo", "backup", "--to", file.to_str().unwrap()]);
        assert!(said.contains("verified"), "{said}");
        assert!(p.fails(&["--workspace", "demo", "backup", "--to", file.to_str().unwrap()]).contains("there already"));
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(writer.join().unwrap() > 0, "somebody wrote meanwhile");
        s.stop();
        assert!(p.fails(&["--workspace", "demo", "restore", file.to_str().unwrap()]).contains("already is"));
        p.ok(&["--workspace", "back", "restore", file.to_str().unwrap()]);
        // A second copy of the restored one is what the first was: compared with nobody writing.
        let again = p.path("again.backup");
        p.ok(&["--workspace", "back", "backup", "--to", again.to_str().unwrap()]);
        p.ok(&["--workspace", "twice", "restore", again.to_str().unwrap()]);
        for o in OBJECTS {
            let a = p.export(o, "back");
            assert!(a.len() > 1, "{o}");
            assert_eq!(a, p.export(o, "twice"), "{o}");
        }
        // Whatever the load left in the copy is a prefix of what it left behind.
        let (now, then) = (p.export("account", "demo"), p.export("account", "back"));
        assert!(then.iter().filter(|l| l.contains("Under load")).all(|l| now.contains(l)));
        for w in ["demo", "back"] {
            assert!(p.ok(&["--workspace", w, "doctor"]).contains("healthy"));
            assert!(p.ok(&["--workspace", w, "audit", "verify"]).contains("whole"));
        }
    }

    async fn attachments_go_with_their_workspace(p) {
        p.ok(&["init"]);
        p.administrator();
        let token = p.token();
        let s = Server::start(&p, &["serve", "--listen", "127.0.0.1:0"]);
        let made = json(&s.ask("POST", "/api/v1/account", &token, Some(r#"{"name":"With papers"}"#)).1);
        let of = made["id"].as_str().unwrap();
        let kept = s.attach(&token, "account", of, "合同.txt", "signed on Monday");
        let binned = s.attach(&token, "account", of, "draft.txt", "not signed");
        let (status, said) = s.ask("DELETE", &format!("/api/v1/attachment/{binned}"), &token, None);
        assert!((200..300).contains(&status), "{said}");
        s.stop();
        assert!(p.ok(&["doctor"]).contains("healthy"));
        let read = |p: &Place, workspace: &str, id: &str| {
            p.ok(&["--workspace", workspace, "user", "list"]);
            let said = p.ok(&["--workspace", workspace, "token", "create", "--user", "boss@firm.example"]);
            let token = said.split_whitespace().find(|w| w.starts_with("rpt_")).unwrap().to_owned();
            let s = Server::start(p, &["--workspace", workspace, "serve", "--listen", "127.0.0.1:0"]);
            let got = s.ask("GET", &format!("/api/v1/files/{id}"), &token, None);
            s.stop();
            got
        };

        // A backup holds them, and says what belongs together.
        let file = p.path("papers.backup");
        let said = p.ok(&["backup", "--to", file.to_str().unwrap()]);
        assert!(said.contains("attachments (2, 1 KiB)") && said.contains("papers.backup.files"), "{said}");
        p.ok(&["workspace", "rename", "main", "moved"]);
        assert_eq!(read(&p, "moved", &kept), (200, "signed on Monday".to_owned()), "after the new name");
        p.ok(&["workspace", "drop", "moved", "--confirm", "moved"]);
        let left = |dir: &std::path::Path| dir.read_dir().map_or(0, Iterator::count);
        assert_eq!(left(&p.data().join("files")) + left(&p.data().join("files-postgres")), 0, "nothing is left of a dropped one");
        p.ok(&["--workspace", "back", "restore", file.to_str().unwrap()]);
        assert_eq!(read(&p, "back", &kept), (200, "signed on Monday".to_owned()), "after the restore");
        assert!(p.ok(&["--workspace", "back", "doctor"]).contains("healthy"));

        // A content that is not what was taken in is not brought back as if it were; the records are, and it is told.
        let beside = p.path("papers.backup.files");
        let sha = hex::encode(<sha2::Sha256 as sha2::Digest>::digest("signed on Monday"));
        let victim = rapport_server::routes::files::blob(&beside, &sha);
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "signed on Monday");
        std::fs::write(&victim, "forged on Tuesday").unwrap();
        let said = p.fails(&["--workspace", "third", "restore", file.to_str().unwrap()]);
        assert!(said.contains("1 attachments are missing"), "{said}");
        let said = p.fails(&["--workspace", "third", "doctor"]);
        assert!(said.contains("is missing"), "{said}");
    }

    async fn a_damaged_backup_is_refused_and_leaves_nothing(p) {
        p.ok(&["init"]);
        let file = p.path("b.backup");
        p.ok(&["backup", "--to", file.to_str().unwrap()]);
        let victim = if file.is_dir() { file.join("role.copy") } else { file.clone() };
        let mut bytes = std::fs::read(&victim).unwrap();
        let (middle, end) = (bytes.len() / 2, (bytes.len() / 2 + 40).min(bytes.len()));
        for b in &mut bytes[middle..end] {
            *b ^= 0xff;
        }
        if !file.is_dir() {
            // A page in the middle of a table, not of free space: its header.
            let page = 4096;
            for n in 2..bytes.len() / page {
                bytes[n * page] = 0xee;
            }
        }
        std::fs::write(&victim, &bytes).unwrap();
        p.fails(&["--workspace", "back", "restore", file.to_str().unwrap()]);
        assert!(!p.ok(&["workspace", "list"]).contains("back"), "nothing is left of it");
        p.fails(&["--workspace", "back", "restore", "/no/such/file"]);
    }

    async fn doctor_finds_what_was_changed_by_hand(p) {
        p.ok(&["init"]);
        assert!(p.ok(&["doctor"]).contains("healthy"));
        p.by_hand("main", "ALTER TABLE account RENAME COLUMN website TO site_of_web").await;
        let said = p.fails(&["doctor"]);
        assert!(said.contains("website"), "{said}");
        assert!(said.contains("site_of_web"), "a column no model knows: {said}");
        p.by_hand("main", "ALTER TABLE account RENAME COLUMN site_of_web TO website").await;
        assert!(p.ok(&["doctor"]).contains("healthy"));
    }

    async fn audit_verify_finds_a_changed_and_a_missing_entry(p) {
        p.ok(&["init"]);
        p.administrator();
        // A running server seals what was written, moments after.
        let token = p.token();
        let s = Server::start(&p, &["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(s.ask("POST", "/api/v1/account", &token, Some(r#"{"name":"Sealed"}"#)).0, 201);
        std::thread::sleep(std::time::Duration::from_secs(3));
        s.stop();
        let said = p.ok(&["audit", "verify"]);
        let head = said.lines().find_map(|l| l.strip_prefix("head ")).unwrap().to_owned();
        assert!(p.ok(&["audit", "verify", "--since", &head]).contains("whole"));
        assert!(p.fails(&["audit", "verify", "--since", "12"]).contains("NUMBER:HASH"));
        p.by_hand("main", "UPDATE _log SET reason = 'it was not me' WHERE seq = 5").await;
        let said = p.fails(&["audit", "verify"]);
        assert!(said.contains("tampered"), "{said}");
        p.by_hand("main", "UPDATE _log SET reason = NULL WHERE seq = 5").await;
        assert!(p.ok(&["audit", "verify"]).contains("whole"));
        // Changed, and every seal removed: the next writer's sealer makes a chain that fits. What was noted tells.
        p.by_hand("main", "UPDATE _log SET reason = 'it was not me' WHERE seq = 5").await;
        p.by_hand("main", "DELETE FROM _seal").await;
        p.ok(&["user", "list"]);
        assert!(p.ok(&["audit", "verify"]).contains("whole"));
        let said = p.fails(&["audit", "verify", "--since", &head]);
        assert!(said.contains("anew"), "{said}");
        p.by_hand("main", "DELETE FROM _log WHERE seq = 7").await;
        assert!(p.fails(&["audit", "verify"]).contains("tampered"));
    }
}

/// A workspace of an older program: a column fewer than the model asks for, and a catalogue that says so.
#[tokio::test]
async fn migrate_takes_a_backup_before_it_changes_tables() {
    let p = Place::sqlite();
    p.ok(&["init"]);
    p.administrator();
    assert!(p.ok(&["migrate"]).contains("up to date"));
    assert!(!p.data().join("backups").exists(), "nothing to do, nothing copied");
    let file = p.data().join("main.db");
    {
        let c = rusqlite::Connection::open(&file).unwrap();
        let text: String = c.query_row("SELECT value FROM _meta WHERE key = 'catalogue'", [], |r| r.get(0)).unwrap();
        let mut cat = crate::place::json(&text);
        let columns = cat["tables"]["account"]["columns"].as_array_mut().unwrap();
        let before = columns.len();
        columns.retain(|c| c["name"] != "website");
        assert_eq!(columns.len(), before - 1);
        c.execute_batch("ALTER TABLE account DROP COLUMN website").unwrap();
        c.execute("UPDATE _meta SET value = ?1 WHERE key = 'catalogue'", [cat.to_string()]).unwrap();
    }
    assert!(p.ok(&["migrate"]).contains("up to date"));
    let copy = Place::find(&p.data().join("backups"), ".db");
    let old = rusqlite::Connection::open(&copy).unwrap();
    assert!(old.prepare("SELECT website FROM account").is_err(), "the copy is of the time before");
    let new = rusqlite::Connection::open(&file).unwrap();
    assert!(new.prepare("SELECT website FROM account").is_ok());
    drop(new);
    assert!(p.ok(&["doctor"]).contains("healthy"));
    assert!(p.ok(&["user", "list"]).contains("boss@firm.example"));
    // A database of a newer program is refused in plain words and left alone.
    p.by_hand("main", "UPDATE _meta SET value = '99' WHERE key = 'format'").await;
    let said = p.fails(&["doctor"]);
    assert!(said.contains("newer"), "{said}");
}
