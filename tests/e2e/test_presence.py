"""PR: presence (RFC 6121, 4)."""
import re

import pytest

from test_routing import available, drain

ACCOUNTS = [(f"{u}{n}", "localhost") for u in ("ann", "ben") for n in range(12)] + [("zoe", "localhost")]


def befriend(a, b):
    """Mutual subscription between two clients that are logged in and available."""
    for x, y in ((a, b), (b, a)):
        bare_x, bare_y = x.jid.split("/")[0], y.jid.split("/")[0]
        x.send(f"<presence type='subscribe' to='{bare_y}'/>")
        while "type='subscribe'" not in y.next():
            pass
        y.send(f"<presence type='subscribed' to='{bare_x}'/>")
        while not re.search(rf"<presence from='{re.escape(y.jid)}'", x.next()):
            pass
    drain(a, b)


def friends(login, n, resource="r"):
    a, b = available(login, f"ann{n}", resource), available(login, f"ben{n}", resource)
    befriend(a, b)
    return a, b


def wait_presence(c, sender, pattern=""):
    while True:
        got = c.next()
        if got.startswith(f"<presence from='{sender}'") and re.search(pattern, got, re.S):
            return got


def test_PR_01_echo(login):
    first = login("ann0", "one", presence=False)
    first.send("<presence/>")
    first.expect_exact("<presence from='ann0@localhost/one' to='ann0@localhost/one'/>")
    second = login("ann0", "two", presence=False)
    second.send("<presence><show>chat</show></presence>")
    seen = [second.next(), second.next()]
    assert "<presence from='ann0@localhost/two' to='ann0@localhost/two'><show>chat</show></presence>" in seen
    assert any(re.match(r"<presence from='ann0@localhost/one' to='ann0@localhost/two'><delay xmlns='urn:xmpp:delay' ", s) for s in seen)
    first.expect_exact("<presence from='ann0@localhost/two' to='ann0@localhost/one'><show>chat</show></presence>")
    quiet = login("ann0", "three", presence=False)  # has sent none, so gets none
    second.send("<presence/>")
    first.expect_exact("<presence from='ann0@localhost/two' to='ann0@localhost/one'/>")
    quiet.expect_nothing()


def test_PR_02_PR_07_carried_to_contacts_only(login):
    a, b = friends(login, 1)
    z = available(login, "zoe", "pr2")
    a.send("<presence><show>away</show><status>tea &amp; cake</status><priority>3</priority></presence>")
    got = wait_presence(b, "ann1@localhost/r", "away")
    assert "<show>away</show><status>tea &amp; cake</status><priority>3</priority>" in got
    assert "to='ben1@localhost/r'" in got
    drain(z)
    assert "ann1" not in z.seen


def test_PR_03_directed(login):
    a, z = available(login, "ann2", "r"), available(login, "zoe", "pr3")
    a.send("<presence to='zoe@localhost/pr3'><status>only you</status></presence>")
    wait_presence(z, "ann2@localhost/r", "only you")
    a.send("<presence type='unavailable' to='zoe@localhost/pr3'/>")
    wait_presence(z, "ann2@localhost/r", "unavailable")
    a.send("<presence to='zoe@localhost/pr3'/>")
    wait_presence(z, "ann2@localhost/r")
    a.close()
    wait_presence(z, "ann2@localhost/r", "type='unavailable'")
    assert "ann2@localhost/r' to='zoe@localhost/pr3'" in z.seen


def test_PR_03_directed_to_a_bare_address(login):
    a, z = available(login, "ann11", "r"), available(login, "zoe", "pr3b")
    a.send("<presence to='zoe@localhost'><status>hello</status></presence>")
    wait_presence(z, "ann11@localhost/r", "to='zoe@localhost/pr3b'.*<status>hello</status>")
    a.send("<presence type='unavailable'><status>bye</status></presence>")
    wait_presence(z, "ann11@localhost/r", "to='zoe@localhost/pr3b' type='unavailable'><status>bye</status>")


