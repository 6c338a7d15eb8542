//! Real files with known truths. They are not part of the project: tests that need them say so and pass where absent.

use super::*;

const CAMPAIGNS: &str = include_str!("../../../../../examples/completejourney/campaigns.yaml");
const REDEMPTIONS: &str = include_str!("../../../../../examples/completejourney/redemptions.yaml");
const BASKETS: &str = include_str!("../../../../../examples/completejourney/baskets.yaml");
const DEMOGRAPHICS: &str = include_str!("../../../../../examples/completejourney/demographics.yaml");
const LINES: &str = include_str!("../../../../../examples/online-retail/lines.yaml");
const INVOICES: &str = include_str!("../../../../../examples/online-retail/invoices.yaml");
const ECOM: &str = include_str!("../../../../../examples/ecom/ecom.yaml");

/// A file of the shared data, or `None` with the reason printed.
fn shared(name: &str) -> Option<PathBuf> {
    let stated = std::env::var_os("GILMOK_DATA").map(PathBuf::from);
    let folder = stated.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    let path = folder.join(name);
    if !path.exists() {
        println!("skipped: {} is absent; set GILMOK_DATA to the folder with the real files", path.display());
        return None;
    }
    Some(path)
}

fn count(bench: &Bench, word: &str) -> usize {
    bench.events().iter().filter(|event| event.split(' ').any(|part| part == word)).count()
}

#[test]
fn complete_journey() {
    let Some(folder) = shared("dunnhumby-completejourney") else { return };
    let bench = Bench::new();
    let campaigns = bench.import(&folder.join("campaigns.csv.gz"), CAMPAIGNS).unwrap();
    assert_eq!((campaigns.n_rows, campaigns.n_added, campaigns.n_rejected), (6_589, 6_589, 0));
    // Campaign 24 started in November 2016, in the workspace's zone.
    assert_eq!(campaigns.tally.first_us, Some(1_479_049_200_000_000));
    assert!(bench.events().iter().all(|event| event.contains("campaign_type=\"Type ")));

    let redemptions = bench.import(&folder.join("coupon_redemptions.csv.gz"), REDEMPTIONS).unwrap();
    assert_eq!((redemptions.n_rows, redemptions.n_added, redemptions.n_rejected), (2_102, 2_102, 0));

    let bench = Bench::new();
    let baskets = bench.import(&folder.join("transactions_sample.csv.gz"), BASKETS).unwrap();
    assert_eq!((baskets.n_rows, baskets.n_added, baskets.n_rejected), (75_000, 47_243, 0));
    assert_eq!((baskets.tally.events, baskets.tally.grouped), (47_243, 75_000 - 47_243));
    assert_eq!(bench.n_persons(), 2_377);
    let hundredths = |event: &String| -> i64 {
        event.split(' ').find_map(|word| word.strip_suffix('¢')).unwrap().parse().unwrap()
    };
    // The exact sum of sales_value over all lines, as `awk` gives it.
    assert_eq!(bench.events().iter().map(hundredths).sum::<i64>(), 23_393_524);

    let traits = bench.import(&folder.join("demographics.csv.gz"), DEMOGRAPHICS).unwrap();
    assert_eq!((traits.n_rows, traits.n_added, traits.tally.identified), (801, 801, 801));
    let again = bench.import(&folder.join("transactions_sample.csv.gz"), BASKETS).unwrap();
    assert_eq!((again.already, again.n_added), (true, 0));
}

#[test]
fn online_retail_lines() {
    let Some(file) = shared("uci-online-retail/onlineretail.csv.gz") else { return };
    let bench = Bench::new();
    let report = bench.import(&file, LINES).unwrap();
    assert_eq!((report.n_rows, report.n_rejected, report.n_added), (541_909, 135_080, 406_829));
    assert_eq!(bench.n_persons(), 4_372);
    let reasons: Vec<_> =
        report.reasons.iter().map(|one| (one.code.as_str(), one.n_lines, one.first_line)).collect();
    assert_eq!(reasons, [("person_missing", 135_080, 624)]);
    let rejected = bench.rejected();
    assert_eq!(rejected.lines().count(), 135_081);
    assert_eq!(
        rejected.lines().nth(1).unwrap(),
        "624,person_missing,고객 식별자가 없습니다,\"536414,22139,,56.0,2010-12-01 11:52:00,0.0,,United Kingdom\""
    );
}

#[test]
fn online_retail_kept() {
    let Some(file) = shared("uci-online-retail/onlineretail.csv.gz") else { return };
    let bench = Bench::new();
    let report = bench.import(&file, &LINES.replace("missing: reject", "missing: keep")).unwrap();
    assert_eq!((report.n_rows, report.n_rejected, report.n_added), (541_909, 0, 541_909));
    assert_eq!(bench.n_persons(), 4_372 + 135_080);
}

#[test]
fn online_retail_invoices() {
    let Some(file) = shared("uci-online-retail/onlineretail.csv.gz") else { return };
    let bench = Bench::new();
    let report = bench.import(&file, INVOICES).unwrap();
    assert_eq!((report.n_rows, report.n_rejected, report.n_added), (541_909, 0, 25_900));
    let anonymous = bench.events().iter().filter(|event| event.contains(" ~invoices-")).count() as u64;
    assert_eq!((bench.n_persons() - anonymous, anonymous), (4_372, 3_710));
    // Cancellations are the invoices that start with C; two more carry a correction of bad debt.
    let negative =
        |event: &&String| event.split(' ').any(|word| word.starts_with('-') && word.ends_with('¢'));
    let events = bench.events();
    let cancelled = events.iter().filter(negative).filter(|event| event.contains("invoice=\"C")).count();
    assert_eq!(events.iter().filter(|event| event.contains("invoice=\"C")).count(), cancelled);
    // The turnover of the whole file.
    let sum: i64 = events
        .iter()
        .filter_map(|event| event.split(' ').find_map(|word| word.strip_suffix('¢')))
        .map(|hundredths| hundredths.parse::<i64>().unwrap())
        .sum();
    assert_eq!(sum, 974_774_793);

    let report = Bench::new().import(&file, &INVOICES.replace("missing: keep", "missing: reject")).unwrap();
    assert_eq!((report.n_rejected, report.n_added), (135_080, 22_190));
}

#[test]
fn retentioneering_shop() {
    let Some(file) = shared("retentioneering-ecom/ecom.csv.gz") else { return };
    let bench = Bench::new();
    let report = bench.import(&file, ECOM).unwrap();
    assert_eq!((report.n_rows, report.n_rejected, report.tally.events), (31_106, 0, 31_106));
    assert_eq!(report.n_added, 31_106 + report.tally.identified_beside);
    assert_eq!(bench.n_persons(), 600);
    assert_eq!(count(&bench, "purchase"), 470);
    assert!(count(&bench, "identify") >= 600);
}

/// How fast, and in how much memory: `cargo test … import_rate -- --nocapture` under `/usr/bin/time -v`.
#[test]
fn import_rate() {
    let Some(file) = shared("uci-online-retail/onlineretail.csv.gz") else { return };
    let bench = Bench::new();
    let report = bench.import(&file, &LINES.replace("missing: reject", "missing: keep")).unwrap();
    assert_eq!(report.n_added, 541_909);
}
