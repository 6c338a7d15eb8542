#!/usr/bin/env python3
"""Checks Gilmok's figures on real data against independent computations.

    python3 tools/real-data/check.py --data DIR --gilmok target/debug/gilmok [--only sepsis …] [--timings]

Imports each data set as a user does (mappings beside this file and in `examples/`), asks through the command line, and
through the HTTP API where a workspace's zone matters, and compares every figure with pandas, numpy, DuckDB or exact
fractions over the same files, and with the numbers published about them. Prints a table; ends with 1 if a figure
differs. Needs Python 3.11 and `pip install pandas numpy duckdb pytz`.

The data are not part of Gilmok. Below DIR are looked for:
    sepsis/sepsis.csv.gz, road-traffic-fines/traffic_fines.csv.gz          process logs (case, activity, time)
    uci-eshop-clothing-2008/e-shop_clothing_2008.csv.gz                    UCI Machine Learning Repository
    uci-online-retail/onlineretail.csv.gz                                  idem
    retentioneering-ecom/ecom.csv.gz                                       retentioneering's synthetic shop
    dunnhumby-completejourney/*.csv.gz                                     dunnhumby, The Complete Journey
    cdnow/CDNOW_master.txt.gz                                              Fader and Hardie
    **/channelattribution-paths/Data.csv.gz                                `Data` of the package ChannelAttribution
What is absent is skipped, and said.
"""

import argparse
import pathlib
import sys
import tempfile
import time

import credit
import logs
import shops
from gilmok import Gilmok

CHECKS = {
    "sepsis": (logs.sepsis, "sepsis/sepsis.csv.gz"),
    "fines": (logs.fines, "road-traffic-fines/traffic_fines.csv.gz"),
    "eshop": (logs.eshop, "uci-eshop-clothing-2008/e-shop_clothing_2008.csv.gz"),
    "retail": (shops.retail, "uci-online-retail/onlineretail.csv.gz"),
    "ecom": (shops.ecom, "retentioneering-ecom/ecom.csv.gz"),
    "completejourney": (shops.complete_journey, "dunnhumby-completejourney/campaigns.csv.gz"),
    "cdnow": (shops.cdnow, "cdnow/CDNOW_master.txt.gz"),
    "attribution": (credit.attribution, "**/channelattribution-paths/Data.csv.gz"),
}


class Table:
    """The figures of one data set, printed as they come."""

    def __init__(self, name):
        self.name, self.n_equal, self.n_wrong = name, 0, 0

    def row(self, figure, ours, theirs, tolerance=0):
        """One figure; numbers may differ by `tolerance`."""
        equal = abs(ours - theirs) <= tolerance if tolerance else ours == theirs
        self.print(figure, ours, theirs, equal)

    def cells(self, figure, ours, theirs, tolerance=0):
        """Many figures, by key: the same keys, and the same value under each."""
        wrong = [key for key in ours.keys() | theirs.keys() if not self.same(ours.get(key), theirs.get(key), tolerance)]
        self.print(figure, f"{len(ours)} cells", f"{len(theirs)} cells", not wrong)
        for key in sorted(wrong, key=str)[:3]:
            print(f"    {key}: {ours.get(key)} is not {theirs.get(key)}")
        if len(wrong) > 3:
            print(f"    … and {len(wrong) - 3} more")

    @staticmethod
    def same(a, b, tolerance):
        if a is None or b is None:
            return False
        return abs(a - b) <= tolerance if tolerance else a == b

    def print(self, figure, ours, theirs, equal):
        self.n_equal += equal
        self.n_wrong += not equal
        shown = [f"{value:.6f}" if isinstance(value, float) else f"{value}" for value in (ours, theirs)]
        print(f"{self.name:<16} {figure:<52} {shown[0]:>16} {shown[1]:>16}  {'=' if equal else 'DIFFERS'}", flush=True)


def check(name, data, binary, timings):
    """The table of one data set; `None` where it is absent."""
    run, file = CHECKS[name]
    if not any(data.glob(file)):
        print(f"{name:<16} skipped: {data}/{file} is absent", flush=True)
        return None
    table = Table(name)
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        run(table, data, Gilmok(binary, work / "data", timings), work)
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="the folder with the real files")
    parser.add_argument("--gilmok", type=pathlib.Path, required=True, help="the binary")
    parser.add_argument("--only", nargs="+", choices=CHECKS, default=list(CHECKS), help="data sets")
    parser.add_argument("--timings", action="store_true", help="print how long each import and question took")
    args = parser.parse_args()
    binary = args.gilmok.resolve()
    print(f"{'data':<16} {'figure':<52} {'Gilmok':>16} {'independent':>16}")
    began, tables = time.monotonic(), []
    for name in args.only:
        timings = []
        tables.append(check(name, args.data, binary, timings))
        for what, seconds in timings if args.timings else ():
            print(f"    {seconds * 1000:8.0f} ms  {what}")
    done = [table for table in tables if table]
    n_wrong = sum(table.n_wrong for table in done)
    n_rows = n_wrong + sum(table.n_equal for table in done)
    print(f"{len(done)} of {len(tables)} data sets, {n_rows} rows, {n_wrong} differ, {time.monotonic() - began:.0f} s")
    return 1 if n_wrong or not done else 0


if __name__ == "__main__":
    sys.exit(main())
