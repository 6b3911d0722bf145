//! Guessing which column is which field: by header in both languages, by the words other CRMs use, and by the look of the values.

use std::collections::HashMap;

use rapport_schema::{FieldDef, FieldType, Model, ObjectDef, ObjectKind};
use serde::Serialize;

use crate::read::Sheet;

/// A proposal for one column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proposal {
    /// Header of the column.
    pub column: String,
    /// Field, when one is likely.
    pub field: Option<String>,
    /// 0 to 100.
    pub confidence: u8,
    /// Why: `name`, `label`, `alias`, `similar`, `values`, or `none`.
    pub why: &'static str,
}

/// Headers other systems use, by field. Facts read from their export layouts.
const WORDS: &[(&str, &str, &[&str])] = &[
    (
        "account",
        "name",
        &[
            "account name",
            "company",
            "company name",
            "organization",
            "organization - name",
            "account",
            "客户名称",
            "公司名称",
            "企业名称",
            "单位名称",
            "公司",
        ],
    ),
    ("account", "phone", &["phone", "telephone", "tel", "phone number", "电话", "联系电话", "公司电话", "座机"]),
    ("account", "website", &["website", "web", "url", "homepage", "网址", "官网", "公司网站"]),
    ("account", "industry", &["industry", "sector", "行业", "所属行业", "客户行业"]),
    (
        "account",
        "address",
        &["address", "billingstreet", "organization - address", "street", "office_location", "地址", "详细地址", "公司地址"],
    ),
    ("account", "annual_revenue", &["annualrevenue", "revenue", "annual revenue", "年营业额", "营业额"]),
    ("account", "parent_id", &["parentid", "parent account", "subsidiary_of", "parent company", "上级客户", "母公司"]),
    ("account", "founded_on", &["year_established", "founded", "成立日期", "成立时间"]),
    ("account", "employee_size", &["numberofemployees", "employees", "人数", "人员规模"]),
    ("contact", "name", &["name", "full name", "contact", "contact name", "person - name", "姓名", "联系人", "联系人姓名"]),
    ("contact", "family_name", &["last name", "lastname", "surname", "姓"]),
    ("contact", "given_name", &["first name", "firstname", "名"]),
    (
        "contact",
        "mobile",
        &["mobile", "mobile phone", "cell", "cellphone", "person - phone", "手机", "手机号", "手机号码", "移动电话"],
    ),
    ("contact", "email", &["email", "e-mail", "mail", "email address", "person - email (work)", "邮箱", "电子邮件", "电子邮箱"]),
    ("contact", "title", &["title", "job title", "position", "职务", "职位"]),
    (
        "contact",
        "account_id",
        &[
            "company",
            "account",
            "associated company",
            "organization",
            "organization - name",
            "客户",
            "所属客户",
            "公司",
            "客户名称",
        ],
    ),
    ("lead", "company_name", &["company", "公司", "公司名称"]),
    ("lead", "contact_name", &["contact", "联系人", "姓名", "name"]),
    ("lead", "mobile", &["mobile", "phone", "手机", "电话"]),
    ("lead", "source", &["lead source", "source", "来源", "线索来源"]),
    ("opportunity", "name", &["deal - title", "deal name", "opportunity name", "商机名称", "商机"]),
    ("opportunity", "amount", &["deal - value", "value", "amount", "close_value", "金额", "商机金额", "预计金额"]),
    ("opportunity", "stage_id", &["stage", "deal stage", "deal_stage", "阶段", "商机阶段", "销售阶段"]),
    ("opportunity", "close_on", &["close date", "close_date", "expected close", "预计成交日期", "预计成交时间"]),
    ("opportunity", "account_id", &["account", "company", "客户", "客户名称"]),
    ("product", "name", &["product", "product name", "产品", "产品名称"]),
    ("product", "code", &["sku", "code", "product code", "产品编码", "编码"]),
    ("product", "list_price", &["price", "sales_price", "list price", "价格", "标准价", "单价"]),
    ("product", "category_id", &["category", "series", "分类", "产品分类", "类别"]),
    ("*", "owner_id", &["owner", "ownerid", "contact owner", "sales_agent", "owner name", "负责人", "销售", "业务员", "跟进人"]),
    ("*", "description", &["description", "note", "notes", "remark", "comments", "备注", "描述", "说明"]),
    ("*", "external_id", &["id", "record id", "opportunity_id", "编号", "外部编号"]),
];

