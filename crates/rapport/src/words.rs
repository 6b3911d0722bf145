//! What the program says on the terminal, in the language of `LC_ALL`, `LC_MESSAGES` or `LANG`.

use std::{fmt::Write as _, io, path::Path};

use rapport_exchange::ExchangeError;
use rapport_schema::{FieldError, Locale};
use rapport_server::{Problem, messages};
use rapport_store::StoreError;

/// The terminal's language.
#[must_use]
pub fn locale() -> Locale {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().filter_map(|v| std::env::var(v).ok()).find(|v| !v.is_empty());
    if set.is_some_and(|v| v.to_ascii_lowercase().starts_with("zh")) { Locale::Zh } else { Locale::En }
}

/// The language asked for, else the terminal's.
#[must_use]
pub fn language(asked: Option<&str>) -> Locale {
    asked.and_then(Locale::negotiate).unwrap_or_else(locale)
}

/// One of two texts.
#[must_use]
pub fn say(en: impl Into<String>, zh: impl Into<String>) -> String {
    match locale() {
        Locale::En => en.into(),
        Locale::Zh => zh.into(),
    }
}

/// An error with a text in each language.
pub fn error(en: impl Into<String>, zh: impl Into<String>) -> anyhow::Error {
    anyhow::anyhow!(say(en, zh))
}

/// A refusal of the pipeline in words.
#[must_use]
pub fn refusal(p: &Problem) -> String {
    let l = locale();
    let head = format!("{} ({})", messages::sentence(&p.code, &p.params, l), p.code);
    let told = |e: &FieldError| {
        let said = messages::sentence(&e.code, &e.params, l);
        if e.field.is_empty() { said } else { format!("{}: {said}", e.field) }
    };
    match p.errors.as_slice() {
        // A single fault has lent its words to the whole.
        [one] if one.code == p.code => format!("{} ({})", told(one), p.code),
        all => all.iter().fold(head, |s, e| format!("{s}\n  {}", told(e))),
    }
}

/// The pipeline's error as an error of the program.
pub fn refused(e: impl Into<Problem>) -> anyhow::Error {
    anyhow::anyhow!(refusal(&e.into()))
}

/// What was asked of a file of the person at the terminal and was not possible: where, why, and what to do. Refusals of what stands in
/// it are told after its name.
pub fn unread(path: &Path) -> impl Fn(ExchangeError) -> anyhow::Error {
    move |e| match e {
        e @ (ExchangeError::Io(_) | ExchangeError::File { .. }) => exchange(e.at(path)),
        e => exchange(e).context(path.display().to_string()),
    }
}

/// An error of reading and writing files, or of the pipeline.
pub fn exchange(e: ExchangeError) -> anyhow::Error {
    match e {
        ExchangeError::File { path, error } => disk(&path)(error),
        ExchangeError::Io(error) => error.into(),
        e => refused(e),
    }
}

/// An error of the disk at a place.
pub fn disk(path: &Path) -> impl Fn(io::Error) -> anyhow::Error {
    move |e| {
        let (path, why) = (path.display(), why(&e));
        error(format!("{path}: {why}"), format!("{path}：{why}"))
    }
}

/// Why the disk refused, and what to do.
fn why(e: &io::Error) -> String {
    use io::ErrorKind as K;
    let (en, zh) = match e.kind() {
        K::NotFound => ("there is no such file or folder; check the path", "没有此文件或文件夹，请检查路径"),
        K::PermissionDenied => (
            "no permission; change the rights of the file or of its folder, or name another",
            "没有权限，请调整文件或文件夹的权限，或换一个位置",
        ),
        K::IsADirectory => ("this is a folder; name a file", "这是文件夹，请指定文件"),
        K::NotADirectory => {
            ("a part of the path is a file, not a folder; check the path", "路径中有一部分是文件而不是文件夹，请检查路径")
        }
        K::StorageFull | K::QuotaExceeded => (
            "the disk is full, and what was written is not whole; make room and try again",
            "磁盘空间不足，写入不完整，请清理空间后重试",
        ),
        K::ReadOnlyFilesystem => ("nothing can be written there; name another place", "该位置只读，请换一个位置"),
        K::InvalidData => ("this is no text in UTF-8; save it as such", "不是 UTF-8 文本，请另存为 UTF-8 编码"),
        K::AlreadyExists => ("it is there already; name another", "已存在，请换一个名称"),
        _ => return e.to_string(),
    };
    say(en, zh)
}

fn cause(e: &(dyn std::error::Error + 'static)) -> String {
    match (e.downcast_ref(), e.downcast_ref()) {
        (Some(e), _) => why(e),
        (_, Some(StoreError::Full)) => why(&io::ErrorKind::StorageFull.into()),
        _ => e.to_string(),
    }
}

/// An error with its causes.
#[must_use]
pub fn failure(e: &anyhow::Error) -> String {
    let mut s = say("Error: ", "错误：");
    for (i, c) in e.chain().enumerate() {
        let _ = write!(s, "{}{}", if i > 0 { "\n  " } else { "" }, cause(c));
    }
    s
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_refuses_in_words() {
        for kind in [
            io::ErrorKind::NotFound,
            io::ErrorKind::PermissionDenied,
            io::ErrorKind::IsADirectory,
            io::ErrorKind::NotADirectory,
            io::ErrorKind::StorageFull,
            io::ErrorKind::ReadOnlyFilesystem,
        ] {
            let said = failure(&exchange(ExchangeError::Io(kind.into()).at(Path::new("lists/a.csv"))));
            assert!(said.contains("lists/a.csv") && !said.contains(&io::Error::from(kind).to_string()), "{said}");
            let nowhere = failure(&io::Error::from(kind).into());
            assert!(!nowhere.contains(&io::Error::from(kind).to_string()), "{nowhere}");
        }
    }
}
