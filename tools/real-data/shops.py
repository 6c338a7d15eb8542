"""Shops: retention, lifecycle, cohorts, funnels and paths against DuckDB and plain loops over the same files."""

import bisect
import collections
import datetime
import gzip
import itertools
import re
import zoneinfo

import duckdb
import pandas

from gilmok import EXAMPLES, MAPPINGS

RETAIL = EXAMPLES / "online-retail"
# One row for each customer and interval with an order: the customer's events, first event and cohort beside it.
ACTIVE = """
CREATE OR REPLACE TABLE active AS
WITH events AS (
    SELECT CustomerID AS person, InvoiceDate AT TIME ZONE 'Europe/London' AS happened,
        date_trunc('{grain}', (InvoiceDate AT TIME ZONE 'Europe/London') AT TIME ZONE '{zone}') AS bucket,
        round(Quantity * UnitPrice * 100)::BIGINT AS cents
    FROM lines WHERE CustomerID IS NOT NULL)
SELECT person, bucket, count(*) AS n, sum(cents)::BIGINT AS cents, min(happened) AS first_at,
    min(bucket) OVER (PARTITION BY person) AS born,
    date_diff('{grain}', (SELECT min(bucket) FROM events), bucket) AS place
FROM events GROUP BY person, bucket"""
# Cohort, cell → people; `recurring` joins a person to each interval they ordered in, else to the first.
RETENTION = {
    "on": "SELECT s.bucket, r.place - s.place, count(*) FROM starts s JOIN active r USING (person) "
    "WHERE r.place >= s.place GROUP BY ALL",
    "on_or_after": "SELECT bucket, cell, count(*) FROM (SELECT s.bucket, unnest(range((SELECT max(place) FROM active r "
    "WHERE r.person = s.person) - s.place + 1)) AS cell FROM starts s) GROUP BY ALL",
    "streak": "SELECT bucket, cell, count(*) FROM (SELECT s.bucket, unnest(range((SELECT count(*) FROM (SELECT place - "
    "row_number() OVER (ORDER BY r.place) AS island FROM active r WHERE r.person = s.person "
    "AND r.place >= s.place) WHERE island = s.place - 1))) AS cell FROM starts s) GROUP BY ALL",
}


def cohort_start(start_us, zone, grain):
    """The first day of a cohort's week or month by the zone's clock; the first cohort starts with the data, amid one."""
    start = datetime.datetime.fromtimestamp(start_us / 1e6, zoneinfo.ZoneInfo(zone)).replace(tzinfo=None)
    return start - datetime.timedelta(days=start.weekday() if grain == "week" else start.day - 1)


def retention_cells(answer, zone, grain):
    """Cohort and cell → people; cells of nobody are left out, as a database leaves them out."""
    return {
        (cohort_start(cohort["start_us"], zone, grain), cell): figures["n_people"]
        for cohort in answer["cohorts"]
        for cell, figures in enumerate(cohort["cells"])
        if figures["n_people"]
    }


def compare_complete(table, label, answer, zone, grain):
    """Which cells are over by the newest event: their interval ended, and all of the cohort had it."""
    as_of = datetime.datetime.fromtimestamp(answer["about"]["as_of_us"] / 1e6, datetime.timezone.utc)
    step = {"week": "7 days", "month": "1 month"}[grain]
    ours, theirs = {}, {}
    for cohort in answer["cohorts"]:
        ends = duckdb.execute(
            f"SELECT (?::TIMESTAMP + (n + 1) * INTERVAL '{step}') AT TIME ZONE ? <= ? FROM range(?) c(n) ORDER BY n",
            [cohort_start(cohort["start_us"], zone, grain), zone, as_of, len(cohort["cells"])],
        ).fetchall()
        for cell, (figures, (over,)) in enumerate(zip(cohort["cells"], ends)):
            key = (cohort["start_us"], cell)
            ours[key] = (figures["n_had"], figures["people_had"])
            theirs[key] = (cohort["n_people"], figures["n_people"]) if over else (0, 0)
    table.cells(f"{label}: cells that are over", ours, theirs)


def compare_retention(table, base, ask, zone, grain):
    base.execute(ACTIVE.format(grain=grain, zone=zone))
    for recurring, measure in itertools.product((False, True), RETENTION):
        base.execute(
            "CREATE OR REPLACE TABLE starts AS SELECT person, bucket, place FROM active "
            + ("" if recurring else "WHERE bucket = born")
        )
        theirs = {(bucket, cell): n for bucket, cell, n in base.execute(RETENTION[measure]).fetchall()}
        question = {"ask": "retention", "grain": grain, "intervals": 60, "measure": measure, "recurring": recurring}
        answer = ask(question, f"ask retention by {grain}, {measure}")
        label = f"{zone}, {grain}, {'recurring' if recurring else 'first'}, {measure}"
        table.cells(label, retention_cells(answer, zone, grain), theirs)
    compare_complete(table, f"{zone}, {grain}", answer, zone, grain)