/// A header without what does not distinguish it: case, spaces, punctuation, a unit in brackets, the star of "required".
fn plain(s: &str) -> String {
    let s = s.split(['(', '（', '[', '【']).next().filter(|h| !h.trim().is_empty()).unwrap_or(s);
    rapport_text::fold::fold(s).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Proposes an object for a sheet: the one whose fields explain the most columns.
#[must_use]
pub fn object(model: &Model, sheet: &Sheet, allowed: impl Fn(&ObjectDef) -> bool) -> Option<String> {
    let name = plain(&sheet.name);
    model
        .objects
        .values()
        .filter(|o| matches!(o.kind, ObjectKind::Ownable | ObjectKind::Config) && allowed(o))
        .map(|o| {
            let sum: u32 = columns(o, sheet).iter().filter(|p| p.confidence >= 60).map(|p| u32::from(p.confidence)).sum();
            let named = [&o.label.en, &o.label.zh, &o.plural.en, &o.plural.zh].iter().any(|l| plain(l) == name);
            (sum + if named { 250 } else { 0 }, o.name.to_string())
        })
        .filter(|(score, _)| *score >= 150)
        .max_by_key(|(score, _)| *score)
        .map(|(_, name)| name)
}

/// In which order sheets are best taken, each given as its object and the fields it fills: those that others refer to come before
/// them. Sheets that refer to each other in a circle keep their order.
#[must_use]
pub fn order(model: &Model, sheets: &[(String, Vec<String>)]) -> Vec<usize> {
    let refers = |i: usize, to: &str| {
        let (object, fields) = &sheets[i];
        let target = |f: &String| model.object(object).and_then(|o| o.field(f)).and_then(|f| f.ty.target());
        object != to && fields.iter().filter_map(target).any(|t| t == *to)
    };
    let mut left: Vec<usize> = (0..sheets.len()).collect();
    let mut out = vec![];
    while !left.is_empty() {
        let free = left.iter().position(|&i| !left.iter().any(|&j| j != i && refers(i, &sheets[j].0))).unwrap_or(0);
        out.push(left.remove(free));
    }
    out
}

/// Proposes a field for each column; no field is proposed twice.
#[must_use]
pub fn columns(object: &ObjectDef, sheet: &Sheet) -> Vec<Proposal> {
    let fields: Vec<&FieldDef> = object.live().map(|(_, f)| f).filter(|f| importable(f)).collect();
    let mut scored: Vec<(u8, usize, usize, &'static str)> = vec![];
    for (c, header) in sheet.headers.iter().enumerate() {
        let header_plain = plain(header);
        let look = Look::of(sheet.sample.iter().filter_map(|r| r.cells.get(c)));
        for (i, f) in fields.iter().enumerate() {
            let (mut score, why) = by_header(object, f, header, &header_plain);
            if score > 0 && look.contradicts(&f.ty) {
                score = score.saturating_sub(40);
            }
            if score > 0 {
                scored.push((score, c, i, why));
            } else if look.tells(&f.ty) {
                scored.push((45, c, i, "values"));
            }
        }
    }
    scored.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut by_column: HashMap<usize, (u8, usize, &'static str)> = HashMap::new();
    let mut taken = vec![false; fields.len()];
    for (score, c, i, why) in scored {
        if score >= 40 && !taken[i] && !by_column.contains_key(&c) {
            taken[i] = true;
            by_column.insert(c, (score, i, why));
        }
    }
    sheet
        .headers
        .iter()
        .enumerate()
        .map(|(c, header)| match by_column.get(&c) {
            Some((confidence, i, why)) => {
                Proposal { column: header.clone(), field: Some(fields[*i].name.to_string()), confidence: *confidence, why }
            }
            None => Proposal { column: header.clone(), field: None, confidence: 0, why: "none" },
        })
        .collect()
}

/// What the system keeps by itself is not proposed: an export that comes back would be refused row by row. A plan may bring times along
/// (`keep_times`).
fn importable(f: &FieldDef) -> bool {
    !f.ty.is_computed() && (!f.system || f.name == *"external_id") && !matches!(f.ty, FieldType::File | FieldType::Img)
}

fn by_header(object: &ObjectDef, f: &FieldDef, header: &str, header_plain: &str) -> (u8, &'static str) {
    if header.trim() == f.name.as_str() {
        return (100, "name");
    }
    if header_plain.is_empty() {
        return (0, "none");
    }
    if plain(&f.label.zh) == header_plain || plain(&f.label.en) == header_plain {
        return (98, "label");
    }
    if f.import_aliases.iter().any(|a| plain(a) == header_plain) {
        return (95, "alias");
    }
    if plain(&f.name) == header_plain {
        return (92, "name");
    }
    let known = WORDS
        .iter()
        .filter(|(o, name, _)| (*o == object.name.as_str() || *o == "*") && *name == f.name.as_str())
        .any(|(_, _, words)| words.iter().any(|w| plain(w) == header_plain));
    if known {
        return (88, "alias");
    }
    let alike =
        [&f.label.zh, &f.label.en].iter().map(|l| rapport_text::similar::dice(&plain(l), header_plain)).fold(0.0, f64::max);
    if alike >= 0.7 { (62, "similar") } else { (0, "none") }
}

/// What the values of a column look like.
#[derive(Debug, Default)]
struct Look {
    filled: usize,
    mobiles: usize,
    emails: usize,
    urls: usize,
    numbers: usize,
    dates: usize,
}

impl Look {
    fn of<'a>(cells: impl Iterator<Item = &'a String>) -> Self {
        let mut l = Self::default();
        for c in cells.map(|c| c.trim()).filter(|c| !c.is_empty()) {
            l.filled += 1;
            let digits: String = c.chars().filter(char::is_ascii_digit).collect();
            l.mobiles += usize::from(
                digits.len() == 11 && digits.starts_with('1') && c.chars().all(|x| x.is_ascii_digit() || " -+()".contains(x)),
            );
            l.emails += usize::from(c.contains('@') && c.rsplit('@').next().is_some_and(|d| d.contains('.')));
            l.urls += usize::from(c.starts_with("http://") || c.starts_with("https://") || c.starts_with("www."));
            l.numbers += usize::from(number_like(c));
            l.dates += usize::from(crate::dates::order_evidence(c).is_some());
        }
        l
    }
    fn most(&self, n: usize) -> bool {
        self.filled >= 2 && n * 10 >= self.filled * 8
    }
    /// The values alone make the type very likely.
    fn tells(&self, ty: &FieldType) -> bool {
        match ty {
            FieldType::Phone => self.most(self.mobiles),
            FieldType::Email => self.most(self.emails),
            FieldType::Url => self.most(self.urls),
            _ => false,
        }
    }
    /// The values cannot be of the type.
    fn contradicts(&self, ty: &FieldType) -> bool {
        if self.filled < 2 {
            return false;
        }
        match ty {
            FieldType::Email => self.emails * 2 < self.filled,
            FieldType::Money { .. } | FieldType::Dec { .. } | FieldType::Int { .. } | FieldType::Pct { .. } => {
                self.numbers * 2 < self.filled
            }
            FieldType::Date | FieldType::DateTime => self.dates * 2 < self.filled,
            _ => false,
        }
    }
}

/// Looks like a number, with currency signs, separators, 万 and percent allowed.
#[must_use]
pub fn number_like(s: &str) -> bool {
    let s = s
        .trim()
        .trim_start_matches(['¥', '￥', '$', '€', '£', '-', '+', '('])
        .trim_end_matches([')', '%', '万', '亿', '元', 'K', 'M']);
    !s.is_empty()
        && s.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '，' | ' '))
        && s.chars().any(|c| c.is_ascii_digit())
}
