"""cfgc -W, --fail-on, --baseline and --write-baseline: what counts, and what the exit status says."""
import json
import os

import support
from support import MINIMAL

UNUSED = MINIMAL + '{acl, nobody, {user, "x"}}.\n'  # W0504
WRONG = MINIMAL.replace("{access, c2s}]", "{acess, c2s}]")


def found(s, *args, status=0, stdin=None):
    done = s.run("check", "--diagnostics=json", *args, status=status, stdin=stdin)
    return [(d["code"], d["level"]) for d in map(json.loads, done.err.splitlines())]


def claim_a_warning_takes_the_level_that_it_is_given(s):
    s.write("a.cfg", UNUSED)
    assert found(s, "a.cfg") == [("W0504", "warning")]
    for name in ("W0504", "W05", "unused"):
        assert found(s, "-W", name + "=error", "a.cfg", status=1) == [("W0504", "error")], name
        assert found(s, "-W", name + "=note", "a.cfg") == [("W0504", "note")], name
        assert found(s, "-W", name + "=off", "a.cfg") == [], name
    assert found(s, "-W", "W06=off", "a.cfg") == [("W0504", "warning")]


def claim_the_last_level_counts_also_against_werror(s):
    s.write("a.cfg", UNUSED)
    assert found(s, "--werror", "a.cfg", status=1) == [("W0504", "error")]
    assert found(s, "-WW0504=warning", "--werror", "a.cfg") == [("W0504", "warning")]
    assert found(s, "-W", "W05=off", "-W", "W0504=note", "a.cfg") == [("W0504", "note")]


def claim_errors_stay_errors_and_nonsense_is_refused(s):
    s.write("a.cfg", WRONG)
    for value in ("E0203=off", "E02=note", "W9999=off", "W05", "W05=", "=off", "W0504=loud"):
        done = s.run("check", "-W", value, "a.cfg", status=2)
        assert done.err.startswith("error[E0017]: -W takes "), done.err


def claim_fail_on_moves_the_exit_status_and_nothing_else(s):
    s.write("a.cfg", UNUSED)
    for level, status in (("error", 0), ("warning", 1), ("note", 1)):
        assert found(s, "--fail-on=" + level, "a.cfg", status=status) == [("W0504", "warning")]
    for level, status in (("error", 0), ("warning", 0), ("note", 1)):
        found(s, "-W", "W0504=note", "--fail-on=" + level, "a.cfg", status=status)
    s.write("clean.cfg", MINIMAL)
    assert found(s, "--fail-on=note", "clean.cfg") == []
    s.run("build", "--fail-on=note", "clean.cfg", status=2)
    for command in (("dump",), ("ciphers",), ("can", "a@localhost", "--rule=r"), ("who", "--rule=r")):  # they judge no date
        done = s.run(*command, "--at=2026-01-01", "clean.cfg", status=2)
        assert f"'--at=2026-01-01' has no meaning for 'cfgc {command[0]}'" in done.err, done.err


def claim_a_baseline_hides_what_was_there_and_shows_what_is_new(s):
    s.write("a.cfg", WRONG)
    before = found(s, "a.cfg", status=1)
    assert len(before) >= 1
    assert found(s, "--write-baseline=known", "a.cfg") == []
    assert found(s, "--baseline=known", "a.cfg") == []
    s.write("a.cfg", "%% moved\n\n" + WRONG.replace("{hosts,", "{hosts,\n  "))
    assert found(s, "--baseline=known", "a.cfg") == []
    s.write("a.cfg", WRONG + '{acl, nobody, {user, "x"}}.\n')
    assert found(s, "--baseline=known", "a.cfg") == [("W0504", "warning")]


def claim_one_more_of_the_same_is_new(s):
    twice = MINIMAL.replace("{access, c2s}]", "{acess, c2s}, {acess, c2s}]")
    s.write("a.cfg", WRONG)
    found(s, "--write-baseline=known", "a.cfg")
    s.write("a.cfg", twice)
    assert ("E0203", "error") in found(s, "--baseline=known", "a.cfg", status=1)


def claim_a_baseline_comes_before_the_limit_of_errors(s):
    s.write("a.cfg", MINIMAL + "".join(f"{{wrong{i}, 1}}.\n" for i in range(60)))
    assert found(s, "--write-baseline=known", "a.cfg") == []
    assert s.read("known").count("\n") == 61
    assert found(s, "--baseline=known", "--max-errors=5", "a.cfg") == []
    s.write("empty", "cfgc baseline 1\n")
    assert len(found(s, "--baseline=empty", "--max-errors=5", "a.cfg", status=1)) == 5


def claim_two_runs_write_one_baseline(s):
    s.write("a.cfg", WRONG)
    found(s, "--write-baseline=one", "a.cfg")
    found(s, "--write-baseline=two", "a.cfg")
    assert s.read("one") == s.read("two") and s.read("one").startswith("cfgc baseline 1\n")


def claim_a_baseline_that_is_none_is_a_reported_failure(s):
    s.write("a.cfg", WRONG)
    before = found(s, "a.cfg", status=1)
    assert found(s, "--baseline=absent", "a.cfg", status=3) == before + [("E0001", "error")]
    for text in ("", "something else\n", "cfgc baseline 1\nnonsense\n", "cfgc baseline 1\n0123456789ABCDEF E0203\n"):
        s.write("odd", text)
        assert found(s, "--baseline=odd", "a.cfg", status=3) == before + [("E0014", "error")], text
    assert found(s, "--write-baseline=no/such/folder", "a.cfg", status=3) == before + [("E0007", "error")]


def claim_a_file_that_is_no_baseline_is_never_overwritten(s):
    s.write("a.cfg", WRONG)
    assert ("E0014", "error") in found(s, "--write-baseline=a.cfg", "a.cfg", status=3)
    assert s.read("a.cfg") == WRONG


