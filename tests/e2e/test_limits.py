"""SZ: stanza checks and limits (RFC 6120, 8; max_stanza_size, shaper, queues)."""
import re
import time

import pytest

from test_routing import drain

CONFIG = """
{hosts, ["localhost"]}. {sm_backend, {mnesia, []}}. {auth_method, internal}. {loglevel, 4}.
{acl, admin, {user, "admin"}}.
{shaper, normal, {maxrate, 1000}}.
{access, c2s_shaper, [{none, admin}, {normal, all}]}.
{listen, [
  {{0, "127.0.0.1"}, ejabberd_c2s, [{max_stanza_size, 65536}]},
  {{0, "127.0.0.1"}, ejabberd_c2s, [{shaper, c2s_shaper}]},
  {{0, "127.0.0.1"}, ejabberd_c2s, [{max_fsm_queue, 50}]}
]}.
{modules, [{mod_adhoc, []}, {mod_disco, []}, {mod_last, []}, {mod_ping, []}, {mod_private, []}, {mod_roster, []}, {mod_sic, []},
           {mod_time, []}, {mod_vcard, []}, {mod_version, []}]}.
"""
SIZED, SHAPED, QUEUED = range(3)
ACCOUNTS = [(u, "localhost") for u in ("alice", "bob", "admin", "stuck", "drip", "brook")]


@pytest.mark.parametrize("sender", ["bob@localhost", "bob@localhost/x", "alice@localhost/other", "alice@other", "@", "localhost"])
def test_SZ_01_03_04_foreign_from(login, sender):
    c = login("alice", "sz1")
    c.send(f"<message from='{sender}' to='bob@localhost'><body>x</body></message>")
    c.expect_stream_error("invalid-from")


@pytest.mark.parametrize("sender", ["alice@localhost", "ALICE@LocalHost/sz2", "alice@localhost/sz2"])
def test_SZ_02_own_from(login, sender):
    c, b = login("alice", "sz2"), login("bob", "sz2")
    c.send(f"<message from='{sender}' to='bob@localhost/sz2' id='m'><body>x</body></message>")
    b.expect(r"^<message from='alice@localhost/sz2' to='bob@localhost/sz2'|from='alice@localhost/sz2'")


def test_SZ_05_malformed_to(login):
    c = login("alice", "sz5")
    c.send("<message to='@x' id='1'><body>x</body></message>")
    malformed = "<error code='400' type='modify'><jid-malformed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    c.expect_exact(f"<message from='localhost' type='error' id='1'><body>x</body>{malformed}</message>")
    c.send("<iq type='get' to='@x' id='2'><q xmlns='urn:q'/></iq>")
    c.expect_exact(f"<iq from='localhost' type='error' id='2'><q xmlns='urn:q'/>{malformed}</iq>")
    c.send("<iq type='result' to='@x' id='3'/>")
    c.send("<iq type='error' to='@x' id='4'><q xmlns='urn:q'/></iq>")
    c.send("<message type='error' to='@x' id='5'/>")
    c.expect_nothing()


def test_SZ_06_iq_to_self(login):
    c = login("alice", "sz6")
    answers = []
    for to in ("", " to='alice@localhost'"):
        c.send(f"<iq type='get' id='i'{to}><query xmlns='jabber:iq:roster'/></iq>")
        answers.append(c.next())
    assert answers[0] == answers[1] and "type='result'" in answers[0]


def test_SZ_07_message_without_to(login):
    c = login("alice", "sz7")
    c.send("<message type='chat' id='me'><body>note</body></message>")
    c.expect_exact("<message from='alice@localhost/sz7' to='alice@localhost' type='chat' id='me'><body>note</body></message>")


def test_SZ_08_unknown_element(login):
    c = login("alice", "sz8")
    c.send("<foo xmlns='jabber:client'/>")
    c.expect_stream_error("unsupported-stanza-type")


@pytest.mark.parametrize("body", ["", "<a xmlns='urn:a'/><b xmlns='urn:b'/>", "<a/>"])
def test_SZ_09_malformed_iq(login, body):
    c = login("alice", "sz9")
    c.send(f"<iq type='get' to='localhost' id='x'>{body}</iq>")
    c.expect(r"id='x'.*<bad-request |<bad-request .*id='x'")


def test_SZ_10_iq_of_unknown_type(login):
    c = login("alice", "sz10")
    c.send("<iq type='foo' to='localhost' id='x'><a xmlns='urn:a'/></iq>")
    c.expect(r"<bad-request ")


@pytest.mark.parametrize("to", ["localhost", "alice@localhost", "bob@localhost"])
def test_SZ_11_SZ_12_unknown_namespace(login, to):
    c = login("alice", "sz11")
    c.send(f"<iq type='get' to='{to}' id='x'><a xmlns='urn:nobody'/></iq>")
    c.expect(r"<a xmlns='urn:nobody'/><error code='503' type='cancel'><service-unavailable ")


