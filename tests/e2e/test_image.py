"""What is in a server that cfgc has linked, and what is not: hardening, code of things the file does not ask for, and the gates
between an image and a runtime that do not fit."""
import os
import re
import shutil
import subprocess

import pytest

from xmppd import BUILD, CFGC, build, run

RUNTIME = os.path.join(BUILD, "lib", "cfgc")
ARCHIVE = os.path.join(RUNTIME, "libcfgc_rt.a")
CC = os.environ.get("CC", "cc")

with open(os.path.join(RUNTIME, "link.flags")) as f:
    SANITIZED = "-fsanitize" in f.read()

release = pytest.mark.skipif(SANITIZED, reason="sanitizers link in code and names of their own")
pytestmark = pytest.mark.whole("nothing is sent")

HEAD = '{hosts, ["localhost"]}. {sm_backend, {mnesia, []}}. {auth_method, internal}.\n'
C2S = '{{0, "127.0.0.1"}, ejabberd_c2s, []}'
SERVICE = '{{0, "127.0.0.1"}, ejabberd_service, [{password, "secret"}]}'


def image(listeners=(C2S,), modules=("{mod_roster, []}",)):
    return build(f"{HEAD}{{listen, [{', '.join(listeners)}]}}.\n{{modules, [{', '.join(modules)}]}}.\n")


def readelf(what, binary):
    return run("readelf", "-W", what, binary).stdout


def symbols(binary, *flags):
    """name -> type letter of nm"""
    rows = (line.split() for line in run("nm", *flags, binary).stdout.splitlines())
    return {r[-1]: r[-2] for r in rows if len(r) >= 2}


def names(binary):
    return set(symbols(binary, "--defined-only"))


# -- hardening ----------------------------------------------------------------------------------------------------------------

def test_position_independent():
    binary = image()
    assert re.search(r"Type:\s+DYN ", readelf("-h", binary))
    assert re.search(r"FLAGS_1.*\bPIE\b", readelf("-d", binary))


def test_addresses_are_bound_at_start_and_then_read_only():
    binary = image()
    dynamic, segments = readelf("-d", binary), readelf("-l", binary)
    assert "BIND_NOW" in dynamic and re.search(r"FLAGS_1.*\bNOW\b", dynamic)
    assert "GNU_RELRO" in segments
    assert not re.search(r"\bTEXTREL\b|\bRPATH\b|\bRUNPATH\b", dynamic), dynamic


def test_nothing_is_writable_and_executable():
    segments = readelf("-l", image())
    assert re.search(r"GNU_STACK\s.*\sRW\s", segments)
    for line in re.findall(r"^\s+LOAD\s.*$", segments, re.M):
        assert not ("W" in line.split("0x")[-2] and "E" in line.split("0x")[-2]), line


@release
def test_stack_protector_and_fortified_calls():
    wanted = symbols(image(), "-D", "--undefined-only")
    found = {re.sub(r"@.*", "", n) for n in wanted}
    assert "__stack_chk_fail" in found
    assert {"__memcpy_chk", "__snprintf_chk"} <= found, sorted(n for n in found if n.endswith("_chk"))
    assert not found & {"gets", "strcpy", "strcat", "sprintf", "vsprintf", "tmpnam", "mktemp", "system", "popen", "dlopen"}


@release
def test_nothing_is_exported():
    assert symbols(image(), "-D", "--defined-only") == {}
    # What was generated is reached through one name.
    outer = {n for n, kind in symbols(image(), "--defined-only").items() if n.startswith("gen_") and kind.isupper()}
    assert outer == set()
    assert "rt_gen" in names(image())


@release
def test_names_of_the_runtime():
    """Everything that server.c could collide with begins with rt_."""
    for name, kind in symbols(ARCHIVE, "-g", "--defined-only").items():
        assert name.startswith("rt_") or name == "main", (name, kind)


# -- what is not asked for is not there ----------------------------------------------------------------------------------------

MODULES = ["adhoc", "disco", "last", "offline", "ping", "private", "register", "roster", "sic", "time", "vcard", "version"]


@release
@pytest.mark.parametrize("module", MODULES)
def test_module_that_is_left_out(module):
    """Its functions are in the server that has it alone, and in none that has all the others."""
    entry = re.compile(rf"rt_mod_{module}_")
    alone = {n for n in names(image(modules=[f"{{mod_{module}, []}}"])) if entry.match(n)}
    assert alone, "the test looks for the wrong names"
    without = names(image(modules=[f"{{mod_{m}, []}}" for m in MODULES if m != module]))
    # What modules announce is collected by functions of mod_disco whether anybody asks or not.
    announced = {f"rt_mod_disco_{what}" for what in ("feature", "identity", "serverinfo")}
    assert {n for n in without if entry.match(n)} <= announced


@release
def test_no_code_of_components_without_their_listener():
    with_, without = names(image([C2S, SERVICE])), names(image([C2S]))
    for name in ("rt_component_kind", "rt_component_handshake", "rt_component_stanza", "rt_service_feed", "rt_unsent_bounce", "rt_routes_claim"):
        assert name in with_ and name not in without, name
    assert not [n for n in without if n.startswith("rt_component_")]


