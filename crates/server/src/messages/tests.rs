use std::{collections::BTreeSet, path::Path};

use super::*;

fn holes(s: &str) -> BTreeSet<&str> {
    // A label travels in both languages; each sentence takes its own.
    let plain = |n: &'_ str| n.len().saturating_sub(if n.ends_with("_en") || n.ends_with("_zh") { 3 } else { 0 });
    s.split('{').skip(1).filter_map(|t| t.split_once('}')).map(|(n, _)| &n[..plain(n)]).collect()
}

#[test]
fn both_languages_have_the_same_codes_and_parameters() {
    // domain model §0, Errors: messages in both languages
    assert_eq!(EN.keys().collect::<Vec<_>>(), ZH.keys().collect::<Vec<_>>());
    for c in codes() {
        let (e, z) = (raw(c, Locale::En).unwrap(), raw(c, Locale::Zh).unwrap());
        assert!(!e.is_empty() && !z.is_empty(), "{c} has an empty sentence");
        assert_eq!(holes(e), holes(z), "{c} takes other parameters in the other language");
        assert!(z.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{c} is not Chinese: {z}");
        assert!(!e.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{c} is not English: {e}");
    }
    for text in [include_str!("../../messages/en.toml"), include_str!("../../messages/zh-CN.toml")] {
        for l in text.lines().filter(|l| !l.starts_with('#')) {
            assert_eq!(l.matches('"').count(), 4, "one code and one sentence a line: {l}");
        }
    }
}

#[test]
fn every_code_of_the_domain_model_has_a_sentence() {
    // domain model §4.16 and R-POOL-03
    const CODES: &str = "conflict not_found permission.denied permission.field value.required value.type value.scale value.range
        value.not_unique value.inactive_option reference.restricted reference.cycle state.invalid_transition record.locked record.final
        limit.custom duplicate.blocked merge.conflict merge.pending_approval lead.already_converted lead.unconvert_too_late
        lead.unconvert_touched phone.invalid email.invalid uscc.invalid account.blacklisted currency.no_rate currency.base_fixed
        pool.last_enabled pool.not_empty pool.disabled pool.not_member pool.not_claimable pool.already_taken pool.cooldown
        pool.daily_limit pool.batch_too_large pool.move_target pool.lock_limit pool.extension_limit pool.view_limit owner.hold_limit
        owner.inactive stage.gate_failed stage.no_edit_right stage.tasks_open opportunity.contract_in_force split.not_100 quote.expired
        quote.discount_too_high quote.no_lines quote.contract_exists line.term_mismatch quota.duplicate contract.amount_below_used
        contract.orders_exceed contract.plans_exceed contract.in_use order.credit_exceeded order.overshipped return.exceeds
        order.has_delivery plan.over_allocated receipt.no_target receipt.over_allocated receipt.refunded refund.exceeds
        invoice.over_limit invoice.red_exceeds invoice.void_not_allowed invoice.billing_incomplete rebate.insufficient rebate.over_share
        coupon.min_spend coupon.expired coupon.not_yours coupon.used follow_up.future follow_up.backdated visit.too_far
        ticket.solution_missing ticket.reopen_too_late sla.no_policy mailing.no_recipient mailing.no_unsubscribe survey.token_used
        survey.token_expired approval.no_approver approval.already_decided approval.not_your_task approval.comment_required
        automation.depth automation.limit webhook.bad_signature webhook.address_refused import.too_many_rows import.no_match
        export.limit field.reveal_limit user.manager_cycle user.last_admin";
    let missing: Vec<_> = CODES.split_whitespace().filter(|c| raw(c, Locale::En).is_none()).collect();
    assert!(missing.is_empty(), "codes without a sentence: {missing:?}");
}

/// Codes as the crates write them: the literal after a constructor of an error.
fn used_codes(dir: &Path, found: &mut BTreeSet<(String, String)>) {
    const MARKS: [&str; 10] = [
        "Error::rule(\"",
        "Error::state(\"",
        "Self::rule(\"",
        "Self::state(\"",
        "code: \"",
        "code(\"",
        "Problem::new(StatusCode::",
        "request_error(\"",
        "Error::request(\"",
        "problem(\"",
    ];
    for e in std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()) {
        if e.is_dir() {
            used_codes(&e, found);
        } else if e.extension().is_some_and(|x| x == "rs") {
            let text = std::fs::read_to_string(&e).unwrap();
            for m in MARKS {
                for (i, _) in text.match_indices(m) {
                    let tail = &text[i + m.len()..];
                    let tail = if m.ends_with('"') { Some(tail) } else { tail.split_once(", \"").map(|(_, t)| t) };
                    if let Some((code, _)) = tail.and_then(|t| t.split_once('"'))
                        && code.len() < 40
                    {
                        found.insert((code.to_owned(), e.file_name().unwrap().to_string_lossy().into_owned()));
                    }
                }
            }
            // FieldError::new(field, "code")
            for (i, _) in text.match_indices("FieldError::new(") {
                let tail = &text[i..text[i..].find('\n').map_or(text.len(), |n| i + n)];
                if let Some(code) = tail.split('"').skip(1).step_by(2).find(|s| s.contains('.')) {
                    found.insert((code.to_owned(), e.file_name().unwrap().to_string_lossy().into_owned()));
                }
            }
        }
    }
}

#[test]
fn every_code_the_program_uses_has_a_sentence() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = BTreeSet::new();
    for c in ["schema", "text", "policy", "access", "records", "sales", "exchange", "server"] {
        used_codes(&crates.join(c).join("src"), &mut found);
    }
    assert!(found.len() > 20, "the search finds the codes of this crate at least: {}", found.len());
    let missing: Vec<_> = found
        .iter()
        .filter(|(c, file)| {
            c.contains('.')
                && c.chars().all(|x| x.is_ascii_lowercase() || x == '.' || x == '_')
                && raw(c, Locale::En).is_none()
                && file != "tests.rs"
        })
        .collect();
    assert!(missing.is_empty(), "codes without a sentence: {missing:?}");
}

