//! `token …`.

use crate::place::Place;

#[test]
fn what_is_done_at_the_machine_is_not_told_of_the_person() {
    let p = Place::sqlite();
    p.ok(&["init"]);
    p.administrator();
    p.token();
    let listed = p.ok(&["token", "list", "--user", "boss@firm.example"]);
    let id = listed.split('\t').next().unwrap();
    p.ok(&["token", "revoke", "--user", "boss@firm.example", id]);
    let c = rusqlite::Connection::open(p.data().join("main.db")).unwrap();
    let mut log = c.prepare("SELECT act, via, actor FROM _log WHERE act LIKE 'token.%' ORDER BY seq").unwrap();
    let told: Vec<(String, String, Option<Vec<u8>>)> =
        log.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?))).unwrap().map(Result::unwrap).collect();
    assert_eq!(told, [("token.created".into(), "system".into(), None), ("token.revoked".into(), "system".into(), None)]);
}
