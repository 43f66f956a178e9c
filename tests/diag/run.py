#!/usr/bin/env python3
"""run.py CFGC FILE.cfg: the file carries the diagnostics that it must get, in comments.

    {shaper, normal, {maxrate, -5}}.      %! E0206 "-5"
    {loglevl, 3}.                         %! E0203 "loglevl" help "loglevel"
    {listen, [{5222, ejabberd_c2s, []}]}. %! W0523 error

Each comment names code and quoted text of a primary span that begins on its line; several may stand in one. A level
after the code, and `help` with a text that the help line holds, are checked where they are given. `%!^` speaks of the line
above, `%!file E0221` of a diagnostic without a place, and `%!args --allow-unsupported` gives arguments to `cfgc check`. The
files that options name are left alone unless a line says `%!files`. Exactly these diagnostics must come: none missing, none
more.
"""
import json
import os
import re
import subprocess
import sys

ITEM = re.compile(r'([EW]\d{4})(?:\s+(error|warning|note))?(?:\s+"((?:[^"\\]|\\.)*)")?(?:\s+help\s+"((?:[^"\\]|\\.)*)")?')


def unescape(text):
    return None if text is None else re.sub(r"\\(.)", r"\1", text)


def expectations(lines):
    args, expected = ["--no-files"], []
    for number, line in enumerate(lines, 1):
        at = line.find("%!")
        if at < 0:
            continue
        rest = line[at + 2:]
        if rest.startswith("args "):
            args += rest[5:].split()
            continue
        if rest.startswith("files"):
            args.remove("--no-files")
            continue
        if rest.startswith("file "):
            number, rest = 0, rest[5:]
        elif rest.startswith("^"):
            number, rest = number - 1, rest[1:]
        for code, level, text, help_text in ITEM.findall(rest):
            expected.append((number, code, unescape(text), unescape(help_text), level))
    return args, expected


def actual(cfgc, path, args, source):
    done = subprocess.run([cfgc, "check", "--diagnostics=json", "--max-errors=0", *args, os.path.basename(path)],
                          cwd=os.path.dirname(path), capture_output=True, text=True, timeout=60)
    if done.returncode not in (0, 1):
        sys.exit(f"cfgc exited {done.returncode}\n{done.stderr}")
    found = []
    for line in done.stderr.splitlines():
        d = json.loads(line)
        primary = next((s for s in d["spans"] if s["primary"]), None)
        text = source[primary["start"]:primary["end"]].decode("utf-8", "replace") if primary else ""
        found.append((primary["line"] if primary else 0, d["code"], text, d["help"] or "", d["level"]))
    return found


def matches(want, got):
    number, code, text, help_text, level = want
    return (got[0] == number and got[1] == code and (not text or got[2] == text or got[2].startswith(text + "\n"))
            and (not level or got[4] == level) and (help_text is None or help_text in got[3]))


def main():
    cfgc, path = sys.argv[1], os.path.abspath(sys.argv[2])
    source = open(path, "rb").read()
    args, expected = expectations(source.decode("utf-8", "replace").splitlines())
    if not any(e[1].startswith("W08") for e in expected):
        args.append("-WW08=off")
    found = actual(cfgc, path, args, source)
    missing = []
    for want in expected:
        hit = next((got for got in found if matches(want, got)), None)
        if hit is None:
            missing.append(want)
        else:
            found.remove(hit)
    for want in missing:
        print(f"missing: line {want[0]} {want[1]} {want[4]} {want[2]!r}" + (f" help {want[3]!r}" if want[3] else ""))
    for got in found:
        print(f"not expected: line {got[0]} {got[1]} {got[4]} {got[2]!r} help {got[3]!r}")
    sys.exit(bool(missing or found))


main()
