"""cfgc diff."""
import json
import os
import re
import shutil

import support
from support import MINIMAL

FULL = """{hosts, ["example.com", "b.example"]}.
{sm_backend, {mnesia, []}}.
{auth_method, internal}.
{listen, [
  {5222, ejabberd_c2s, [{access, c2s}, {shaper, c2s_shaper}, {certfile, "a.pem"}, starttls_required,
                        {protocol_options, ["no_tlsv1", "no_tlsv1_1"]}, {max_stanza_size, 65536}]},
  {{8888, "127.0.0.1"}, ejabberd_service, [{password, "first"}, {access, staff}]}
]}.
{shaper, normal, {maxrate, 1000}}.
{acl, blocked, {user, "eve"}}.
{acl, staff, {user, "ada", "example.com"}}.
{access, c2s, [{deny, blocked}, {allow, all}]}.
{access, staff, [{allow, staff}]}.
{access, c2s_shaper, [{none, staff}, {normal, all}]}.
{access, max_user_sessions, [{3, all}]}.
{modules, [{mod_roster, []}, {mod_register, [{access, staff}, {ip_access, [{allow, "127.0.0.0/8"}, {deny, "0.0.0.0/0"}]}]}]}.
"""


def changes(s, old, new, status=1, *args):
    s.write("old.cfg", old)
    s.write("new.cfg", new)
    return json.loads(s.run("diff", "--json", *args, "old.cfg", "new.cfg", status=status).out)["changes"]


def one(s, text, by, **wanted):
    """The only change that an edit of FULL makes, and the one that undoing it makes."""
    assert text in FULL, text
    new = FULL.replace(text, by)
    there, back = changes(s, FULL, new), changes(s, new, FULL)
    assert len(there) == 1 and len(back) == 1, (there, back)
    for key, value in wanted.items():
        got = there[0][key]
        got = got["text"] if isinstance(got, dict) else got
        assert got == value, (key, got, value, there)
    opposite = {"gains": "loses", "loses": "gains", "none": "none"}
    assert back[0]["access"] == opposite[there[0]["access"]], (there, back)
    return there[0]


def claim_what_means_the_same_is_no_change(s):
    same = [
        FULL.replace("c2s_shaper", "speed").replace("{access, c2s,", "{access, clients,").replace("{access, c2s}", "{access, clients}"),
        FULL.replace("blocked", "bad").replace("normal", "slow").replace("{acl, staff", "{acl, crew").replace("{allow, staff}", "{allow, crew}")
        .replace("{none, staff}", "{none, crew}"),
        FULL.replace("{mod_roster, []}", "{mod_roster, [{versioning, false}]}"),
        FULL.replace("{max_stanza_size, 65536}", "{max_stanza_size, 'SIZE'}, {backlog, 100}") + "{define_macro, 'SIZE', 65536}.\n",
        FULL.replace('["no_tlsv1", "no_tlsv1_1"]', '["no_tlsv1_1", "no_sslv3", "no_tlsv1"]'),
        FULL.replace('{8888, "127.0.0.1"}', '{8888, {127, 0, 0, 1}}').replace("{deny, blocked}, ", "{deny, nobody}, {deny, blocked}, "),
        FULL.replace('{acl, blocked, {user, "eve"}}', '{acl, blocked, {user_regexp, "^eve$"}}'),
        "".join(sorted(re.sub(r",\n *", ", ", FULL.replace("[\n", "[").replace("\n]", "]")).splitlines(True), key=len)),
    ]
    for new in same:
        assert changes(s, FULL, new, 0) == [], changes(s, FULL, new, None)
    assert s.run("diff", "old.cfg", "old.cfg").out == ""
    assert "Nothing changes" in s.run("diff", "--markdown", "old.cfg", "old.cfg").out


