"""RT: delivery rules (RFC 6121, 8)."""
import pytest

ACCOUNTS = [(u, "localhost") for u in ("alice", "bob", "carol", "dave", "erin", "frank", "gina", "hugo", "ivan", "judy")]


def available(login, user, resource, priority=None):
    c = login(user, resource, presence=False)
    p = "" if priority is None else f"<priority>{priority}</priority>"
    c.send(f"<presence>{p}</presence>")
    while f"from='{c.jid}'" not in c.next():
        pass
    return c


def drain(*clients):
    """Read over whatever presence is still on its way, by a round trip each."""
    for c in clients:
        c.send("<iq type='get' id='drain' to='localhost'><fence xmlns='urn:example:fence'/></iq>")
        while "id='drain'" not in c.next():
            pass


def chat(c, to, body, kind="chat"):
    t = f" type='{kind}'" if kind else ""
    c.send(f"<message to='{to}'{t} id='{body}'><body>{body}</body></message>")


@pytest.mark.parametrize("kind", ["chat", None, "normal", "unheard-of"])
def test_RT_01_RT_11_bare_one_resource(login, kind):
    a, b = login("alice"), available(login, "bob", "one")
    chat(a, "bob@localhost", "rt01", kind)
    t = f" type='{kind}'" if kind else ""
    b.expect_exact(f"<message from='alice@localhost/r' to='bob@localhost'{t} id='rt01'><body>rt01</body></message>")


def test_RT_02_highest_priority(login):
    a = login("alice")
    high, low = available(login, "carol", "high", 5), available(login, "carol", "low", 1)
    drain(high, low)
    chat(a, "carol@localhost", "rt02a")
    high.expect("rt02a")
    drain(low)
    assert "rt02a" not in low.seen
    also = available(login, "carol", "also", 5)
    drain(high, low, also)
    chat(a, "carol@localhost", "rt02b")
    high.expect("rt02b")
    also.expect("rt02b")
    drain(low)
    assert "rt02b" not in low.seen


@pytest.mark.parametrize("kind", ["chat", None])
def test_RT_03_RT_04_RT_11_negative_priority(login, kind):
    a = login("alice")
    d = available(login, "dave", "neg", -1)
    chat(a, "dave@localhost", "rt03", kind)
    chat(a, "dave@localhost/neg", "rt04", kind)
    d.expect("rt04")
    a.expect_nothing()
    d.send("<presence><priority>0</priority></presence>")
    while "rt03" not in d.next():
        pass


def test_RT_05_full_jid_not_connected(login):
    a, e = login("alice"), available(login, "erin", "here")
    chat(a, "erin@localhost/gone", "rt05")
    e.expect("rt05")


def test_RT_06_full_jid_no_resource_goes_offline(login):
    a = login("alice")
    chat(a, "frank@localhost/gone", "rt06")
    a.expect_nothing()
    f = login("frank", "back", presence=False)
    f.send("<presence/>")
    while "rt06" not in f.next():
        pass


@pytest.mark.parametrize("kind", ["chat", "normal", None])
def test_RT_07_no_such_account(login, kind):
    a = login("alice")
    chat(a, "nobody@localhost", "rt07", kind)
    a.expect(r"type='error'.*<body>rt07</body><error code='503' type='cancel'><service-unavailable ")


def test_RT_08_groupchat(login):
    a, b = login("alice"), available(login, "bob", "rt08")
    chat(a, "bob@localhost", "rt08", "groupchat")
    a.expect(r"<service-unavailable ")
    drain(b)
    assert "<body>rt08" not in b.seen


def test_RT_09_headline(login):
    a = login("alice")
    zero, five, neg = (available(login, "gina", f"p{p}", p) for p in (0, 5, -1))
    drain(zero, five, neg)
    chat(a, "gina@localhost", "rt09", "headline")
    zero.expect("rt09")
    five.expect("rt09")
    drain(neg)
    assert "rt09" not in neg.seen
    chat(a, "hugo@localhost", "rt09b", "headline")
    a.expect_nothing()


