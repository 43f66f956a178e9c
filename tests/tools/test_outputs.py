"""cfgc --diagnostics: every form says the same, in the same order, and is well-formed by its own rules."""
import json
import os
import re
import shutil
import xml.etree.ElementTree as ElementTree

import support
from support import MINIMAL

FORMS = ["text", "gcc", "json", "sarif", "github", "gitlab", "junit"]
FIXTURES = os.path.join(support.SOURCE_DIR, "tests", "diag")
CODE = r"[EW]\d{4}"


def report(s, form, name, status=None, command="check"):
    return s.run(command, "--diagnostics=" + form, "--max-errors=0", "--color=never", name, status=status).err


# ---- each form read back as (code, line, column); None where a form does not say it ----

def read_text(text):
    pairs = re.findall(rf"^(?:error|warning|note)\[({CODE})\]: .*\n(?: *--> .*?:(\d+):(\d+)$)?", text, re.M)
    return [(code, int(line or 0), int(column or 0)) for code, line, column in pairs]


def read_gcc(text):
    found = []
    for line in text.splitlines():
        m = re.fullmatch(rf"[^:]+:(?:(\d+):(\d+):)? (?:error|warning|note): .*?(?: \[({CODE})\])?", line)
        assert m, line
        if m[3]:
            found.append((m[3], int(m[1] or 0), int(m[2] or 0)))
    return found


def read_json(text):
    found = []
    for line in text.splitlines():
        d = json.loads(line)
        span = next((p for p in d["spans"] if p["primary"]), {"line": 0, "column": 0})
        found.append((d["code"], span["line"], span["column"]))
    return found


def read_sarif(text):
    found = []
    for result in json.loads(text)["runs"][0]["results"]:
        if "suppressions" in result:  # the other forms leave out what the file allows
            continue
        places = result.get("locations", [{"physicalLocation": {}}])
        region = places[0]["physicalLocation"].get("region", {"startLine": 0, "startColumn": 0})
        found.append((result["ruleId"], region["startLine"], region["startColumn"]))
    return found


def read_github(text):
    found = []
    for line in text.splitlines():
        m = re.fullmatch(rf"::(?:error|warning|notice) (?:file=[^,:]+,)?(?:line=(\d+),endLine=\d+,col=(\d+),(?:endColumn=\d+,)?)?"
                         rf"title=({CODE}) [^,:]+::.+", line)
        assert m, line
        found.append((m[3], int(m[1] or 0), int(m[2] or 0)))
    return found


def read_gitlab(text):
    prints, found = [], []
    for issue in json.loads(text):
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}, issue
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        prints.append(issue["fingerprint"])
        found.append((issue["check_name"], issue["location"]["lines"]["begin"], None))
    assert len(set(prints)) == len(prints), "two findings have one fingerprint"
    return found


def read_junit(text):
    root = ElementTree.fromstring(text)
    suite = root.find("testsuite")
    cases = suite.findall("testcase")
    assert int(suite.get("tests")) == int(root.get("tests")) == len(cases)
    assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
    found = []
    for case in cases:
        if case.get("classname") == "clean":
            continue
        place = re.search(r":(\d+):(\d+)$", case.get("name"))
        found.append((case.get("classname").split(".")[0],) + (tuple(map(int, place.groups())) if place else (0, 0)))
    return found


READERS = {"text": read_text, "gcc": read_gcc, "json": read_json, "sarif": read_sarif, "github": read_github,
           "gitlab": read_gitlab, "junit": read_junit}


def same(want, got):
    """GitLab knows no columns, and wants a line even where there is none."""
    if got[2] is None:
        return got[:2] == (want[0], want[1] or 1)
    return got == want


def copy_fixtures(s):
    names = sorted(n for n in os.listdir(FIXTURES) if n.endswith(".cfg"))
    for name in names:
        shutil.copy(os.path.join(FIXTURES, name), s.path)
    s.write("wide.cfg", MINIMAL.replace("{user, \"eve\"}", "{usr, \"\u65e5\u672c\U0001f980\"}"))
    return names + ["wide.cfg", "absent.cfg"]


def claim_all_forms_hold_the_same_findings_in_the_same_order(s):
    total = 0
    for name in copy_fixtures(s):
        want = read_json(report(s, "json", name))
        total += len(want)
        for form in FORMS:
            got = READERS[form](report(s, form, name))
            assert len(got) == len(want) and all(map(same, want, got)), (name, form, want, got)
    assert total > 100, total


def claim_two_runs_write_the_same_bytes(s):
    for name in copy_fixtures(s):
        for form in FORMS:
            assert report(s, form, name) == report(s, form, name), (name, form)


def claim_a_missing_file_is_reported_in_every_form(s):
    for form in FORMS:
        for command in ("check", "build", "terms", "fmt"):
            found = READERS[form](report(s, form, "absent.cfg", status=3, command=command))
            assert [f[0] for f in found] == ["E0001"], (form, command, found)


