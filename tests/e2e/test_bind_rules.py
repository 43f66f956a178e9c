"""BI-11, BI-13: how many sessions, and for whom, when rules are absent, global, of a host, or both."""
import pytest

from xmppd import CFGC, run

# No rule max_user_sessions for localhost; every other host has one of its own. The global rule `mixed` ends in
# {allow, all}, which moves behind what a host adds; `shut` ends in a catch-all that leaves nothing for a host to decide.
CONFIG = """
{hosts, ["localhost", "many.example", "two.example"]}. {sm_backend, {mnesia, []}}. {auth_method, internal}.
{acl, everywhere, {user, "global"}}.
{acl, members, {user, "member"}}.
{access, mixed, [{deny, everywhere}, {allow, all}]}.
{access, shut, [{allow, members}, {deny, all}]}.
{host_config, "many.example", [{access, max_user_sessions, [{infinity, all}]}]}.
{host_config, "two.example", [
  {access, max_user_sessions, [{1, members}, {2, all}]},
  {acl, here, {user, "local"}},
  {acl, members, {user, "local"}},
  {access, mixed, [{deny, here}]}
]}.
{listen, [
  {{0, "127.0.0.1"}, ejabberd_c2s, []},
  {{0, "127.0.0.1"}, ejabberd_c2s, [{access, mixed}]},
  {{0, "127.0.0.1"}, ejabberd_c2s, [{access, shut}]}
]}.
{modules, []}.
"""
FREE, MIXED, SHUT = range(3)
ACCOUNTS = [(u, h) for u in ("global", "local", "member", "other") for h in ("localhost", "two.example")] + [
    ("plenty", "localhost"), ("plenty", "many.example")]
BIND = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>"
NOT_ALLOWED = r"^<iq type='error' id='b'>.*<error code='405' type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>$"


def test_BI_11_a_hundred_sessions_without_a_rule(login):
    sessions = [login("plenty", f"r{i}", presence=False) for i in range(100)]
    sessions[0].expect_nothing()
    extra = login("plenty", "r100", presence=False)
    sessions[0].expect_stream_error("conflict", "Replaced by new connection")
    for c in sessions[1:] + [extra]:
        c.expect_nothing()


def test_BI_11_infinity(login):
    sessions = [login("plenty", f"r{i}", host="many.example", presence=False) for i in range(120)]
    for c in sessions:
        c.expect_nothing("many.example")


@pytest.mark.parametrize("user, limit", [("other", 2), ("local", 1)])
def test_BI_10_limit_of_a_host(login, user, limit):
    sessions = [login(user, f"r{i}", host="two.example", presence=False) for i in range(limit + 1)]
    sessions[0].expect_stream_error("conflict", "Replaced by new connection")
    for c in sessions[1:]:
        c.expect_nothing("two.example")


@pytest.mark.parametrize("listener, user, host, welcome", [
    (FREE, "global", "localhost", True),       # option access missing: everybody
    (MIXED, "global", "localhost", False),     # the global list is asked first
    (MIXED, "global", "two.example", False),
    (MIXED, "local", "two.example", False),    # then the host's
    (MIXED, "local", "localhost", True),       # which is nothing to other hosts
    (MIXED, "other", "two.example", True),     # {allow, all} comes last
    (SHUT, "member", "localhost", True),
    (SHUT, "local", "two.example", True),      # a global rule, an ACL that the host has added to
    (SHUT, "local", "localhost", False),
    (SHUT, "other", "two.example", False),
])
def test_BI_12_BI_13_access(connect, listener, user, host, welcome):
    c = connect(index=listener)
    c.open(host)
    c.authenticate(user, "secret", host)
    c.send(BIND)
    c.expect(rf"<jid>{user}@{host}/r</jid>" if welcome else NOT_ALLOWED)
    if not welcome:  # the connection stays open
        c.send("</stream:stream>")
        c.expect_exact("</stream:stream>")
        c.expect_closed()


def test_BI_13_a_rule_that_does_not_exist_lets_nobody_in(tmp_path):
    """3.2 denies everybody at run time; an image like that is not built."""
    path = tmp_path / "rule.cfg"
    path.write_text('{hosts, ["localhost"]}. {sm_backend, {mnesia, []}}. {listen, [{5222, ejabberd_c2s, [{access, nosuch}]}]}.')
    done = run(CFGC, "check", str(path), check=False)
    assert done.returncode == 1 and "nosuch" in done.stderr and "rule.cfg:1" in done.stderr, done.stderr
