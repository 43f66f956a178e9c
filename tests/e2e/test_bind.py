"""BI: resource binding, session, conflicts and limits (RFC 6120, 7)."""
import re

from test_presence import befriend, wait_presence
from test_routing import available, chat, drain

BIND = "xmlns='urn:ietf:params:xml:ns:xmpp-bind'"
STANZAS = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"
ACCOUNTS = [(u, "localhost") for u in ("alice", "bob", "blocked", "many", "gone", "twin", "friend", "heir", "echo", "fan")]


def ready_to_bind(connect, user="alice"):
    c = connect()
    c.open()
    c.authenticate(user, "secret")
    return c


def test_BI_01_bind(connect):
    c = ready_to_bind(connect)
    c.send(f"<iq type='set' id='bind1'><bind {BIND}><resource>desk</resource></bind></iq>")
    c.expect_exact(f"<iq id='bind1' type='result'><bind {BIND}><jid>alice@localhost/desk</jid></bind></iq>")


def test_BI_02_generated_resource(connect):
    seen = set()
    for body in ("", "<resource/>", "<resource></resource>"):
        c = ready_to_bind(connect)
        c.send(f"<iq type='set' id='b'><bind {BIND}>{body}</bind></iq>")
        seen.add(c.expect(r"<jid>alice@localhost/([^<]+)</jid>").group(1))
    assert len(seen) == 3


def test_BI_03_SZ_26_bad_resource(connect):
    c = ready_to_bind(connect)
    for resource in ("\ue000", "r" * 1024):
        c.send(f"<iq type='set' id='b'><bind {BIND}><resource>{resource}</resource></bind></iq>")
        c.expect(rf"type='error'.*<error code='400' type='modify'><bad-request {STANZAS}/></error></iq>$")
    assert c.bind("r" * 1023) == "alice@localhost/" + "r" * 1023


def test_BI_04_prepared_resource(connect, login):
    c = ready_to_bind(connect)
    assert c.bind("a\u00adb \u2168") == "alice@localhost/ab IX"
    b = login("bob", "prep")
    b.send("<message to='alice@localhost/ab IX' type='chat'><body>x</body></message>")
    c.expect(r"<body>x</body>")


def test_BI_05_capitals(connect):
    c = ready_to_bind(connect, "ALICE")
    assert c.bind("caps") == "alice@localhost/caps"


def test_BI_06_second_bind(connect):
    c = ready_to_bind(connect)
    c.bind("one")
    c.send(f"<iq type='set' id='b2'><bind {BIND}><resource>two</resource></bind></iq>")
    c.expect(rf"id='b2'.*<not-allowed {STANZAS}/>")
    c.expect_nothing()


def test_BI_07_session(connect):
    c = ready_to_bind(connect)
    c.bind("s")
    c.send("<iq type='set' id='s&amp;1'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>")
    c.expect_exact("<iq type='result' id='s&amp;1'/>")


def test_BI_08_BI_17_session_is_optional(connect, login):
    b = login("bob", "r8")
    c = ready_to_bind(connect)
    c.bind("nosession")
    b.send("<message to='alice@localhost/nosession' type='chat'><body>there?</body></message>")
    c.expect(r"<body>there\?</body>")
    c.send("<message to='bob@localhost/r8' type='chat'><body>yes</body></message>")
    b.expect(r"from='alice@localhost/nosession'.*<body>yes</body>")


def test_BI_09_same_resource_replaces(connect, login):
    old = login("alice", "same")
    watcher = login("alice", "watch")
    watcher.next() if "same" in watcher.seen else None
    new = ready_to_bind(connect)
    assert new.bind("same") == "alice@localhost/same"
    while True:
        got = old.next()
        if got.startswith("<stream:error>"):
            break
    assert "<conflict " in got and ">Replaced by new connection</text>" in got
    old.expect_exact("</stream:stream>")
    old.expect_closed()
    new.send("<presence/>")
    new.expect(r"<presence from='alice@localhost/same'")
    watcher.send("<message to='alice@localhost/same' type='chat'><body>newer</body></message>")
    while "newer" not in new.next():
        pass