#[test]
fn parameters_are_put_in_and_missing_ones_leave_no_trace() {
    let p: Params = serde_json::from_str(r#"{"max":50,"fields":["name","level"]}"#).unwrap();
    assert_eq!(sentence("value.too_long", &p, Locale::En), "Too long: at most 50 characters");
    assert_eq!(sentence("conflict", &p, Locale::Zh), "这条记录刚被他人修改：name, level");
    assert_eq!(sentence("conflict", &Params::new(), Locale::En), "Somebody changed this record meanwhile");
    assert_eq!(sentence("no.such", &p, Locale::En), "no.such");
    let p: Params = serde_json::from_str(r#"{"field":"naem","near":["name","email"]}"#).unwrap();
    assert_eq!(sentence("request.unknown_field", &p, Locale::En), "Unknown field: naem; perhaps name, email");
    let p: Params = serde_json::from_str(r#"{"field":"naem"}"#).unwrap();
    assert_eq!(sentence("request.unknown_field", &p, Locale::En), "Unknown field: naem");
}

#[test]
fn the_document_of_codes_is_fresh() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors.md");
    assert_eq!(std::fs::read_to_string(&file).unwrap_or_default(), document(), "`cargo xtask gen` writes docs/errors.md anew");
}

#[test]
fn rules_speak_for_themselves() {
    let params = serde_json::json!({ "label": { "en": "No test names", "zh": "不要用测试名称" } }).as_object().unwrap().clone();
    assert_eq!(sentence("validation.no_tests", &params, Locale::En), "No test names");
    assert_eq!(sentence("validation.no_tests", &params, Locale::Zh), "不要用测试名称");
    assert_eq!(sentence("validation.no_tests", &Params::new(), Locale::En), "validation.no_tests");
}

/// Words that filters and formulas put into their faults, as they are written in the code of `schema`.
fn used_words(dir: &Path, found: &mut BTreeSet<(&'static str, String)>) {
    const MARKS: [(&str, &str); 11] = [
        ("word", ".fault(\""),
        ("word", ".wrong(\""),
        ("word", "bad(\""),
        ("word", ".need(\""),
        ("word", "unlike(\""),
        ("word", "ExprError::syntax(\""),
        ("word", "literal(a, \""),
        ("word", "with(\"expected\", \""),
        ("word", "with(\"found\", \""),
        ("why", "refused(\""),
        ("why", "with(\"reason\", \""),
    ];
    for e in std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()) {
        if e.is_dir() {
            used_words(&e, found);
        } else if e.extension().is_some_and(|x| x == "rs") && !e.ends_with("tests.rs") {
            let text = std::fs::read_to_string(&e).unwrap();
            for (table, m) in MARKS {
                for (i, _) in text.match_indices(m) {
                    let word = text[i + m.len()..].split('"').next().unwrap();
                    if word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
                        found.insert((table, word.to_owned()));
                    }
                }
            }
        }
    }
}

#[test]
fn every_word_of_a_filter_a_formula_or_a_model_is_said_in_both_languages() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/src");
    let mut found = BTreeSet::new();
    for part in ["filter", "formula"] {
        used_words(&schema.join(part), &mut found);
    }
    let reader = std::fs::read_to_string(schema.join("load/flaw.rs")).unwrap();
    let words = reader.split(": Self = Self(\"").skip(1).map(|t| ("word", t.split('"').next().unwrap().to_owned()));
    found.extend(words);
    assert!(found.contains(&("word", "text_lists".into())), "words of the reader of models are found");
    for ty in rapport_model::shipped().objects.values().flat_map(|o| o.fields.clone()) {
        found.insert(("word", ty.ty.code().to_owned()));
    }
    assert!(found.len() > 40, "{found:?}");
    let missing: Vec<_> = found.iter().filter(|(table, w)| raw(&format!("{table}.{w}"), Locale::Zh).is_none()).collect();
    assert!(missing.is_empty(), "words without a sentence: {missing:?}");
}

