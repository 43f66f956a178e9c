"""CO: external components (XEP-0114)."""
import hashlib

import pytest

from raw import Raw, STREAMS, component
from test_routing import available, drain
from test_services import ITEMS, ask

CONFIG = """
{hosts, ["localhost", "other.example"]}. {sm_backend, {mnesia, []}}. {auth_method, internal}.
{acl, blocked, {user, "blocked", "localhost"}}.
{access, towards, [{deny, blocked}, {allow, all}]}.
{shaper, slow, {maxrate, 2000}}.
{listen, [
  {{0, "127.0.0.1"}, ejabberd_c2s, []},
  {{0, "127.0.0.1"}, ejabberd_service, [{password, "secret"}, {access, towards}]},
  {{0, "127.0.0.1"}, ejabberd_service, [{password, <<"other">>}, {service_check_from, false}]},
  {{0, "127.0.0.1"}, ejabberd_service, [{password, "secret"}, {hidden_components, true}]},
  {{0, "127.0.0.1"}, ejabberd_service, [{password, "secret"}, {shaper_rule, slow}]}
]}.
{modules, [{mod_disco, [{users_can_see_hidden_services, false}]}, {mod_roster, []}, {mod_offline, []},
           {mod_vcard, [{host, "vjud.@HOST@"}]}]}.
"""
ACCOUNTS = [(u, "localhost") for u in ("alice", "bob", "blocked")]
CHECKED, FREE, HIDDEN, SLOW = range(4)


def test_CO_01_CO_11_both_ways(login, join_component):
    c, k = join_component("echo.localhost"), login("alice", "k")
    k.send("<message to='echo.localhost' type='chat' id='1'><body>hi</body></message>")
    c.expect_exact("<message from='alice@localhost/k' to='echo.localhost' type='chat' id='1'><body>hi</body></message>")
    k.send("<presence to='node@echo.localhost/res'/>")
    c.expect(r"^<presence from='alice@localhost/k' to='node@echo.localhost/res'")
    k.send("<iq type='get' to='echo.localhost' id='3'><query xmlns='urn:ask'/></iq>")
    c.expect(r"^<iq from='alice@localhost/k' to='echo.localhost' type='get' id='3'")
    c.send("<iq type='result' from='echo.localhost' to='alice@localhost/k' id='3'><query xmlns='urn:ask'/></iq>")
    k.expect(r"<iq from='echo.localhost' to='alice@localhost/k' type='result' id='3'><query xmlns='urn:ask'/></iq>")
    c.send("<message xmlns='jabber:component:accept' from='node@echo.localhost/r' to='alice@localhost' id='ns'><body>yo</body></message>")
    k.expect(r"from='node@echo.localhost/r'.*<body>yo</body>")


def test_byte_by_byte(server, clients):
    c = Raw(server.port("service", CHECKED), one_byte=True)
    clients.append(c)
    c.send(f"<stream:stream xmlns='jabber:component:accept' xmlns:stream='{STREAMS}' to='bytes.localhost'>")
    ident = c.expect(r"^<\?xml version='1.0'\?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
                     r"xmlns='jabber:component:accept' id='([0-9A-F]{16})' from='bytes.localhost'>$").group(1)
    c.send(f"<handshake>{hashlib.sha1((ident + 'secret').encode()).hexdigest()}</handshake>")
    c.expect_exact("<handshake/>")


def test_CO_02_reconnect_at_once(server, login, join_component):
    k = login("alice", "co2")
    for i in range(5):
        c = component(server.port("service", CHECKED), "again.localhost")
        k.send(f"<message to='again.localhost' id='{i}'><body>x</body></message>")
        c.expect(f"id='{i}'")
        c.close()
        # The server learns of the loss through its socket; a new claim succeeds as soon as it has.
        k.send("<message to='again.localhost' id='gone'><body>x</body></message>")
        while "service-unavailable" not in k.next():
            pass


def test_CO_04_wrong_password(server, clients):
    c = Raw(server.port("service", CHECKED))
    clients.append(c)
    c.send(f"<stream:stream xmlns='jabber:component:accept' xmlns:stream='{STREAMS}' to='bad.localhost'>")
    c.next()
    c.send("<handshake>0000000000000000000000000000000000000000</handshake>")
    c.expect_stream_error("not-authorized", "Invalid Handshake")


def test_CO_17_upper_case_digest(server, clients):
    c = Raw(server.port("service", CHECKED))
    clients.append(c)
    c.send(f"<stream:stream xmlns='jabber:component:accept' xmlns:stream='{STREAMS}' to='upper.localhost'>")
    ident = c.expect(r"id='([^']*)'").group(1)
    digest = hashlib.sha1((ident + "secret").encode()).hexdigest()
    c.send(f"<handshake>{digest.upper()}</handshake>")
    c.expect_stream_error("not-authorized")