def test_PR_04_priority_range(login):
    a, b = friends(login, 3)
    for priority in (-10, -128, 127, 0):
        a.send(f"<presence><priority>{priority}</priority></presence>")
        for c in (a, b):
            wait_presence(c, "ann3@localhost/r", f"<priority>{priority}</priority>")
    for wrong in ("128", "-129", "high", "1.5"):
        a.send(f"<presence id='p'><priority>{wrong}</priority></presence>")
        a.expect(r"type='error'.*<bad-request ")
    b.expect_nothing()


def test_PR_05_invisible(login):
    a, b = friends(login, 4)
    a.send("<presence type='invisible'/>")
    wait_presence(b, "ann4@localhost/r", "unavailable")
    a.send("<presence to='ben4@localhost/r'><status>you see me</status></presence>")
    wait_presence(b, "ann4@localhost/r", "<status>you see me</status>")
    a.send("<presence/>")
    wait_presence(b, "ann4@localhost/r", "r'/>$")


def test_PR_06_probe_at_login(login):
    a, b = friends(login, 5)
    b.send("<presence><show>dnd</show></presence>")
    wait_presence(a, "ben5@localhost/r", "dnd")
    a2 = login("ann5", "second", presence=False)
    a2.send("<presence/>")
    got = wait_presence(a2, "ben5@localhost/r")
    assert re.fullmatch(r"<presence from='ben5@localhost/r' to='ann5@localhost/second'><show>dnd</show>"
                        r"<delay xmlns='urn:xmpp:delay' stamp='\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ' from='ben5@localhost/r'/></presence>", got), got


def test_PR_08_unavailable(login):
    a, b = friends(login, 6)
    own, z = available(login, "ann6", "own"), available(login, "zoe", "pr8")
    a.send("<presence to='zoe@localhost/pr8'/>")
    wait_presence(z, "ann6@localhost/r")
    a.send("<presence type='unavailable'><status>bye</status></presence>")
    for c in (b, own, z):
        wait_presence(c, "ann6@localhost/r", "type='unavailable'.*<status>bye</status>")


def test_PR_09_lost_connection(login):
    a, b = friends(login, 7)
    a.close()
    wait_presence(b, "ann7@localhost/r", "unavailable")


def test_PR_10_probe_from_a_stranger(login, join_component):
    a, z = available(login, "ann8", "r"), available(login, "zoe", "pr10")
    drain(z)
    for to in ("ann8@localhost", "ann8@localhost/r", "nobody@localhost"):
        z.send(f"<presence type='probe' to='{to}'/>")
    z.expect_nothing()  # being unsubscribed is no news to who never was subscribed (RFC 6121, A.3.4)
    k = join_component("prober.localhost")
    for to in ("ann8@localhost", "ann8@localhost/r"):  # a stranger whose server is somebody else's
        k.send(f"<presence type='probe' from='z@prober.localhost/x' to='{to}'/>")
        k.expect_exact("<presence from='ann8@localhost' to='z@prober.localhost' type='unsubscribed'/>")
    a.expect_nothing()


def test_PR_12_error_stops_directed_presence(login):
    a, z = available(login, "ann9", "r"), available(login, "zoe", "pr12")
    a.send("<presence to='zoe@localhost/pr12'/>")
    wait_presence(z, "ann9@localhost/r")
    z.send("<presence type='error' to='ann9@localhost/r'/>")
    drain(z, a)
    a.send("<presence type='unavailable'/>")
    drain(a, z)
    assert "type='unavailable'" not in z.seen


def test_PR_13_each_resource_for_itself(login):
    a, b = friends(login, 10)
    a2 = available(login, "ann10", "second")
    wait_presence(b, "ann10@localhost/second")
    a2.send("<presence><show>xa</show></presence>")
    wait_presence(b, "ann10@localhost/second", "xa")
    drain(b)
    assert b.seen.count("<presence from='ann10@localhost/r'") == 1