def claim_a_missing_configuration_leaves_the_baseline_alone(s):
    s.write("a.cfg", WRONG)
    found(s, "--write-baseline=known", "a.cfg")
    text = s.read("known")
    assert found(s, "--write-baseline=known", "absent.cfg", status=3) == [("E0001", "error")]
    assert s.read("known") == text
    assert not os.path.exists(os.path.join(s.path, "absent.cfg"))


def claim_several_files_are_one_report_and_one_verdict(s):
    s.write("clean.cfg", MINIMAL)
    s.write("wrong.cfg", WRONG)
    s.write("unused.cfg", UNUSED)
    one_by_one = found(s, "wrong.cfg", status=1) + found(s, "unused.cfg")
    assert found(s, "clean.cfg", "wrong.cfg", "unused.cfg", status=1) == one_by_one
    assert found(s, "clean.cfg", "unused.cfg") == [("W0504", "warning")]
    assert found(s, "clean.cfg", "unused.cfg", "--fail-on=warning", status=1) == [("W0504", "warning")]
    s.run("check", "clean.cfg", "clean.cfg")
    # A file that is not there stops none of the others, and its status is the worst.
    assert found(s, "absent.cfg", "wrong.cfg", "absent2.cfg", "unused.cfg", status=3) == \
        [("E0001", "error")] + one_by_one[:-1] + [("E0001", "error")] + one_by_one[-1:]
    # Files are sorted as they are given, standard input among them.
    assert found(s, "-", "wrong.cfg", stdin=UNUSED.encode(), status=1) == one_by_one[-1:] + one_by_one[:-1]
    s.run("check", "-", "-", stdin=UNUSED.encode(), status=2)


def claim_one_bad_file_does_not_hide_the_next(s):
    s.write("a.cfg", MINIMAL + "".join(f"{{wrong{i}, 1}}.\n" for i in range(9)))
    s.write("b.cfg", WRONG)
    text = s.run("check", "--max-errors=2", "a.cfg", "b.cfg", status=1).err
    assert text.count("error[") >= 3 and "--> b.cfg:" in text and "further errors are not shown" in text, text
    s.write("empty", "cfgc baseline 1\n")
    assert s.run("check", "--max-errors=2", "--baseline=empty", "a.cfg", "b.cfg", status=1).err == text


def claim_what_two_files_include_is_reported_once(s):
    s.write("common", "{acl, nobody, {usr, \"x\"}}.\n")
    for name in ("a.cfg", "b.cfg"):
        s.write(name, MINIMAL + '{include_config_file, "common"}.\n')
    alone = found(s, "a.cfg", status=1)
    assert len(alone) >= 1 and found(s, "a.cfg", "b.cfg", status=1) == alone
    # What is only true of one of them stays.
    s.write("c.cfg", MINIMAL + '{include_config_file, "common"}.\n{wrong, 1}.\n')
    assert len(found(s, "a.cfg", "c.cfg", status=1)) == len(alone) + 1


def claim_a_baseline_is_for_all_files(s):
    s.write("a.cfg", WRONG)
    s.write("b.cfg", UNUSED)
    assert found(s, "--write-baseline=known", "a.cfg", "b.cfg") == []
    assert found(s, "--baseline=known", "b.cfg", "a.cfg") == []
    s.write("c.cfg", UNUSED)
    assert found(s, "--baseline=known", "a.cfg", "b.cfg", "c.cfg") == [("W0504", "warning")]


def claim_a_mistake_on_the_command_line_is_a_finding(s):
    s.write("a.cfg", MINIMAL)
    for args in (["--wrror", "a.cfg"], [], ["-o", "x", "a.cfg"], ["a.cfg", "--fail-on"], ["--color=blue", "a.cfg"]):
        assert found(s, *args, status=2) == [("E0017", "error")], args
    done = s.run("check", "a.cfg", "--wrror", "--diagnostics", "json", status=2)  # the form stands behind the mistake
    report = json.loads(done.err)
    assert report["help"] == "did you mean '--werror'?" and report["file"] is None and report["spans"] == []
    assert s.run("check", "--diagnostics=jason", "a.cfg", status=2).err.startswith("error[E0017]: --diagnostics takes ")


def claim_the_exit_status_says_who_is_to_act(s):
    s.write("clean.cfg", MINIMAL)
    s.write("wrong.cfg", WRONG)
    s.write("include.cfg", MINIMAL + '{include_config_file, "absent"}.\n')
    os.mkdir(os.path.join(s.path, "folder"))
    s.run("check", "clean.cfg", status=0)
    s.run("check", "wrong.cfg", status=1)
    s.run("check", "include.cfg", status=1)  # a term names the file that is not there
    s.run("check", "--nosuch", "clean.cfg", status=2)
    s.run("check", status=2)
    s.run("check", "absent.cfg", status=3)
    s.run("check", "folder", status=3)
    s.run("emit", "-d", "clean.cfg/below", "clean.cfg", status=3)
    s.run("build", "--runtime=nowhere", "clean.cfg", status=3)


def claim_what_the_world_refuses_is_never_beyond_the_limit(s):
    s.write("a.cfg", MINIMAL + "".join(f"{{wrong{i}, 1}}.\n" for i in range(9)))
    assert ("E0001", "error") in found(s, "--max-errors=1", "--baseline=absent", "a.cfg", status=3)


def claim_standard_input_is_checked_like_a_file(s):
    assert found(s, "-", stdin=UNUSED.encode()) == [("W0504", "warning")]
    assert found(s, "--fail-on=warning", "-", stdin=UNUSED.encode(), status=1) == [("W0504", "warning")]


support.main(globals())
