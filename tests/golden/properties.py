#!/usr/bin/env python3
"""properties.py CFGC SOURCE_DIR CC: what holds for all generated code.

The same bytes wherever and whenever it is made; small edits make small diffs; config_id follows the meaning, not the
spelling; hostile names compile; an error leaves nothing behind; passwords get into no file but one that only its owner
can read.
"""
import filecmp
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile

CFGC, SOURCE, CC = sys.argv[1:4]
BASE = """{hosts, ["localhost", "example.org"]}.
{sm_backend, {mnesia, []}}.
{auth_method, internal}.
{listen, [{5222, ejabberd_c2s, [{access, c2s}, {shaper, c2s_shaper}, {max_stanza_size, 65536}]}]}.
{acl, admin, {user, "admin"}}.
{acl, admin, {user, "root", "example.org"}}.
{access, c2s, [{deny, bad}, {allow, all}]}.
{acl, bad, {user_regexp, "^spam[0-9]"}}.
{access, c2s_shaper, [{none, admin}, {slow, all}]}.
{shaper, slow, {maxrate, 1000}}.
{modules, [{mod_roster, []}, {mod_disco, []}]}.
"""
CHECKS = []


def check(f):
    CHECKS.append(f)
    return f


def write(folder, text, name="in.cfg"):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def emit(config, into, cwd=None, env=None, fine=True, args=()):
    done = subprocess.run([CFGC, "emit", "--color=never", *args, "-d", into, config], cwd=cwd, capture_output=True,
                          text=True, env={**os.environ, **(env or {})}, timeout=120)
    if fine and done.returncode != 0:
        raise AssertionError(f"cfgc exited {done.returncode}\n{done.stderr}")
    return done


def texts(folder):
    return {n: open(os.path.join(folder, n), encoding="utf-8").read() for n in sorted(os.listdir(folder))}


def config_id(folder):
    return json.load(open(os.path.join(folder, "manifest.json"), encoding="utf-8"))["config_id"]


@check
def same_bytes_from_anywhere(tmp):
    one, two, out1, out2 = (os.path.join(tmp, d) for d in ("one", "a/b/two", "out1", "out2"))
    for d in (one, two):
        os.makedirs(d)
        shutil.copy(os.path.join(SOURCE, "examples/reference.cfg"), d)
        shutil.copytree(os.path.join(SOURCE, "examples/reference"), os.path.join(d, "reference"))
    emit("reference.cfg", out1, cwd=one, env={"TZ": "UTC", "LANG": "C"})
    emit("./reference.cfg", out2, cwd=two, env={"TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8", "LC_ALL": "C.UTF-8"})
    assert texts(out1) == texts(out2)
    emit(os.path.join(one, "reference.cfg"), out2, cwd=one)
    assert texts(out1) == texts(out2)