def claim_a_refusal_is_reported_in_every_form(s):
    s.write("a.cfg", MINIMAL)
    for form in FORMS:
        for args, code in ((("check", "--wrror", "a.cfg"), "E0017"), (("options", "mod_pong"), "E0018"),
                           (("explain", "E9999"), "E0018"),
                           (("who", "--rule=c2", "a.cfg"), "E0018"), (("can", "eve@", "--rule=c2s", "a.cfg"), "E0018"),
                           (("can", "eve@example.com", "--listener=1", "a.cfg"), "E0018")):
            done = s.run(*args, "--diagnostics=" + form, status=2)
            assert [f[0] for f in READERS[form](done.err)] == [code] and done.out == "", (form, args, done.err)


def claim_several_files_are_one_document(s):
    names = copy_fixtures(s)
    want = read_json(s.run("check", "--diagnostics=json", "--max-errors=0", *names, status=3).err)
    assert want == [f for name in names for f in read_json(report(s, "json", name))]
    for form in FORMS:
        got = READERS[form](s.run("check", "--diagnostics=" + form, "--max-errors=0", *names, status=3).err)
        assert len(got) == len(want) and all(map(same, want, got)), form


def claim_junit_has_a_case_for_every_clean_file(s):
    for name in ("a.cfg", "b.cfg"):
        s.write(name, MINIMAL)
    root = ElementTree.fromstring(s.run("check", "--diagnostics=junit", "a.cfg", "absent.cfg", "b.cfg", status=3).err)
    cases = [(c.get("classname").split(".")[0], c.get("name")) for c in root.findall(".//testcase")]
    assert cases == [("clean", "a.cfg"), ("clean", "b.cfg"), ("E0001", "absent.cfg")], cases


def claim_a_clean_file_gives_a_whole_document(s):
    s.write("a.cfg", MINIMAL)
    for form in FORMS:
        assert READERS[form](report(s, form, "a.cfg", status=0)) == [], form


# ---- SARIF ----

# Rules of the official schema for the objects that cfgc writes: the members that must be there, those that may be, and
# what each holds. Every object of the schema refuses other members.
LEVELS = ("none", "note", "warning", "error")
MESSAGE = ({"text": str}, {})
ARTIFACT = ({"uri": str}, {})
REGION = ({"startLine": 1}, {"startColumn": 1, "endLine": 1, "endColumn": 1})
PHYSICAL = ({"artifactLocation": ARTIFACT}, {"region": REGION})
LOCATION = ({}, {"id": 0, "physicalLocation": PHYSICAL, "message": MESSAGE})
REPLACEMENT = ({"deletedRegion": REGION}, {"insertedContent": ({}, {"text": str})})
CHANGE = ({"artifactLocation": ARTIFACT, "replacements": [REPLACEMENT, 1]}, {})
FIX = ({"artifactChanges": [CHANGE, 1]}, {"description": MESSAGE, "properties": ({"safe": bool}, {})})
RULE = ({"id": str}, {"name": str, "shortDescription": MESSAGE, "fullDescription": MESSAGE,
                      "help": ({"text": str}, {"markdown": str}),
                      "defaultConfiguration": ({}, {"level": LEVELS})})
SUPPRESSION = ({"kind": ("inSource", "external")}, {"justification": str})
RESULT = ({"message": MESSAGE}, {"ruleId": str, "ruleIndex": 0, "level": LEVELS, "locations": [LOCATION, 0],
                                 "relatedLocations": [LOCATION, 0], "partialFingerprints": {str: str}, "fixes": [FIX, 0],
                                 "suppressions": [SUPPRESSION, 0]})
DRIVER = ({"name": str}, {"version": str, "rules": [RULE, 0]})
INVOCATION = ({"executionSuccessful": bool}, {"exitCode": None})
RUN = ({"tool": ({"driver": DRIVER}, {})}, {"columnKind": ("utf16CodeUnits", "unicodeCodePoints"),
                                            "invocations": [INVOCATION, 0], "results": [RESULT, 0]})
LOG = ({"version": ("2.1.0",), "runs": [RUN, 0]}, {"$schema": str})


def conform(value, rule, at="log"):
    if rule is None or isinstance(rule, int):
        assert type(value) is int and (rule is None or value >= rule), (at, value)
    elif isinstance(rule, type):
        assert type(value) is rule, (at, value)
    elif isinstance(rule, dict):
        assert all(type(k) is str and type(v) is str for k, v in value.items()), (at, value)
    elif isinstance(rule, list):
        assert type(value) is list and len(value) >= rule[1], (at, value)
        for i, item in enumerate(value):
            conform(item, rule[0], f"{at}[{i}]")
    elif isinstance(rule[0], str):
        assert value in rule, (at, value)
    else:
        required, optional = rule
        assert type(value) is dict and set(required) <= set(value) <= set(required) | set(optional), (at, value)
        for name, member in value.items():
            conform(member, required.get(name, optional.get(name)), f"{at}.{name}")


def regions_of(value):
    if isinstance(value, list):
        for item in value:
            yield from regions_of(item)
    elif isinstance(value, dict):
        for name, member in value.items():
            if name in ("region", "deletedRegion"):
                yield member
            yield from regions_of(member)