def compare_rolling(table, base, gilmok, zone):
    """Weeks of 168 hours from each customer's first order."""
    base.execute(ACTIVE.format(grain="week", zone=zone))
    theirs = base.execute("""
        WITH first AS (SELECT person, min(first_at) AS born_at, min(born) AS born FROM active GROUP BY person),
            lines AS (SELECT CustomerID AS person, InvoiceDate AT TIME ZONE 'Europe/London' AS happened FROM lines)
        SELECT born, epoch_us(happened - born_at) // 604800000000 AS cell, count(DISTINCT person)
        FROM first JOIN lines USING (person) GROUP BY ALL""").fetchall()
    question = {"ask": "retention", "grain": "week", "intervals": 60, "clock": "rolling"}
    ours = retention_cells(gilmok.ask(question, "ask retention, rolling"), zone, "week")
    table.cells(f"{zone}, rolling weeks", ours, {(born, cell): n for born, cell, n in theirs})


def compare_cohorts(table, base, gilmok, zone):
    """Orders and their amount by cohort and month."""
    base.execute(ACTIVE.format(grain="month", zone=zone))
    theirs = base.execute(
        "SELECT born, date_diff('month', born, bucket), count(*), sum(n)::BIGINT, sum(cents)::BIGINT "
        "FROM active GROUP BY ALL"
    ).fetchall()
    answer = gilmok.ask({"ask": "cohorts", "grain": "month"})
    ours = {
        (cohort_start(cohort["start_us"], zone, "month"), cell): (
            figures["n_people"],
            figures["n_events"],
            round(figures["amount"] * 100),
        )
        for cohort in answer["cohorts"]
        for cell, figures in enumerate(cohort["cells"])
        if figures["n_people"]
    }
    table.cells(f"{zone}, cohorts: people, lines, cents", ours, {tuple(row[:2]): tuple(row[2:]) for row in theirs})


def compare_lifecycle(table, base, gilmok, zone):
    base.execute(ACTIVE.format(grain="week", zone=zone))
    theirs = base.execute("""
        WITH steps AS (SELECT place, bucket = born AS is_new, lag(place) OVER w AS before, lead(place) OVER w AS after
            FROM active WINDOW w AS (PARTITION BY person ORDER BY place)),
        phases AS (
            SELECT place, CASE WHEN is_new THEN 'new' WHEN before = place - 1 THEN 'returning'
                ELSE 'resurrecting' END AS phase
            FROM steps
            UNION ALL SELECT place + 1, 'dormant' FROM steps WHERE after IS NULL OR after > place + 1)
        SELECT place, phase, count(*) FROM phases GROUP BY ALL""").fetchall()
    points = gilmok.ask({"ask": "lifecycle", "grain": "week"})["points"]
    phases = ("new", "returning", "resurrecting", "dormant")
    ours = {(at, phase): point[phase] for at, point in enumerate(points) for phase in phases if point[phase]}
    within = {(place, phase): n for place, phase, n in theirs if place < len(points)}
    table.cells(f"{zone}, lifecycle by week", ours, within)


def retail(table, data, gilmok, _work):
    file = data / "uci-online-retail/onlineretail.csv.gz"
    base = duckdb.connect()
    base.execute(
        "CREATE TABLE lines AS SELECT * FROM read_csv(?, types = {'InvoiceNo': 'VARCHAR', 'CustomerID': 'VARCHAR', "
        "'StockCode': 'VARCHAR', 'InvoiceDate': 'TIMESTAMP', 'Quantity': 'DOUBLE', 'UnitPrice': 'DECIMAL(18,3)'})",
        [str(file)],
    )
    report = gilmok.import_file(RETAIL / "lines.yaml", file)
    lines, named = base.execute("SELECT count(*), count(CustomerID) FROM lines").fetchone()
    table.row("order lines", report["n_rows"], lines)
    table.row("lines with a customer", report["n_added"], named)
    table.row("published: customers", gilmok.one("SELECT count(*) FROM persons"), 4_372)
    for grain in ("week", "month"):
        compare_retention(table, base, gilmok.ask, "Asia/Seoul", grain)
    compare_rolling(table, base, gilmok, "Asia/Seoul")
    compare_cohorts(table, base, gilmok, "Asia/Seoul")
    compare_lifecycle(table, base, gilmok, "Asia/Seoul")
    # The zone of a workspace is set over the API; London's clocks change twice in these months.
    with gilmok.serve("Europe/London") as server:
        for grain in ("week", "month"):
            compare_retention(
                table, base, lambda question, what: server.ask(question, f"API {what}"), "Europe/London", grain
            )
    report = gilmok.import_file(RETAIL / "invoices.yaml", file)
    table.row("published: invoices", report["n_added"], 25_900)


