"""BI: resource binding, session, conflicts and limits (RFC 6120, 7)."""
import re

BIND = "xmlns='urn:ietf:params:xml:ns:xmpp-bind'"
STANZAS = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"
ACCOUNTS = [(u, "localhost") for u in ("alice", "bob", "blocked", "many", "gone")]


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
    c.send("<iq type='set' id='s1'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>")
    c.expect(r"^<iq type='result' id='s1'")


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


def test_BI_18_register_between_auth_and_bind(connect, server):
    c = ready_to_bind(connect)
    c.send("<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>sneaky</username><password>x</password></query></iq>")
    got = c.next()
    assert "type='result'" not in got, got
    assert "sneaky" not in server.ctl("users", "localhost").stdout