def claim_tls_is_compared_by_what_it_protects(s):
    one(s, "starttls_required", "starttls", option="TLS", access="gains", before="STARTTLS required", after="STARTTLS offered")
    one(s, "starttls_required", "tls", option="TLS", access="none", after="TLS from the first byte")
    one(s, '"no_tlsv1", ', "", option="TLS versions", access="gains", after="TLS 1.0, TLS 1.2, TLS 1.3")
    one(s, '"a.pem"', '"b.pem"', option="certfile", access="none")
    strict = FULL.replace("starttls_required", 'starttls_required, {ciphers, "ECDHE+AESGCM"}')
    wide = FULL.replace("starttls_required", 'starttls_required, {ciphers, "ECDHE+AESGCM:ECDHE+CHACHA20"}')
    there, back = changes(s, strict, wide), changes(s, wide, strict)
    assert [c["access"] for c in there + back] == ["gains", "loses"]
    assert "ECDHE-RSA-CHACHA20-POLY1305" in there[0]["why"] and "AES" not in there[0]["why"], there
    other_words = FULL.replace("starttls_required", 'starttls_required, {ciphers, "AESGCM+ECDHE"}')
    assert changes(s, strict, other_words, 0) == []


def claim_listeners_come_go_and_move(s):
    more = FULL.replace("{5222, ejabberd_c2s, [", "{5223, ejabberd_c2s, [{access, c2s}]}, {5222, ejabberd_c2s, [", 1)
    there, back = changes(s, FULL, more), changes(s, more, FULL)
    assert [(c["kind"], c["access"], c["subject"]) for c in there + back] == [
        ("added", "gains", "ejabberd_c2s 0.0.0.0:5223"), ("removed", "loses", "ejabberd_c2s 0.0.0.0:5223")]
    one(s, '{8888, "127.0.0.1"}', "8888", option="address", access="gains", after="0.0.0.0 (every IPv4 address)")
    moved = changes(s, FULL, FULL.replace("{5222, ejabberd_c2s", "{5333, ejabberd_c2s"))
    assert sorted(c["kind"] for c in moved) == ["added", "removed"]


def claim_limits_and_rates_have_a_direction(s):
    one(s, "{max_stanza_size, 65536}", "{max_stanza_size, infinity}", option="max_stanza_size", access="gains")
    one(s, "{max_stanza_size, 65536}", "{max_stanza_size, 65536}, {max_fsm_queue, 10}", option="max_fsm_queue", access="loses")
    one(s, "{max_stanza_size, 65536}", "{max_stanza_size, 65536}, {backlog, 200}", option="backlog", access="none")
    one(s, "{maxrate, 1000}", "{maxrate, 2000}", part="access", option="shaper", access="gains")
    one(s, "{none, staff}, ", "", part="access", option="shaper", access="loses", witness="ada@example.com")
    one(s, "[{3, all}]", "[{infinity, all}]", part="access", subject="max_user_sessions", access="gains", after="no limit by {infinity, all}")
    one(s, "{hosts", "{registration_timeout, 10}.\n{hosts", option="registration_timeout", access="gains", before="600")


def claim_who_is_let_in_is_named(s):
    lost = one(s, "{deny, blocked}, {allow, all}", "{allow, all}", access="gains", witness="eve@example.com", subject="ejabberd_c2s 0.0.0.0:5222",
               before="denied by {deny, blocked}", after="allowed by {allow, all}", hosts=None)
    assert (lost["before"]["line"], lost["after"]["line"]) == (12, 12), lost
    both = changes(s, FULL, FULL.replace('{acl, staff, {user, "ada", ', '{acl, staff, {user, "bea", '))
    got = {(c["subject"], c["option"], c["access"], c["witness"]) for c in both}
    for subject in ("ejabberd_service 127.0.0.1:8888", "mod_register"):
        assert (subject, "access", "gains", "bea@example.com") in got and (subject, "access", "loses", "ada@example.com") in got, got


def claim_a_rule_of_one_host_counts_there(s):
    there = changes(s, FULL, FULL + '{host_config, "b.example", [{access, c2s, [{deny, staff}, {deny, bots}]}, {acl, bots, {user, "bot"}}]}.\n')
    assert [(c["hosts"], c["witness"], c["access"]) for c in there] == [("b.example", "bot@b.example", "loses")], there


def claim_addresses_that_may_register_are_compared_exactly(s):
    change = one(s, '{deny, "0.0.0.0/0"}', '{deny, "10.0.0.0/8"}', option="ip_access", access="gains", hosts="all hosts")
    assert change["witness"] == "address 0.0.0.0", change
    assert changes(s, FULL, FULL.replace('{deny, "0.0.0.0/0"}', '{deny, "0.0.0.0/1"}, {deny, "128.0.0.0/1"}'), 0) == []