def test_SZ_13_one_answer_each(login):
    """Everything we answer, and things that nobody answers, asked hundreds of times at once by two clients."""
    a, b = login("alice", "sz13"), login("bob", "sz13")
    drain(a, b)
    payloads = [f"<{name} xmlns='{ns}'{extra}/>" for name, ns, extra in [
        ("query", "jabber:iq:roster", ""), ("query", "jabber:iq:last", ""), ("query", "jabber:iq:private", ""),
        ("query", "jabber:iq:version", ""), ("query", "jabber:iq:register", ""), ("query", "jabber:iq:search", ""),
        ("query", "http://jabber.org/protocol/disco#info", ""), ("query", "http://jabber.org/protocol/disco#items", ""),
        ("query", "http://jabber.org/protocol/disco#info", " node='none'"), ("vCard", "vcard-temp", ""),
        ("ping", "urn:xmpp:ping", ""), ("time", "urn:xmpp:time", ""), ("address", "urn:xmpp:sic:1", ""),
        ("command", "http://jabber.org/protocol/commands", " node='ping'"), ("a", "urn:unknown", ""), ("session", "urn:unknown", "")]]
    addresses = ["", " to='localhost'", " to='localhost/x'", " to='alice@localhost'", " to='bob@localhost'", " to='nobody@localhost'",
                 " to='bob@localhost/none'", " to='vjud.localhost'", " to='x.localhost'", " to='far.example'"]
    asked = [f"<iq type='{kind}' id='q{n}'{to}>{payload}</iq>" for n, (kind, to, payload) in enumerate(
        (k, t, p) for k in ("get", "set") for t in addresses for p in payloads)]
    for c in (a, b):
        c.send("".join(asked))
    for c in (a, b):
        answers = []
        while len(answers) < len(asked):
            got = c.next()
            if "id='push" not in got[:120]:
                assert re.match(r"<iq [^>]*type='(result|error)'", got), got
                answers.append(re.search(r" id='q(\d+)'", got).group(1))
        assert sorted(answers, key=int) == [str(n) for n in range(len(asked))]
        c.expect_nothing()


def test_SZ_14_no_error_for_errors(login):
    c = login("alice", "sz14")
    c.send("<iq type='error' to='localhost' id='e'><a xmlns='urn:a'/></iq>")
    c.send("<iq type='result' to='bob@localhost/none' id='e'/>")
    c.send("<message type='error' to='nobody@localhost' id='e'><body/></message>")
    c.expect_nothing()


def test_SZ_15_forged_delay_is_removed(login):
    c, b = login("alice", "sz15"), login("bob", "sz15")
    c.send("<message to='bob@localhost/sz15'><delay xmlns='urn:xmpp:delay' stamp='2000-01-01T00:00:00Z'/><body>x</body>"
           "<x xmlns='jabber:x:delay' stamp='20000101T00:00:00'/><delay xmlns='urn:mine'/></message>")
    b.expect_exact("<message from='alice@localhost/sz15' to='bob@localhost/sz15'><body>x</body><delay xmlns='urn:mine'/></message>")


@pytest.mark.parametrize("one_byte", [False, True])
def test_SZ_16_exact_size_limit(connect, login, one_byte):
    b = login("bob", "sz16")
    c = connect(one_byte=False).login("alice", resource="sz16")
    c.one_byte = one_byte
    frame = "<message to='bob@localhost/sz16'><body>{}</body></message>"
    room = 65536 - len(frame.format(""))
    c.send(frame.format("x" * (room - 1)))
    b.expect(r"x{1000}")
    c.send(frame.format("x" * room))
    b.expect(r"x{1000}")
    c.send(frame.format("x" * (room + 1)))
    c.expect_stream_error("policy-violation", "child element too big")


def test_SZ_17_limit_before_authentication(connect):
    c = connect()
    c.open()
    c.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + "A" * 70000)
    got = c.next()
    assert got.startswith("<stream:error><policy-violation "), got


def test_SZ_18_SZ_19_shaper(connect):
    fast = connect(index=SHAPED).login("admin", resource="fast")
    # Accounts of their own: nobody else is to hear when these leave.
    slow = connect(index=SHAPED).login("drip", resource="slow")
    other = connect(index=SHAPED).login("brook", resource="other")
    body = "<message to='admin@localhost/fast' id='{}'><body>{}</body></message>"
    begin = time.monotonic()
    text = "".join(body.format(i, "x" * 180) for i in range(20))
    slow.send(text + body.format("last", "x" * (5000 - len(text) - len(body.format("last", "")))))  # 5000 bytes, 1000 a second
    fast.expect("id='0'")
    other.expect_nothing()  # somebody else is not held up
    assert time.monotonic() - begin < 3
    ids = [re.search(r"id='(\w+)'", fast.next()).group(1) for _ in range(20)]
    took = time.monotonic() - begin
    assert ids == [str(i) for i in range(1, 20)] + ["last"]
    assert 3 < took < 8, took
    begin = time.monotonic()
    fast.send("".join(body.format(i, "x" * 2000) for i in range(10)))  # the rule gives `none` to admins
    for _ in range(10):
        fast.next()
    assert time.monotonic() - begin < 3


