//! What an import promises: faults stay with their row, sheets of one workbook refer to each other, upserts find their record,
//! undo takes everything back, nothing is written by a dry run.

use std::{path::Path, sync::atomic::AtomicBool};

use rapport_exchange::{
    export::{Form, export},
    plan::Plan,
    run::{self, Fault},
};

use rapport_store::ChangeQuery;

use crate::world::World;

async fn faults(w: &World, job: rapport_schema::RecordId) -> Vec<Fault> {
    let mut all = vec![];
    run::faults(&w.engine, job, |f| {
        all.push(f);
        Ok(())
    })
    .await
    .unwrap();
    all
}

const ACCOUNTS: &str = r#"
[[sheet]]
object = "account"
mode = "upsert"
match = "external_id"
map = [
  { column = "id", field = "external_id" },
  { column = "name", field = "name" },
  { column = "phone", field = "phone" },
  { column = "industry", field = "industry" },
  { column = "parent", field = "parent_id" },
]
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_stay_with_their_row_and_the_rest_comes_in() {
    let w = World::sqlite().await;
    let f = w.file(
        "a.csv",
        "id,name,phone,industry,parent\n1,Alder Instruments,,Finance,\n2,,,Finance,\n3,Birch Optics,,Alchemy,Alder Instruments\n4,Cedar Metals,,,Alder Instruments\n5,Dogwood Tools,,,Nobody Knows\n",
    );
    let (p, job) = w.run(ACCOUNTS, &[&f]).await;
    assert_eq!((p.rows, p.created, p.failed, p.unlinked), (5, 3, 2, 1), "{p:?}");
    let all = faults(&w, job).await;
    let told: Vec<(u64, &str, &str)> = all.iter().map(|f| (f.row, f.errors[0].field.as_str(), &*f.errors[0].code)).collect();
    assert_eq!(
        told,
        [(3, "name", "value.required"), (4, "industry", "import.unknown_choice"), (6, "parent_id", "import.lookup_missing")]
    );
    assert_eq!(all[1].cells[1], "Birch Optics", "the row stays beside its reason");
    let choices = |k: &str| all[1].errors[0].params[k].as_str().unwrap().to_owned();
    assert!(choices("choices_en").contains("Finance") && choices("choices_zh").contains('、'), "{:?}", all[1].errors);
    let cedar = w.all("account", Some("external_id = '4'"), &["name"], &["parent_id"]).await;
    assert_eq!(cedar[0]["$expand"]["parent_id"]["title"], "Alder Instruments");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn upserts_find_what_is_there_also_twice_in_one_file() {
    let w = World::sqlite().await;
    let f = w.file(
        "a.csv",
        "id,name,phone,industry,parent\n1,Alder Instruments,,Finance,\n1,Alder Instruments Ltd,,,\n2,Birch Optics,,,\n",
    );
    let (p, _) = w.run(ACCOUNTS, &[&f]).await;
    assert_eq!((p.created, p.updated, p.failed), (2, 1, 0), "{p:?}");
    let f = w.file("b.csv", "id,name,phone,industry,parent\n2,Birch Optics GmbH,,,\n3,Cedar Metals,,,\n");
    let (p, _) = w.run(ACCOUNTS, &[&f]).await;
    assert_eq!((p.created, p.updated, p.failed), (1, 1, 0), "{p:?}");
    let names = w.all("account", None, &["name"], &[]).await;
    let mut names: Vec<&str> = names.iter().map(|r| r["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Alder Instruments Ltd", "Birch Optics GmbH", "Cedar Metals"]);
}

/// Two sheets of one workbook: customers, and people who name them.
fn workbook(path: &Path) {
    let mut b = rust_xlsxwriter::Workbook::new();
    let s = b.add_worksheet().set_name("客户").unwrap();
    for (r, row) in [["客户名称", "备注"], ["听泉乳业有限公司", "老客户"], ["砚山纺织有限公司", ""]].iter().enumerate()
    {
        s.write_row(u32::try_from(r).unwrap(), 0, *row).unwrap();
    }
    let s = b.add_worksheet().set_name("联系人").unwrap();
    for (r, row) in [["姓名", "公司", "手机"], ["何澜", "听泉乳业有限公司", "13800138000"], ["方屿", "砚山纺织有限公司", ""]]
        .iter()
        .enumerate()
    {
        s.write_row(u32::try_from(r).unwrap(), 0, *row).unwrap();
    }
    b.save(path).unwrap();
}

const BOOK: &str = r#"
[[sheet]]
sheet = "客户"
object = "account"
map = [{ column = "客户名称", field = "name" }, { column = "备注", field = "description" }]

[[sheet]]
sheet = "联系人"
object = "contact"
map = [{ column = "姓名", field = "name" }, { column = "公司", field = "account_id" }, { column = "手机", field = "mobile" }]
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sheets_of_one_workbook_refer_to_each_other() {
    let w = World::sqlite().await;
    let path = w.dir.path().join("客户.xlsx");
    workbook(&path);
    // The rehearsal knows what the first sheet would make.
    let mut dry = w.import(&Plan::from_toml(BOOK).unwrap(), &[&path]);
    dry.dry_run = true;
    let p = dry.run(&AtomicBool::new(false), |_| ()).await.unwrap();
    assert_eq!((p.created, p.failed), (4, 0), "{:?}", dry.rehearsed.lock().unwrap());
    assert_eq!(w.count("account").await, 0, "nothing is written");

    let (p, job) = w.run(BOOK, &[&path]).await;
    assert_eq!((p.created, p.failed), (4, 0), "{:?}", faults(&w, job).await);
    let people = w.all("contact", None, &["name", "mobile"], &["account_id"]).await;
    let he = people.iter().find(|p| p["name"] == "何澜").unwrap();
    assert_eq!(he["$expand"]["account_id"]["title"], "听泉乳业有限公司");
    assert_eq!(he["mobile"]["e164"], "+8613800138000");

    let (back, refused) = run::undo(&w.engine, &w.scope, job).await.unwrap();
    assert!(refused.is_empty(), "{refused:?}");
    assert!(back >= 4);
    assert_eq!((w.count("account").await, w.count("contact").await), (0, 0));
    let mut again = w.import(&Plan::from_toml(BOOK).unwrap(), &[&path]);
    again.job = job;
    assert!(again.run(&AtomicBool::new(false), |_| ()).await.is_err(), "an import that was taken back does not go on");
}

const PLAIN: &str = r#"
[[sheet]]
object = "account"
on_duplicate = "POLICY"
map = [
  { column = "name", field = "name" },
  { column = "phone", field = "phone" },
]
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_look_like_an_existing_record_meet_the_policy_they_were_told() {
    // R-DUP-02, also for the command line, which acts as nobody: strict name key 95 ≥ 90
    for (policy, created, updated, skipped, failed, left) in
        [("skip", 1, 0, 2, 0, 2), ("error", 1, 0, 0, 2, 2), ("create", 3, 0, 0, 0, 4), ("update", 1, 2, 0, 0, 2)]
    {
        let w = World::sqlite().await;
        let f = w.file("old.csv", "name,phone\n听泉乳业有限公司,\n");
        w.run(&PLAIN.replace("POLICY", "skip"), &[&f]).await;
        // The second row is the company there is, the third the one the first row makes.
        let rows = "name,phone\n砚山纺织有限公司,\n听泉乳业有限责任公司,13800138000\n砚山纺织股份有限公司,13900139000\n";
        let f = w.file("new.csv", rows);
        let plan = PLAIN.replace("POLICY", policy);
        let mut dry = w.import(&Plan::from_toml(&plan).unwrap(), &[&f]);
        dry.dry_run = true;
        let rehearsed = dry.run(&AtomicBool::new(false), |_| ()).await.unwrap();
        let (p, job) = w.run(&plan, &[&f]).await;
        let told = (p.rows, p.created, p.updated, p.skipped, p.failed);
        assert_eq!(told, (3, created, updated, skipped, failed), "{policy}: {:?}", faults(&w, job).await);
        assert_eq!(w.count("account").await, left, "{policy}");
        // A rehearsal writes nothing, so it cannot meet what its own rows would make; it judges the rest alike.
        assert_eq!(rehearsed.rows, 3, "{policy}");
        let phones = w.all("account", Some("phone is not empty"), &["name", "phone"], &[]).await;
        assert_eq!(phones.len(), if matches!(policy, "create" | "update") { 2 } else { 0 }, "{policy}: {phones:?}");
        if policy == "error" {
            assert!(faults(&w, job).await.iter().all(|f| f.errors[0].code == "duplicate.blocked"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_too_long_for_a_cell_is_cut_and_the_rest_is_exported() {
    let w = World::sqlite().await;
    let rows = format!("name,description\nAlder,长{}\nBirch,short\n", "😀".repeat(19_999));
    let f = w.file("a.csv", rows);
    let plan = "[[sheet]]\nobject = \"account\"\nmap = [{ column = \"name\", field = \"name\" }, { column = \"description\", field = \"description\" }]\n";
    let (p, _) = w.run(plan, &[&f]).await;
    assert_eq!((p.created, p.failed), (2, 0), "{p:?}");
    let out = w.dir.path().join("out.xlsx");
    let ask = rapport_records::ListRequest {
        fields: Some(vec!["name".into(), "description".into()]),
        sort: Some("name".into()),
        ..Default::default()
    };
    assert_eq!(export(&w.engine, &w.scope, "account", &ask, Form::Xlsx, rapport_schema::Locale::En, &out).await.unwrap(), 2);
    let book = rapport_exchange::read::open(&out).unwrap();
    let rows: Vec<_> = book.rows(&book.sheets[0]).map(|r| r.unwrap().cells).collect();
    assert_eq!(rows[1], ["Birch", "short"]);
    assert!(rows[0][1].starts_with("长😀") && rows[0][1].ends_with('…'));
    assert!((32_766..=32_767).contains(&rows[0][1].encode_utf16().count()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_exported_comes_back_as_it_was() {
    const BACK: &str = r#"
[[sheet]]
object = "account"
map = [
  { column = "Account Name", field = "name" },
  { column = "External ID", field = "external_id" },
  { column = "Notes", field = "description" },
]
"#;
    // quality.md, CSV/Excel formula: the guard of the export is taken away by the import, and only the guard.
    let w = World::sqlite().await;
    let texts = [
        "=1+1",
        "+86 abc",
        "-HYPERLINK",
        "@SUM(A1)",
        "＝1",
        "'=mine",
        "''-two",
        "'plain",
        "普通",
        "-12.50",
        "a,b;c\t\"d\"",
        "多行\n第二行",
    ];
    for (i, t) in texts.iter().enumerate() {
        let data = serde_json::json!({ "name": format!("客户{i}号有限公司"), "external_id": i.to_string(), "description": t });
        let serde_json::Value::Object(m) = data else { unreachable!() };
        w.engine.create(&w.scope, "account", m, rapport_records::WriteOptions::default()).await.unwrap();
    }
    let out = w.dir.path().join("out.csv");
    let fields = ["name", "external_id", "description"].map(str::to_owned).to_vec();
    let ask = rapport_records::ListRequest { fields: Some(fields), ..Default::default() };
    let n = export(&w.engine, &w.scope, "account", &ask, Form::Csv, rapport_schema::Locale::En, &out).await.unwrap();
    assert_eq!(n, texts.len() as u64);
    let file = std::fs::read_to_string(&out).unwrap();
    for line in file.lines() {
        assert!(!line.split(',').any(|c| c.trim_start_matches('"').starts_with(['=', '@', '＝'])), "{line}");
    }
    let other = World::sqlite().await;
    let header = file.lines().next().unwrap();
    let notes = header.rsplit(',').next().unwrap().trim();
    let (p, job) = other.run(&BACK.replace("Notes", notes), &[&out]).await;
    assert_eq!((p.created, p.failed), (n, 0), "{:?}", faults(&other, job).await);
    for (i, t) in texts.iter().enumerate() {
        let r = other.all("account", Some(&format!("external_id = '{i}'")), &["description"], &[]).await;
        assert_eq!(r[0]["description"], *t, "{t:?}");
    }
    // Who took what out is in the log (quality.md V16).
    let log = w.engine.db().changes(ChangeQuery { limit: 1_000, ..ChangeQuery::default() }).await.unwrap();
    let noted: Vec<_> = log.iter().filter(|c| c.change.cause.act.as_deref() == Some("export.run")).collect();
    assert_eq!(noted.len(), 1);
    let what: serde_json::Value = serde_json::from_str(noted[0].change.after.get()).unwrap();
    assert_eq!(
        (&what["rows"], &what["form"], &what["fields"][2]),
        (&serde_json::json!(texts.len()), &"csv".into(), &"description".into())
    );
    assert_eq!(noted[0].change.object, "account");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_run_goes_on_in_another_process() {
    // R1: no duplicate, no gap, on both databases.
    for w in [Some(World::sqlite().await), World::postgres().await].into_iter().flatten() {
        let mut text = String::from("id,name\n");
        for i in 0..3_300 {
            text.push_str(&format!("{i},{i:04}{}有限公司\n", ["听泉乳业", "砚山纺织", "澄禾光学"][i % 3]));
        }
        let f = w.file("many.csv", text);
        let plan = Plan::from_toml(
            "[[sheet]]\nobject = \"account\"\non_duplicate = \"create\"\nmap = [{ column = \"id\", field = \"external_id\" }, { column = \"name\", field = \"name\" }]",
        )
        .unwrap();
        let mut first = w.import(&plan, &[&f]);
        let job = first.job;
        // Ended without a word at several moments: the task is gone, its last transaction may or may not be there.
        for ms in [30, 120, 250] {
            let stop = AtomicBool::new(false);
            let run = tokio::time::timeout(std::time::Duration::from_millis(ms), first.run(&stop, |_| ())).await;
            if run.is_ok() {
                break;
            }
            // Whoever comes next knows the workspace and nothing else.
            first = w.import(&plan, &[&f]);
            first.job = job;
        }
        // A batch of a run that was dropped may still be under way: then this one sees that it is overtaken, and looks again.
        let p = loop {
            match first.run(&AtomicBool::new(false), |_| ()).await {
                Ok(p) => break p,
                Err(e) => assert!(e.to_string().contains("job.overtaken"), "{e}"),
            }
        };
        assert!(p.done && p.at.is_some());
        assert_eq!((p.rows, p.created, p.failed, p.skipped), (3_300, 3_300, 0, 0));
        assert_eq!(w.count("account").await, 3_300);
        let mut ids: Vec<u32> = w
            .all("account", None, &["external_id"], &[])
            .await
            .iter()
            .map(|r| r["external_id"].as_str().unwrap().parse().unwrap())
            .collect();
        ids.sort_unstable();
        assert_eq!(ids, (0..3_300).collect::<Vec<_>>());
        // Once more: everything is done already.
        let again = first.run(&AtomicBool::new(false), |_| ()).await.unwrap();
        assert_eq!((again.rows, w.count("account").await), (3_300, 3_300));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plans_that_do_not_fit_are_refused_before_anything_happens() {
    let w = World::sqlite().await;
    let f = w.file("a.csv", "name\nAlder\n");
    for (plan, code) in [
        ("[[sheet]]\nobject = \"nothing\"\nmap = []", "plan.unknown_object"),
        ("[[sheet]]\nobject = \"account\"\nmap = [{ column = \"name\", field = \"nome\" }]", "plan.unknown_field"),
        ("[[sheet]]\nobject = \"account\"\nmap = [{ column = \"nome\", field = \"name\" }]", "plan.unknown_column"),
        (
            "[[sheet]]\nobject = \"account\"\nmode = \"update\"\nmap = [{ column = \"name\", field = \"name\" }]",
            "plan.match_needed",
        ),
        (
            "[[sheet]]\nfile = \"b.csv\"\nobject = \"account\"\nmap = [{ column = \"name\", field = \"name\" }]",
            "plan.unknown_sheet",
        ),
    ] {
        let e = w.import(&Plan::from_toml(plan).unwrap(), &[&f]).run(&AtomicBool::new(false), |_| ()).await.unwrap_err();
        assert!(matches!(&e, rapport_exchange::ExchangeError::Refused { code: c, .. } if *c == code), "{code}: {e:?}");
    }
    assert_eq!(w.count("account").await, 0);
}