def claim_hosts_modules_and_logins_are_compared(s):
    one(s, '"b.example"]', '"b.example", "c.example"]', part="hosts", kind="added", access="gains", subject="host c.example")
    one(s, "{mod_roster, []}, ", "", part="modules", kind="removed", access="none", hosts="all hosts")
    one(s, "{mod_roster, []}, ", "{mod_roster, [versioning]}, ", option="versioning", hosts="all hosts")
    one(s, "{auth_method", "{sasl_mechanisms, [cyrsasl_scram]}.\n{auth_method", part="login", access="loses")
    gone = changes(s, FULL, re.sub(r", \{mod_register.*\]\}\]\}", "]}", FULL))
    assert [(c["subject"], c["access"]) for c in gone] == [("mod_register", "loses")], gone


def claim_secrets_are_not_printed(s):
    change = one(s, '"first"', '"second"', option="password", before="a secret", after="another secret")
    assert change["access"] == "none"
    one(s, '"first"', '{env, "PW"}', option="password", after='{env, "PW"}')
    for form in ([], ["--markdown"], ["--json"]):
        out = s.run("diff", *form, "old.cfg", "new.cfg", status=1).out
        assert "first" not in out and "password" in out


def claim_the_gate_asks_for_new_access_only(s):
    s.write("old.cfg", FULL)
    s.write("less.cfg", FULL.replace("{allow, all}", "{allow, staff}"))
    s.write("other.cfg", FULL.replace('"a.pem"', '"b.pem"'))
    for name in ("old.cfg", "less.cfg", "other.cfg"):
        s.run("diff", "--no-new-access", "old.cfg", name, status=0)
    s.run("diff", "--no-new-access", "less.cfg", "old.cfg", status=1)
    s.run("diff", "old.cfg", "less.cfg", status=1)
    s.run("diff", "old.cfg", "old.cfg", status=0)


def claim_wrong_configurations_are_reported_instead(s):
    s.write("old.cfg", FULL)
    s.write("wrong.cfg", FULL.replace("mod_roster", "mod_rostr"))
    for pair in (("old.cfg", "wrong.cfg"), ("wrong.cfg", "old.cfg")):
        done = s.run("diff", *pair, status=1)
        assert done.out == "" and "E0202" in done.err and "wrong.cfg" in done.err
    assert s.run("diff", "old.cfg", "gone.cfg", status=3).out == ""
    for args in (["old.cfg"], ["old.cfg", "old.cfg", "old.cfg"], ["--json", "--markdown", "old.cfg", "old.cfg"], ["-", "-"]):
        assert s.run("diff", *args, status=2).out == "", args
    s.run("diff", "old.cfg", "-", stdin=FULL.encode())


def claim_text_has_colours_only_when_asked_for(s):
    s.write("old.cfg", FULL)
    s.write("new.cfg", FULL.replace("starttls_required", "starttls").replace("{maxrate, 1000}", "{maxrate, 10}"))
    plain = s.run("diff", "old.cfg", "new.cfg", status=1).out
    coloured = s.run("diff", "--color=always", "old.cfg", "new.cfg", status=1).out
    assert "\x1b" not in plain and re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain != coloured
    assert "gains TLS: STARTTLS required -> STARTTLS offered" in plain and "old.cfg:5:3 -> new.cfg:5:3" in plain, plain
    assert plain.splitlines()[-1] == "2 changes: 1 gives access, 1 takes access away", plain
    assert s.run("diff", "old.cfg", "new.cfg", status=1).out == plain


def claim_markdown_cannot_be_broken_by_names(s):
    s.write("old.cfg", FULL)
    s.write("new.cfg", FULL.replace("{shaper, normal", "{shaper, 'a|b`c<script>\\n@all'").replace("{normal, all}", "{'a|b`c<script>\\n@all', all}")
            .replace("{maxrate, 1000}", "{maxrate, 10}"))
    rows = [r for r in s.run("diff", "--markdown", "old.cfg", "new.cfg", status=1).out.splitlines() if r.startswith("|")]
    for row in rows[2:]:
        assert len(re.sub(r"\\\|", "", row).split("|")) == 8, row
        assert re.search(r"`` [^\n]*<script>[^\n]* ``", row), row


