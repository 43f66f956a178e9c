"""RO-17: all 72 transitions of a subscription (RFC 6121, appendix A), with pushes, deliveries and automatic answers.

The contacts live in a component, which may send whatever it likes in whatever state; the roster under test is a user's.
"""
import re

import pytest

from raw import Raw, component
from test_roster import get, items
ACCOUNTS = [("owner", "localhost")]
OUT, IN = "out", "in"
SUBSCRIBE, SUBSCRIBED, UNSUBSCRIBE, UNSUBSCRIBED = "subscribe", "subscribed", "unsubscribe", "unsubscribed"
EVENTS = [(way, kind) for way in (OUT, IN) for kind in (SUBSCRIBE, SUBSCRIBED, UNSUBSCRIBE, UNSUBSCRIBED)]

# subscription, and which requests are pending: ours (out), theirs (in)
NONE, NONE_OUT, NONE_IN, NONE_BOTH = ("none", ""), ("none", "o"), ("none", "i"), ("none", "oi")
TO, TO_IN, FROM, FROM_OUT, BOTH = ("to", ""), ("to", "i"), ("from", ""), ("from", "o"), ("both", "")

WAYS = {  # how to get there from nothing
    NONE: [], NONE_OUT: [(OUT, SUBSCRIBE)], NONE_IN: [(IN, SUBSCRIBE)], NONE_BOTH: [(OUT, SUBSCRIBE), (IN, SUBSCRIBE)],
    TO: [(OUT, SUBSCRIBE), (IN, SUBSCRIBED)], TO_IN: [(OUT, SUBSCRIBE), (IN, SUBSCRIBED), (IN, SUBSCRIBE)],
    FROM: [(IN, SUBSCRIBE), (OUT, SUBSCRIBED)], FROM_OUT: [(IN, SUBSCRIBE), (OUT, SUBSCRIBED), (OUT, SUBSCRIBE)],
    BOTH: [(IN, SUBSCRIBE), (OUT, SUBSCRIBED), (OUT, SUBSCRIBE), (IN, SUBSCRIBED)],
}
#             out: subscribe   subscribed  unsubscribe unsubscribed   in: subscribe  subscribed  unsubscribe unsubscribed
TABLE = {
    NONE:      [NONE_OUT,  NONE,     NONE,     NONE,         NONE_IN,   NONE,     NONE,     NONE],
    NONE_OUT:  [NONE_OUT,  NONE_OUT, NONE,     NONE_OUT,     NONE_BOTH, TO,       NONE_OUT, NONE],
    NONE_IN:   [NONE_BOTH, FROM,     NONE_IN,  NONE,         NONE_IN,   NONE_IN,  NONE,     NONE_IN],
    NONE_BOTH: [NONE_BOTH, FROM_OUT, NONE_IN,  NONE_OUT,     NONE_BOTH, TO_IN,    NONE_OUT, NONE_IN],
    TO:        [TO,        TO,       NONE,     TO,           TO_IN,     TO,       TO,       NONE],
    TO_IN:     [TO_IN,     BOTH,     NONE_IN,  TO,           TO_IN,     TO_IN,    TO,       NONE_IN],
    FROM:      [FROM_OUT,  FROM,     FROM,     NONE,         FROM,      BOTH,     NONE,     FROM],
    FROM_OUT:  [FROM_OUT,  FROM_OUT, FROM,     NONE_OUT,     FROM_OUT,  BOTH,     NONE_OUT, FROM],
    BOTH:      [BOTH,      BOTH,     FROM,     TO,           BOTH,      BOTH,     TO,       FROM],
}


def text(state, jid):
    """The item of a roster, or None where a mere request of theirs, or nothing, is no entry (RFC 6121, 3.1.3)."""
    ask = "ask='subscribe' " if "o" in state[1] else ""
    return f"<item {ask}subscription='{state[0]}' jid='{jid}'/>"


def pushes(seen):
    return [re.search(r"<item .*?/>", s).group(0) for s in seen if s.startswith("<iq ") and "id='push" in s]


def presences(seen, jid):
    return re.findall(rf"<presence from='{jid}' to='owner@localhost/r' type='(\w+)'/>", "".join(seen))


