"""What happens when nothing happens: everything that takes seconds, waited for at the same time, about 65 s in all."""
import datetime
import re
import select
import time

import pytest

from raw import Raw, STREAMS
from test_routing import drain
from test_services import REGISTER, ask
from xmppd import certificate

CONFIG = """
{hosts, ["localhost"]}. {sm_backend, {mnesia, []}}. {auth_method, internal}. {loglevel, 4}.
{registration_timeout, 2}.
{listen, [
  {{0, "127.0.0.1"}, ejabberd_c2s, []},
  {{0, "127.0.0.1"}, ejabberd_c2s, [{certfile, "%s"}, tls]},
  {{0, "127.0.0.1"}, ejabberd_service, [{password, "secret"}]}
]}.
{modules, [{mod_offline, []}, {mod_register, [{access, all}]}, {mod_roster, []}]}.
""" % certificate("localhost", "localhost", "other.example")
ACCOUNTS = [(u, "localhost") for u in ("alice", "sleeper", "deaf")]
PLAIN, TLS = range(2)
ERROR = "<stream:error><connection-timeout xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
RENEWED = 6  # s


class Watched:
    """A connection that is left alone; what comes on it, and when it ends."""

    def __init__(self, raw, begin):
        self.raw, self.begin, self.text, self.ended = raw, begin, "", None

    def read(self):
        try:
            data = self.raw.socket.recv(65536)
        except (ConnectionResetError, OSError):
            data = b""
        self.text += data.decode(errors="replace")
        if not data:
            self.ended = time.monotonic() - self.begin


@pytest.fixture(scope="module")
def silence(server):
    """All connections of this file, after the time has passed."""
    def opened(index=PLAIN, **kw):
        return Raw(server.port("c2s", index), **kw)

    watched = {}

    def watch(name, raw):
        raw.socket.setblocking(False)
        watched[name] = Watched(raw, time.monotonic())
        watched[name].text = "".join(raw.ready) + raw.pending

    watch("nothing", opened())
    watch("no handshake", opened(TLS))
    c = opened()
    c.open()
    watch("header", c)
    c = opened()
    c.open()
    renewed = c
    watch("renewed", c)
    c = opened()
    c.open()
    c.authenticate("alice", "secret")
    watch("authenticated", c)
    c = opened().login("alice", resource="session", presence=False)
    watch("session", c)
    c = Raw(server.port("service"))
    c.send(f"<stream:stream xmlns='jabber:component:accept' xmlns:stream='{STREAMS}' to='slow.localhost'>")
    c.expect(r"<stream:stream ")
    component = c
    watch("component", c)

    # A reader that does not read: more is on its way to it than the kernel takes, and less than is too much (4 MiB).
    deaf = opened(window=4096).login("deaf")
    writer = opened().login("alice", resource="writer")
    for _ in range(78):
        writer.send(f"<message to='deaf@localhost/r'><body>{'x' * 50000}</body></message>")
    writer.expect_nothing()

    # Messages to somebody away, one of which is worth nothing after a second.
    for body, expire in (("stale", 1), ("fresh", 3600)):
        writer.send(f"<message to='sleeper@localhost' type='chat'><body>{body}</body><x xmlns='jabber:x:expire' seconds='{expire}'/></message>")
    writer.expect_nothing()

    begin, told = time.monotonic(), False
    while time.monotonic() - begin < 75 and any(w.ended is None for n, w in watched.items() if n != "session"):
        live = [w for w in watched.values() if w.ended is None]
        ready, _, _ = select.select([w.raw.socket for w in live], [], [], 0.5)
        for w in live:
            if w.raw.socket in ready:
                w.read()
        if not told and time.monotonic() - begin > RENEWED:
            told = True
            renewed.socket.setblocking(True)
            renewed.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='NONE'/>")
            component.socket.setblocking(True)
            component.send("<ignored/>")
    yield watched, deaf, writer
    for c in [w.raw for w in watched.values()] + [deaf, writer]:
        c.close()


def test_ST_14_nothing_sent(silence):
    w = silence[0]["nothing"]
    assert 59 < w.ended < 65
    assert re.fullmatch(r"<\?xml version='1.0'\?><stream:stream [^>]*from='localhost'[^>]*>" + re.escape(ERROR), w.text), w.text


def test_ST_14_no_handshake(silence):
    w = silence[0]["no handshake"]
    assert 25 < w.ended < 65 and "<" not in w.text  # nothing in clear where TLS is due


@pytest.mark.parametrize("name, since", [("header", 0), ("renewed", RENEWED), ("authenticated", 0)])
def test_ST_15_silence_after_the_header(silence, name, since):
    w = silence[0][name]
    assert since + 59 < w.ended < since + 65, w.ended
    assert w.text.endswith(ERROR) and w.text.count(ERROR) == 1, w.text


def test_ST_15_a_session_may_be_silent(silence):
    w = silence[0]["session"]
    assert w.ended is None and w.text == ""
    w.raw.socket.setblocking(True)
    w.raw.expect_nothing()


def test_CO_14_handshake_missing(silence):
    w = silence[0]["component"]
    assert 59 < w.ended < 65 and w.text == ERROR, (w.ended, w.text)


def test_SZ_20_blocked_for_15_seconds(silence, server):
    session = server.find("c2s", "session", user="deaf")[0]
    closed = server.wait_event("conn", "closed", id=session["id"])
    assert closed["reason"] == "timeout", closed
    begin, end = (datetime.datetime.fromisoformat(e["time"].rstrip("Z")) for e in (session, closed))
    assert 14 < (end - begin).total_seconds() < 25
    writer = silence[2]
    writer.expect_nothing()


def test_OF_04_expired_messages(silence, server, connect):
    c = connect().login("sleeper", presence=False)
    c.send("<presence/>")
    while "<body>" not in c.next():
        pass
    drain(c)
    assert re.findall(r"<body>(\w+)</body>", c.seen) == ["fresh"]
    c.expect_nothing()


def test_RG_07_attempts_and_time(server, connect):
    """registration_timeout 2: a second attempt is too early, the first one's failure notwithstanding; 2 s later it is not."""
    c = connect()
    c.open()
    account = "<username>{}</username><password>{}</password>"
    begin = time.monotonic()
    assert "<not-acceptable " in ask(c, "set", REGISTER.format(account.format("hasty", "")))
    got = ask(c, "set", REGISTER.format(account.format("hasty", "secret")))
    assert "<error code='500' type='wait'><resource-constraint " in got and "Users are not allowed to register accounts so quickly" in got
    while "<resource-constraint " in got:
        assert time.monotonic() - begin < 10
        got = ask(c, "set", REGISTER.format(account.format("hasty", "secret")))
    assert "type='result'" in got and 2 <= time.monotonic() - begin < 4