@release
def test_no_code_of_clients_without_their_listener():
    with_, without = names(image([C2S, SERVICE])), names(image([SERVICE], modules=()))
    for name in ("rt_c2s_kind", "rt_c2s_feed", "rt_c2s_bind", "rt_c2s_negotiate", "rt_auth_element", "rt_sasl_start", "rt_scram_client_final"):
        assert name in with_ and name not in without, name


@release
def test_no_regular_expressions_without_a_pattern():
    assert "rt_regexp_new" not in names(image())
    assert "libpcre2" not in readelf("-d", image())


@release
def test_nothing_that_could_load_code_or_run_programs():
    found = {re.sub(r"@.*", "", n) for n in symbols(image([C2S, SERVICE], [f"{{mod_{m}, []}}" for m in MODULES]), "-D", "--undefined-only")}
    assert not found & {"execve", "execv", "execvp", "execl", "posix_spawn", "fork", "vfork", "dlopen", "dlsym"}
    assert not found & {"inflate", "deflate", "inflateInit_"}, "zlib is nothing that 3.2's file has asked for here"


# -- gates -----------------------------------------------------------------------------------------------------------------------

def emitted(folder):
    config = folder / "in.cfg"
    config.write_text(f"{HEAD}{{listen, [{C2S}]}}.\n{{modules, []}}.\n")
    run(CFGC, "emit", "-d", str(folder / "out"), str(config))
    return config, folder / "out" / "server.c"


def other_runtime(folder, change):
    """A copy of the runtime whose rt/gen.h reads otherwise."""
    runtime = folder / "runtime"
    shutil.copytree(RUNTIME, runtime)
    header = runtime / "include" / "rt" / "gen.h"
    text = header.read_text()
    changed = change(text)
    assert changed != text
    header.write_text(changed)
    return runtime


def test_image_of_another_major_does_not_compile(tmp_path):
    runtime = other_runtime(tmp_path, lambda t: re.sub(r"(#define RT_GEN_ABI_MAJOR) \d+", r"\1 2", t))
    config, server = emitted(tmp_path)
    done = subprocess.run([CC, "-std=c17", "-fsyntax-only", f"-I{runtime}/include", str(server)], capture_output=True, text=True)
    assert done.returncode != 0 and re.search(r"error: #error .*cfgc", done.stderr), done.stderr
    done = run(CFGC, "build", f"--runtime={runtime}", "-o", str(tmp_path / "xmppd"), str(config), check=False)
    assert done.returncode == 3 and "#error" in done.stderr and not (tmp_path / "xmppd").exists()


def test_image_of_another_major_does_not_link(tmp_path):
    runtime = tmp_path / "runtime"
    shutil.copytree(RUNTIME, runtime)
    run("objcopy", "--redefine-sym", "rt_gen_abi_1=rt_gen_abi_2", str(runtime / "libcfgc_rt.a"))
    config, _ = emitted(tmp_path)
    done = run(CFGC, "build", f"--runtime={runtime}", "-o", str(tmp_path / "xmppd"), str(config), check=False)
    assert done.returncode == 3 and "rt_gen_abi_1" in done.stderr and not (tmp_path / "xmppd").exists()


@pytest.mark.parametrize("struct", ["rt_gen", "rt_listener_spec", "rt_host_spec"])
def test_image_with_structs_of_other_sizes_does_not_start(tmp_path, struct):
    def longer(text):
        # At the end: what is compared stands at the beginning of rt_gen.
        return re.sub(rf"(struct {struct} \{{\n(?:[^\n]*\n)*?)\}};", r"\1\tlong of_another_version[3];\n};", text, count=1)
    runtime = other_runtime(tmp_path, longer)
    config, _ = emitted(tmp_path)
    binary = str(tmp_path / "xmppd")
    run(CFGC, "build", f"--runtime={runtime}", "-o", binary, str(config))
    done = run(binary, "--data", str(tmp_path / "data"), check=False)
    assert done.returncode == 1
    m = re.search(rf"struct {struct} has (\d+) bytes in the image and (\d+) in the runtime: compiled with other flags or headers; run cfgc again",
                  done.stderr)
    assert m and int(m.group(1)) - int(m.group(2)) == 24, done.stderr
    assert not (tmp_path / "data").exists()


def test_image_of_a_newer_minor_does_not_start(tmp_path):
    runtime = other_runtime(tmp_path, lambda t: re.sub(r"(#define RT_GEN_ABI_MINOR) \d+", r"\1 77", t))
    config, _ = emitted(tmp_path)
    binary = str(tmp_path / "xmppd")
    run(CFGC, "build", f"--runtime={runtime}", "-o", binary, str(config))
    done = run(binary, "--data", str(tmp_path / "data"), check=False)
    assert done.returncode == 1
    assert re.search(r"image is for runtime ABI 1\.77, this runtime has 1\.\d+; run cfgc again", done.stderr), done.stderr