class Pair:
    """The owner's client and the component that plays the contacts."""

    def __init__(self, user, peer):
        self.user, self.peer, self.count = user, peer, 0

    def do(self, way, kind, jid):
        if way == OUT:
            self.user.send(f"<presence to='{jid}' type='{kind}'/>")
        else:
            self.peer.send(f"<presence from='{jid}' to='owner@localhost' type='{kind}'/>")
            # Its way into the owner's shard must be over before the owner goes on.
            self.peer.send(f"<message from='{jid}' to='owner@localhost/r' id='arrived'/>")

    def settle(self, arrives):
        """All that has come to both, up to two marks: what came in is taken, and what it caused has gone out."""
        self.count += 1
        mine, theirs = [], []
        while arrives:
            got = self.user.next()
            if "id='arrived'" in got:
                arrives -= 1
            else:
                mine.append(got)
        # A presence of our own waits its turn behind all roster work that is pending.
        self.user.send(f"<presence to='mark@peer.localhost' type='probe' id='m{self.count}'/>")
        while f"id='m{self.count}'" not in (got := self.peer.next()):
            theirs.append(got)
        self.user.send(f"<iq type='get' id='m{self.count}'><query xmlns='jabber:iq:roster'/></iq>")
        while f"id='m{self.count}'" not in (got := self.user.next()):
            mine.append(got)
        return mine, theirs, items(got)


@pytest.fixture(scope="module")
def pair(server):
    user = Raw(server.port()).login("owner", resource="r")
    get(user)
    peer = component(server.port("service"), "peer.localhost")
    yield Pair(user, peer)
    user.close()
    peer.close()


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: "-".join(e))
@pytest.mark.parametrize("state", TABLE, ids=lambda s: s[0] + "-" + s[1])
def test_RO_17_transition(pair, state, event):
    jid = f"{state[0]}{state[1]}-{event[0]}-{event[1]}@peer.localhost"
    roster = {}
    for way, kind in WAYS[state]:
        pair.do(way, kind, jid)
        _, _, roster = pair.settle(way == IN)
    hidden = (NONE, NONE_IN)
    assert roster.get(jid) == (None if state in hidden else text(state, jid)), "could not even get there"

    new = TABLE[state][EVENTS.index(event)]
    pair.do(*event, jid)
    mine, theirs, roster = pair.settle(event[0] == IN)
    changed = new != state

    # Pushed when it has changed, and the roster shows it; a request of theirs alone is neither.
    if changed and new not in (NONE, NONE_IN):
        assert pushes(mine) == [text(new, jid)]
        assert roster.get(jid) == text(new, jid)
    elif changed and new == NONE and state != NONE_IN:
        assert pushes(mine) == [text(new, jid)]
    else:
        assert pushes(mine) == []
    if not changed:
        assert roster.get(jid) == (None if state in hidden else text(state, jid))

    # What comes in is shown when it means something; some of it is answered for the user.
    if event[0] == IN:
        assert [k for k in presences(mine, jid) if k != "unavailable"] == ([event[1]] if changed else [])
        answer = {SUBSCRIBE: "subscribed" if state[0] in ("from", "both") else None,
                  UNSUBSCRIBE: "unsubscribed" if changed else None}.get(event[1])
        answers = re.findall(rf"<presence from='owner@localhost' to='{jid}' type='(\w+)'/>", "".join(theirs))
        assert [a for a in answers if a in ("subscribed", "unsubscribed")] == ([answer] if answer else [])
    else:  # What goes out travels with the bare address; an answer to nothing stays at home.
        travels = changed or event[1] in (SUBSCRIBE, UNSUBSCRIBE)
        sent = f"<presence from='owner@localhost' to='{jid}' type='{event[1]}'/>"
        assert theirs.count(sent) == (1 if travels else 0), theirs

    # Whoever has just been let in sees us, whoever has just been shut out does not any more.
    could, can = state[0] in ("from", "both"), new[0] in ("from", "both")
    ours = re.findall(rf"<presence from='owner@localhost/r' to='{jid}'( type='unavailable')?", "".join(theirs))
    assert ours == ([""] if can and not could else [" type='unavailable'"] if could and not can else []), theirs

    # A request of theirs that is still open can be granted; none can be granted that is not.
    pair.do(OUT, SUBSCRIBED, jid)
    _, _, roster = pair.settle(0)
    granted = roster.get(jid, "subscription='none'")
    was_open = "i" in new[1]
    assert ("subscription='from'" in granted or "subscription='both'" in granted) == (was_open or can)