def claim_mongooseim_files_are_compared_whole(s):
    stock = open(os.path.join(support.SOURCE_DIR, "examples/quickstart/mongooseim.cfg")).read()
    args = ["--target=mongooseim-3.2"]

    def got(text, by):
        assert text in stock
        return [(c["part"], c["subject"], c["option"], c["access"]) for c in changes(s, stock, stock.replace(text, by, 1), 1, *args)]

    assert got('{"_", "/http-bind", mod_bosh},', "") == [
        ("listeners", "ejabberd_cowboy 0.0.0.0:5280", "route _ /http-bind mod_bosh", "loses")]
    assert got('{"localhost", "/api", mongoose_api_admin, []}', '{"localhost", "/api", mongoose_api_admin, [{auth, {<<"a">>, <<"secret">>}}]}') == [
        ("listeners", "ejabberd_cowboy 127.0.0.1:8088", "route localhost /api mongoose_api_admin: auth", "loses")]
    assert got("{s2s_default_policy, deny}", "{s2s_default_policy, allow}")[0][3] == "gains"
    named = '{{s2s_host, "evil.example"}, allow}.\n'
    assert got("{outgoing_s2s_port", named + "{outgoing_s2s_port") == [("settings", "s2s_host evil.example", "s2s_host", "gains")]
    assert changes(s, stock, stock + named.replace("allow", "deny"), 0, *args) == []  # the policy says so already
    moved = stock.replace("{outgoing_s2s_port", '{{s2s_addr, "a.example"}, {192, 0, 2, 1}}.\n{outgoing_s2s_port')
    assert [c["subject"] for c in changes(s, stock, moved, 1, *args)] == ["s2s_addr a.example"]
    assert got("{submods, [node, ", "{submods, [")[0][:3] == ("settings", "service service_admin_extra", "submods")
    assert changes(s, stock, stock, 0, *args) == []


def claim_every_witness_gets_both_answers(s):
    shutil.copytree(os.path.join(support.SOURCE_DIR, "examples"), s.path, dirs_exist_ok=True)
    old = s.read("reference.cfg")
    for text, by in (("{deny, bots}, ", ""), ("{allow, phones}", "{deny, phones}"), ("{access, admins_only, [{allow, admin}]}", "{access, admins_only, [{allow, staff}]}")):
        assert text in old
        s.write("new.cfg", old.replace(text, by))
        found = json.loads(s.run("diff", "--json", "reference.cfg", "new.cfg", status=1).out)["changes"]
        assert found, text
        for c in found:
            port = c["subject"].rsplit(":", 1)[1]
            answers = [s.run("can", c["witness"], "--listener", port, name, status=None).returncode == 0 for name in ("reference.cfg", "new.cfg")]
            assert answers == ([False, True] if c["access"] == "gains" else [True, False]), (c, answers)


def claim_nobody_is_named_where_there_is_nobody(s):
    one_order = FULL.replace("{deny, blocked}, {allow, all}", "{deny, blocked}, {allow, staff}, {deny, all}")
    assert changes(s, one_order, one_order.replace("{deny, blocked}, {allow, staff}", "{allow, staff}, {deny, blocked}"), 0) == []
    # With a back reference it cannot be proved: a gate has to assume the worst.
    odd = one_order.replace('{user, "eve"}', r'{user_regexp, "^(.)\\1$"}')
    undecided = changes(s, odd, odd.replace("{deny, blocked}, {allow, staff}", "{allow, staff}, {deny, blocked}"))
    assert [(c["witness"], c["access"]) for c in undecided] == [(None, "gains")] and "could not be decided" in undecided[0]["why"]
    # The same clauses with another value need no proof.
    (change,) = changes(s, odd, odd.replace("{deny, blocked}", "{allow, blocked}"))
    assert change["before"]["text"] == "denied by {deny, blocked}" and change["access"] == "gains", change


def claim_few_changes_of_large_sets_are_found(s):
    many = "".join('{acl, blocked, {user, "u%d", "example.com"}}.\n' % i for i in range(20000))
    more = many.replace('{user, "u777"', '{user, "v777"')
    got = changes(s, FULL + many, FULL + more)
    assert sorted((c["access"], c["witness"]) for c in got) == [("gains", "u777@example.com"), ("loses", "v777@example.com")], got


support.main(globals())
