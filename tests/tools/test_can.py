"""cfgc can and cfgc who."""
import os
import re
import shutil

import support
from support import MINIMAL

HOSTS = MINIMAL.replace('["example.com"]', '["example.com", "b.example"]') + """{acl, staff, {user, "ada", "example.com"}}.
{acl, bots, {user_regexp, "^bot[0-9]+$"}}.
{acl, phones, {resource, "phone"}}.
{access, mixed, [{deny, bots}, {allow, staff}, {allow, phones}]}.
{host_config, "b.example", [{access, mixed, [{deny, blocked}, {allow, all}]}]}.
"""


def claim_the_deciding_clause_and_member_are_named(s):
    s.write("a.cfg", HOSTS)
    out = s.run("can", "eve@example.com", "--rule", "c2s", "a.cfg", status=1).out
    assert "denied: rule c2s, checked for host example.com" in out
    assert "a.cfg:5:16: {deny, blocked}" in out
    assert 'in acl blocked by a.cfg:6:1: {acl, blocked, {user, "eve"}}' in out
    out = s.run("can", "Bob@Example.com", "--rule=c2s", "a.cfg").out
    assert "allowed" in out and "{allow, all}" in out


def claim_a_jid_that_no_clause_is_about_is_denied(s):
    s.write("a.cfg", HOSTS)
    assert "no clause" in s.run("can", "bob@example.com", "--rule=mixed", "a.cfg", status=1).out
    s.run("can", "bob@example.com/phone", "--rule=mixed", "a.cfg")
    s.run("can", "bot7@example.com/phone", "--rule=mixed", "a.cfg", status=1)
    s.run("can", "botx@example.com/phone", "--rule=mixed", "a.cfg")


def claim_clauses_of_a_host_count_there_only(s):
    s.write("a.cfg", HOSTS)
    s.run("can", "bob@b.example", "--rule=mixed", "a.cfg")
    s.run("can", "bob@b.example", "--rule=mixed", "--host=example.com", "a.cfg", status=1)
    s.run("can", "eve@b.example", "--rule=mixed", "a.cfg", status=1)


def claim_a_listener_asks_its_own_rule(s):
    s.write("a.cfg", HOSTS)
    assert "{deny, blocked}" in s.run("can", "eve@example.com", "--listener=5222", "a.cfg", status=1).out
    s.run("can", "bob@example.com", "--listener=5222", "a.cfg")
    assert "none of the hosts" in s.run("can", "bob@elsewhere.example", "--listener=5222", "a.cfg", status=1).out


def claim_questions_without_sense_are_usage_errors(s):
    s.write("a.cfg", HOSTS)
    for args in (["can", "a@b@c", "--rule=c2s"], ["can", "bob@example.com", "--rule=gone"],
                 ["can", "bob@example.com", "--rule=c2s", "--host=gone.example"],
                 ["can", "bob@example.com", "--listener=1"], ["can", "bob@example.com"],
                 ["can", "bob@example.com", "--rule=c2s", "--listener=5222"], ["who"], ["who", "--rule=gone"]):
        assert s.run(*args, "a.cfg", status=2).out == "", args


def claim_every_witness_gets_the_answer_of_its_clause(s):
    shutil.copytree(os.path.join(support.SOURCE_DIR, "examples"), s.path, dirs_exist_ok=True)
    nwitnesses = 0
    for name in ("reference.cfg", "multi_host.cfg"):
        for rule in re.findall(r"^\{access, (\w+)", s.read(name), re.M):
            out = s.run("who", "--rule", rule, name).out
            host = place = None
            for line in out.splitlines():
                if line.startswith("rule "):
                    host = re.search(r"host ([^ ]+):$", line)
                clause = re.match(r"  \d+\. .*\((\S+)\)$", line)
                place = clause.group(1) if clause else place
                witness = re.match(r"     for example (\S+)$", line)
                if witness and host:
                    nwitnesses += 1
                    answer = s.run("can", witness.group(1), "--rule", rule, "--host", host.group(1), name, status=None)
                    assert f"decided at {place}: " in answer.out, (line, answer.out)
    assert nwitnesses >= 5, nwitnesses


def claim_who_says_it_in_words(s):
    s.write("a.cfg", HOSTS)
    out = s.run("who", "--rule=mixed", "--host=example.com", "a.cfg").out
    assert "whose name is 'ada' and whose domain is 'example.com'" in out
    assert "whose name matches '^bot[0-9]+$'" in out and "for example bot0@example.com" in out
    assert "4. denied: everybody else" in out, out


support.main(globals())