@check
def places_are_named_from_the_main_file(tmp):
    text = BASE.replace('["localhost", "example.org"]', "{{{hosts}}}").replace("1000", "{{{rate}}}")
    os.mkdir(os.path.join(tmp, "sub"))
    write(tmp, text, "sub/in.cfg")
    write(tmp, '{hosts, "[\\"localhost\\", \\"example.org\\"]"}. {rate, 1000}.\n', "sub/vars.cfg")
    out = os.path.join(tmp, "out")
    emit("sub/in.cfg", out, cwd=tmp, args=["--vars=sub/vars.cfg"])
    assert "/* in.cfg:10 */" in texts(out)["shapers.h"]
    assert '\t"in.cfg",\n\t"vars.cfg",\n' in texts(out)["server.c"]
    done = subprocess.run([CFGC, "emit", "--vars=sub/vars.cfg", "-d", out, "-"], cwd=tmp, input=text, text=True,
                          capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "/* <stdin>:10 */" in texts(out)["shapers.h"]


@check
def unchanged_files_are_not_touched(tmp):
    out = os.path.join(tmp, "out")
    emit(write(tmp, BASE), out)
    before = {n: os.stat(os.path.join(out, n)).st_ino for n in os.listdir(out)}
    emit(write(tmp, BASE.replace("1000}", "2000}")), out)
    after = {n: os.stat(os.path.join(out, n)).st_ino for n in os.listdir(out)}
    changed = {n for n in after if before[n] != after[n]}
    assert changed == {"shapers.h", "manifest.json", "server.c"}, changed


@check
def config_id_follows_the_meaning(tmp):
    ids = {}
    lines = BASE.splitlines(True)
    commented = "%% a comment\n" + BASE.replace("\n{", "\n\n  {").replace("1000", "16#3e8")
    moved = "".join(lines[:3] + lines[8:10] + lines[3:8] + lines[10:])
    swapped = BASE.replace(lines[4] + lines[5], lines[5] + lines[4])
    unused = BASE + "{acl, nobody_asks, {server, \"x\"}}.\n"
    for name, text in (("base", BASE), ("commented", commented), ("moved", moved), ("swapped", swapped),
                       ("unused", unused)):
        out = os.path.join(tmp, name)
        emit(write(tmp, text), out)
        ids[name] = config_id(out)
    assert len(set(ids.values())) == 1, ids
    for old, new in (("65536", "65537"), ("{deny, bad}", "{allow, bad}"), ("^spam", "^sham"), ("{none, admin}, ", ""),
                     ("localhost", "localhos"), ("{mod_roster, []}", "{mod_roster, [versioning]}")):
        out = os.path.join(tmp, "changed")
        emit(write(tmp, BASE.replace(old, new)), out)
        assert config_id(out) != ids["base"], old


@check
def small_edits_make_small_diffs(tmp):
    base = os.path.join(tmp, "base")
    emit(write(tmp, BASE), base)
    for old, new, most in (("65536", "65537", 1), ("{maxrate, 1000}", "{maxrate, 1001}", 1),
                           ("{user, \"admin\"}", "{user, \"chief\"}", 2), ("{deny, bad}", "{allow, bad}", 2),
                           ("{mod_roster, []}", "{mod_roster, [versioning]}", 2)):
        out = os.path.join(tmp, "edited")
        emit(write(tmp, BASE.replace(old, new)), out)
        lines = 0
        for name, text in texts(out).items():
            if name.endswith(".h"):
                a, b = texts(base)[name].splitlines(), text.splitlines()
                lines += sum(x != y for x, y in zip(a, b)) + abs(len(a) - len(b))
        assert 0 < lines <= most, (old, new, lines)


HOSTILE = ["*/ int x; /*", "/*", "a\"b", "back\\slash", "??/", "??/\\n", "line\nbreak", "percent%s%n", "ü", "\u202ertl",
           "int", "9lives", "a-b", "a.b", "A", "'", "x" * 200, "\u0001", "\ufeffbom", "GEN_NSHAPERS", "s_users", "??=??<"]


def atom(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@check
def hostile_names_compile_and_round_trip(tmp):
    names = HOSTILE + [n + "_2" for n in ("s_users", "a_b")] + ["a_b"]
    text = BASE
    for n in names:
        a = atom(n + "z")  # lower-case letters keep it from being a macro
        text += f"{{shaper, {a}, {{maxrate, 77}}}}.\n{{acl, {a}, {{user, \"u\", \"d\"}}}}.\n"
        printable = "".join(c for c in n if c.isprintable())
        text += f"{{acl, {a}, {{resource, {string(printable)}}}}}.\n"
    clauses = ", ".join(f"{{{atom(n + 'z')}, {atom(n + 'z')}}}" for n in names)
    text = text.replace("{none, admin}", clauses)
    out = os.path.join(tmp, "out")
    emit(write(tmp, text), out)
    subprocess.run([CC, "-std=c17", "-O1", "-Wall", "-Wextra", "-Werror", f"-I{SOURCE}/runtime/include", "-c",
                    os.path.join(out, "server.c"), "-o", os.path.join(tmp, "server.o")], check=True)
    main = write(tmp, """#include <stdio.h>
#include "server.c"
int main(void)
{
	for (int i = 0; i < GEN_NSHAPERS; i++)
		fwrite(gen_shapers[i].name, 1, strlen(gen_shapers[i].name) + 1, stdout);
	return 0;
}
""", "main.c")
    subprocess.run([CC, "-std=c17", "-w", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections",
                    "-Wl,--unresolved-symbols=ignore-all", f"-I{SOURCE}/runtime/include", f"-I{out}", main, "-o",
                    os.path.join(tmp, "main")], check=True)
    got = subprocess.check_output([os.path.join(tmp, "main")]).decode().split("\0")[:-1]
    assert sorted(got) == sorted([n + "z" for n in names] + ["slow"]), got


@check
def very_long_names_compile(tmp):
    # Atoms are short, strings are not.
    text = BASE + "{domain_certfile, \"example.org\", " + string("/" + "d/" * 5000 + "*/??/\"") + "}.\n"
    out = os.path.join(tmp, "out")
    emit(write(tmp, text), out)
    subprocess.run([CC, "-std=c17", "-Wall", "-Wextra", "-Werror", f"-I{SOURCE}/runtime/include", "-c",
                    os.path.join(out, "server.c"), "-o", os.path.join(tmp, "server.o")], check=True)


@check
def errors_write_nothing(tmp):
    out = os.path.join(tmp, "out")
    done = emit(write(tmp, BASE + "{loglevl, 3}.\n"), out, fine=False)
    assert done.returncode == 1 and not os.path.exists(out)
    emit(write(tmp, BASE), out)
    before = {n: os.stat(os.path.join(out, n)).st_mtime_ns for n in os.listdir(out)}
    emit(write(tmp, BASE.replace("1000", "-1")), out, fine=False)
    emit(write(tmp, BASE.replace("{slow, all}", "{fast, all}")), out, fine=False, args=["--werror"])
    assert before == {n: os.stat(os.path.join(out, n)).st_mtime_ns for n in os.listdir(out)}


@check
def werror_makes_warnings_errors(tmp):
    out = os.path.join(tmp, "out")
    text = BASE + "{access, c2s, [{allow, all}]}.\n"
    assert emit(write(tmp, text), out).returncode == 0
    shutil.rmtree(out)
    assert emit(write(tmp, text), out, fine=False, args=["--werror"]).returncode == 1
    assert not os.path.exists(out)


@check
def passwords_stay_out_of_the_code(tmp):
    out = os.path.join(tmp, "out")
    text = BASE.replace("{listen, [", "{listen, [{8888, ejabberd_service, [{password, \"tops3cret\"}]}, ")
    emit(write(tmp, text), out)
    for name, content in texts(out).items():
        assert ("tops3cret" in content) == (name == "xmppd.secrets"), name
    mode = os.stat(os.path.join(out, "xmppd.secrets")).st_mode
    assert stat.S_IMODE(mode) == 0o600, oct(mode)
    assert texts(out)["xmppd.secrets"] == "listener_0_password\ttops3cret\n"
    first = config_id(out)
    emit(write(tmp, text.replace("tops3cret", "other")), out)
    assert config_id(out) == first  # nor can they be guessed from the digest
    emit(write(tmp, BASE), out)
    assert not os.path.exists(os.path.join(out, "xmppd.secrets"))


@check
def another_runtime_is_refused_by_name(tmp):
    out = os.path.join(tmp, "out")
    emit(write(tmp, BASE), out)
    include = os.path.join(tmp, "include")
    shutil.copytree(os.path.join(SOURCE, "runtime/include"), include)
    header = os.path.join(include, "rt/gen.h")
    text = re.sub(r"(#define RT_GEN_ABI_MAJOR) \d+", r"\1 99", open(header, encoding="utf-8").read())
    open(header, "w", encoding="utf-8").write(text)
    done = subprocess.run([CC, "-std=c17", f"-I{include}", "-c", os.path.join(out, "server.c"), "-o",
                           os.path.join(tmp, "x.o")], capture_output=True, text=True)
    assert done.returncode != 0 and "run cfgc again" in done.stderr, done.stderr


def main():
    failed = 0
    for f in CHECKS:
        with tempfile.TemporaryDirectory() as tmp:
            try:
                f(tmp)
                print(f"ok      {f.__name__}")
            except Exception as e:  # a failed check must not hide the others
                failed += 1
                print(f"FAILED  {f.__name__}: {type(e).__name__}: {e}")
    sys.exit(failed != 0)


main()
