"""RG, PI and DI with options: watchers, welcome message, rate limit, ip_access, password_strength, server pings, server_info."""
import re

from raw import Raw
from test_services import REGISTER, ask, INFO, ITEMS
from xmppd import Server, build

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
    assert "type='chat'" in got and "fresh" in got
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
    silent = login("idle", "p")
    while True:
        try:
            silent.next()
        except AssertionError as e:
            assert "closed" in str(e)
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
            c.close()
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
