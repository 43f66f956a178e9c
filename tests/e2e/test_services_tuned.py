"""RG, PI and DI with options: watchers, welcome message, rate limit, ip_access, password_strength, server pings, server_info."""
import re
import time

from raw import Raw
from test_services import REGISTER, ask, INFO, ITEMS
from xmppd import PATIENCE, Server, build

HEAD = """{hosts, ["localhost"]}. {sm_backend, {mnesia, []}}. {auth_method, internal}.
{listen, [{{0, "127.0.0.1"}, ejabberd_c2s, []}]}.
"""
CONFIG = HEAD + """
{registration_timeout, infinity}.
{modules, [
  {mod_register, [{access, all}, {welcome_message, {"Hello", "Be nice."}}, {registration_watchers, [<<"watcher@localhost">>]},
                  {password_strength, 32}]},
  {mod_offline, []}, {mod_roster, []},
  {mod_ping, [{send_pings, true}, {ping_interval, 1}, {ping_req_timeout, 1}, {timeout_action, kill}]},
  {mod_disco, [{server_info, [{all, "abuse", ["mailto:abuse@localhost"]}]}, {extra_domains, [<<"extra.example">>]}]}
]}.
"""
ACCOUNTS = [("watcher", "localhost"), ("idle", "localhost"), ("answering", "localhost")]


def test_RG_04_RG_09_RG_10(connect, login):
    w = login("watcher", "w")
    c = connect()
    c.open()
    assert "<not-acceptable " in ask(c, "set", REGISTER.format("<username>weak</username><password>a</password>"))
    got = ask(c, "set", REGISTER.format("<username>fresh</username><password>Long-and-Strong-17</password>"))
    assert "type='result'" in got
    while True:
        got = w.next()
        if got.startswith("<message"):
            break
    assert re.match(r"<message from='localhost' to='watcher@localhost' type='chat'><body>[^<]*fresh@localhost[^<]*</body></message>$", got), got
    c.authenticate("fresh", "Long-and-Strong-17")
    c.bind("x")
    c.send("<presence/>")
    while True:
        got = c.next()
        if got.startswith("<message"):
            break
    assert "<subject>Hello</subject>" in got and "<body>Be nice.</body>" in got


def test_PI_02_server_pings(login):
    c = login("answering", "p")
    for _ in range(2):
        while True:
            got = c.next()
            if "urn:xmpp:ping" in got:
                break
        ident = re.search(r" id='([^']*)'", got).group(1)
        assert "type='get'" in got
        c.send(f"<iq type='result' to='localhost' id='{ident}'/>")
    silent, friend = login("idle", "p"), login("idle", "friend")
    while True:
        try:
            silent.next()
            friend.send(" ")
        except AssertionError as e:
            assert "closed the connection" in str(e)
            break


def test_DI_06(login):
    c = login("answering", "d")
    got = ask(c, "get", INFO, "localhost")
    assert "<field var='abuse'" in got and "<value>mailto:abuse@localhost</value>" in got
    assert "<item jid='extra.example'/>" in ask(c, "get", ITEMS, "localhost")


def one_server(extra):
    return Server(build(HEAD + extra)).wait_ready()


def test_RG_07_registration_timeout():
    s = one_server("{registration_timeout, 600}. {modules, [{mod_register, [{access, all}]}]}.")
    try:
        c = Raw(s.port())
        c.open()
        assert "type='result'" in ask(c, "set", REGISTER.format("<username>first</username><password>x</password>"))
        assert "<resource-constraint " in ask(c, "set", REGISTER.format("<username>second</username><password>x</password>"))
        c.close()
    finally:
        s.stop()


def test_RG_08_access_and_ip_access():
    for options in ('{access, none}', '{access, all}, {ip_access, [{deny, "127.0.0.0/8"}]}'):
        s = one_server("{registration_timeout, infinity}. {modules, [{mod_register, [%s]}]}." % options)
        try:
            c = Raw(s.port())
            c.open()
            assert "<forbidden " in ask(c, "set", REGISTER.format("<username>no</username><password>x</password>"))
            assert s.ctl("users", "localhost").stdout == ""
            c.close()
        finally:
            s.stop()


def test_RG_05_not_allowed_by_the_rule():
    """Whoever may not register may neither cancel nor change; without the option nobody may cancel."""
    for options, change in (("[{access, none}]", "<forbidden "), ("[]", "type='result'")):
        s = one_server("{registration_timeout, infinity}. {modules, [{mod_register, %s}]}." % options)
        try:
            s.register("stays", "secret")
            c = Raw(s.port()).login("stays")
            assert "<not-allowed " in ask(c, "set", REGISTER.format("<remove/>"))
            assert change in ask(c, "set", REGISTER.format("<username>stays</username><password>other</password>"))
            assert s.ctl("users", "localhost").stdout.split() == ["stays"]
            c.close()
        finally:
            s.stop()


def test_VC_03_limit_VE_01_without_os():
    """Options matches of mod_vcard and (no) os_info of mod_version."""
    s = one_server('{modules, [{mod_vcard, [{matches, 2}, {host, "dir.@HOST@"}]}, {mod_version, []}]}.')
    try:
        for u in ("a", "b", "c"):
            s.register(u, "secret")
            c = Raw(s.port()).login(u, presence=False)
            ask(c, "set", "<vCard xmlns='vcard-temp'><FN>Same Name</FN></vCard>")
            c.close()
        c = Raw(s.port()).login("a", presence=False)
        got = ask(c, "set", "<query xmlns='jabber:iq:search'><x xmlns='jabber:x:data' type='submit'>"
                  "<field var='fn'><value>same name</value></field></x></query>", "dir.localhost")
        assert got.count("<item>") == 2, got
        got = ask(c, "get", "<query xmlns='jabber:iq:version'/>", "localhost")
        assert "<version>" in got and "<os>" not in got
        c.close()
    finally:
        s.stop()


def test_PI_02_without_kill():
    """A client that answers nothing stays when timeout_action is none; white space keeps the pings away."""
    s = one_server("{modules, [{mod_ping, [{send_pings, true}, {ping_interval, 1}, {ping_req_timeout, 1}]}]}.")
    try:
        for u in ("silent", "lively"):
            s.register(u, "secret")
        silent, lively = Raw(s.port()).login("silent"), Raw(s.port()).login("lively")
        seen = 0
        end = time.monotonic() + PATIENCE
        while seen < 3:  # the second ping comes after the first has timed out
            assert time.monotonic() < end
            lively.send(" ")
            try:
                seen += "urn:xmpp:ping" in silent.next(timeout=0.2)
            except AssertionError as e:
                assert "nothing more within" in str(e)
        silent.expect_nothing()
        lively.expect_nothing()
        silent.close(), lively.close()
    finally:
        s.stop()


def test_OF_10_offline_module_off():
    s = one_server("{modules, [{mod_roster, []}]}.")
    try:
        for u in ("a", "b"):
            s.register(u, "secret")
        c = Raw(s.port()).login("a")
        c.send("<message to='b@localhost' type='chat'><body>x</body></message>")
        c.expect("<service-unavailable ")
        c.close()
    finally:
        s.stop()
