//! `export`.

use crate::place::Place;

#[test]
fn a_field_nobody_knows_is_refused_and_no_file_is_made() {
    let p = Place::sqlite();
    p.ok(&["init"]);
    let said = p.fails(&["export", "account", "--fields", "name,naem", "--out", "a.csv"]);
    assert!(said.contains("Unknown field: naem; perhaps name"), "{said}");
    assert!(!p.path("a.csv").exists());
    let zh =
        p.command(&["export", "account", "--fields", "客户名", "--out", "a.csv"]).env("LANG", "zh_CN.UTF-8").output().unwrap();
    let zh = String::from_utf8_lossy(&zh.stderr).into_owned();
    assert!(zh.contains("客户名") && zh.contains("name"), "found by its label: {zh}");
}

/// The first thing people do: take everything out, and bring it in somewhere else.
#[test]
fn what_was_exported_comes_back_as_it_is() {
    let p = Place::sqlite();
    p.ok(&["demo", "--customers", "12", "--only-fill"]);
    p.ok(&["workspace", "create", "other", "--locale", "en"]);
    for (object, form) in [("account", "csv"), ("contact", "xlsx"), ("product", "csv")] {
        let file = p.path(&format!("{object}.{form}"));
        p.ok(&["--workspace", "demo", "export", object, "--out", file.to_str().unwrap()]);
        let o = p.command(&["--workspace", "other", "import", file.to_str().unwrap(), "--object", object]).output().unwrap();
        let said = crate::place::told(&o);
        assert!(!said.contains("rights"), "{object}: {said}");
    }
}

/// A file that cannot be read or written: where, why, what to do, in both languages.
#[test]
fn what_the_disk_refuses_is_said_with_its_place_and_what_to_do() {
    let p = Place::sqlite();
    p.ok(&["init"]);
    std::fs::create_dir(p.path("folder")).unwrap();
    let cases: &[(&[&str], &str, &str)] = &[
        (&["import", "none.csv", "--object", "account"], "none.csv: there is no such file", "none.csv：没有此文件"),
        (&["import", "folder", "--object", "account"], "folder: this is a folder", "folder：这是文件夹"),
        (&["import", "--plan", "none.toml"], "none.toml: there is no such file", "none.toml：没有此文件"),
        (&["model", "plan", "none.toml"], "none.toml: there is no such file", "none.toml：没有此文件"),
        (&["export", "role", "--out", "folder"], "folder: this is a folder", "folder：这是文件夹"),
        (&["export", "role", "--out", "nowhere/a.csv"], "nowhere/a.csv: there is no such", "nowhere/a.csv：没有此"),
        #[cfg(target_os = "linux")]
        (&["export", "role", "--format", "csv", "--out", "/dev/full"], "/dev/full: the disk is full", "/dev/full：磁盘空间不足"),
    ];
    for (args, en, zh) in cases {
        let said = p.fails(args);
        assert!(said.contains(en), "{args:?}: {said}");
        let o = p.command(args).env("LANG", "zh_CN.UTF-8").output().unwrap();
        let said_zh = String::from_utf8_lossy(&o.stderr).into_owned();
        assert!(said_zh.contains(zh), "{args:?}: {said_zh}");
        for s in [said, said_zh] {
            assert!(!s.contains("Something went wrong") && !s.contains("os error") && !s.contains("服务器内部"), "{args:?}: {s}");
        }
    }
}
