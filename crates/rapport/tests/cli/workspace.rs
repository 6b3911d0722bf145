//! `workspace …`.

use crate::{
    both,
    place::{Place, json, sql},
};

both! {
    async fn workspaces_come_and_go(p) {
        p.ok(&["workspace", "create", "acme", "--organisation", "Acme"]);
        p.ok(&["workspace", "create", "beta"]);
        assert!(p.fails(&["workspace", "create", "acme"]).contains("already is"));
        for bad in ["Acme", "a b", "../x", "", "1st"] {
            p.fails(&["workspace", "create", bad]);
        }
        let listed = p.ok(&["workspace", "list"]);
        assert!(listed.contains("acme") && listed.contains("beta"), "{listed}");
        p.ok(&["--workspace", "acme", "user", "create", "--admin", "--email", "a@acme.example", "--name", "A"]);
        p.ok(&["workspace", "rename", "acme", "zenith"]);
        assert!(p.fails(&["workspace", "rename", "zenith", "beta"]).len() > 5);
        assert!(p.ok(&["--workspace", "zenith", "user", "list"]).contains("a@acme.example"));
        assert!(p.fails(&["--workspace", "acme", "user", "list"]).contains("no workspace"));
        p.ok(&["workspace", "archive", "beta"]);
        assert!(p.ok(&["workspace", "list"]).contains("beta  (archived)"));
        assert!(p.fails(&["--workspace", "beta", "user", "list"]).contains("no workspace"));
        p.ok(&["workspace", "archive", "beta", "--undo"]);
        p.ok(&["--workspace", "beta", "user", "list"]);
        let file = p.path("zenith.backup");
        p.ok(&["workspace", "export", "zenith", "--to", file.to_str().unwrap()]);
        assert!(p.fails(&["workspace", "drop", "zenith", "--confirm", "zenit"]).contains("--confirm"));
        p.ok(&["workspace", "drop", "zenith", "--confirm", "zenith"]);
        assert!(!p.ok(&["workspace", "list"]).contains("zenith"));
        p.ok(&["--workspace", "again", "restore", file.to_str().unwrap()]);
        assert!(p.ok(&["--workspace", "again", "user", "list"]).contains("a@acme.example"));
    }

    async fn a_command_finds_the_only_workspace_by_itself(p) {
        p.ok(&["workspace", "create", "shop"]);
        p.ok(&["user", "create", "--admin", "--email", "a@shop.example", "--name", "A"]);
        assert!(p.ok(&["user", "list"]).contains("a@shop.example"));
        assert!(p.fails(&["--workspace", "main", "user", "list"]).contains("no workspace `main`"), "who says which means it");
        p.ok(&["workspace", "create", "yard"]);
        let said = p.fails(&["user", "list"]);
        assert!(said.contains("--workspace: shop, yard"), "{said}");
        p.ok(&["workspace", "archive", "yard"]);
        assert!(p.ok(&["user", "list"]).contains("a@shop.example"), "what is put aside is not meant");
        p.ok(&["init"]);
        assert!(!p.ok(&["user", "list"]).contains("a@shop.example"), "`main` among several");
    }
}

/// Moving from one file to PostgreSQL is one command, and nothing is lost on the way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sqlite_workspace_moves_to_postgresql_whole() {
    let Some(there) = Place::postgres().await else { return };
    let url = there.url.clone().unwrap();
    let p = Place::sqlite();
    p.ok(&["--workspace", "shop", "demo", "--customers", "15", "--only-fill"]);
    // Something of everything: custom fields, a tag, the bin, odd characters.
    let text = p.path("more.toml");
    std::fs::write(&text, super::model::CUSTOM).unwrap();
    p.ok(&["--workspace", "shop", "model", "apply", text.to_str().unwrap()]);
    let csv = p.path("odd.csv");
    std::fs::write(&csv, "name,colour__c,description\nOdd One,red,\"tab\tand \\\\ back\nand line\"\n北溟「精工」🚀,蓝,\n")
        .unwrap();
    p.ok(&["--workspace", "shop", "import", csv.to_str().unwrap(), "--object", "account"]);

    let said = p.ok(&["workspace", "copy", "shop", "--to", &url, "--as", "store"]);
    assert!(said.contains("every table compared"), "{said}");
    assert!(p.fails(&["workspace", "copy", "shop", "--to", &url, "--as", "store"]).contains("already is"));
    assert!(
        !p.data().join("backups").read_dir().unwrap().flatten().any(|e| e.file_name().to_string_lossy().contains("-copy-")),
        "no copies lie about"
    );
    let there = Place { dir: there.dir, url: Some(url.clone()) };
    assert!(there.ok(&["workspace", "list"]).contains("store"));
    let whole = |p: &Place, w: &str| p.ok(&["--workspace", w, "audit", "verify"]);
    assert!(whole(&there, "store").contains("whole"), "the chain holds over there");
    assert_eq!(whole(&p, "shop"), whole(&there, "store"), "up to the same entry");
    for o in ["account", "contact", "opportunity", "opportunity_line", "follow_up", "user", "role", "stage", "product"] {
        let a = p.export(o, "shop");
        assert!(a.len() > 1, "{o}");
        assert_eq!(a, there.export(o, "store"), "{o}");
    }
    assert!(there.export("account", "store").iter().any(|l| l.contains("北溟「精工」🚀") && l.contains('蓝')));
    assert!(there.ok(&["--workspace", "store", "doctor"]).contains("healthy"));
    // The search index was made anew.
    let s = crate::place::Server::start(&there, &["--workspace", "store", "serve", "--listen", "127.0.0.1:0"]);
    let people = json(&s.ask("GET", "/api/v1/demo/people", "", None).1);
    assert!(people["data"].as_array().unwrap().len() > 3, "{people}");
    there.ok(&["--workspace", "store", "user", "create", "--admin", "--email", "boss@firm.example", "--name", "Boss"]);
    let said = there.ok(&["--workspace", "store", "token", "create", "--user", "boss@firm.example"]);
    let token = said.split_whitespace().find(|w| w.starts_with("rpt_")).unwrap().to_owned();
    let hits = json(&s.ask("GET", "/api/v1/search?q=bmjg", &token, None).1);
    assert!(hits["hits"].as_array().unwrap().iter().any(|h| h["title"].as_str().unwrap().contains("北溟")), "{hits}");
    s.stop();
    // A copy that fails leaves nothing: the place is taken.
    sql(&url, "CREATE SCHEMA ws_taken").await;
    p.fails(&["workspace", "copy", "shop", "--to", &url, "--as", "taken"]);
    // The backup of a file goes to PostgreSQL as well.
    let file = p.path("shop.backup");
    p.ok(&["--workspace", "shop", "backup", "--to", file.to_str().unwrap()]);
    there.ok(&["--workspace", "third", "restore", file.to_str().unwrap()]);
    assert_eq!(there.export("account", "third"), p.export("account", "shop"));
}
