"""cfgc options."""
import json
import re

import support


def claim_json_lists_every_section_with_its_options_once(s):
    sections = json.loads(s.run("options", "--json").out)
    names = [(x["group"], x["name"]) for x in sections]
    assert len(names) == len(set(names))
    assert {"top", "listener", "module", "service", "handler", "pool type"} <= {x["group"] for x in sections}
    c2s = next(x for x in sections if x["name"] == "ejabberd_c2s")
    assert c2s["supported"] is True
    size = next(o for o in c2s["options"] if o["name"] == "max_stanza_size")
    assert size["default"] == "infinity" and "bytes" in size["type"], size
    for section in sections:
        options = [o["name"] for o in section["options"]]
        assert len(options) == len(set(options)), section["name"]
        assert all(o["help"] and o["written"] and o["type"] for o in section["options"]), section["name"]


def claim_two_runs_give_the_same_bytes(s):
    for form in ([], ["--json"], ["--markdown"], ["--man"]):
        assert s.run("options", *form).stdout == s.run("options", *form).stdout


def claim_markdown_tables_have_three_columns(s):
    out = s.run("options", "--markdown").out
    rows = [line for line in out.splitlines() if line.startswith("|")]
    assert len(rows) > 200
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) == 4, row
    assert "## listener `ejabberd_c2s`" in out


def claim_a_name_selects_sections_and_options(s):
    assert [x["name"] for x in json.loads(s.run("options", "--json", "mod_ping").out)] == ["mod_ping"]
    found = json.loads(s.run("options", "--json", "ping_interval").out)
    assert [[o["name"] for o in x["options"]] for x in found] == [["ping_interval"]]
    out = s.run("options", "ping_interval").out
    assert "default 60" in out and "send_pings" not in out
    assert "secret" in s.run("options", "ejabberd_service").out


def claim_unknown_names_and_wrong_usage_exit_with_2(s):
    done = s.run("options", "mod_pong", status=2)
    assert done.out == "" and "mod_pong" in done.err
    s.run("options", "--json", "--markdown", status=2)
    s.run("options", "--json", "--man", status=2)
    assert s.run("options", "--man", "mod_ping", status=2).out == ""
    s.run("options", "mod_ping", "mod_time", status=2)
    s.run("options", "--rule=x", status=2)


support.main(globals())
