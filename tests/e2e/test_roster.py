"""RO: rosters and subscriptions (RFC 6121, 2 and 3; roster versioning)."""
import re

import pytest

from test_presence import befriend, wait_presence
from test_routing import available, drain

NAMES = ["rose", "romeo", "rita", "rob", "ron", "ruth", "ralf", "remy", "rosa", "rudi", "rene", "ria", "rex", "roy", "rae", "ren"]
ACCOUNTS = [(n, "localhost") for n in NAMES]
Q = "<query xmlns='jabber:iq:roster'"
EMPTY = f"{Q}/>"


def get(c, ident="get", ver=None):
    v = "" if ver is None else f" ver='{ver}'"
    c.send(f"<iq type='get' id='{ident}'><query xmlns='jabber:iq:roster'{v}/></iq>")
    while True:
        got = c.next()
        if f"id='{ident}'" in got:
            return got


def roster_set(c, item, ident="set"):
    c.send(f"<iq type='set' id='{ident}'>{Q}>{item}</query></iq>")
    seen = []
    while True:
        got = c.next()
        seen.append(got)
        if f"id='{ident}'" in got and ("type='result'" in got or "type='error'" in got):
            return seen


def wait_push(c, pattern):
    while True:
        got = c.next()
        if "type='set'" in got and "jabber:iq:roster" in got and re.search(pattern, got):
            return got


def items(text):
    return {re.search(r"jid='([^']*)'", i).group(1): i for i in re.findall(r"<item [^>]*?/>|<item [^>]*>.*?</item>", text)}


def test_RO_01_empty(login):
    c = login("rose", "a", presence=False)
    got = get(c)
    assert re.match(r"^<iq from='rose@localhost' to='rose@localhost/a' id='get' type='result'><query xmlns='jabber:iq:roster'", got), got
    assert "<item" not in got


def test_RO_02_03_add_rename_groups_replaced(login):
    c, other, idle = (login("rita", r, presence=False) for r in ("a", "b", "c"))
    get(c), get(other)
    seen = roster_set(c, "<item jid='x@localhost' name='X &amp; co'><group>One</group><group>Two</group></item>")
    assert "type='set'" in seen[0] and "subscription='none'" in seen[0] and "name='X &amp; co'" in seen[0]
    wait_push(other, "x@localhost")
    idle.expect_nothing()  # has not asked for the roster
    roster_set(c, "<item jid='x@localhost' name='Y'><group>Three</group></item>")
    got = items(get(c))["x@localhost"]
    assert "name='Y'" in got and re.findall(r"<group>(\w+)</group>", got) == ["Three"]


def test_RO_04_10_remove(login):
    a, b = available(login, "rob", "a"), available(login, "ron", "a")
    get(a), get(b)
    befriend(a, b)
    seen = roster_set(a, "<item jid='ron@localhost' subscription='remove'/>")
    assert any("subscription='remove'" in s for s in seen)
    wanted = {"unsubscribe'", "unsubscribed'", "unavailable'"}
    while wanted:
        got = b.next()
        wanted -= {w for w in wanted if f"type='{w}" in got}
    drain(b)
    assert "ron@localhost" not in items(get(a))
    assert "subscription='none'" in items(get(b))["rob@localhost"]


def test_RO_05_subscribe_flow(login):
    a, b = available(login, "ruth", "a"), available(login, "ralf", "a")
    get(a), get(b)
    a.send("<presence type='subscribe' to='ralf@localhost'/>")
    wait_push(a, "<item ask='subscribe' subscription='none' jid='ralf@localhost'/>")
    assert wait_presence(b, "ruth@localhost", "subscribe") == "<presence from='ruth@localhost' to='ralf@localhost/a' type='subscribe'/>"
    b.send("<presence type='subscribed' to='ruth@localhost'/>")
    wait_push(b, "subscription='from'")
    wait_push(a, "subscription='to'")
    assert "type='subscribed'" in a.seen or wait_presence(a, "ralf@localhost", "subscribed")
    if "from='ralf@localhost/a'" not in a.seen:
        wait_presence(a, "ralf@localhost/a")


def test_RO_06_decline(login):
    a, b = available(login, "remy", "a"), available(login, "rosa", "a")
    get(a)
    a.send("<presence type='subscribe' to='rosa@localhost'/>")
    wait_presence(b, "remy@localhost", "subscribe")
    b.send("<presence type='unsubscribed' to='remy@localhost'/>")
    wait_presence(a, "rosa@localhost", "unsubscribed")
    assert "ask=" not in items(get(a))["rosa@localhost"]


def test_RO_07_request_while_offline(login):
    a = available(login, "rudi", "a")
    get(a)
    a.send("<presence type='subscribe' to='rene@localhost'><status>please</status><x xmlns='urn:kept'/></presence>")
    wait_push(a, "rene@localhost")
    drain(a)
    for attempt in range(3):
        b = login("rene", f"r{attempt}", presence=False)
        b.send("<presence><priority>-1</priority></presence>")
        drain(b)
        assert "subscribe" not in b.seen  # only who takes messages is asked
        b.send("<presence type='unavailable'/><presence/>")
        got = wait_presence(b, "rudi@localhost", "subscribe")
        assert got == ("<presence from='rudi@localhost' to='rene@localhost' type='subscribe'><status>please</status>"
                       "<x xmlns='urn:kept'/></presence>")
        if attempt == 1:
            b.send("<presence type='unsubscribed' to='rudi@localhost'/>")
            wait_presence(a, "rene@localhost", "unsubscribed")
            break
        b.close()
    b.close()
    c = available(login, "rene", "r3")
    drain(c)
    assert "type='subscribe'" not in c.seen  # it has been answered


