//! What the program says: once, in the reader's language, and without codes for colours where nobody sees them.

use crate::place::Place;

#[test]
fn a_refusal_is_said_once_and_in_the_readers_language() {
    let p = Place::sqlite();
    p.ok(&["init"]);
    let said = p.fails(&["user", "create", "--email", "nobody", "--name", "N", "--role", "no_such_role"]);
    assert!(!said.contains('{'), "no JSON: {said}");
    std::fs::write(p.path("bad.toml"), "[[object]]\nname = machine\n").unwrap();
    std::fs::write(p.path("plan.toml"), "[[sheet]]\nobject = \"account\"\nmapp = 3\n").unwrap();
    let zh = |args: &[&str]| {
        let o = p.command(args).env("LANG", "zh_CN.UTF-8").output().unwrap();
        assert_eq!(o.status.code(), Some(1), "{args:?}");
        String::from_utf8_lossy(&o.stderr).into_owned()
    };
    let said = zh(&["model", "plan", "bad.toml"]);
    assert!(said.contains("第 2 行：name = machine"), "{said}");
    assert_eq!(said.matches("无法解析").count(), 1, "{said}");
    let said = zh(&["import", "--plan", "plan.toml"]);
    assert!(said.contains("第 3 行：mapp = 3") && !said.contains("unknown field"), "{said}");
    std::fs::write(p.path("odd.csv"), b"name\nCaf\xe9 M\xfcller\n").unwrap();
    assert!(zh(&["import", "odd.csv", "--object", "account"]).contains("第 2 行的编码"));
    p.ok(&["import", "odd.csv", "--object", "account", "--encoding", "latin1"]);
    assert!(p.export("account", "main").iter().any(|l| l.contains("Café Müller")));
}

#[test]
fn a_log_that_is_no_terminal_has_no_colours() {
    let p = Place::sqlite();
    let o = p.command(&["init"]).env("RAPPORT_SQLITE_SYNC", "normal").output().unwrap();
    let log = String::from_utf8_lossy(&o.stderr);
    assert!(log.contains("WARN") && !log.contains('\u{1b}'), "{log}");
}
