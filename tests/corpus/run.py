#!/usr/bin/env python3
"""Compare `cfgc terms` with what Erlang's file:consult/1 makes of a corpus of files.

    CFGC_CORPUS=folder run.py path/to/cfgc [-v]

The folder holds, made on a machine with Erlang/OTP 25:

    configs/MANIFEST.tsv    file, ..., consult ("ok", or "line:column: text"), terms (how many)
    terms/<name>.json       the terms of configs/<name>.cfg in the tagged form that `cfgc terms` prints
    syntax/MANIFEST.tsv     file, feature, verdict ("ok" or "error"), line, column, text, terms

A file that Erlang reads must give the same terms; one that it rejects must be rejected on the same line. Where Erlang
says no more than "bad term" it names the line on which the form starts, and cfgc the place inside it: then any place of
the first error may be on that line. Exit status: 0 agreement, 1 not, 77 without a corpus. -v also lists other columns.
"""
import csv
import json
import os
import subprocess
import sys
import threading


class Comparison:
    def __init__(self, cfgc, folder):
        self.cfgc = cfgc
        self.folder = folder
        self.files = 0
        self.failures = []
        self.columns = []

    def fail(self, name, text):
        self.failures.append(f"{name}: {text}")

    def run(self, path):
        """Exit status, terms and diagnostics; None for diagnostics that are no JSON (a sanitizer's report)."""
        done = subprocess.run([self.cfgc, "terms", "--diagnostics=json", "--max-errors=0", path],
                              capture_output=True, check=False)
        try:
            diagnostics = [json.loads(line) for line in done.stderr.decode().splitlines()]
        except ValueError:
            return done.returncode, None, None
        return done.returncode, done.stdout, diagnostics

    def check_accepted(self, name, path, count, terms):
        status, output, diagnostics = self.run(path)
        if diagnostics is None or status not in (0, 1):
            return self.fail(name, f"cfgc ended with status {status}")
        if status != 0:
            first = next(d for d in diagnostics if d["level"] == "error")
            return self.fail(name, f"rejected: {first['code']} {first['message']}")
        got = json.loads(output)
        if len(got) != count:
            return self.fail(name, f"{len(got)} terms, expected {count}")
        for mine, theirs in zip(got, terms if terms is not None else got):
            if mine != theirs:
                return self.fail(name, f"got {json.dumps(mine)[:200]}, expected {json.dumps(theirs)[:200]}")
        return None

    def check_rejected(self, name, path, line, column, text):
        status, _, diagnostics = self.run(path)
        if diagnostics is None or status not in (0, 1):
            return self.fail(name, f"cfgc ended with status {status}")
        if status == 0:
            return self.fail(name, f"accepted; Erlang: {text}")
        if line is None:
            return None
        spans = next(d for d in diagnostics if d["level"] == "error")["spans"]
        allowed = spans if text == "bad term" else spans[:1]
        if line not in [span["line"] for span in allowed]:
            return self.fail(name, f"error on line {spans[0]['line']}; Erlang: line {line}, {text}")
        if spans[0]["column"] != column:
            self.columns.append(f"{name}: column {spans[0]['column']}, Erlang: {column}, {text}")
        return None

    def rows(self, family):
        with open(os.path.join(self.folder, family, "MANIFEST.tsv"), encoding="utf-8") as table:
            yield from csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)

    def syntax(self):
        for row in self.rows("syntax"):
            self.files += 1
            path = os.path.join(self.folder, "syntax", row["file"])
            if row["verdict"] == "ok":
                self.check_accepted(row["file"], path, int(row["terms"]), None)
            else:
                known = row["line"] != "-"
                self.check_rejected(row["file"], path, int(row["line"]) if known else None,
                                    int(row["column"]) if known else None, row["text"])

    def configs(self):
        for row in self.rows("configs"):
            self.files += 1
            name = row["file"]
            path = os.path.join(self.folder, "configs", name)
            if row["consult"] == "ok":
                with open(os.path.join(self.folder, "terms", name[:-len("cfg")] + "json"), encoding="utf-8") as file:
                    self.check_accepted(name, path, int(row["terms"]), json.load(file))
            else:
                line, column, text = row["consult"].split(":", 2)
                self.check_rejected(name, path, int(line), int(column), text.strip())


def main(arguments):
    folder = os.environ.get("CFGC_CORPUS", "")
    if not os.path.isdir(os.path.join(folder, "syntax")):
        print("CFGC_CORPUS names no corpus: skipped")
        return 77
    comparison = Comparison(arguments[0], folder)
    comparison.syntax()
    comparison.configs()
    for failure in comparison.failures:
        print(failure)
    if "-v" in arguments:
        for difference in comparison.columns:
            print(difference)
    print(f"{comparison.files} files, {len(comparison.failures)} differences "
          f"({len(comparison.columns)} other columns on the same line)")
    return 1 if comparison.failures or comparison.files == 0 else 0


if __name__ == "__main__":
    # Lists nested 5000 deep occur; the JSON reader recurses.
    sys.setrecursionlimit(100000)
    threading.stack_size(512 << 20)
    status = []
    thread = threading.Thread(target=lambda: status.append(main(sys.argv[1:])))
    thread.start()
    thread.join()
    sys.exit(status[0] if status else 1)
