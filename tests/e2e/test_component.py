"""CO: external components (XEP-0114)."""
import hashlib
import re

import pytest

from raw import Raw, STREAMS, component
from test_routing import available
from test_services import ITEMS, ask
from xmppd import CFGC, run

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
        c.close()  # the server learns of it through its socket; until then the name is taken, which component() sits out


def test_CO_03_two_components(login, join_component):
    """Each gets and sends what is its own, at the same time, and each may talk to the other."""
    one, two, k = join_component("one.localhost"), join_component("two.localhost"), login("alice", "co3")
    for i in range(50):
        k.send(f"<message to='one.localhost' id='{i}'/><message to='x@two.localhost' id='{i}'/>")
        one.send(f"<message from='one.localhost' to='alice@localhost/co3' id='one{i}'/>")
        two.send(f"<message from='two.localhost' to='alice@localhost/co3' id='two{i}'/>")
    for c, name in ((one, "one.localhost"), (two, "x@two.localhost")):
        for i in range(50):
            c.expect_exact(f"<message from='alice@localhost/co3' to='{name}' id='{i}'/>")
    got = [re.search(r"from='(\w+).localhost'.* id='(\w+)'", k.next()).groups() for _ in range(100)]
    for name in ("one", "two"):
        assert [i for sender, i in got if sender == name] == [f"{name}{i}" for i in range(50)]
    one.send("<message from='a@one.localhost' to='b@two.localhost/c' id='between'/>")
    two.expect_exact("<message from='a@one.localhost' to='b@two.localhost/c' id='between'/>")


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
    for index in (CHECKED, HIDDEN):  # whichever listener it is
        attempt(server, clients, name, index=index).expect_stream_error("conflict")
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
        assert f"<item jid='conf.{host}'/>" in ask(k, "get", ITEMS, host)


def attempt(server, clients, to, secret="secret", index=CHECKED, extra=""):
    """A handshake whose answer is the caller's to judge."""
    c = Raw(server.port("service", index))
    clients.append(c)
    c.send(f"<stream:stream xmlns='jabber:component:accept' xmlns:stream='{STREAMS}' to='{to}'{extra}>")
    ident = c.expect(r"id='([^']*)'").group(1)
    c.send(f"<handshake>{hashlib.sha1((ident + secret).encode()).hexdigest()}</handshake>")
    return c


@pytest.mark.parametrize("host", ["localhost", "other.example"])
def test_CO_08_one_taken_name(server, clients, login, join_component, host):
    """All names or none: the owner of the one keeps it, the others stay free."""
    part = f"part-{host[0]}"  # no name twice: the server may not know yet that the last owner has left
    owner = join_component(f"{part}.{host}")
    attempt(server, clients, part, extra=" is_subdomain='true'").expect_stream_error("conflict")
    k = login("alice", "co8b")
    other = "other.example" if host == "localhost" else "localhost"
    k.send(f"<message to='{part}.{other}' id='free'/><message to='{part}.{host}' id='kept'/>")
    owner.expect("id='kept'")
    k.expect(rf"^<message from='{part}.{other}' .*<service-unavailable ")
    attempt(server, clients, f"{part}.{other}").expect_exact("<handshake/>")


@pytest.mark.parametrize("value", ["1", "false", "TRUE", ""])
def test_CO_08_other_values_mean_nothing(server, clients, login, value):
    c = attempt(server, clients, f"lone{value}.localhost".lower(), extra=f" is_subdomain='{value}'")
    c.expect_exact("<handshake/>")
    k = login("alice", "co8c")
    k.send(f"<message to='lone{value}.localhost' id='found'/>")
    c.expect("id='found'")


def test_CO_18_no_password(tmp_path):
    path = tmp_path / "nopw.cfg"
    path.write_text('{hosts, ["localhost"]}. {sm_backend, {mnesia, []}}.\n{listen, [{8888, ejabberd_service, [{access, all}]}]}.\n')
    done = run(CFGC, "check", str(path), check=False)
    assert done.returncode == 1 and "password" in done.stderr and "nopw.cfg:2" in done.stderr, done.stderr


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
    c.expect_exact("<message to='noto.localhost' type='error' id='s4'><body>x</body>"
                   "<error code='400' type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>")
    c.send("<message type='error' from='noto.localhost' id='s5'><body>x</body></message>")
    c.send("<iq type='result' from='noto.localhost' id='s5'/>")
    c.send("<message from='noto.localhost' to='@@' id='s6'><body>x</body></message>")
    c.expect(r"type='error' id='s6'><body>x</body><error code='400' type='modify'><bad-request ")


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
