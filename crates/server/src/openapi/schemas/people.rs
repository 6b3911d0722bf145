//! Sessions, passwords, tokens, set-up.

use super::{Put, any, at, data, flag, id, int, list, map_of, named, nullable, object, one_of, open, text};

pub(super) fn put(put: Put<'_>) {
    put("Organisation", object(&[("name", text()), ("label", named("Label"))]));
    put(
        "SessionUser",
        open(&[
            ("id", id()),
            ("name", text()),
            ("username?", text()),
            ("email?", nullable(text())),
            ("title?", nullable(text())),
            ("main_dept?", any()),
            ("timezone?", nullable(text())),
            ("locale", text()),
            ("is_admin", flag()),
            // Somebody reports to this person.
            ("leads", flag()),
            ("$expand?", named("Expand")),
        ]),
    );
    put(
        "Session",
        object(&[
            ("user", named("SessionUser")),
            ("organisation", named("Organisation")),
            ("demo", flag()),
            ("via", text()),
            // There while an administrator sees as the user.
            ("view_as?", named("ViewedBy")),
        ]),
    );
    put("ViewedBy", object(&[("by", object(&[("id", id()), ("name", text())])), ("until", at())]));
    put("ViewAs", object(&[("user_id", id())]));
    put("SignIn", object(&[("login", text()), ("password", text()), ("totp?", nullable(text()))]));
    put(
        "SetupState",
        object(&[("needed", flag()), ("demo", flag()), ("secret_required", flag()), ("organisation", named("Organisation"))]),
    );
    put(
        "Setup",
        object(&[
            ("name", text()),
            ("email", text()),
            ("password", text()),
            ("organisation", text()),
            ("secret?", nullable(text())),
            ("locale?", nullable(text())),
        ]),
    );
    put("SampleState", object(&[("offered", flag()), ("present", flag()), ("running", flag())]));
    // While it is `running` the figures are not there yet.
    put("SampleFilled", object(&[("running", flag()), ("made?", int())]));
    put("SampleRemoved", object(&[("running", flag()), ("removed?", int()), ("kept?", int()), ("reasons?", map_of(int()))]));
    put("DemoPick", object(&[("user_id", id())]));
    put("ChangePassword", object(&[("old", text()), ("new", text())]));
    put("PasswordOnly", object(&[("password", text())]));
    put("Code", object(&[("code", text())]));
    put("TotpEnrolment", object(&[("url", text()), ("secret", text()), ("recovery_codes", list(text()))]));
    put("SecondStep", object(&[("enabled", flag()), ("recovery_left", int()), ("has_password", flag())]));
    put(
        "OpenSession",
        object(&[
            ("id", text()),
            ("created_at", at()),
            ("last_used_at", at()),
            ("expires_at", at()),
            ("device", text()),
            ("ip", nullable(text())),
            ("current", flag()),
        ]),
    );
    put("Sessions", data(named("OpenSession")));
    put(
        "TokenInfo",
        object(&[
            ("id", text()),
            ("name", text()),
            ("prefix", text()),
            ("scopes", nullable(list(text()))),
            ("ip_allow", list(text())),
            ("created_at", at()),
            ("expires_at", at()),
            ("last_used_at", nullable(at())),
            ("state", one_of(&["active", "expired", "revoked"])),
        ]),
    );
    put("Tokens", data(named("TokenInfo")));
    put(
        "NewToken",
        object(&[("name", text()), ("scopes?", nullable(list(text()))), ("ip_allow?", list(text())), ("days?", int())]),
    );
    put("Token", object(&[("id", id()), ("secret", text()), ("expires_at", at())]));
    put("Notifications", object(&[("data", list(named("Record"))), ("next?", nullable(text())), ("unread", int())]));
    put("Unread", object(&[("unread", int())]));
    put("MarkedRead", object(&[("read", int())]));
    let kinds = ["mention", "assigned", "unanswered", "recycle", "shared", "comment", "changed", "waiting"];
    put("NotifyPrefs", object(&kinds.map(|k| (k, flag()))));
    let maybe: Vec<String> = kinds.iter().map(|k| format!("{k}?")).collect();
    put("NotifyPrefsInput", object(&maybe.iter().map(|k| (k.as_str(), flag())).collect::<Vec<_>>()));
    put("Preferences", map_of(any()));
    put("Mentionables", data(object(&[("id", id()), ("name", text()), ("title", nullable(text())), ("sees", flag())])));
    let pool = [
        ("id", id()),
        ("name", text()),
        ("object", one_of(&["lead", "account"])),
        ("seat", one_of(&["member", "admin"])),
        ("hidden", list(text())),
        ("waiting", int()),
        ("more", flag()),
    ];
    put("Pools", data(object(&pool)));
    put("Presence", object(&[("tab?", text()), ("editing?", flag()), ("leave?", flag())]));
    put("Present", object(&[("people", list(object(&[("id", id()), ("name", text()), ("editing", flag())])))]));
    put("Invite", object(&[("user_id", id())]));
    put("Invitation", object(&[("secret", text()), ("path", text()), ("valid_for_seconds", int())]));
    put("AcceptInvitation", object(&[("secret", text()), ("password", text()), ("totp?", nullable(text()))]));
}