def test_RT_10_error_to_bare(login):
    a, b = login("alice"), available(login, "bob", "rt10")
    chat(a, "bob@localhost", "rt10", "error")
    a.expect_nothing()
    drain(b)
    assert "<body>rt10" not in b.seen


def test_RT_12_iq_to_full(login):
    a, b = login("alice", "rt12"), login("bob", "rt12")
    a.send("<iq type='get' to='bob@localhost/rt12' id='q'><ask xmlns='urn:ask'/></iq>")
    b.expect(r"from='alice@localhost/rt12'.*<ask xmlns='urn:ask'/>")
    b.send("<iq type='result' to='alice@localhost/rt12' id='q'><answer xmlns='urn:ask'/></iq>")
    a.expect(r"from='bob@localhost/rt12'.*<answer xmlns='urn:ask'/>")


def test_RT_13_iq_to_absent_resource(login):
    a = login("alice")
    a.send("<iq type='get' to='bob@localhost/absent' id='q'><ask xmlns='urn:ask'/></iq>")
    a.expect_exact("<iq from='bob@localhost/absent' to='alice@localhost/r' type='error' id='q'><ask xmlns='urn:ask'/>"
                   "<error code='503' type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")
    a.send("<iq type='result' to='bob@localhost/absent' id='q'/>")
    a.send("<iq type='error' to='bob@localhost/absent' id='q'/>")
    a.expect_nothing()


def test_RT_15_presence_to_absent_resource(login):
    a = login("alice")
    a.send("<presence to='bob@localhost/absent'/>")
    a.expect_nothing()


def test_RT_16_messages_to_the_host(login):
    a = login("alice")
    chat(a, "localhost", "rt16")
    a.expect_nothing()
    chat(a, "localhost/res", "rt16")
    a.expect(r"<item-not-found ")


def test_RT_17_no_presence_only_full(login):
    a, quiet = login("alice"), login("bob", "quiet", presence=False)
    chat(a, "bob@localhost/quiet", "rt17")
    quiet.expect("rt17")
    loud = available(login, "bob", "loud")
    chat(a, "bob@localhost", "rt17b")
    loud.expect("rt17b")
    quiet.expect_nothing()


def test_RT_18_RT_19_own_bare_in_capitals(login):
    a = login("alice", "rt18")
    chat(a, "ALICE@LOCALHOST", "rt18")
    a.expect_exact("<message from='alice@localhost/rt18' to='alice@localhost' type='chat' id='rt18'><body>rt18</body></message>")


def test_RT_18_own_bare_reaches_all_best_resources(login):
    low, one, two = available(login, "ivan", "low", 1), available(login, "ivan", "one", 3), available(login, "ivan", "two", 3)
    drain(low, one, two)
    chat(one, "ivan@localhost", "rt18b")
    for c in (one, two):
        c.expect("<body>rt18b</body>")
    low.expect_nothing()


def test_RT_14_iq_to_a_bare_address_is_answered_for_it(login):
    a, b = login("alice"), available(login, "judy", "j")
    for kind, payload, answer in (
            ("get", "<ping xmlns='urn:xmpp:ping'/>", "type='result'"),
            ("get", "<query xmlns='jabber:iq:version'/>", "<service-unavailable "),
            ("set", "<ask xmlns='urn:ask'/>", "<service-unavailable "),
            ("get", "<query xmlns='jabber:iq:roster'/>", "<forbidden ")):
        a.send(f"<iq type='{kind}' to='judy@localhost' id='rt14'>{payload}</iq>")
        a.expect(rf"^<iq from='judy@localhost' to='alice@localhost/r' .*{answer}")
    a.send("<iq type='result' to='judy@localhost' id='rt14'/>")
    a.expect_nothing()
    b.expect_nothing()


def test_RT_20_unknown_subdomain(login):
    a = login("alice")
    chat(a, "x@nothing.localhost", "rt20")
    a.expect(r"<service-unavailable ")


def test_foreign_domain_without_s2s(login):
    a = login("alice")
    chat(a, "x@far.example", "s2s")
    a.expect(r"type='error'.*<(remote-server-not-found|service-unavailable) ")