#[test]
fn faults_of_filters_and_formulas_are_said_in_the_reader_s_language() {
    let model = rapport_model::shipped();
    let o = model.object("opportunity").unwrap();
    let filter = |text: &str| rapport_schema::filter::Draft::from_text(text).unwrap_err();
    let tree = |v: Value| rapport_schema::filter::Draft::from_json(&v).unwrap_err();
    let formula = |text: &str| rapport_schema::formula::check(text, &model, o).unwrap_err();
    for (e, en, zh) in [
        (filter("amount >="), "Not understood: expected a value, found the end", "无法识别：应为值，实际为结尾"),
        (filter("amount 5"), "Not understood: expected an operator, found “5”", "无法识别：应为比较方式，实际为“5”"),
        (
            tree(serde_json::json!({ "and": {} })),
            "Not understood: expected a list, found an object",
            "无法识别：应为列表，实际为对象",
        ),
        (formula("UPPER(amount)"), "Expected a text, found a number", "应为文本，实际为数字"),
        (formula("REGEX(name, '(')"), "The pattern is not a regular expression: (", "匹配规则不是正确的正则表达式：("),
    ] {
        let e = e.for_field("filter");
        assert_eq!(sentence(&e.code, &e.params, Locale::En), en);
        assert_eq!(sentence(&e.code, &e.params, Locale::Zh), zh);
    }
    // What a person wrote stays what it is, also where it looks like one of our words.
    let e = filter("amount number").for_field("filter");
    assert!(sentence(&e.code, &e.params, Locale::Zh).ends_with("实际为“number”"));
    let cause = serde_json::json!({ "field": "account.total__c", "code": "expr.unknown_field", "params": { "name": "amont" } });
    let params = serde_json::json!({ "line": 3, "reason": "in English", "cause": cause }).as_object().unwrap().clone();
    assert_eq!(sentence("model.fault", &params, Locale::Zh), "模型第 3 行有误：account.total__c：未知字段：amont");
    let plain = serde_json::json!({ "reason": "in English" }).as_object().unwrap().clone();
    assert_eq!(sentence("model.fault", &plain, Locale::En), "The model has a fault: in English");
}
