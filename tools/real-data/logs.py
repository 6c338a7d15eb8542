"""Logs of cases and clicks: variants, cases and sessions against pandas."""

import pandas

from gilmok import MAPPINGS

VARIANTS = {"ask": "variants", "of": {"case": "person"}, "nodes": {"repeats": True}, "limit": 1000}


def variants_of(frame, case, activity):
    """Sequence of activities → how many cases follow it, by the order of the lines."""
    return frame.groupby(case)[activity].agg(tuple).value_counts().to_dict()


def compare_variants(table, gilmok, frame):
    """Every variant with the number of its cases."""
    answer = gilmok.ask(VARIANTS)
    ours = {tuple(row["nodes"]): row["n_cases"] for row in answer["rows"]}
    theirs = variants_of(frame, "case_id", "activity")
    table.row("cases", answer["n_cases"], frame.case_id.nunique())
    table.row("variants", answer["n_variants"], len(theirs))
    table.cells("cases of each variant", ours, theirs)
    activities = gilmok.one("SELECT count(DISTINCT event) FROM events")
    table.row("activities", activities, frame.activity.nunique())
    return answer


def follows_of(frame):
    """(activity, next) → how often it comes right after it in a case."""
    following = frame.groupby("case_id").activity.shift(-1)
    pairs = pandas.DataFrame({"from": frame.activity, "to": following}).dropna()
    return pairs.value_counts().to_dict()


def compare_follows(table, gilmok, frame):
    answer = gilmok.ask({"ask": "transitions", "gap": "3650d", "limit": 1000})
    ours = {(row["event"], row["next"]): row["count"] for row in answer["rows"]}
    table.cells("transitions", ours, follows_of(frame))


def compare_paths(table, gilmok, frame):
    """The first steps of every case, and how many cases are at each activity at each step."""
    question = {"ask": "paths", "gap": "3650d", "steps": 6, "top": 50, "limit": 1000, "nodes": {"repeats": True}}
    answer = gilmok.ask(question)
    table.row("paths: sequences", answer["n_sequences"], frame.case_id.nunique())
    ours = {(node["step"], node["node"]): node["n_sequences"] for node in answer["nodes"]}
    step = frame.groupby("case_id").cumcount()
    early = frame[step < 6]
    theirs = pandas.DataFrame({"step": step[step < 6], "activity": early.activity}).value_counts().to_dict()
    table.cells("paths: cases at each step and activity", ours, theirs)


def sepsis(table, data, gilmok, _work):
    file = data / "sepsis/sepsis.csv.gz"
    frame = pandas.read_csv(file, dtype=str, keep_default_na=False)
    gilmok.import_file(MAPPINGS / "sepsis.yaml", file)
    gilmok.import_file(MAPPINGS / "sepsis-na.yaml", file)
    answer = compare_variants(table, gilmok, frame)
    compare_follows(table, gilmok, frame)
    compare_paths(table, gilmok, frame)
    table.row("published: cases", answer["n_cases"], 1050)
    table.row("published: variants", answer["n_variants"], 846)


def fines(table, data, gilmok, _work):
    file = data / "road-traffic-fines/traffic_fines.csv.gz"
    frame = pandas.read_csv(file, dtype=str, keep_default_na=False)
    gilmok.import_file(MAPPINGS / "fines.yaml", file)
    compare_variants(table, gilmok, frame)
    compare_follows(table, gilmok, frame)
    cents = round(pandas.to_numeric(frame.amount).sum() * 100)
    table.row("amount", gilmok.one("SELECT sum(amount) FROM events"), f"{cents // 100}.{cents % 100:02}")


def eshop(table, data, gilmok, _work):
    file = data / "uci-eshop-clothing-2008/e-shop_clothing_2008.csv.gz"
    frame = pandas.read_csv(file, sep=";", dtype=str)
    report = gilmok.import_file(MAPPINGS / "eshop.yaml", file)
    sessions = frame["session ID"].nunique()
    table.row("clicks", report["n_added"], len(frame))
    table.row("sessions, as people", gilmok.one("SELECT count(*) FROM persons"), sessions)
    table.row("sessions, cut at 30 minutes", gilmok.one("SELECT count(*) FROM sessions"), sessions)
    for case in ({"case": "person"}, {"case": "session"}):
        answer = gilmok.ask({"ask": "variants", "of": case, "nodes": {"repeats": True}, "limit": 1000})
        table.row(f"cases, one for each {case['case']}", answer["n_cases"], sessions)
        lengths = {len(row["nodes"]): row["n_cases"] for row in answer["rows"]}
        table.cells(
            "sessions by number of clicks", lengths, frame["session ID"].value_counts().value_counts().to_dict()
        )
    table.row("published: sessions", answer["n_cases"], 24_026)
    category = frame["page 1 (main category)"]
    for number, name in (("1", "trousers"), ("4", "sale")):
        query = f"SELECT count(DISTINCT person) FROM events WHERE category = '{name}'"
        table.row(f"sessions with {name}", gilmok.one(query), frame["session ID"][category == number].nunique())
