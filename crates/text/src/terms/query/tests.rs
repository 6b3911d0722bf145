use super::*;
use crate::terms::{TermKind, index_terms};

fn sink(fields: &[(TermKind, &str)]) -> TermSink {
    let mut sink = TermSink::new();
    for (kind, text) in fields {
        index_terms(*kind, text, &mut sink);
    }
    sink
}

fn finds(kind: TermKind, text: &str, yes: &[&str], no: &[&str]) {
    let sink = sink(&[(kind, text)]);
    for typed in yes {
        assert!(query_terms(typed).matches(&sink), "{typed} should find {text}");
    }
    for typed in no {
        assert!(!query_terms(typed).matches(&sink), "{typed} should not find {text}");
    }
}

#[test]
fn companies() {
    // Domain model §1, search.
    finds(
        TermKind::Title,
        "深圳市华为技术有限公司",
        &[
            "华为",
            "华",
            "术",
            "华为技术",
            "深圳",
            "深圳 华为",
            "華為",
            "hw",
            "huawei",
            "huaw",
            "huawjs",
            "hwjs",
            "szs",
            "shenzhen",
            "HuaWei",
            "hua wei",
            "js",
            "jishu",
            "华wei",
            "huaweijishuyouxiangongsi",
            "hwjsyxgs",
            "有限",
        ],
        &["中兴", "为华", "华技", "zx", "huaweix", "hwx", "圳华为市"],
    );
    finds(TermKind::Title, "重庆银行", &["chongqing", "cqyh", "chongqyh"], &["zhongqing"]);
    finds(TermKind::Title, "TCL科技集团", &["tcl", "tc", "tclkj", "tclkeji", "kj", "TCL科技"], &["cl"]);
    finds(TermKind::Title, "Acme Trading Co., Ltd.", &["acme", "trad", "acme ltd", "ACME"], &["cme", "acmetrading x"]);
    finds(TermKind::Title, "L'Oréal", &["loreal", "L’OREAL", "l'oré"], &["oreal"]);
}

#[test]
fn persons() {
    finds(
        TermKind::PersonName,
        "张三丰",
        &["zs", "zsf", "zhangsan", "zhangs", "zhang s", "zsan", "sanfeng", "sf", "张", "张三", "三丰", "zhang san feng"],
        &["ls", "zhangsi", "张丰", "zf"],
    );
    finds(TermKind::PersonName, "单田芳", &["shan", "stf", "dan", "shantianf"], &["chan"]);
    finds(TermKind::PersonName, "吕布", &["lv", "lü", "lvbu", "lb", "lu"], &["li"]);
    finds(TermKind::PersonName, "Mary Ann Smith", &["mary", "smith ann", "maryannsmith", "smithm"], &["mas"]);
}

#[test]
fn numbers() {
    finds(
        TermKind::Phone,
        "+8613800138000",
        &[
            "8000",
            "138000",
            "13800138000",
            "138-0013-8000",
            "+86 138 0013 8000",
            "138 0013",
            "1380",
            "138",
            "0013 8000",
            "008613800138000",
        ],
        &["800", "8001", "0138", "13800138001", "38001"],
    );
    finds(
        TermKind::Phone,
        "010-65529988转801",
        &["9988", "65529988", "010-65529988", "0106552", "801", "+861065529988"],
        &["0216552", "6552998"],
    );
    finds(
        TermKind::Code,
        "QT-2026-0001",
        &["QT-2026-0001", "qt20260001", "0001", "2026-0001", "2026", "qt 0001"],
        &["0002", "qt-2025"],
    );
}

#[test]
fn emails() {
    finds(
        TermKind::Email,
        "zhang.san@corp.com",
        &["zhang.san@corp.com", "zhangsan", "zhang", "@corp.com", "corp", "zhang.san@"],
        &["lisi@corp.com", "zhang.san@corp.cn"],
    );
}

#[test]
fn nothing_typed() {
    for typed in ["", "  ", "?!", "'", "()\"*"] {
        let query = query_terms(typed);
        assert!(query.is_empty(), "{typed}");
        assert_eq!((query.tsquery(), query.fts5_main_only()), (None, None));
    }
}

#[test]
fn fts5_text() {
    let query = query_terms("华为技术");
    assert_eq!(query.groups[0].fts5(TermIndex::Main).as_deref(), Some("(\"华为 为技 技术\")"));
    assert_eq!(query.groups[0].fts5(TermIndex::Pinyin), None);
    assert_eq!(query.fts5_main_only().as_deref(), Some("((\"华为 为技 技术\"))"));
    let query = query_terms("zhangs");
    assert_eq!(query.groups[0].fts5(TermIndex::Main).as_deref(), Some("(\"zhangs\"*)"));
    assert_eq!(query.groups[0].fts5(TermIndex::Pinyin).as_deref(), Some("(\"zhangs\"*)"));
    assert_eq!(query.fts5_main_only(), None);
    let query = query_terms("huawjs");
    assert_eq!(query.groups[0].fts5(TermIndex::Pinyin).as_deref(), Some("(\"huawjs\"*) OR (\"hwjs\"* AND \"hua\"*)"));
    assert_eq!(query_terms("8000").groups[0].fts5(TermIndex::Pinyin).as_deref(), Some("(\"0t0008\"*)"));
}

#[test]
fn tsquery_text() {
    assert_eq!(query_terms("华为技术 深").tsquery().as_deref(), Some("((华为 <-> 为技 <-> 技术)) & ((深:*))"));
    assert_eq!(query_terms("zs").tsquery().as_deref(), Some("((zs:*))"));
}

#[test]
fn long_input_is_bounded() {
    let query = query_terms(&"华为技术 ".repeat(100));
    assert_eq!(query.groups.len(), GROUPS_MAX);
    let query = query_terms(&"华为".repeat(100));
    assert_eq!(query.groups[0].alternatives[0].terms.len(), PHRASE_MAX);
    let query = query_terms(&"zhang".repeat(100));
    assert!(query.groups[0].alternatives.iter().all(|a| a.terms.iter().all(|t| t.text.len() <= WORD_MAX)));
}
