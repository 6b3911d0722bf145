//! Rich text: what may stay in it (domain model §1 `rich`).

use std::sync::LazyLock;

use ammonia::Builder;

static RULES: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut b = Builder::default();
    b.url_schemes(["http", "https", "mailto", "tel"].into())
        .link_rel(Some("noopener noreferrer nofollow"))
        .add_tag_attributes("span", &["data-mention"])
        .add_generic_attributes(&["lang"])
        .strip_comments(true);
    b
});

/// The text without scripts, styles, event handlers and addresses that run code.
pub(crate) fn clean(html: &str) -> String {
    RULES.clean(html).to_string().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_code_goes_the_rest_stays() {
        // domain model §1 rich
        assert_eq!(clean("<p>你好 <b>World</b></p>"), "<p>你好 <b>World</b></p>");
        assert_eq!(clean("a<script>alert(1)</script>b"), "ab");
        let link = clean("<a href=\"javascript:alert(1)\" onclick=\"x()\">go</a>");
        assert!(!link.contains("javascript") && !link.contains("onclick"), "{link}");
        assert_eq!(clean("<p style=\"position:fixed\">x</p>"), "<p>x</p>");
    }
}
