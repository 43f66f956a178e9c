"""cfgc check --fix and --diff."""
import json
import os
import stat
import subprocess

import support
from support import MINIMAL


def broken():
    """A trailing comma, an old spelling and a misspelt option; nothing else is wrong with it."""
    return MINIMAL.replace("[{access, c2s}]", "[{acess, c2s},]").replace("{mod_roster, []}", "{mod_roster, []}, % kept\n")


def claim_what_is_fixed_is_clean_and_keeps_its_comments(s):
    s.write("a.cfg", "%% first\n" + MINIMAL.replace("{access, c2s}]", "{acess, c2s}]"))
    s.run("check", "a.cfg", status=1)
    done = s.run("check", "--fix", "a.cfg")
    assert "1 file changed" in done.err, done.err
    assert s.read("a.cfg") == "%% first\n" + MINIMAL
    s.run("check", "--fix", "a.cfg")
    assert s.read("a.cfg") == "%% first\n" + MINIMAL


def claim_mistakes_hidden_behind_syntax_errors_are_reported_after_the_fix(s):
    s.write("a.cfg", broken())
    done = s.run("check", "--fix", "a.cfg", status=1)
    assert "{acess, c2s}]" in s.read("a.cfg")
    assert "E0203" in done.err and "E0101" not in done.err, done.err
    s.run("check", "--fix", "a.cfg")
    assert "{access, c2s}]" in s.read("a.cfg") and "% kept" in s.read("a.cfg")


def claim_typographic_quotes_become_plain_ones(s):
    s.write("a.cfg", MINIMAL.replace('"eve"', "\u201eeve\u201c").replace("mod_roster", "\u2018mod_roster\u2019"))
    found = s.run("check", "a.cfg", status=1).err
    assert found.count("error[") == 2 and found.count("error[E0113]") == 2, found
    s.run("check", "--fix", "a.cfg")
    assert s.read("a.cfg") == MINIMAL.replace("mod_roster", "'mod_roster'")
    s.write("b.cfg", MINIMAL.replace('"eve"', "\u201ce\\\"ve\u201d"))
    assert s.run("check", "--diff", "b.cfg", status=1).out == "", "what holds a plain quote is not fixed"
    s.write("c.cfg", "{a, " + "\u201c" * 5000)
    assert "\n101 errors;" in s.run("check", "c.cfg", status=1).err, "a run of quotes is taken apart up to a limit"


def claim_a_diff_is_what_the_fix_does_and_writes_nothing(s):
    text = MINIMAL.replace("{access, c2s}]", "{acess, c2s}]").replace("mod_roster, []", "mod_roster, []")
    s.write("a.cfg", text)
    diff = s.run("check", "--diff", "a.cfg", status=1).out
    assert s.read("a.cfg") == text
    subprocess.run(["patch", "-p1"], cwd=s.path, input=diff.encode(), check=True, capture_output=True)
    assert s.read("a.cfg") == MINIMAL


def claim_far_apart_changes_get_hunks_of_their_own(s):
    text = MINIMAL.replace("{access, c2s}]", "{acess, c2s}]").replace("[{mod_roster, []}]", "[{mod_rostr, []}]")
    text = text.replace("{auth_method", "\n" * 12 + "{auth_method")
    s.write("a.cfg", text)
    diff = s.run("check", "--diff", "a.cfg", status=1).out
    assert diff.count("@@ -") == 2, diff
    s.run("check", "--fix", "a.cfg")
    fixed = s.read("a.cfg")
    s.write("b.cfg", text)
    subprocess.run(["patch", "b.cfg"], cwd=s.path, input=diff.encode(), check=True, capture_output=True)
    assert s.read("b.cfg") == fixed


def claim_a_file_without_a_last_newline_gets_a_diff_that_says_so(s):
    text = MINIMAL.rstrip("\n").replace("mod_roster", "mod_rostr")
    s.write("a.cfg", text)
    diff = s.run("check", "--diff", "a.cfg", status=1).out
    assert diff.count("\\ No newline at end of file") == 2, diff
    subprocess.run(["patch", "-p1"], cwd=s.path, input=diff.encode(), check=True, capture_output=True)
    assert s.read("a.cfg") == MINIMAL.rstrip("\n")


def claim_included_files_are_fixed_once_however_often_they_are_included(s):
    s.write("mods.cfg", "{modules, [{mod_rostr, []}]}.\n")
    head = MINIMAL.replace("{modules, [{mod_roster, []}]}.\n", "")
    s.write("a.cfg", head + '{include_config_file, "mods.cfg"}.\n')
    s.run("check", "--fix", "a.cfg")
    assert s.read("mods.cfg") == "{modules, [{mod_roster, []}]}.\n"
    s.write("acl.cfg", '{acl, more, {usr, "x"}}.\n')
    s.write("b.cfg", MINIMAL + '{include_config_file, "acl.cfg"}.\n{include_config_file, "./acl.cfg"}.\n')
    s.run("check", "--fix", "b.cfg", status=None)
    assert s.read("acl.cfg") == '{acl, more, {user, "x"}}.\n', s.read("acl.cfg")


