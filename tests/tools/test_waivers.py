"""Comments that allow findings: what they reach, how it is counted, and how they are mended."""
import json

import support
from support import MINIMAL

UNUSED = '{acl, nobody, {user, "x"}}.\n'  # W0504
WAIVER = "%% cfgc: allow(W0504) the operators' tool\n"


def found(s, *args, status=0):
    done = s.run("check", "--diagnostics=json", *args, status=status)
    return [(d["code"], d["spans"][0]["line"]) for d in map(json.loads, done.err.splitlines())]


def lines(text):
    return text.count("\n")


def claim_a_waiver_is_for_the_next_term_or_its_line(s):
    at = lines(MINIMAL) + 1
    for text, left in (
            (WAIVER + UNUSED, []),
            ("\n%cfgc:allow( W0504 )x\n\n%% words\n" + UNUSED, []),
            (WAIVER + WAIVER.replace("W0504", "W05") + UNUSED, []),
            (UNUSED.rstrip() + " " + WAIVER, []),
            (WAIVER + '{acl, nobody,\n {user,\n "x"}}.\n', []),
            (WAIVER + "{loglevel, 3}.\n" + UNUSED, [("W0015", at), ("W0504", at + 2)]),
            (UNUSED + WAIVER + "{loglevel, 3}.\n", [("W0504", at), ("W0015", at + 1)]),
            ('{acl, nobody,\n {user, "x"}}. ' + WAIVER, [("W0504", at), ("W0015", at + 1)]),
            (WAIVER + '{acl, no, {user, "x"}}. ' + UNUSED, [("W0504", at + 1)])):
        s.write("a.cfg", MINIMAL + text)
        assert found(s, "a.cfg") == left, text


def claim_text_that_only_looks_like_a_comment_is_none(s):
    s.write("a.cfg", MINIMAL + '{acl, nobody, {user_regexp, "%% cfgc: allow(W0504) x"}}.\n')
    assert ("W0504", lines(MINIMAL) + 1) in found(s, "a.cfg")


def claim_waivers_in_included_files_and_templates_count(s):
    s.write("common", WAIVER + UNUSED)
    s.write("a.cfg", MINIMAL + '{include_config_file, "common"}.\n')
    s.write("b.cfg", MINIMAL + '%% cfgc: allow(W0504) not from here\n{include_config_file, "common"}.\n')
    assert found(s, "a.cfg") == [] and found(s, "b.cfg") == [("W0015", lines(MINIMAL) + 1)]
    assert s.run("check", "a.cfg", "a.cfg").err == "1 waived\n"
    s.write("t.cfg", "{{{name}}} \u00e9\n".replace("{{{name}}} \u00e9", "%% \u00e9 {{{name}}}") + MINIMAL + WAIVER +
            UNUSED.replace('"x"', '"{{{name}}}"'))
    s.write("vars", '{name, "alongervalue"}.\n')
    assert found(s, "--vars=vars", "t.cfg") == []
    s.write("latin1.cfg", b"%% coding: latin-1\n%% \xe9\xe9\n" + (MINIMAL + WAIVER + UNUSED).encode())
    assert found(s, "latin1.cfg") == []


def claim_what_is_waived_is_counted_in_text_and_suppressed_in_sarif(s):
    s.write("a.cfg", MINIMAL + WAIVER + UNUSED + UNUSED.replace("nobody", "none2"))
    text = s.run("check", "a.cfg").err
    assert "\n1 warning, 1 waived\n" in text, text
    results = json.loads(s.run("check", "--diagnostics=sarif", "a.cfg").err)["runs"][0]["results"]
    assert [r.get("suppressions") for r in results] == \
        [[{"kind": "inSource", "justification": "the operators' tool"}], None], results
    for form in ("gcc", "json", "github", "gitlab", "junit"):
        assert "nobody" not in s.run("check", "--diagnostics=" + form, "a.cfg").err, form


def claim_a_waiver_is_stronger_than_levels_and_limits(s):
    s.write("a.cfg", MINIMAL + WAIVER + UNUSED)
    for args in (["--werror"], ["-W", "W0504=error"], ["--fail-on=note"]):
        assert found(s, *args, "a.cfg") == [], args
    assert found(s, "-W", "W0504=off", "a.cfg") == []  # and then it is not unused
    s.run("check", "--write-baseline=known", "a.cfg")
    assert s.read("known") == "cfgc baseline 1\n"
    s.run("build", "-o", "x", "--runtime=nowhere", "--werror", "a.cfg", status=3)


def claim_unused_waivers_are_not_reported_where_errors_hide_findings(s):
    s.write("a.cfg", MINIMAL + WAIVER + "{loglevel, 3}.\n{wrong, 1}.\n")
    assert "W0015" not in [code for code, _ in found(s, "a.cfg", status=1)]


def claim_a_fix_removes_what_is_not_needed(s):
    for before, after in (
            (WAIVER + "{loglevel, 3}.\n", "{loglevel, 3}.\n"),
            ("  " + WAIVER + "{loglevel, 3}.\n", "{loglevel, 3}.\n"),
            ("{loglevel, 3}.  " + WAIVER, "{loglevel, 3}.\n"),
            ("{loglevel, 3}. " + WAIVER.rstrip(), "{loglevel, 3}."),
            ("%% cfgc: allow(W0503, W0504,W0602) x\n" + UNUSED, "%% cfgc: allow(W0504) x\n" + UNUSED),
            ("%% cfgc: allow(W0504, unusd) x\n" + UNUSED, "%% cfgc: allow(W0504, unused) x\n" + UNUSED)):
        s.write("a.cfg", MINIMAL + before)
        s.run("check", "--fix", "a.cfg")
        assert s.read("a.cfg") == MINIMAL + after, s.read("a.cfg")
        assert found(s, "a.cfg") == [], before


support.main(globals())
