use super::*;

#[test]
fn data_files_are_sound() {
    let mut only_in_places = Vec::new();
    for line in data_lines(include_str!("../../data/phrases.txt")) {
        let mut cells = line.split(' ');
        let phrase: Vec<char> = cells.next().expect("phrase").chars().collect();
        let readings: Vec<&str> = cells.collect();
        assert_eq!(phrase.len(), readings.len(), "{line}");
        assert!(phrase.len() >= 2, "{line}");
        for (&ch, reading) in phrase.iter().zip(readings) {
            assert_eq!(to_simplified(ch), ch, "{line}");
            let known: Vec<&str> =
                ch.to_pinyin_multi().expect("a Han character").into_iter().map(|p| with_v(p.plain())).collect();
            let listed = TABLES.several.get(&ch).is_some_and(|r| r.as_slice().contains(&reading));
            if !known.contains(&reading) && !listed {
                only_in_places.push((ch, reading));
            }
        }
    }
    // Readings that live on in names of places and families only.
    assert_eq!(only_in_places, [('乐', "lao"), ('乐', "lao"), ('解', "hai")]);
    for file in [include_str!("../../data/readings.txt"), include_str!("../../data/surname_readings.txt")] {
        for line in data_lines(file) {
            let (ch, readings) = line.split_once(' ').expect("readings");
            assert_eq!(ch.chars().count(), 1, "{line}");
            for reading in readings.split(' ') {
                assert!(is_syllable(reading), "{line}");
            }
        }
    }
}

#[test]
fn phrases_decide_polyphones() {
    // Domain model §1, search: phrase dictionary first.
    for (text, reading) in [
        ("重庆", "chongqing"),
        ("银行", "yinhang"),
        ("长沙", "changsha"),
        ("厦门大厦", "xiamendasha"),
        ("重庆长安汽车", "chongqingchanganqiche"),
        ("成都音乐学院", "chengduyinyuexueyuan"),
        ("中国重型汽车", "zhongguozhongxingqiche"),
        ("吕绿", "lvlv"),
        ("華為", "huawei"),
        ("云启A座", "yunqiAzuo"),
    ] {
        assert_eq!(joined(text), reading, "{text}");
    }
}

#[test]
fn surnames() {
    let first = |name: &str| {
        let chars: Vec<char> = name.chars().collect();
        let mut out = Vec::new();
        readings_of(&chars, NameKind::Person, &mut out);
        out[0].expect("Han").as_slice().to_vec()
    };
    assert_eq!(first("单田芳"), ["shan", "dan"]);
    assert_eq!(first("解晓东")[0], "xie");
    assert_eq!(first("查良镛")[0], "zha");
    assert_eq!(first("仇英")[0], "qiu");
    assert_eq!(first("曾国藩")[0], "zeng");
    assert_eq!(first("尉迟恭"), ["yu"]);
    assert_eq!(first("张伟"), ["zhang"]);
}

#[test]
fn syllables() {
    for yes in ["zhang", "a", "lv", "nve", "shuang", "er"] {
        assert!(is_syllable(yes), "{yes}");
    }
    for no in ["zh", "hw", "", "zhangs", "i", "u"] {
        assert!(!is_syllable(no), "{no}");
    }
    assert!(is_syllable_prefix("zh") && is_syllable_prefix("zhan") && !is_syllable_prefix("hw"));
}

#[test]
fn titles_sort_by_pinyin() {
    // quality §: surname first, pinyin order, Latin between.
    let want = [
        "3M中国",
        "Acme",
        "阿里巴巴",
        "北京银行",
        "重庆长安",
        "华为技术",
        "huawei",
        "李四",
        "单田芳",
        "厦门航空",
        "张三",
        "张三丰",
        "张伟",
        "章三",
        "占三",
    ];
    let mut got = want;
    got.reverse();
    got.sort_by_key(|t| pinyin_sort_key(t));
    // hua2 < huaw: the tone digit sorts before letters. zhan4 < zhang1.
    let expected = [
        "3M中国",
        "阿里巴巴",
        "Acme",
        "北京银行",
        "重庆长安",
        "华为技术",
        "huawei",
        "李四",
        "单田芳",
        "厦门航空",
        "占三",
        "张三",
        "张三丰",
        "张伟",
        "章三",
    ];
    assert_eq!(got, expected);
}

#[test]
fn sort_keys_ignore_case_width_accents_and_punctuation() {
    assert_eq!(pinyin_sort_key("“Ａcme”  Inc."), pinyin_sort_key("acme inc"));
    assert_eq!(pinyin_sort_key("École"), "ecole");
    assert_eq!(pinyin_sort_key("張偉"), pinyin_sort_key("张伟"));
    assert!(pinyin_sort_key(&"华".repeat(4000)).len() < 1000);
    assert_eq!(pinyin_sort_key(""), "");
}