@pytest.mark.parametrize("name", ["localhost", "other.example", "vjud.localhost", "taken.localhost"])
def test_CO_05_CO_06_conflict(server, clients, join_component, login, name):
    first = join_component("taken.localhost")
    c = Raw(server.port("service", CHECKED))
    clients.append(c)
    c.send(f"<stream:stream xmlns='jabber:component:accept' xmlns:stream='{STREAMS}' to='{name}'>")
    ident = c.expect(r"id='([^']*)'").group(1)
    c.send(f"<handshake>{hashlib.sha1((ident + 'secret').encode()).hexdigest()}</handshake>")
    c.expect_stream_error("conflict")
    k = login("alice", "co5")
    k.send("<message to='taken.localhost'><body>still</body></message>")
    first.expect("still")


def test_CO_07_hidden(login, join_component):
    shown, hidden = join_component("shown.localhost"), join_component("hidden.localhost", index=HIDDEN)
    k = login("alice", "co7")
    got = ask(k, "get", ITEMS, "localhost")
    assert "shown.localhost" in got and "hidden.localhost" not in got
    shown.send(f"<iq type='get' from='shown.localhost' to='localhost' id='d'>{ITEMS}</iq>")
    shown.expect("hidden.localhost")
    k.send("<message to='hidden.localhost'><body>peek</body></message>")
    hidden.expect("peek")


def test_CO_08_CO_09_is_subdomain(login, join_component):
    c = join_component("conf", extra=" is_subdomain='true'")
    k = login("alice", "co8")
    for host in ("localhost", "other.example"):
        k.send(f"<message to='conf.{host}'><body>at {host}</body></message>")
        c.expect(f"at {host}")
        c.send(f"<message from='conf.{host}' to='alice@localhost/co8'><body>from {host}</body></message>")
        k.expect(f"from='conf.{host}'")


def test_CO_10_from(login, join_component):
    k = login("alice", "co10")
    c = join_component("strict.localhost")
    c.send("<message from='bob@localhost' to='alice@localhost/co10'><body>forged</body></message>")
    c.expect_stream_error("invalid-from")
    free = join_component("free.localhost", index=FREE, secret="other")
    free.send("<message from='bob@localhost/x' to='alice@localhost/co10'><body>allowed</body></message>")
    k.expect(r"from='bob@localhost/x'.*allowed")


def test_CO_11_no_to(join_component):
    c = join_component("noto.localhost")
    c.send("<message from='noto.localhost' id='s4'><body>x</body></message>")
    c.expect(r"type='error'.*<bad-request ")
    c.send("<message type='error' from='noto.localhost' id='s5'><body>x</body></message>")
    c.send("<message from='noto.localhost' to='@@' id='s6'><body>x</body></message>")
    c.expect(r"id='s6'.*(<bad-request |<jid-malformed )")


def test_CO_12_access(login, join_component):
    join_component("guarded.localhost")
    k = login("blocked", "co12")
    k.send("<message to='guarded.localhost'><body>x</body></message>")
    k.expect(r"<error code='405' type='cancel'><not-allowed ")


def test_CO_13_gone(login, server):
    k = login("alice", "co13")
    k.send("<message to='never.localhost'><body>x</body></message>")
    k.expect("<service-unavailable ")


def test_CO_14_wrong_namespace(server, clients):
    c = Raw(server.port("service", CHECKED))
    clients.append(c)
    c.send(f"<stream:stream xmlns='jabber:client' xmlns:stream='{STREAMS}' to='x.localhost'>")
    c.next()
    c.expect_stream_error("invalid-namespace")


def test_CO_15_shaper(join_component, login):
    import time
    c = join_component("slow.localhost", index=SLOW)
    k = login("alice", "co15")
    begin = time.monotonic()
    for i in range(6):
        c.send(f"<message from='slow.localhost' to='alice@localhost/co15' id='{i}'><body>{'x' * 950}</body></message>")
    for i in range(6):
        k.expect(f"id='{i}'", 30)
    assert time.monotonic() - begin > 0.7


def test_CO_16_subscription(login, join_component):
    c = join_component("pres.localhost")
    k = available(login, "bob", "co16")
    k.send("<presence to='u@pres.localhost' type='subscribe'/>")
    c.expect_exact("<presence from='bob@localhost' to='u@pres.localhost' type='subscribe'/>")
    c.send("<presence from='u@pres.localhost' to='bob@localhost' type='subscribed'/>")
    c.send("<presence from='u@pres.localhost' to='bob@localhost' type='subscribe'/>")
    while "type='subscribe'" not in k.next():
        pass
    k.send("<presence to='u@pres.localhost' type='subscribed'/>")
    while "type='subscribed'" not in c.next():
        pass
    again = login("bob", "second", presence=False)
    again.send("<presence/>")
    seen = ""
    while not ("type='probe'" in seen and "from='bob@localhost/second'" in seen):
        seen += c.next()


def test_component_capitals(login, join_component):
    c = join_component("Big.LocalHost")
    k = login("alice", "caps")
    k.send("<message to='big.localhost'><body>found</body></message>")
    c.expect("found")
    c.send("<message from='BIG.localhost' to='alice@localhost/caps'><body>answer</body></message>")
    k.expect("answer")
