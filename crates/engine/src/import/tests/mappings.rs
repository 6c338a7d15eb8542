//! What mappings can say, and how their mistakes are named.

use super::*;

fn problems(bench: &Bench, text: &str, mapping: &str) -> Vec<model::Problem> {
    bench.preview(&bench.write("m.csv", text), Some(mapping)).unwrap().problems
}

fn check(text: &str, mapping: &str, expected: &[&str]) {
    let bench = Bench::new();
    bench.import(&bench.write("m.csv", text), mapping).unwrap();
    assert_eq!(bench.events(), expected, "{mapping}");
}

fn mapping(fields: &str) -> String {
    format!(
        "kind: mapping\nkey: m\nevents:\n  person: {{user_id: who}}\n  time: {{column: at, zone: UTC}}\n{fields}"
    )
}

#[test]
fn sources() {
    let text = "who,at,a,b\nu,2024-03-05,x,2.5\n";
    let at = "2024-03-05T00:00:00Z u";
    for (fields, expected) in [
        ("  event: a", "x"),
        ("  event: {constant: visit}", "visit"),
        ("  event: {template: '{a}-{b}!'}", "x-2.5!"),
        ("  event: {column: a, replace: {x: bought}}", "bought"),
        ("  event: {template: '{a}{b}', replace: {x2.5: both}}", "both"),
        ("  event: a\n  channel: b", "x #2.5"),
        ("  event: a\n  amount: b", "x 250¢"),
        ("  event: a\n  amount: {product: [b, b]}", "x 625¢"),
        ("  event: a\n  amount: {constant: '9.99'}", "x 999¢"),
        ("  event: a\n  properties: {p: b, q: a}", "x p:2.5 q=\"x\""),
        ("  event: a\n  properties: {p: {column: b, type: text}}", "x p=\"2.5\""),
        ("  event: a\n  properties: {p: {column: a, type: number}}", "x p=\"x\""), // Nothing is lost.
        ("  event: a\n  properties: {p: {template: '{a}/{b}'}}", "x p=\"x/2.5\""),
    ] {
        check(text, &mapping(fields), &[&format!("{at} {expected}")]);
    }
}

#[test]
fn types_come_from_the_first_values() {
    let text = "who,at,n,b,t,code
u,2024-03-01,1,true,1,007
u,2024-03-02,2.5,False,x,008
u,2024-03-03,,TRUE,3,009
";
    check(
        text,
        &mapping("  event: {constant: e}\n  properties: {n: n, b: b, t: t, code: code}"),
        &[
            "2024-03-01T00:00:00Z u e b:true code=\"007\" n:1 t=\"1\"",
            "2024-03-02T00:00:00Z u e b:false code=\"008\" n:2.5 t=\"x\"",
            "2024-03-03T00:00:00Z u e b:true code=\"009\" t=\"3\"",
        ],
    );
}

#[test]
fn missing_words_and_people() {
    let text = "who,at,n\nNULL,2024-03-01,1\nu,2024-03-02,-\n";
    let mapping = mapping("  event: {constant: e}\n  properties: {n: n}\nfile: {missing: ['NULL', '-']}");
    check(text, &mapping, &["2024-03-02T00:00:00Z u e"]);
    let bench = Bench::new();
    bench
        .import(
            &bench.write("m.csv", text),
            &mapping.replace("{user_id: who}", "{user_id: who, missing: keep}"),
        )
        .unwrap();
    let events = bench.events();
    assert!(
        events[0].starts_with("2024-03-01T00:00:00Z - ~m-") && events[0].ends_with(" e n:1"),
        "{events:?}"
    );
    assert_eq!(bench.n_persons(), 2);
}

#[test]
fn lookups_and_groups() {
    let bench = Bench::new();
    bench.write("products.csv", "sku,name,dept\n1,Milk,Dairy\n2,Tea,\n1,Other,Other\n");
    let text = "order,who,at,sku,qty,price\n9,u,2024-03-02,2,1,0.10\n8,u,2024-03-01,1,3,0.333\n9,u,2024-03-02,1,2,1\n9,u,2024-03-02,7,,5\n";
    let file = bench.write("lines.csv", text);
    let lines = mapping(
        "  event: {constant: e}\n  properties: {name: {column: name, lookup: products}, label: {template: '{products.dept}:{sku}'}}\nlookups: {products: {file: products.csv, key: sku}}",
    );
    let report = bench.import(&file, &lines).unwrap();
    assert_eq!(report.warnings[0].code, "import.repeated_keys");
    assert_eq!(
        bench.events(),
        [
            "2024-03-01T00:00:00Z u e label=\"Dairy:1\" name=\"Milk\"",
            "2024-03-02T00:00:00Z u e",
            "2024-03-02T00:00:00Z u e label=\"Dairy:1\" name=\"Milk\"",
            "2024-03-02T00:00:00Z u e name=\"Tea\"",
        ]
    );
    let bench = Bench::new();
    let file = bench.write("lines.csv", text);
    let orders = mapping(
        "  event: {constant: order}\n  amount: {product: [qty, price]}\n  properties: {order: {column: order, type: text}, qty: qty, n: n}\ngroup: {by: [order], sum: [qty], count: n}",
    );
    let report = bench.import(&file, &orders).unwrap();
    assert_eq!((report.n_rows, report.n_added, report.tally.grouped), (4, 2, 2));
    assert_eq!(
        bench.events(),
        [
            "2024-03-01T00:00:00Z u order 100¢ n:1 order=\"8\" qty:3", // 3 × 0.333 = 0.999, rounded once.
            "2024-03-02T00:00:00Z u order 210¢ n:3 order=\"9\" qty:3",
        ]
    );
}

