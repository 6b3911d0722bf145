use super::*;

fn terms(kind: TermKind, text: &str) -> (String, String) {
    let mut sink = TermSink::new();
    index_terms(kind, text, &mut sink);
    (sink.main().to_owned(), sink.pinyin().to_owned())
}

fn pinyin(kind: TermKind, text: &str) -> Vec<String> {
    terms(kind, text).1.split(' ').map(str::to_owned).collect()
}

#[test]
fn main_terms() {
    // Domain model §1, search.
    assert_eq!(terms(TermKind::Text, "华为技术").0, "华为 为技 技术 术");
    assert_eq!(terms(TermKind::Text, "華").0, "华");
    assert_eq!(terms(TermKind::Text, "TCL科技, Acme-Trading 2026").0, "tcl 科技 技 acme trading 2026");
    assert_eq!(terms(TermKind::Text, "L'Oréal Straße ＡＢＣ").0, "loreal strasse abc");
    assert_eq!(terms(TermKind::Text, "Привет").0, "u043fu0440u0438u0432u0435u0442");
    assert_eq!(terms(TermKind::Text, "アニメ").0, "u30a2u30cb u30cbu30e1 u30e1");
    assert_eq!(terms(TermKind::Text, " !\"()*:&|<->' ").0, "");
    assert_eq!(terms(TermKind::Text, "华为").1, "");
}

#[test]
fn person_pinyin() {
    assert_eq!(pinyin(TermKind::PersonName, "张三"), ["zhangsan", "zs", "san"]);
    let shan = pinyin(TermKind::PersonName, "单田芳");
    for term in ["shantianfang", "dantianfang", "stf", "dtf", "tianfang", "tf", "fang"] {
        assert!(shan.iter().any(|t| t == term), "{term} in {shan:?}");
    }
    assert_eq!(pinyin(TermKind::PersonName, "王")[..], ["wang", "w"]);
    assert_eq!(terms(TermKind::PersonName, "Zhang San").0, "zhang san zhangsan sanzhang");
}

#[test]
fn company_pinyin() {
    let list = pinyin(TermKind::Title, "深圳市华为技术有限公司");
    // From the start, and from each character between division and legal ending.
    assert_eq!(
        list,
        [
            "shenzhenshihuaweijishuyo",
            "szshwjsyxgs",
            "huaweijishuyouxiangongsi",
            "hwjsyxgs",
            "weijishuyouxiangongsi",
            "wjsyxgs",
            "jishuyouxiangongsi",
            "jsyxgs",
            "shuyouxiangongsi"
        ]
    );
    let bank = pinyin(TermKind::Title, "重庆银行");
    assert!(bank.contains(&"chongqingyinhang".to_owned()) && !bank.iter().any(|t| t.contains("zhong")));
    let mixed = pinyin(TermKind::Title, "TCL科技");
    assert_eq!(mixed, ["tclkeji", "tclkj", "keji", "kj", "ji"]);
    assert_eq!(terms(TermKind::Title, "Acme Trading").1, "");
}

#[test]
fn variants_are_capped() {
    let list = pinyin(TermKind::Title, "长长长长");
    assert!(list.iter().filter(|t| t.len() >= 19).count() <= 2 * VARIANTS_MAX, "{list:?}");
    let long = "长行重乐".repeat(200);
    assert!(pinyin(TermKind::Title, &long).len() <= STARTS_MAX * 2 * VARIANTS_MAX);
}

#[test]
fn phones_by_their_end() {
    assert_eq!(terms(TermKind::Phone, "138 0013 8000"), ("13800138000 8613800138000".into(), "0t0008310083168".into()));
    assert_eq!(terms(TermKind::Phone, "010-65529988转801"), ("01065529988 861065529988 801".into(), "0t889925560168".into()));
    assert_eq!(terms(TermKind::Phone, "short:CN:95588").0, "95588");
    assert_eq!(terms(TermKind::Phone, "未知"), (String::new(), String::new()));
}

#[test]
fn emails_and_codes() {
    assert_eq!(terms(TermKind::Email, "Zhang.San@corp.com").0, "zhang san corp com zhangsan");
    assert_eq!(terms(TermKind::Code, "QT-2026-0001"), ("qt 2026 0001 qt20260001".into(), "0t1000".into()));
    assert_eq!(terms(TermKind::Code, "QT20260001"), ("qt20260001".into(), "0t10006202".into()));
}

#[test]
fn terms_are_safe_in_query_syntax() {
    // Only a-z, 0-9 and Han, whatever the text.
    let mut sink = TermSink::new();
    let all: Vec<char> = (0..0x3_2000u32).filter_map(char::from_u32).collect();
    for chunk in all.chunks(8) {
        sink.clear();
        let text: String = chunk.iter().flat_map(|&c| ['a', c, 'b']).collect();
        for kind in [TermKind::Title, TermKind::Code] {
            index_terms(kind, &text, &mut sink);
        }
        for term in sink.main().split(' ').chain(sink.pinyin().split(' ')) {
            assert!(term.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || is_han(c)), "{chunk:?}: {term}");
        }
    }
}

#[test]
fn tsvector_text() {
    let mut sink = TermSink::new();
    index_terms(TermKind::PersonName, "张三", &mut sink);
    assert_eq!(sink.tsvector(), "张三:1 三:2 zhangsan zs san");
    sink.clear();
    assert!(sink.is_empty());
    assert_eq!(sink.tsvector(), "");
}

#[test]
fn long_words_and_texts_are_cut() {
    let long = "x".repeat(500);
    assert_eq!(terms(TermKind::Text, &long).0.len(), WORD_MAX);
    let text = "华".repeat(30_000);
    assert_eq!(terms(TermKind::Text, &text).0.split(' ').count(), TEXT_MAX);
}