def test_SZ_22_SZ_23_pass_through(login):
    c, b = login("alice", "sz22"), login("bob", "sz22")
    inner = ("<x xmlns='urn:ext' a='1' b='&amp;&lt;&quot;&apos;'><y>t&amp;&lt;\U0001f600</y>"
             "<z xmlns='urn:other'><w/></z></x>")
    c.send(f"<message to='bob@localhost/sz22' ext='kept'>{inner}<body><![CDATA[<&>]]>&#65;&#x42;</body></message>")
    got = b.next()
    import xml.etree.ElementTree as ET
    e = ET.fromstring(got)
    x = e.find("{urn:ext}x")
    assert e.get("ext") == "kept" and x.get("a") == "1" and x.get("b") == "&<\"'"
    assert x.find("{urn:ext}y").text == "t&<\U0001f600" and x.find("{urn:other}z/{urn:other}w") is not None
    assert [n.text for n in e.iter() if n.tag.endswith("body")] == ["<&>AB"]


def test_SZ_24_order(login):
    c, b = login("alice", "sz24"), login("bob", "sz24")
    c.send("".join(f"<message to='bob@localhost/sz24' id='{i}'><body>x</body></message>" for i in range(2000)))
    assert [int(re.search(r"id='(\d+)'", b.next()).group(1)) for _ in range(2000)] == list(range(2000))


def test_SZ_26_jid_parts(login):
    c = login("alice", "sz26")
    drain(c)
    c.send(f"<iq type='get' to='{'a' * 1023}@localhost' id='ok'><q xmlns='urn:q'/></iq>")
    c.expect(r"<service-unavailable ")
    c.send(f"<iq type='get' to='{'a' * 1024}@localhost' id='no'><q xmlns='urn:q'/></iq>")
    c.expect(r"<jid-malformed ")
    c.send(f"<iq type='get' to='a@localhost/{'r' * 1023}' id='ok'><q xmlns='urn:q'/></iq>")
    c.expect(r"id='ok'.*<service-unavailable ")
    c.send(f"<iq type='get' to='a@localhost/{'r' * 1024}' id='no'><q xmlns='urn:q'/></iq>")
    c.expect(r"id='no'.*<jid-malformed ")
    for length, answer in ((1023, "remote-server-not-found|service-unavailable"), (1024, "jid-malformed")):
        domain = ("d" * 60 + ".") * 17
        c.send(f"<iq type='get' to='{domain[:length - 2]}xy' id='{length}'><q xmlns='urn:q'/></iq>")
        c.expect(rf"id='{length}'.*<({answer}) ")


@pytest.mark.whole("sends megabytes")
def test_SZ_20_reader_that_stops_reading(server, connect, login):
    """Its send buffer is bounded; the others are not disturbed."""
    b = connect().login("bob", resource="stuck")
    c = login("alice", "sz20")
    before = server.rss_kib()
    text = f"<message to='bob@localhost/stuck'><body>{'x' * 60000}</body></message>"
    for _ in range(400):  # 24 MB
        c.send(text)
        while c._fill(0):  # what bounces comes back to a reader that does read
            c.ready.clear()
    drain(c)
    assert server.rss_kib() - before < 64 * 1024


@pytest.mark.whole("sends megabytes")
def test_SZ_21_queue_of_a_session(server, connect, login):
    """Option max_fsm_queue: who lets more stanzas wait than that is disconnected, and nobody else."""
    watcher = login("stuck", "watcher")
    stuck = connect(index=QUEUED, window=4096).login("stuck", resource="stuck")
    drain(watcher)
    before = len(server.find("conn", "closed", reason="overload"))
    c = login("alice", "sz21")
    text = "".join(f"<message to='stuck@localhost/stuck' id='{i}'><body>{'x' * 5000}</body></message>" for i in range(20))
    for _ in range(60):  # 6 MB, which no kernel keeps for a reader with so small a window
        c.send(text)
        drain(c)
        if len(server.find("conn", "closed", reason="overload")) > before:
            break
    server.wait_event("conn", "closed", reason="overload", count=before + 1)
    watcher.expect(r"^<presence from='stuck@localhost/stuck' to='stuck@localhost/watcher' type='unavailable'")
    drain(watcher, c)  # the messages that came later went to the resource that is left
    assert len(server.find("conn", "closed", reason="overload")) == before + 1
    seen = 0
    try:
        while True:
            seen += stuck.next().startswith("<message")
    except AssertionError as e:
        assert "the server closed the connection" in str(e)
    assert seen > 0