#[test]
fn traits_are_told_when_they_change() {
    let text = "who,at,plan\nu,2024-03-01,free\nu,2024-03-02,free\nv,2024-03-02,free\nu,2024-03-03,pro\n";
    check(
        text,
        &mapping("  event: {constant: visit}\n  traits: {plan: plan}"),
        &[
            "2024-03-01T00:00:00Z u identify plan=\"free\"",
            "2024-03-01T00:00:00Z u visit",
            "2024-03-02T00:00:00Z u visit",
            "2024-03-02T00:00:00Z v identify plan=\"free\"",
            "2024-03-02T00:00:00Z v visit",
            "2024-03-03T00:00:00Z u identify plan=\"pro\"",
            "2024-03-03T00:00:00Z u visit",
        ],
    );
}

#[test]
fn series_are_summed_by_day() {
    let bench = Bench::new();
    let text = "day,media,campaign,won\n2024-03-01,search,a,\"1,000\"\n2024-03-01,search,a,500\n2024-03-02,social,,0.5\nx,social,,1\n";
    let mapping = "
kind: mapping
key: costs
series:
  name: {constant: ad_spend}
  time: {column: day, format: iso}
  value: won
  channel: media
  campaign: campaign
";
    let file = bench.write("costs.csv", text);
    for _ in 0..2 {
        let report = bench.import(&file, mapping).unwrap();
        assert!(report.already || (report.n_points, report.tally.points, report.n_rejected) == (2, 3, 1));
    }
    let points = bench.runtime.block_on(bench.engine.meta.series("ad_spend", 0, 100_000)).unwrap();
    let points: Vec<_> =
        points.iter().map(|one| (one.day, one.channel.as_str(), one.campaign.as_str(), one.value)).collect();
    assert_eq!(points, [(19_783, "search", "a", 1500.0), (19_784, "social", "", 0.5)]);
}

#[test]
fn mistakes_are_named_with_a_remedy() {
    let bench = Bench::new();
    let text = "household,transaction_time,value,value\n1,03/04/2024,5,6\n";
    let found = problems(
        &bench,
        text,
        "
kind: mapping
key: m
lookups: {gone: {file: gone.csv, key: household}, up: {file: ../x.csv, key: household}}
keep: [{column: valeu, value: 1}]
events:
  person: {user_id: houshold}
  time: {column: transaction_time, zone: Asia/Soul}
  event: {constant: e, column: household}
  amount: value
  properties: {x: {column: y, lookup: nowhere}, t: {template: '{household'}}
",
    );
    let shown: Vec<String> = found
        .iter()
        .map(|one| {
            format!(
                "{} {} | {}",
                one.place.path.clone().unwrap_or_default(),
                one.message.get(model::Lang::En),
                one.remedy.get(model::Lang::En)
            )
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    lookups.gone The file cannot be opened: No such file or directory (os error 2). | Check the path and that you may read it.
    lookups.up The lookup file `../x.csv` must lie in the folder of the imported file. | Copy it beside the imported file and write only its name.
     The column name `value` stands there twice. | Rename one of them in the header, or list all column names in the mapping's `file.columns`.
    keep[0].column There is no column `valeu`. | Did you mean `value`? The columns are: household, transaction_time, value, value.
    events.person.user_id There is no column `houshold`. | Did you mean `household`? The columns are: household, transaction_time, value, value.
    events.time.zone The time zone `Asia/Soul` is unknown. | Use an IANA name such as `Asia/Seoul`.
    events.event Exactly one of `column`, `constant`, `template`, `product` is needed. | Mend that field of the mapping by its JSON Schema (`gilmok schema`).
    events.properties.t A `{` is not closed. | Mend that field of the mapping by its JSON Schema (`gilmok schema`).
    events.properties.x There is no lookup `nowhere`. | Mend that field of the mapping by its JSON Schema (`gilmok schema`).
    ");
    let found = problems(
        &bench,
        text,
        "
kind: mapping
key: m
events:
  person: {user_id: household}
  time: {column: transaction_time}
  event: {constant: e}
",
    );
    assert_eq!(found.iter().map(|one| one.code.as_str()).collect::<Vec<_>>(), ["import.ambiguous_time"]);
    assert!(found[0].remedy.get(model::Lang::Ko).contains("%d/%m/%Y"), "{}", found[0]);
}

#[test]
fn too_many_names_are_refused() {
    let bench = Bench::new();
    let rows: String = (0..1_200).map(|i| format!("u,2024-03-05 10:00:00,c{i}\n")).collect();
    let report = bench
        .import(
            &bench.write("m.csv", format!("who,at,c\n{rows}")),
            &mapping("  event: {constant: e}\n  channel: c"),
        )
        .unwrap();
    // A thousand channels less the one that means none.
    assert_eq!(
        (report.n_added, report.n_rejected, report.reasons[0].code.as_str()),
        (999, 201, "too_many_names")
    );
}