def claim_what_changes_the_meaning_is_for_fix_unsafe(s):
    text = MINIMAL.replace("{access, c2s}]", "{access, c2s}, {c2s_shaper, c2s}]").replace("{modules", "{shaper, c2s, {maxrate, 1}}.\n{modules")
    s.write("a.cfg", text)
    findings = [json.loads(line) for line in s.run("check", "--diagnostics=json", "a.cfg", status=None).err.splitlines()]
    assert {d["code"]: d["fix"][0]["safe"] for d in findings if d["fix"]}.get("W0604") is False, findings
    done = s.run("check", "--fix", "a.cfg", status=None)
    assert s.read("a.cfg") == text and "not fixed: it would change what MongooseIM" in done.err, done.err
    assert s.run("check", "--diff", "a.cfg", status=None).out == ""
    assert "{shaper, c2s}" in s.run("check", "--diff", "--fix-unsafe", "a.cfg", status=None).out
    assert s.read("a.cfg") == text
    s.run("check", "--fix-unsafe", "a.cfg", status=None)
    assert "{access, c2s}, {shaper, c2s}" in s.read("a.cfg") and "c2s_shaper" not in s.read("a.cfg")
    s.run("check", "--fix-unsafe", "-", stdin=text.encode(), status=2)
    s.write("b.cfg", MINIMAL.replace("{access, c2s}]", "{acess, c2s}]"))
    s.run("check", "--fix", "b.cfg")
    assert s.read("b.cfg") == MINIMAL


def claim_each_of_several_files_is_fixed_for_itself(s):
    wrong = MINIMAL.replace("{access, c2s}]", "{acess, c2s}]")
    s.write("common", '{acl, blocked, {usr, "x"}}.\n')
    text = wrong + '{include_config_file, "common"}.\n'
    s.write("a.cfg", text)
    s.write("b.cfg", text)
    s.write("c.cfg", wrong + '{include_config_file, "absent"}.\n')
    diff = s.run("check", "--diff", "a.cfg", "b.cfg", "c.cfg", status=1).out
    assert [line for line in diff.splitlines() if line.startswith("+++")] == ["+++ b/a.cfg", "+++ b/common", "+++ b/b.cfg"], diff
    done = s.run("check", "--fix", "a.cfg", "b.cfg", "c.cfg", status=1)
    assert "3 files changed" in done.err and "nothing was written" not in done.err, done.err
    assert s.read("a.cfg") == s.read("b.cfg") == MINIMAL + '{include_config_file, "common"}.\n'
    assert "{user, " in s.read("common") and "{acess, " in s.read("c.cfg")
    s.run("check", "a.cfg", "b.cfg")


def claim_nothing_is_written_when_a_file_could_not_be_read(s):
    text = MINIMAL.replace("mod_roster", "mod_rostr") + '{include_config_file, "gone.cfg"}.\n'
    s.write("a.cfg", text)
    s.run("check", "--fix", "a.cfg", status=None)
    assert s.read("a.cfg") == text
    assert s.run("check", "--diff", "a.cfg", status=None).out == ""


def claim_a_file_that_may_not_be_written_stays_and_the_run_fails(s):
    text = MINIMAL.replace("mod_roster", "mod_rostr")
    s.write("a.cfg", text)
    os.mkdir(os.path.join(s.path, "d"))
    os.rename(os.path.join(s.path, "a.cfg"), os.path.join(s.path, "d", "a.cfg"))
    os.chmod(os.path.join(s.path, "d"), 0o555)
    if os.geteuid() != 0:
        done = s.run("check", "--fix", "d/a.cfg", status=3)
        assert "E0007" in done.err, done.err
    os.chmod(os.path.join(s.path, "d"), 0o755)


def claim_mode_and_symbolic_links_survive(s):
    path = s.write("real.cfg", MINIMAL.replace("mod_roster", "mod_rostr"))
    os.chmod(path, 0o640)
    os.symlink("real.cfg", os.path.join(s.path, "link.cfg"))
    s.run("check", "--fix", "link.cfg")
    assert os.path.islink(os.path.join(s.path, "link.cfg"))
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o640
    assert s.read("real.cfg") == MINIMAL
    assert sorted(os.listdir(s.path)) == ["link.cfg", "real.cfg"]


def claim_latin1_files_stay_latin1(s):
    head = b"%% -*- coding: latin-1 -*-\n%% caf\xe9\n"
    s.write("a.cfg", head + MINIMAL.replace("mod_roster", "mod_rostr").encode())
    s.run("check", "--fix", "a.cfg")
    with open(os.path.join(s.path, "a.cfg"), "rb") as f:
        assert f.read() == head + MINIMAL.encode()


def claim_standard_input_has_a_diff_but_no_fix(s):
    text = MINIMAL.replace("mod_roster", "mod_rostr").encode()
    s.run("check", "--fix", "-", stdin=text, status=2)
    assert "+{modules, [{mod_roster, []}]}." in s.run("check", "--diff", "-", stdin=text, status=1).out
    s.run("check", "--fix", "--diff", "a.cfg", status=2)


support.main(globals())
