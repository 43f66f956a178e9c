#!/usr/bin/env python3
"""binary.py BUILD_DIR SOURCE_DIR: what holds for every server that cfgc links.

The same bytes from anywhere; no path of the machine in it; tables are read-only; what the file does not ask for is not
there; a failed build leaves the old server alone.
"""
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile

BUILD, SOURCE = (os.path.abspath(a) for a in sys.argv[1:3])
CFGC = os.path.join(BUILD, "bin", "cfgc")
RUNTIME = os.path.join(BUILD, "lib", "cfgc")
CHECKS = []


def check(f):
    CHECKS.append(f)
    return f


def build(config, output, cwd=None, fine=True, args=(), env=None):
    done = subprocess.run([CFGC, "build", "--color=never", *args, "-o", output, config], cwd=cwd, capture_output=True,
                          text=True, timeout=120, env={**os.environ, **(env or {})})
    if fine and done.returncode != 0:
        raise AssertionError(f"cfgc exited {done.returncode}\n{done.stderr}")
    return done


def symbols(binary):
    out = subprocess.check_output(["nm", "--defined-only", binary], text=True)
    return {line.split()[-1] for line in out.splitlines() if line}


def read(path):
    with open(path, "rb") as f:
        return f.read()


@check
def same_bytes_from_anywhere(tmp):
    one, two = os.path.join(tmp, "one"), os.path.join(tmp, "a", "longer", "way", "two")
    for folder in (one, two):
        os.makedirs(folder)
        shutil.copy(os.path.join(SOURCE, "examples/reference.cfg"), folder)
        shutil.copytree(os.path.join(SOURCE, "examples/reference"), os.path.join(folder, "reference"))
    shutil.copytree(RUNTIME, os.path.join(two, "runtime"))
    build("reference.cfg", "server", cwd=one, env={"TZ": "UTC", "TMPDIR": one})
    elsewhere = [] if SANITIZED else ["--runtime=runtime"]  # sanitizers note where headers lie
    build(os.path.join(two, "reference.cfg"), os.path.join(two, "xmppd"), cwd=two, args=elsewhere,
          env={"TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"})
    first, second = read(os.path.join(one, "server")), read(os.path.join(two, "xmppd"))
    assert first == second
    for path in (tmp, "/tmp/cfgc-"):
        assert path.encode() not in first, path
    assert sorted(os.listdir(one)) == ["manifest.json", "reference", "reference.cfg", "server"]


@check
def the_manifest_is_inside_and_beside(tmp):
    output = os.path.join(tmp, "xmppd")
    build("minimal.cfg", output, cwd=os.path.join(SOURCE, "examples"))
    beside = read(os.path.join(tmp, "manifest.json")).decode()
    inside = subprocess.check_output([output, "--manifest"], text=True, timeout=60)
    assert json.loads(inside) == json.loads(beside)
    assert json.loads(beside)["hosts"][0]["name"] == "localhost"


@check
def only_what_the_file_asks_for_is_there(tmp):
    small, large = os.path.join(tmp, "small"), os.path.join(tmp, "large")
    examples = os.path.join(SOURCE, "examples")
    build("minimal.cfg", small, cwd=examples)
    build("reference.cfg", large, cwd=examples)
    few, many = symbols(small), symbols(large)
    for name in ("rt_mod_register_iq", "rt_mod_vcard_search", "rt_mod_private_iq", "rt_mod_sic_iq", "rt_mod_adhoc_iq",
                 "rt_mod_ping_iq", "rt_regexp_new", "gen_init"):
        assert name in many, f"{name} is missing from the large server"
        if not SANITIZED:  # instrumentation keeps everything
            assert name not in few, f"{name} is in the small server"
    assert "rt_mod_roster_iq" in few


@check
def tables_are_read_only(tmp):
    output = os.path.join(tmp, "xmppd")
    build("minimal.cfg", output, cwd=os.path.join(SOURCE, "examples"))
    headers = subprocess.check_output(["readelf", "-lW", output], text=True)
    assert "GNU_RELRO" in headers
    assert "BIND_NOW" in subprocess.check_output(["readelf", "-d", output], text=True)
    sections = subprocess.check_output(["readelf", "-SW", output], text=True).splitlines()
    numbers = {line.split("]")[1].split()[0]: line.split("[")[1].split("]")[0].strip() for line in sections
               if line.strip().startswith("[") and "]" in line and line.split("]")[1].split()}
    table = subprocess.check_output(["readelf", "-sW", output], text=True).splitlines()
    for symbol in ("rt_gen", "gen_listeners", "gen_hosts"):
        rows = [line.split() for line in table if line.endswith(" " + symbol)]
        assert rows and rows[0][6] in (numbers.get(".data.rel.ro"), numbers.get(".rodata")), (symbol, rows)


@check
def a_failed_build_leaves_the_old_server(tmp):
    output, config = os.path.join(tmp, "xmppd"), os.path.join(tmp, "in.cfg")
    shutil.copy(os.path.join(SOURCE, "examples/minimal.cfg"), config)
    build(config, output)
    before, names = read(output), sorted(os.listdir(tmp))
    assert build(config, output, fine=False, env={"CC": "/no/such/cc"}).returncode == 3
    assert build(config, output, fine=False, env={"CC": "false"}).returncode == 3
    assert build(config, output, fine=False, args=["--runtime=/nowhere"]).returncode == 3
    with open(config, "a", encoding="utf-8") as f:
        f.write("{loglevl, 3}.\n")
    assert build(config, output, fine=False).returncode == 1
    assert read(output) == before and sorted(os.listdir(tmp)) == names


@check
def passwords_lie_beside_the_binary(tmp):
    output, config = os.path.join(tmp, "xmppd"), os.path.join(tmp, "in.cfg")
    with open(os.path.join(SOURCE, "examples/minimal.cfg"), encoding="utf-8") as f:
        text = f.read()
    with open(config, "w", encoding="utf-8") as f:
        f.write(text.replace("{listen, [", '{listen, [{0, ejabberd_service, [{password, "tops3cret"}]}, '))
    build(config, output)
    assert b"tops3cret" not in read(output)
    assert read(output + ".secrets") == b"listener_0_password\ttops3cret\n"
    assert stat.S_IMODE(os.stat(output + ".secrets").st_mode) == 0o600


@check
def a_runtime_of_another_version_is_refused_by_name(tmp):
    runtime = os.path.join(tmp, "runtime")
    shutil.copytree(RUNTIME, runtime)
    subprocess.run(["objcopy", "--redefine-sym", "rt_gen_abi_1=rt_gen_abi_2", os.path.join(runtime, "libcfgc_rt.a")],
                   check=True)
    done = build("minimal.cfg", os.path.join(tmp, "xmppd"), cwd=os.path.join(SOURCE, "examples"), fine=False,
                 args=[f"--runtime={runtime}"])
    assert done.returncode == 3 and "rt_gen_abi_1" in done.stderr, done.stderr


SANITIZED = "-fsanitize" in read(os.path.join(RUNTIME, "link.flags")).decode()


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