def reached(timeline, steps, window_us):
    """How many steps of a funnel a person got to: every start is tried, every step taken as early as possible."""
    places = {step: [at for at, (_, event) in enumerate(timeline) if event == step] for step in steps}
    furthest = 0
    for start in places[steps[0]]:
        at, n_done = start, 1
        for step in steps[1:]:
            later = bisect.bisect_right(places[step], at)
            if later == len(places[step]) or timeline[places[step][later]][0] - timeline[start][0] > window_us:
                break
            at, n_done = places[step][later], n_done + 1
        furthest = max(furthest, n_done)
    return furthest


def timelines_of(table, gilmok, frame):
    """The events of each user in the order Gilmok has them in: events of the same second stand by their ids."""
    query = "SELECT user_id, time, event FROM events WHERE event <> 'identify' ORDER BY user_id, time, event_id"
    rows = pandas.DataFrame(gilmok.table(query), columns=["user_id", "time", "event"])
    local = pandas.to_datetime(rows.time, utc=True).dt.tz_convert("Asia/Seoul").dt.strftime("%Y-%m-%d %H:%M:%S")
    ours = collections.Counter(zip(rows.user_id, local, rows.event))
    table.cells(
        "events of each user and second", ours, collections.Counter(zip(frame.user_id, frame.timestamp, frame.event))
    )
    rows["at"] = pandas.to_datetime(rows.time, utc=True).astype("datetime64[us, UTC]").astype("int64")
    return [list(zip(own["at"], own["event"])) for _, own in rows.groupby("user_id")]


def ecom(table, data, gilmok, _work):
    file = data / "retentioneering-ecom/ecom.csv.gz"
    frame = pandas.read_csv(file, dtype=str, keep_default_na=False)
    gilmok.import_file(EXAMPLES / "ecom/ecom.yaml", file)
    table.row("published: users", gilmok.one("SELECT count(*) FROM persons"), 600)
    table.row("published: purchases", gilmok.one("SELECT count(*) FROM events WHERE event = 'purchase'"), 470)
    sessions = frame.session_id.nunique()
    table.row("sessions, by the file's own session ids", gilmok.one("SELECT count(*) FROM sessions"), sessions)
    answer = gilmok.ask({"ask": "paths", "nodes": {"hide": ["identify"]}})
    table.row("sequences of paths", answer["n_sequences"], sessions)
    timelines = timelines_of(table, gilmok, frame)
    steps = ["product_view", "add_to_cart", "shipping_details", "payment_details", "purchase"]
    for window, seconds in (("30m", 1800), ("1d", 86_400), ("90d", 90 * 86_400)):
        question = {"ask": "funnel", "window": window, "steps": [{"event": step} for step in steps]}
        ours = gilmok.ask(question, f"ask funnel {window}")["lines"][0]["reached"]
        depths = [reached(timeline, steps, seconds * 1_000_000) for timeline in timelines]
        theirs = [sum(depth > step for depth in depths) for step in range(len(steps))]
        table.cells(f"funnel within {window}, {len(steps)} steps", dict(enumerate(ours)), dict(enumerate(theirs)))


def complete_journey(table, data, gilmok, _work):
    folder, mappings = data / "dunnhumby-completejourney", EXAMPLES / "completejourney"
    for mapping, file in (
        ("campaigns.yaml", "campaigns.csv.gz"),
        ("redemptions.yaml", "coupon_redemptions.csv.gz"),
        ("baskets.yaml", "transactions_sample.csv.gz"),
        ("demographics.yaml", "demographics.csv.gz"),
    ):
        gilmok.import_file(mappings / mapping, folder / file)
    count = "SELECT count(*) FROM events WHERE event = "
    table.row("published: campaign receipts", gilmok.one(count + "'campaign_received'"), 6_589)
    table.row("published: redemptions", gilmok.one(count + "'coupon_redeemed'"), 2_102)
    people = "SELECT count(DISTINCT person) FROM events WHERE event = "
    table.row("published: households with a basket", gilmok.one(people + "'basket'"), 2_377)
    campaigns = "SELECT count(DISTINCT campaign_id) FROM events WHERE event = 'campaign_received'"
    table.row("published: campaigns", gilmok.one(campaigns), 27)


def cdnow(table, data, gilmok, work):
    lines = gzip.open(data / "cdnow/CDNOW_master.txt.gz", "rt").read().splitlines()
    file = work / "cdnow.csv"
    file.write_text("".join(re.sub(r"\s+", ",", line.strip()) + "\n" for line in lines))
    report = gilmok.import_file(MAPPINGS / "cdnow.yaml", file)
    table.row("published: transactions", report["n_added"], 69_659)
    table.row("published: customers", gilmok.one("SELECT count(*) FROM persons"), 23_570)
