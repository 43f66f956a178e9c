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
    first = available(login, "ann0", "one")
    second = available(login, "ann0", "two")
    wait_presence(first, "ann0@localhost/two")
    assert "from='ann0@localhost/one'" in second.seen or wait_presence(second, "ann0@localhost/one")


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
    wait_presence(z, "ann2@localhost/r", "unavailable")


def test_PR_04_priority_range(login):
    a = login("ann3", "r", presence=False)
    a.send("<presence><priority>-10</priority></presence>")
    wait_presence(a, "ann3@localhost/r", "-10")
    a.send("<presence id='p'><priority>128</priority></presence>")
    a.expect(r"type='error'.*<bad-request ")


def test_PR_05_invisible(login):
    a, b = friends(login, 4)
    a.send("<presence type='invisible'/>")
    wait_presence(b, "ann4@localhost/r", "unavailable")
    a.send("<presence to='ben4@localhost/r'/>")
    wait_presence(b, "ann4@localhost/r")


def test_PR_06_probe_at_login(login):
    a, b = friends(login, 5)
    b.send("<presence><show>dnd</show></presence>")
    wait_presence(a, "ben5@localhost/r", "dnd")
    a2 = login("ann5", "second", presence=False)
    a2.send("<presence/>")
    got = wait_presence(a2, "ben5@localhost/r")
    assert "<show>dnd</show>" in got and "urn:xmpp:delay" in got


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


def test_PR_10_probe_from_a_stranger(login):
    a, z = available(login, "ann8", "r"), available(login, "zoe", "pr10")
    z.send("<presence type='probe' to='ann8@localhost'/>")
    drain(z)
    assert "from='ann8@localhost/r'" not in z.seen


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
