//! Prints how long the hot functions take. `cargo run --release -p rapport-text --example timing`
//!
//! An example and not a test: it states no limit and depends on the machine.

use std::hint::black_box;
use std::time::Instant;

use rapport_text::normalise::{PhoneContext, company_keys, normalise_phone, parse_address};
use rapport_text::terms::{TermKind, TermSink, highlight, index_terms, query_terms};
use rapport_text::{fold, pinyin_sort_key};

fn time(name: &str, mut work: impl FnMut()) {
    const ROUNDS: u32 = 20_000;
    let first = Instant::now();
    work();
    let first = first.elapsed();
    for _ in 0..1000 {
        work();
    }
    let start = Instant::now();
    for _ in 0..ROUNDS {
        work();
    }
    let each = start.elapsed().as_nanos() as f64 / f64::from(ROUNDS) / 1000.0;
    println!("{name:44} {each:9.2} µs   (first call {:.1} ms)", first.as_secs_f64() * 1000.0);
}

fn main() {
    let mut sink = TermSink::new();
    let mut index = |name: &str, kind, text: &str| {
        time(name, || {
            sink.clear();
            index_terms(kind, black_box(text), &mut sink);
            black_box(sink.main());
        });
    };
    index("index_terms title 华为技术有限公司", TermKind::Title, "华为技术有限公司");
    index("index_terms title 深圳市华为技术有限公司", TermKind::Title, "深圳市华为技术有限公司");
    index("index_terms title Acme Trading Co., Ltd.", TermKind::Title, "Acme Trading Co., Ltd.");
    index("index_terms person 单田芳", TermKind::PersonName, "单田芳");
    index("index_terms phone", TermKind::Phone, "+8613800138000");
    index("index_terms email", TermKind::Email, "zhang.san@corp.com");
    let note = "今天拜访了客户，介绍了新产品的价格和交付周期，客户要求下周三之前给出正式报价。".repeat(5);
    index("index_terms text of 200 characters", TermKind::Text, &note);
    for typed in ["华为", "hw", "zhangsan", "huawjs", "138-0013-8000"] {
        time(&format!("query_terms {typed}"), || {
            black_box(query_terms(black_box(typed)));
        });
    }
    time("highlight hw in 深圳市华为技术有限公司", || {
        black_box(highlight(black_box("深圳市华为技术有限公司"), "hw"));
    });
    time("pinyin_sort_key", || {
        black_box(pinyin_sort_key(black_box("深圳市华为技术有限公司")));
    });
    time("company_keys", || {
        black_box(company_keys(black_box("深圳市华为技术有限公司")));
    });
    time("normalise_phone", || {
        black_box(normalise_phone(black_box("138 0013 8000"), &PhoneContext::default()));
    });
    time("parse_address", || {
        black_box(parse_address(black_box("浙江省杭州市西湖区文三路100号")));
    });
    time("fold", || {
        black_box(fold(black_box("ACME Trading 华为")));
    });
}
