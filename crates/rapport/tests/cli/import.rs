//! `import`: cut off, gone on with, and what is refused on the way.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
};

use crate::{both, place::Place};

const ROWS: usize = 2_000;

/// Answers the guess would get wrong: the number into `external_id`, everybody made, nobody looked for.
const PLAN: &str = r#"
[[sheet]]
object = "account"
on_duplicate = "create"
map = [{ column = "number", field = "external_id" }, { column = "who", field = "name" }]
"#;

fn text(p: &Path) -> &str {
    p.to_str().unwrap()
}

/// Starts an import, kills it when its first rows are in, and answers the job.
fn cut_off(p: &Place, args: &[&str]) -> String {
    let mut child = p.command(args).spawn().unwrap();
    let mut job = None;
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(id) = line.strip_prefix("job ") {
            job = Some(id.to_owned());
        }
        if line.starts_with("part 1, ") {
            break;
        }
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success(), "it was done before it was killed");
    job.unwrap()
}

both! {
    async fn a_killed_import_goes_on_by_the_plan_it_was_begun_with(p) {
        p.ok(&["init"]);
        let (csv, plan, other) = (p.path("many.csv"), p.path("my.toml"), p.path("elsewhere"));
        let rows: String = (0..ROWS).map(|n| format!("{n},Company {n:05}\n")).collect();
        std::fs::write(&csv, format!("number,who\n{rows}")).unwrap();
        std::fs::write(&plan, PLAN).unwrap();
        let job = cut_off(&p, &["import", text(&csv), "--plan", text(&plan)]);
        let said = p.fails(&["import", text(&csv), "--resume", &job, "--object", "contact", "--plan", text(&plan)]);
        assert!(said.contains("--plan, --object"), "{said}");
        // Another file of the same name, and one of another.
        std::fs::create_dir(&other).unwrap();
        let copy = other.join("many.csv");
        std::fs::write(&copy, format!("number,who\n{}", rows.replace("Company 01999", "Company 01998"))).unwrap();
        assert!(p.fails(&["import", text(&copy), "--resume", &job]).contains("import.other_file"));
        assert!(p.fails(&["import", text(&plan), "--resume", &job]).contains("begun with many.csv"));
        let nobody = "019a0000-0000-7000-8000-000000000000";
        assert!(p.fails(&["import", text(&csv), "--resume", nobody]).contains("import.unknown_job"));
        assert!(p.fails(&["import", text(&csv), "--resume", "twelve"]).contains("not the id of a job"));
        assert!(p.export("account", "main").len() <= ROWS, "nothing of all this has imported anything");
        // The plan is not needed any more; the file lies elsewhere by now.
        std::fs::remove_file(&plan).unwrap();
        std::fs::rename(&csv, &copy).unwrap();
        assert!(p.fails(&["import", "--resume", &job]).contains("many.csv"), "it is not where it was");
        let said = p.ok(&["import", text(&copy), "--resume", &job]);
        assert!(said.contains(&format!("{ROWS} rows: {ROWS} made")), "{said}");
        let file = p.path("accounts.csv");
        p.ok(&["export", "account", "--fields", "external_id,name", "--out", text(&file)]);
        let mut lines: Vec<String> = std::fs::read_to_string(&file).unwrap().lines().skip(1).map(str::to_owned).collect();
        lines.sort();
        let mut meant: Vec<String> = (0..ROWS).map(|n| format!("{n},Company {n:05}")).collect();
        meant.sort();
        assert_eq!(lines, meant, "no gap, no duplicate");
        let said = p.fails(&["import", text(&copy), "--resume", &job]);
        assert!(said.contains("import.finished"), "{said}");
        p.ok(&["import", "--undo", &job]);
        assert!(p.fails(&["import", text(&copy), "--resume", &job]).contains("import.undone"));
    }
}

/// The plan knows files by their names: the second would be taken for the first.
#[test]
fn two_files_of_one_name_are_refused() {
    let p = Place::sqlite();
    p.ok(&["init"]);
    let files: Vec<_> = ["north", "south"].iter().map(|d| p.path(d).join("customers.csv")).collect();
    for f in &files {
        std::fs::create_dir(f.parent().unwrap()).unwrap();
        std::fs::write(f, "name\nAlder\n").unwrap();
    }
    let said = p.fails(&["import", text(&files[0]), text(&files[1]), "--object", "account"]);
    assert!(said.contains("two files are called customers.csv"), "{said}");
}
