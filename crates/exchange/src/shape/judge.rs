//! The type of a column: by its values, and by its header where the values leave it open.

use super::tally::{Kind, Misfit, Tally};

/// What a column is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// Read as a kind of value; the type's code.
    As(Kind, &'static str),
    /// Anything else.
    Plain(&'static str),
}

impl Taken {
    pub const fn ty(self) -> &'static str {
        match self {
            Self::As(_, ty) | Self::Plain(ty) => ty,
        }
    }
    /// Values that are of another kind.
    pub fn odd(self, t: &Tally) -> Option<(u64, Misfit)> {
        match self {
            Self::As(kind, _) => t.odd(kind),
            Self::Plain(_) => None,
        }
    }
}

/// Share of values, in percent, that has to fit: the rest is told as odd.
const MOST: u64 = 90;
const MANY: u64 = 80;
/// Values a picklist may have by itself.
const CHOICES: usize = 30;

pub(super) fn kind(heading: &str, t: &Tally) -> Taken {
    use Taken::{As, Plain};
    if t.filled == 0 {
        return Plain("text");
    }
    let bits = t.bits == t.filled;
    if t.mostly(Kind::Bool, 100) && (!bits || says(heading, YES_NO)) && t.values.as_ref().is_some_and(|v| v.len() <= 4) {
        return As(Kind::Bool, "bool");
    }
    for (kind, ty) in [(Kind::Email, "email"), (Kind::Url, "url"), (Kind::Phone, "phone")] {
        if t.mostly(kind, MANY) {
            return As(kind, ty);
        }
    }
    if t.mostly(Kind::Date, MOST) {
        return As(Kind::Date, if t.times > 0 { "dt" } else { "date" });
    }
    if t.mostly(Kind::Number, MOST) && !code_heading(heading) {
        let numbers = t.fits(Kind::Number);
        if t.percents * 2 >= numbers {
            return As(Kind::Number, "pct");
        }
        if t.signs * 2 >= numbers || says(heading, MONEY) && !says(heading, COUNTS) {
            return As(Kind::Number, "money");
        }
        if t.fits(Kind::Whole) == numbers {
            return As(Kind::Whole, "int");
        }
        return As(Kind::Number, "dec");
    }
    if t.lines || t.longest > 200 || (t.longest > 60 && says(heading, TALK)) {
        return Plain("long");
    }
    if choices(heading, t) {
        return Plain("pick");
    }
    Plain("text")
}

/// Few values that repeat.
fn choices(heading: &str, t: &Tally) -> bool {
    let Some(values) = &t.values else { return false };
    let distinct = values.len() as u64;
    let hinted = says(heading, KINDS);
    let enough = if hinted { t.filled >= 3 && distinct < t.filled } else { t.filled >= 6 && t.filled * 2 >= distinct * 5 };
    values.len() >= 2 && values.len() <= CHOICES && t.longest <= 40 && enough && !code_heading(heading) && !name_heading(heading)
}

const YES_NO: &[&str] = &["是否", "有无", "已", "is ", "has ", "whether", "active", "enabled", "?", "？"];
const MONEY: &[&str] = &[
    "金额",
    "价",
    "费",
    "款",
    "收入",
    "成本",
    "预算",
    "利润",
    "营业额",
    "销售额",
    "工资",
    "薪",
    "元)",
    "元）",
    "amount",
    "price",
    "cost",
    "revenue",
    "budget",
    "fee",
    "salary",
    "value",
    "profit",
    "payment",
    "usd",
    "cny",
    "rmb",
    "eur",
];
const COUNTS: &[&str] = &["数量", "次数", "天", "人数", "%", "率", "count", "qty", "quantity", "days", "rate"];
const KINDS: &[&str] = &[
    "状态", "类型", "类别", "级别", "等级", "阶段", "分类", "来源", "行业", "性别", "方式", "status", "type", "kind", "level",
    "stage", "category", "source", "industry", "priority", "gender", "phase",
];
const TALK: &[&str] = &["备注", "说明", "描述", "内容", "意见", "note", "remark", "description", "comment", "detail"];
const CODES: &[&str] =
    &["编号", "编码", "代码", "单号", "序列号", "工号", "税号", "证号", "sku", "code", "serial", "number", "no.", "id"];
const NAMES: &[&str] = &["名称", "姓名", "名字", "标题", "主题", "品名", "name", "title", "subject"];

fn says(heading: &str, words: &[&str]) -> bool {
    let h = heading.to_lowercase();
    words.iter().any(|w| {
        if w.is_ascii() && w.len() <= 3 {
            h.split(|c: char| !c.is_alphanumeric() && c != '.').any(|p| p == *w)
        } else {
            h.contains(w)
        }
    })
}

/// The header speaks of a number that only identifies.
pub(super) fn code_heading(heading: &str) -> bool {
    says(heading, CODES) && !says(heading, &["number of", "employees"])
}

/// The header speaks of what something is called.
pub(super) fn name_heading(heading: &str) -> bool {
    says(heading, NAMES) && !says(heading, &["用户名", "文件名", "job title", "user name", "username", "file name"])
}

/// The header speaks of who looks after the record.
pub(super) fn owner_heading(heading: &str) -> bool {
    let h = heading.trim().to_lowercase();
    matches!(
        h.as_str(),
        "负责人"
            | "所有者"
            | "业务员"
            | "销售"
            | "销售员"
            | "客户经理"
            | "跟进人"
            | "owner"
            | "account owner"
            | "sales rep"
            | "record owner"
    )
}
