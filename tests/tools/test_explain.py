"""cfgc explain. What its pages say is tested in tests/pages."""
import re

import support


def claim_without_a_name_all_codes_are_listed(s):
    lines = s.run("explain").out.splitlines()
    assert all(re.match(r"[EW]\d{4}  [a-z-]+ +\S", line) for line in lines), lines
    assert sum(line.startswith("E0203  unknown-option ") for line in lines) == 1


def claim_a_code_is_found_by_id_and_by_slug(s):
    texts = {s.run("explain", name).out for name in ("E0302", "e0302", "undefined-rule")}
    assert len(texts) == 1 and texts.pop().startswith("# E0302 undefined-rule\n\n")


def claim_an_option_is_told_with_its_place_unit_default_and_codes(s):
    out = s.run("explain", "ejabberd_c2s.max_stanza_size").out
    assert out.startswith("{max_stanza_size, "), out
    for label, text in [("where", r"listener ejabberd_c2s"), ("unit", "bytes"), ("default", "infinity"),
                        ("per host", "no"), ("codes", "E0206")]:
        assert re.search(rf"^  {label} +{text}", out, re.M), (label, out)
    assert "ejabberd_s2s_in" not in out


def claim_equal_options_of_several_places_are_told_once(s):
    out = s.run("explain", "max_stanza_size").out
    where = re.findall(r"^  where +(.*)$", out, re.M)
    assert "listener ejabberd_c2s, ejabberd_s2s_in, ejabberd_service" in where, where
    assert "handler mod_websockets" in where and len(where) == 2, where


def claim_the_top_level_says_what_host_config_may_hold(s):
    assert re.search(r"per host +no$", s.run("explain", "top.loglevel").out, re.M)
    assert re.search(r"per host +yes, in host_config$", s.run("explain", "auth_method").out, re.M)
    assert re.search(r"per host +yes", s.run("explain", "mod_ping.ping_interval").out, re.M)


def claim_what_cannot_be_used_is_told_with_the_reason(s):
    dead = s.run("explain", "ejabberd_s2s_in.access").out
    assert dead.startswith("access\n") and re.search(r"note +s2s_default_policy", dead) and "W0602" in dead, dead
    refused = s.run("explain", "top.odbc_server").out
    assert re.search(r"note +.*outgoing_pools", refused) and re.search(r"codes +E0209$", refused, re.M), refused
    part = s.run("explain", "mod_roster.backend").out
    assert "not supported by xmppd yet: rdbms, riak" in part and "E0703" in part, part


def claim_pages_that_name_an_option_are_among_its_codes(s):
    codes = re.search(r"codes +(.*)", s.run("explain", "top.auth_method").out)[1].split(", ")
    assert "E0403" in codes and codes == sorted(set(codes), key=lambda c: (c[1:], c)), codes


def claim_a_section_is_told_as_in_the_reference(s):
    for name in ("mod_roster", "ejabberd_c2s", "outgoing_pools.rdbms"):
        assert s.run("explain", name).stdout == s.run("options", name).stdout
    assert s.run("explain", "rdbms").stdout == s.run("options", "outgoing_pools.rdbms").stdout


def claim_unknown_names_get_the_nearest_one(s):
    for wrong, right in [("mod_rooster", "mod_roster"), ("ejabberd_c2s.acces", "ejabberd_c2s.access"),
                         ("loglevl", "loglevel"), ("undefined-rul", "undefined-rule")]:
        done = s.run("explain", wrong, status=2)
        assert done.out == "" and f"did you mean '{right}'?" in done.err, done.err
    done = s.run("explain", "E9999", status=2)
    assert "E9999" in done.err and "did you mean" not in done.err


def claim_headings_are_bold_only_when_asked_or_on_a_terminal(s):
    plain = s.run("explain", "E0302").out
    bold = s.run("explain", "--color=always", "E0302").out
    assert "\033" not in plain
    assert "\033[1m## Wrong\033[0m\n" in bold
    assert re.sub(r"\033\[\d*m", "", bold) == plain


def claim_wrong_usage_exits_with_2(s):
    s.run("explain", "E0203", "E0204", status=2)
    s.run("explain", "--json", "E0203", status=2)
    s.run("explain", "--werror", status=2)


support.main(globals())
