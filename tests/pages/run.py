#!/usr/bin/env python3
"""run.py CFGC SOURCE_DIR [CODE...]: every code of codes.def has a page that is well-formed and true.

A page begins with `# CODE slug` and some paragraphs. Then come `## Wrong` and `## Right`, each with one example, or, for what
no single file can show, `## Seen when`; last, `## MongooseIM 3.2.0`, which only pages of the second kind may lack.

An example is checked with `cfgc check`, behind those of the terms in BASE whose keys it does not hold, not even in a comment.
A first line `%% cfgc check ARGS` gives arguments. The example is mongooseim.cfg, and the files of BESIDE lie beside it. The
wrong example must raise the code, the right one neither the code nor any error.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

BASE = {r"^[% ]*\{hosts?,": '{hosts, ["localhost"]}.', r"\{sm_backend,": "{sm_backend, {mnesia, []}}.",
        r"\{auth_method,": "{auth_method, internal}."}
BESIDE = {"shared.cfg": '{language, "de"}.\n{loglevel, 4}.\n', "vars.config": "{loglevel, 4}.\n"}
WIDTH = 76


class Wrong(Exception):
    """A page is not as it must be."""


def require(condition, what):
    if not condition:
        raise Wrong(what)


def sections(text):
    """The page as [(heading, body)], the title first; '#' in an example is no heading."""
    found, in_example = [], False
    for line in text.splitlines():
        if line.startswith("```"):
            in_example = not in_example
        if line.startswith("#") and not in_example:
            found.append((line, []))
        else:
            found[-1][1].append(line)
    require(not in_example, "an example is never closed")
    return [(heading, "\n".join(body).strip("\n")) for heading, body in found]


def check_prose(text):
    for line in re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S).splitlines():
        require(len(line) <= WIDTH, f"longer than {WIDTH} columns: {line}")
        require(line == line.rstrip(), f"blank at the end: {line}")


def example_of(heading, body):
    m = re.fullmatch(r"```erlang\n(.*\n)```", body, re.S)
    require(m, f"'{heading}' is not one example of erlang")
    return m[1]


def check(cfgc, example, folder):
    """The findings for an example: [(code, severity)]."""
    m = re.match(r"%% cfgc check (.*)\n", example)
    base = " ".join(term for key, term in BASE.items() if not re.search(key, example, re.M))
    for name, text in {"mongooseim.cfg": base + "\n" + example, **BESIDE}.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write(text)
    done = subprocess.run([cfgc, "check", "--diagnostics=json", *(m[1].split() if m else []), "mongooseim.cfg"], cwd=folder,
                          capture_output=True, text=True, timeout=60)
    require(done.returncode in (0, 1, 2, 3), f"cfgc exited with {done.returncode}: {done.stderr}")
    return [(d["code"], d["level"]) for d in map(json.loads, done.stderr.splitlines())]


def check_examples(cfgc, code, wrong, right):
    with tempfile.TemporaryDirectory() as folder:
        raised = check(cfgc, wrong, folder)
        require(code in [c for c, _ in raised], f"the wrong example raises {raised}")
        raised = check(cfgc, right, folder)
        require(not [c for c, level in raised if c == code or level == "error"], f"the right example raises {raised}")


def check_page(cfgc, code, slug, text):
    require(text.endswith("\n") and not text.endswith("\n\n"), "does not end with one line feed")
    parts = sections(text)
    headings = [heading for heading, _ in parts]
    require(headings[0] == f"# {code} {slug}", f"begins with '{headings[0]}'")
    require(all(body for _, body in parts), "an empty section")
    check_prose(text)
    if headings[1:2] == ["## Seen when"]:
        require(headings[2:] in ([], ["## MongooseIM 3.2.0"]), f"headings {headings}")
        return
    require(headings[1:] == ["## Wrong", "## Right", "## MongooseIM 3.2.0"], f"headings {headings}")
    check_examples(cfgc, code, *(example_of(*part) for part in parts[1:3]))


def explained(cfgc, code, slug):
    """What cfgc prints, the same for each way to write the code."""
    texts = {subprocess.run([cfgc, "explain", name], capture_output=True, text=True, timeout=60, check=True).stdout
             for name in (code, code.lower(), slug)}
    require(len(texts) == 1, "id, small letters and slug do not give the same page")
    return texts.pop()


def check_code(cfgc, folder, code, slug):
    path = os.path.join(folder, code + ".md")
    require(os.path.exists(path), "has no page")
    text = open(path, encoding="utf-8").read()
    require(explained(cfgc, code, slug) == text, "cfgc explain prints something else")
    check_page(cfgc, code, slug, text)


def main():
    cfgc, source, only = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3:]
    folder = os.path.join(source, "cfgc", "pages")
    codes = dict(re.findall(r'^CODE\(([EW]\d{4}), "([a-z-]+)"',
                            open(os.path.join(source, "cfgc", "diag", "codes.def"), encoding="utf-8").read(), re.M))
    failed = 0
    for code, slug in sorted(codes.items()):
        if only and code not in only:
            continue
        try:
            check_code(cfgc, folder, code, slug)
        except Wrong as e:
            failed += 1
            print(f"{code} {slug}: {e}")
    strangers = {n for n in os.listdir(folder) if n.endswith(".md")} - {c + ".md" for c in codes}
    for name in sorted(strangers):
        print(f"{name}: a page of no code")
    sys.exit(bool(failed or strangers or not codes))


main()
