//! `model export`, `plan`, `apply`.

use crate::{both, place::json};

pub const CUSTOM: &str = r#"
[[extend]]
name = "account"
[[extend.section]]
key = "ours"
label = { en = "Ours", zh = "自定义" }
fields = [{ name = "colour__c", type = "text", max = 20, label = { en = "Colour", zh = "颜色" } }]

[[object]]
name = "machine__c"
kind = "ownable"
label = { en = "Machine", zh = "设备" }
plural = { en = "Machines", zh = "设备" }
icon = "box"
title = "name"
list = ["name"]
[[object.section]]
key = "main"
label = { en = "Machine", zh = "设备" }
fields = [
  { name = "name", type = "text", label = { en = "Name", zh = "名称" }, required = true },
  { name = "hours", type = "int", label = { en = "Hours", zh = "工时" } },
]
"#;

both! {
    async fn a_model_as_text_is_planned_applied_and_comes_back(p) {
        p.ok(&["init"]);
        let file = p.path("custom.toml");
        std::fs::write(&file, CUSTOM).unwrap();
        let file = file.to_str().unwrap();
        let plan = json(&p.ok(&["model", "plan", file]));
        assert_eq!(plan["applied"], false);
        let names: Vec<&str> = plan["changes"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
        assert!(names.contains(&"machine__c") && names.contains(&"account.colour__c"), "{plan}");
        assert!(p.fails(&["export", "machine__c"]).len() > 5, "a plan changes nothing");
        let done = json(&p.ok(&["model", "apply", file]));
        assert_eq!((&done["applied"], done["changes"].as_array().unwrap().len()), (&serde_json::json!(true), names.len()), "{done}");
        // Twice is once.
        let again = json(&p.ok(&["model", "plan", file]));
        assert_eq!((again["changes"].as_array().unwrap().len(), &again["steps"]), (0, &serde_json::json!(0)), "{again}");
        let again = json(&p.ok(&["model", "apply", file]));
        assert_eq!(again["changes"], serde_json::json!([]), "{again}");
        // What is exported is what was applied: it goes into another workspace as it is.
        let text = p.ok(&["model", "export"]);
        assert!(text.contains("machine__c") && text.contains("颜色"), "{text}");
        p.ok(&["workspace", "create", "second"]);
        let copy = p.path("copy.toml");
        std::fs::write(&copy, &text).unwrap();
        p.ok(&["--workspace", "second", "model", "apply", copy.to_str().unwrap()]);
        assert_eq!(p.ok(&["--workspace", "second", "model", "export"]), text);
        let csv = p.path("m.csv");
        std::fs::write(&csv, "name,hours\nPress,12\n").unwrap();
        p.ok(&["--workspace", "second", "import", csv.to_str().unwrap(), "--object", "machine__c"]);
        assert!(p.export("machine__c", "second").iter().any(|l| l.contains("Press")));
        assert!(p.ok(&["--workspace", "second", "doctor"]).contains("healthy"));
        // An empty text is a slip, until it is said to be meant.
        let none = p.path("none.toml");
        for text in ["", "# nothing yet\n"] {
            std::fs::write(&none, text).unwrap();
            for act in ["plan", "apply"] {
                assert!(p.fails(&["--workspace", "second", "model", act, "none.toml"]).contains("--retire-all"), "{text}");
            }
        }
        assert!(p.ok(&["--workspace", "second", "model", "export"]).contains("machine__c"));
        let gone = json(&p.ok(&["--workspace", "second", "model", "apply", "none.toml", "--retire-all"]));
        assert!(gone["changes"].as_array().unwrap().iter().all(|c| c["op"] == "retire"), "{gone}");
        p.ok(&["--workspace", "second", "model", "plan", "none.toml"]);
        // A wrong text names the fault and changes nothing.
        let bad = p.path("bad.toml");
        std::fs::write(&bad, "[[object]]\nname = \"machine\"\n").unwrap();
        assert!(p.fails(&["model", "apply", bad.to_str().unwrap()]).contains("machine"));
        // In the reader's language, by the line of the file.
        std::fs::write(&bad, CUSTOM.replace("icon = \"", "icon = 5 # \"")).unwrap();
        let line = CUSTOM.lines().position(|l| l.starts_with("icon")).unwrap() + 1;
        for act in ["plan", "apply"] {
            let args = ["model", act, bad.to_str().unwrap()];
            let zh = p.command(&args).env("LANG", "zh_CN.UTF-8").output().unwrap();
            let zh = String::from_utf8_lossy(&zh.stderr).into_owned();
            assert!(zh.contains(&format!("第 {line} 行有误：machine__c：icon 应为文本，实际为整数")), "{zh}");
            let en = p.fails(&args);
            assert!(en.contains(&format!("in line {line}: machine__c: icon must be a text, not a whole number")), "{en}");
        }
        assert_eq!(p.ok(&["model", "export"]), text);
    }
}