def test_BI_09_contacts_see_the_change(connect, login):
    old, friend = available(login, "twin", "same"), available(login, "friend", "r")
    befriend(old, friend)
    new = ready_to_bind(connect, "twin")
    new.bind("same")
    wait_presence(friend, "twin@localhost/same", "type='unavailable'.*<status>Replaced by new connection</status>")
    new.send("<presence><status>me again</status></presence>")
    wait_presence(friend, "twin@localhost/same", "<status>me again</status>")
    chat(friend, "twin@localhost/same", "to-the-newer")
    while "to-the-newer" not in new.next():
        pass


def test_BI_10_max_user_sessions(connect, login):
    sessions = [login("many", f"r{i:02}", presence=False) for i in range(10)]
    extra = login("many", "r10", presence=False)
    got = sessions[0].next()
    assert "<conflict " in got, got
    sessions[0].expect_exact("</stream:stream>")
    sessions[0].expect_closed()
    for c in sessions[1:] + [extra]:
        c.expect_nothing()


def test_BI_12_access_denied_at_bind(connect):
    c = ready_to_bind(connect, "blocked")
    c.send(f"<iq type='set' id='b'><bind {BIND}><resource>x</resource></bind></iq>")
    c.expect(rf"id='b'.*<error code='405' type='cancel'><not-allowed {STANZAS}/></error>")
    c.send("</stream:stream>")
    c.expect_exact("</stream:stream>")


def test_BI_14_account_removed_online(server, login):
    c = login("gone", "x")
    server.ctl("unregister", "gone", "localhost")
    c.expect_stream_error("conflict", "User removed")


def bodies(c, until_closed=False):
    """Bodies of all messages that come before the end of the stream, or before the next round trip has come back."""
    found = []
    if not until_closed:
        c.send("<iq type='get' id='drain' to='localhost'><fence xmlns='urn:example:fence'/></iq>")
    while True:
        got = c.next()
        if got == "</stream:stream>" or "id='drain'" in got:
            return found
        found += re.findall(r"<body>([^<]*)</body>", got)


def test_BI_15_nothing_is_lost_when_a_session_is_replaced(connect, login):
    """A stream of messages to one full JID while three connections take it from each other: each message arrives once."""
    fan, lives = login("fan"), [available(login, "heir", "seat")]
    total, found = 600, []
    for i in range(total):
        chat(fan, "heir@localhost/seat", f"n{i}")
        if i in (150, 300, 450):
            c = ready_to_bind(connect, "heir")
            c.bind("seat")
            c.send("<presence/>")
            lives.append(c)
    drain(fan)
    assert "<message" not in fan.seen  # nothing has come back
    for c in lives[:-1]:
        found += bodies(c, until_closed=True)
    found += bodies(lives[-1])
    assert sorted(found) == sorted(f"n{i}" for i in range(total))


def test_BI_16_no_echo_of_the_former_self(connect, login):
    """What an old session still sends, its farewell included, is not for the one that took its name."""
    for turn in range(10):
        old = available(login, "echo", "same")
        new = ready_to_bind(connect, "echo")
        old.send("<presence><status>old</status></presence>" * 5)
        new.bind("same")
        new.send("<presence><status>new</status></presence>")
        wait_presence(new, "echo@localhost/same", "<status>new</status>")
        drain(new)
        assert "type='unavailable'" not in new.seen and "<status>old</status>" not in new.seen, new.seen
        new.close()


def test_BI_18_register_between_auth_and_bind(connect, server):
    c = ready_to_bind(connect)
    c.send("<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>sneaky</username><password>x</password></query></iq>")
    got = c.next()
    assert "type='result'" not in got, got
    assert "sneaky" not in server.ctl("users", "localhost").stdout
