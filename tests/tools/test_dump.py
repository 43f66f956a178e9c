"""cfgc dump."""
import os
import re
import shutil

import support
from support import MINIMAL


def without_places(text):
    return re.sub(r"  % [^\n]*", "", text)


def claim_defaults_macros_and_places_are_shown(s):
    s.write("acl.cfg", '{acl, blocked, {user, "eve"}}.\n')
    s.write("a.cfg", MINIMAL.replace('{acl, blocked, {user, "eve"}}.\n', '{include_config_file, "acl.cfg"}.\n')
            .replace("{access, c2s}]", "{access, c2s}, {max_stanza_size, 'SIZE'}]")
            + "{define_macro, 'SIZE', 4096}.\n")
    out = s.run("dump", "a.cfg").out
    assert '{acl, blocked, {user, "eve"}}.  % acl.cfg:1\n' in out, out
    assert "{max_stanza_size, 4096},  % a.cfg:2\n" in out, out
    assert "{registration_timeout, 600}.  % default\n" in out, out
    assert "{versioning, false},  % default\n" in out, out
    assert "define_macro" not in out and "include" not in out


def claim_the_way_of_compatibility_is_shown_and_in_force(s):
    s.write("a.cfg", MINIMAL.replace("{access, c2s}]", "{max_stanza_size, 1000}]"))
    out = s.run("dump", "a.cfg").out
    assert out.startswith("%% --compat=documented\n"), out
    assert "{access, c2s}" in out and "{max_stanza_size, 1000}" in out, out
    out = s.run("dump", "--compat=mongooseim", "a.cfg").out
    assert out.startswith("%% --compat=mongooseim\n"), out
    assert "{access, all}" in out and "{max_stanza_size, 1460}" in out, out


def claim_host_config_is_resolved(s):
    s.write("a.cfg", MINIMAL.replace('["example.com"]', '["example.com", "b.example"]')
            + '{host_config, "b.example", [{access, c2s, [{deny, all}]}, {modules, [{mod_time, []}]}]}.\n')
    out = s.run("dump", "a.cfg").out
    first, second = out.split('{host_config, "example.com"')[1].split('{host_config, "b.example"')
    assert "mod_roster" in first and "mod_time" not in first
    assert "mod_roster" not in second and "{mod_time, []}" in second
    assert "{access, c2s, [{deny, all}]},  % a.cfg:8" in second, second


def claim_secrets_are_masked_and_references_are_not(s):
    service = "{8888, ejabberd_service, [{password, %s}]}"
    listen = "[%s, %s]" % (service % '"hunter2"', (service % '{env, "PW"}').replace("8888", "8889"))
    s.write("a.cfg", MINIMAL.replace("[{{5222", listen[:-1] + ", {{5222"))
    out = s.run("dump", "a.cfg").out
    assert "hunter2" not in out and '{password, "********"}' in out and '{password, {env, "PW"}}' in out, out


def claim_a_dump_is_a_configuration_that_dumps_to_itself(s):
    folder = os.path.join(support.SOURCE_DIR, "examples")
    shutil.copytree(folder, s.path, dirs_exist_ok=True)
    for name in ("minimal.cfg", "c2s_tls.cfg", "components.cfg", "multi_host.cfg", "reference.cfg"):
        first = s.run("dump", name).out
        s.write("dump.cfg", first)
        s.run("check", "dump.cfg")
        assert without_places(s.run("dump", "dump.cfg").out) == without_places(first), name


def claim_a_wrong_configuration_is_not_dumped(s):
    s.write("a.cfg", MINIMAL.replace("mod_roster", "mod_rostr"))
    done = s.run("dump", "a.cfg", status=1)
    assert done.out == "" and "E0202" in done.err
    s.run("dump", "gone.cfg", status=3)


support.main(globals())