def uris_of(value):
    if isinstance(value, list):
        for item in value:
            yield from uris_of(item)
    elif isinstance(value, dict):
        for name, member in value.items():
            if name == "uri":
                yield member
            yield from uris_of(member)


def claim_sarif_keeps_the_rules_of_its_schema(s):
    seen = set()
    for name in copy_fixtures(s):
        log = json.loads(report(s, "sarif", name))
        conform(log, LOG)
        run = log["runs"][0]
        rules = run["tool"]["driver"]["rules"]
        assert len({r["id"] for r in rules}) == len(rules)
        for result in run["results"]:
            seen |= set(result)
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            ids = [location["id"] for location in result.get("relatedLocations", [])]
            assert len(set(ids)) == len(ids)
        for region in regions_of(log):
            assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"]), region
        for uri in uris_of(log):
            assert re.fullmatch(r"(?:file:///)?(?:[\w.~!$&'()*+,;=@/-]|%[0-9A-F]{2})+", uri, re.A), uri
    assert {"relatedLocations", "fixes", "suppressions"} <= seen, seen


def claim_sarif_has_a_rule_with_help_for_every_code(s):
    s.write("a.cfg", MINIMAL)
    with open(os.path.join(support.SOURCE_DIR, "cfgc", "diag", "codes.def"), encoding="utf-8") as f:
        codes = re.findall(rf"^CODE\(({CODE}),", f.read(), re.M)
    rules = json.loads(report(s, "sarif", "a.cfg"))["runs"][0]["tool"]["driver"]["rules"]
    assert [r["id"] for r in rules] == codes
    assert all(r["shortDescription"]["text"] and r["name"].isalnum() for r in rules)
    for rule in rules:
        page = s.run("explain", rule["id"]).out
        help, full = rule["help"], rule["fullDescription"]["text"]
        assert help["markdown"] == page
        assert page.split("\n\n", 1)[1].startswith(help["text"] + "\n\n## "), rule["id"]
        assert help["text"].split("\n\n")[0].split() == full.split() and "\n" not in full, rule["id"]


def claim_sarif_tells_the_exit_status(s):
    s.write("clean.cfg", MINIMAL)
    s.write("wrong.cfg", MINIMAL.replace("internal", "interna"))
    for name, status in (("clean.cfg", 0), ("wrong.cfg", 1), ("absent.cfg", 3)):
        invocation = json.loads(report(s, "sarif", name, status=status))["runs"][0]["invocations"][0]
        assert invocation == {"executionSuccessful": status < 2, "exitCode": status}, invocation


def claim_sarif_counts_columns_in_code_points(s):
    s.write("a.cfg", MINIMAL + '{acl, "\u65e5\U0001f980", {usr, "x"}}.\n')
    run = json.loads(report(s, "sarif", "a.cfg"))["runs"][0]
    assert run["columnKind"] == "unicodeCodePoints"
    line = s.read("a.cfg").splitlines()[-1]
    regions = [r for r in regions_of(run["results"]) if r["startLine"] == MINIMAL.count("\n") + 1]
    assert any(line[r["startColumn"] - 1:r["endColumn"] - 1] in line[6:] and r["endColumn"] <= len(line) + 1
               for r in regions), regions


# ---- words that would end a line, a property or an element ----

def claim_odd_names_of_files_do_no_harm(s):
    name = "a b,c%:<&>\".cfg"
    s.write(name, MINIMAL.replace("internal", "interna"))
    line = report(s, "github", name).splitlines()[0]
    assert line.startswith("::error file=a b%2Cc%25%3A<&>\".cfg,line="), line
    assert ElementTree.fromstring(report(s, "junit", name)).find(".//testcase").get("name").startswith(name)
    log = json.loads(report(s, "sarif", name))
    assert set(uris_of(log["runs"][0]["results"])) == {"a%20b,c%25%3A%3C&%3E%22.cfg"}


def claim_text_cannot_act_on_a_terminal(s):
    odd = "\x1b[31m\u202e\u200f\x7f\u0085"
    s.write("a.cfg", MINIMAL + "{'lo" + odd + "glevel', 3}.\n{acl, 'x" + odd + "', {user, \"y" + odd + "\"}}.\n")
    for text in (report(s, "text", "a.cfg"), s.run("check", "--color=never", "gone" + odd, status=3).err,
                 s.run("check", "--color=never", "--x" + odd, "a.cfg", status=2).err):
        assert "\u241b[31m" in text and not set("\x1b\u202e\u200f\x7f\u0085") & set(text), ascii(text)


def claim_fingerprints_stay_when_lines_move(s):
    text = MINIMAL.replace("internal", "interna")
    s.write("a.cfg", text)
    before = json.loads(report(s, "gitlab", "a.cfg"))
    s.write("a.cfg", "\n%% moved\n" + text)
    after = json.loads(report(s, "gitlab", "a.cfg"))
    assert [i["fingerprint"] for i in before] == [i["fingerprint"] for i in after] != []
    assert after[0]["location"]["lines"]["begin"] == before[0]["location"]["lines"]["begin"] + 2


support.main(globals())
