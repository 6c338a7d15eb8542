"""Attribution of aggregated channel paths: rule models in exact fractions, Shapley by its definition, Markov by numpy.

A line of the file is a path with the number of its conversions, their value, and how often it ended without one. It is
unfolded into that many walks, one person each: a touch every minute and, a minute later, the conversion.
"""

import collections
import csv
import fractions
import gzip
import itertools
import math

import numpy

from gilmok import MAPPINGS

Path = collections.namedtuple("Path", "labels n_conversions parts n_nulls")
# Values have more digits than a cent. The walks carry them in thousandths of the unit, so that the hundredths Gilmok
# keeps of an amount are parts of 1/100,000: what is equal here is equal to the cent of the file's own values.
SCALE = 1000
# Less than one part: an exact amount of whole parts has to be met.
PART = 0.999999
# Half-life of the time decay in minutes.
HALF_LIFE = 10
POSITION = (3, 2, 1)
RULES = {
    "first": {"model": "first"},
    "last": {"model": "last"},
    "last_non_direct": {"model": "last_non_direct"},
    "linear": {"model": "linear"},
    "u": {"model": "u"},
    "j": {"model": "j"},
    "inverse_j": {"model": "inverse_j"},
    "position 3/2/1": {"model": "position", "first": 3, "middle": 2, "last": 1},
    "time_decay": {"model": "time_decay", "half_life": f"{HALF_LIFE}m"},
    "participation": {"model": "participation"},
}


def read(file):
    """The paths, their values in parts."""
    with gzip.open(file, "rt", newline="") as lines:
        for line in csv.DictReader(lines, delimiter=";"):
            n_conversions = int(line["total_conversions"])
            parts = round(float(line["total_conversion_value"]) * 100 * SCALE) if n_conversions else 0
            yield Path(tuple(line["path"].split(" > ")), n_conversions, parts, int(line["total_null"]))


def unfold(paths, file):
    """One line for each touch and each conversion; the value of a path is spread over its conversions."""
    with open(file, "w", newline="") as out:
        write = csv.writer(out).writerow
        write(["walk", "time", "event", "channel", "amount"])
        for line, path in enumerate(paths):
            share, rest = divmod(path.parts, path.n_conversions or 1)
            for walk in range(path.n_conversions + path.n_nulls):
                name = f"{line}-{walk}"
                for step, label in enumerate(path.labels):
                    write([name, clock(step), "touch", label, ""])
                if walk < path.n_conversions:
                    parts = share + (walk < rest)
                    write([name, clock(len(path.labels)), "conversion", "", f"{parts // 100}.{parts % 100:02}"])


def clock(minute):
    """All walks lie in the first hours of 2026."""
    return f"2026-01-01T{minute // 60:02}:{minute % 60:02}:00Z"


def weights(model, labels, direct):
    """How much of a conversion each touch earns."""
    n = len(labels)
    at = {"first": 0, "last": n - 1}.get(model)
    if model == "last_non_direct":
        at = max((touch for touch in range(n) if labels[touch] not in direct), default=n - 1)
    if at is not None:
        return [fractions.Fraction(touch == at) for touch in range(n)]
    if model == "participation":
        return [fractions.Fraction(labels.index(label) == touch) for touch, label in enumerate(labels)]
    if model == "time_decay":
        raw = [fractions.Fraction(2 ** (-(n - touch) / HALF_LIFE)) for touch in range(n)]
    elif model == "linear" or n == 1:
        raw = [fractions.Fraction(1)] * n
    else:
        first, middle, last = {"u": (2, 1, 2), "j": (1, 1, 3), "inverse_j": (3, 1, 1)}.get(model, POSITION)
        between = [fractions.Fraction(middle, n - 2)] * (n - 2) if n > 2 else []
        raw = [fractions.Fraction(first), *between, fractions.Fraction(last)]
    return [weight / sum(raw) for weight in raw]


def by_rule(paths, model, direct):
    """Label → conversions and parts."""
    credit = collections.defaultdict(lambda: [fractions.Fraction(0), fractions.Fraction(0)])
    for path in paths:
        if path.n_conversions:
            for label, weight in zip(path.labels, weights(model, path.labels, direct)):
                credit[label][0] += weight * path.n_conversions
                credit[label][1] += weight * path.parts
    return {label: both for label, both in credit.items() if any(both)}