def test_RO_08_unsubscribe(login):
    a, b = available(login, "ria", "a"), available(login, "rex", "a")
    get(a), get(b)
    befriend(a, b)
    a.send("<presence type='unsubscribe' to='rex@localhost'/>")
    wait_push(a, "subscription='from'")
    wait_push(b, "subscription='to'")
    if "from='rex@localhost/a' to='ria@localhost/a' type='unavailable'" not in a.seen:
        wait_presence(a, "rex@localhost/a", "unavailable")


def test_RO_09_subscription_keeps_name_and_groups(login):
    a, b = available(login, "roy", "a"), available(login, "rae", "a")
    get(a)
    roster_set(a, "<item jid='rae@localhost' name='Rae'><group>G</group></item>")
    befriend(a, b)
    got = items(get(a))["rae@localhost"]
    assert "name='Rae'" in got and "<group>G</group>" in got and "subscription='both'" in got


def test_RO_12_versioning(login):
    c = login("ren", "v", presence=False)
    got = get(c, "v0", "")
    ver = re.search(r"ver='([^']+)'", got).group(1)
    assert get(c, "v1", ver) == "<iq from='ren@localhost' to='ren@localhost/v' id='v1' type='result'/>"
    seen = roster_set(c, "<item jid='v@localhost'/>")
    new = re.search(r"<query xmlns='jabber:iq:roster' ver='([^']+)'", seen[0]).group(1)
    assert new != ver
    assert "v@localhost" in get(c, "v2", ver)
    assert "<query" not in get(c, "v3", new)


def test_RO_12_feature(connect):
    c = connect()
    c.open()
    features = c.authenticate("ren", "secret")
    assert re.search(r"<session [^>]*>.*</session><ver xmlns='urn:xmpp:features:rosterver'/>", features), features


def test_RO_14_answer_to_a_push(login):
    """A push comes from the account; whatever the client answers to it is taken without a word."""
    c = login("rex", "push", presence=False)
    get(c)
    push = roster_set(c, "<item jid='p@localhost'/>")[0]
    assert re.match(r"<iq from='rex@localhost' to='rex@localhost/push' id='push[0-9A-F]+' type='set'><query ", push), push
    ident = re.search(r"id='(push[^']*)'", push).group(1)
    c.send(f"<iq type='result' id='{ident}'/><iq type='result' id='{ident}' to='rex@localhost'/>")
    c.send(f"<iq type='error' id='{ident}'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")
    c.expect_nothing()


@pytest.mark.parametrize("item", ["", "<item/>", "<item jid='@@'/>", "<item jid='a@localhost'/><item jid='b@localhost'/>"])
def test_RO_15_malformed_set(login, item):
    c = login("romeo", "m", presence=False)
    assert re.search("<jid-malformed " if "@@" in item else "<bad-request ", roster_set(c, item)[-1])
    assert not {"a@localhost", "b@localhost"} & set(items(get(c)))


def test_RO_16_subscription_in_a_set_is_ignored(login):
    c = login("romeo", "s", presence=False)
    get(c)
    roster_set(c, "<item jid='q@localhost' subscription='both' ask='subscribe'/>")
    got = items(get(c))["q@localhost"]
    assert "subscription='none'" in got and "ask" not in got


def test_RO_18_subscribe_to_full_jid(login):
    a, b = available(login, "rose", "s"), available(login, "romeo", "s")
    get(b)
    a.send("<presence type='subscribe' to='romeo@localhost/s'/>")
    wait_presence(b, "rose@localhost", "subscribe")
    b.send("<presence type='subscribed' to='rose@localhost/s'/>")
    wait_push(b, "<item subscription='from' jid='rose@localhost'/>")
    assert "<item subscription='to' jid='romeo@localhost'/>" in get(a)


def test_RO_19_unknown_user(login):
    a = available(login, "romeo", "u")
    get(a), drain(a)
    a.send("<presence type='subscribe' to='unknown@localhost'/>")
    a.expect("<item ask='subscribe' subscription='none' jid='unknown@localhost'/>")
    a.expect_nothing()
    assert items(get(a))["unknown@localhost"] == "<item ask='subscribe' subscription='none' jid='unknown@localhost'/>"


def test_RO_20_roster_of_another(login):
    c = login("rose", "f", presence=False)
    c.send(f"<iq type='get' id='g' to='romeo@localhost'>{EMPTY}</iq>")
    c.expect(r"^<iq from='romeo@localhost' to='rose@localhost/f' id='g' type='error'>.*<error code='403' type='auth'><forbidden ")
    c.send(f"<iq type='set' id='s' to='romeo@localhost'>{Q}><item jid='stolen@localhost'/></query></iq>")
    c.expect(r"id='s' type='error'.*<forbidden ")
    for user in ("rose", "romeo"):
        assert "stolen@localhost" not in items(get(login(user, "f2", presence=False)))


def test_RO_11_account_removed(server, login):
    server.register("temp", "secret")
    a, b = available(login, "temp", "a"), available(login, "rose", "r11")
    get(b)
    befriend(a, b)
    server.ctl("unregister", "temp", "localhost")
    wanted = {"unsubscribe'", "unsubscribed'", "unavailable'"}
    while wanted:
        got = b.next()
        wanted -= {w for w in wanted if f"from='temp@localhost" in got and f"type='{w}" in got}
    drain(b)
    assert "subscription='none'" in items(get(b))["temp@localhost"]