def by_shapley(paths, labels):
    """Label → conversions and parts, over all coalitions: v(S) are the conversions whose labels all lie in S."""
    n = len(labels)
    value = numpy.zeros((1 << n, 2))
    for path in paths:
        coalition = sum(1 << labels.index(label) for label in set(path.labels))
        value[coalition] += (path.n_conversions, path.parts)
    coalitions = numpy.arange(1 << n)
    for bit in range(n):
        has = coalitions[coalitions >> bit & 1 == 1]
        value[has] += value[has ^ (1 << bit)]
    sizes = numpy.array([int(coalition).bit_count() for coalition in coalitions])
    chance = numpy.array(
        [math.factorial(size) * math.factorial(max(n - size - 1, 0)) / math.factorial(n) for size in range(n + 1)]
    )
    without = [coalitions[coalitions >> bit & 1 == 0] for bit in range(n)]
    gain = [value[own | 1 << bit] - value[own] for bit, own in enumerate(without)]
    return {
        label: tuple((chance[sizes[without[bit]]][:, None] * gain[bit]).sum(axis=0)) for bit, label in enumerate(labels)
    }


def removal_effects(paths, order):
    """Label → share of conversions lost when every step to it leads to nothing: a linear system for each label."""
    walks = collections.Counter()
    for path in paths:
        states = [path.labels[max(0, end - order) : end] for end in range(len(path.labels) + 1)]
        for step in itertools.pairwise(states):
            walks[step] += path.n_conversions + path.n_nulls
        walks[states[-1], "conversion"] += path.n_conversions
        walks[states[-1], "null"] += path.n_nulls
    place = {state: at for at, state in enumerate(sorted({state for state, _ in walks}))}
    step, end = numpy.zeros((len(place), len(place))), numpy.zeros(len(place))
    for (state, following), n in walks.items():
        if following in place:
            step[place[state], place[following]] += n
        elif following == "conversion":
            end[place[state]] += n
    left = numpy.array([sum(n for (state, _), n in walks.items() if state == own) for own in place])
    step, end = step / left[:, None], end / left

    def converts(removed=None):
        kept = numpy.array([not state or state[-1] != removed for state in place])
        return numpy.linalg.solve(numpy.eye(len(place)) - step * kept, end)[place[()]]

    whole = converts()
    return {label: 1 - converts(label) / whole for label in {state[-1] for state in place if state}}


def compare_rows(table, name, model, credit):
    """Conversions and amounts of each label. Amounts are whole parts that add up: the exact ones, rounded up or down."""
    ours = {row["label"]: row for row in model["rows"] if row["label"] is not None}
    conversions = {label: row["conversions"]["value"] for label, row in ours.items()}
    table.cells(f"{name}: conversions", conversions, {label: float(both[0]) for label, both in credit.items()}, 1e-5)
    parts = {label: round(row["amount"]["value"] * 100) for label, row in ours.items()}
    table.cells(
        f"{name}: amounts to 1/{100 * SCALE:,}", parts, {label: float(both[1]) for label, both in credit.items()}, PART
    )


def attribution(table, data, gilmok, work):
    file = next(iter(data.glob("**/channelattribution-paths/Data.csv.gz")))
    paths = list(read(file))
    unfold(paths, work / "walks.csv")
    gilmok.import_file(MAPPINGS / "paths.yaml", work / "walks.csv")
    labels = sorted({label for path in paths for label in path.labels})
    direct = labels[:1]
    markov = [{"model": "markov", "order": order} for order in (1, 2, 3)]
    question = {
        "ask": "attribution",
        "conversion": {"event": "conversion"},
        "touches": [{"event": "touch"}],
        "by": "channel",
        "models": [*RULES.values(), {"model": "shapley"}, *markov],
        "direct": direct,
        "replicates": 0,
    }
    answer = gilmok.ask(question, f"ask attribution, {len(question['models'])} models")
    n_conversions, parts = sum(path.n_conversions for path in paths), sum(path.parts for path in paths)
    table.row("conversions", answer["n_conversions"], n_conversions)
    table.row("amount", round(answer["amount"] * 100) / SCALE / 100, parts / SCALE / 100)
    without = sum(path.n_nulls for path in paths)
    table.row("walks without conversion", gilmok.one("SELECT count(*) FROM persons") - n_conversions, without)
    models = iter(answer["models"])
    for name in RULES:
        compare_rows(table, name, next(models), by_rule(paths, name, direct))
    compare_rows(table, "shapley", next(models), by_shapley(paths, labels))
    for order, model in enumerate(models, 1):
        effects = removal_effects(paths, order)
        ours = {row["label"]: row["removal_effect"] for row in model["rows"] if row["label"] is not None}
        table.cells(f"markov order {order}: removal effects", ours, effects, 1e-9)
        share = n_conversions / sum(effects.values())
        conversions = {row["label"]: row["conversions"]["value"] for row in model["rows"] if row["label"] is not None}
        table.cells(
            f"markov order {order}: conversions",
            conversions,
            {label: effect * share for label, effect in effects.items()},
            1e-5,
        )
