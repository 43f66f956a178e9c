"""OF: messages for who is not there (XEP-0160), and that an accepted one is never lost."""
import re

import pytest

from test_routing import available, chat, drain

ACCOUNTS = [(f"off{n}", "localhost") for n in range(12)] + [("alice", "localhost"), ("few", "localhost")]
CONFIG = """
{hosts, ["localhost"]}. {sm_backend, {mnesia, []}}. {auth_method, internal}.
{acl, few, {user, "few"}}.
{access, max_user_offline_messages, [{3, few}, {100, all}]}.
{listen, [{{0, "127.0.0.1"}, ejabberd_c2s, []}]}.
{modules, [{mod_offline, [{access_max_user_messages, max_user_offline_messages}]}, {mod_roster, []}]}.
"""


def collect(c, until):
    """Messages up to the one holding `until`."""
    found = []
    while True:
        got = c.next()
        if got.startswith("<message"):
            found.append(got)
            if until in got:
                return found


def come_back(login, user, priority=None):
    c = login(user, "back", presence=False)
    c.send("<presence/>" if priority is None else f"<presence><priority>{priority}</priority></presence>")
    return c


def test_OF_01_OF_08_stored_and_delivered_in_order(login):
    a = login("alice")
    for i in range(50):
        chat(a, "off0@localhost", f"m{i:02}")
    drain(a)
    got = collect(come_back(login, "off0"), "m49")
    assert [re.search(r"<body>(m\d\d)", g).group(1) for g in got] == [f"m{i:02}" for i in range(50)]
    assert all(re.search(r"<delay xmlns='urn:xmpp:delay' [^>]*>Offline Storage</delay>", g) for g in got)
    assert all(re.search(r"stamp='\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z'", g) and "from='localhost'" in g for g in got)


@pytest.mark.parametrize("kind, answer", [("error", None), ("groupchat", "service-unavailable"), ("headline", None)])
def test_OF_02_not_stored(login, kind, answer):
    a = login("alice")
    chat(a, "off1@localhost", "no", kind)
    if answer:
        a.expect(answer)
    chat(a, "off1@localhost", f"after-{kind}")
    drain(a)
    c = come_back(login, "off1")
    assert len(collect(c, f"after-{kind}")) == 1


def test_OF_03_limit(login):
    a = login("alice")
    for i in range(5):
        chat(a, "few@localhost", f"f{i}")
    for i in (3, 4):
        a.expect(rf"<body>f{i}</body><error code='500' type='wait'><resource-constraint .*queue is full")
    got = collect(come_back(login, "few"), "f2")
    assert len(got) == 3


def test_OF_04_expiry(login):
    a = login("alice")
    a.send("<message to='off2@localhost' type='chat'><body>old</body><x xmlns='jabber:x:expire' seconds='3600'/>"
           "</message>")
    a.send("<message to='off2@localhost' type='chat'><body>last</body></message>")
    drain(a)
    got = collect(come_back(login, "off2"), "last")
    assert len(got) == 2


def test_OF_05_chat_states(login):
    a = login("alice")
    a.send("<message to='off3@localhost' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>")
    a.send("<message to='off3@localhost' type='chat'><body>with body</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>")
    drain(a)
    assert len(collect(come_back(login, "off3"), "with body")) == 1


def test_no_store_hint(login):
    a = login("alice")
    a.send("<message to='off4@localhost' type='chat'><body>secret</body><no-store xmlns='urn:xmpp:hints'/></message>")
    chat(a, "off4@localhost", "kept")
    drain(a)
    assert len(collect(come_back(login, "off4"), "kept")) == 1


def test_OF_06_negative_priority(login):
    a = login("alice")
    chat(a, "off5@localhost", "wait")
    drain(a)
    c = come_back(login, "off5", -5)
    drain(c)
    assert "wait" not in c.seen
    c.send("<presence><priority>0</priority></presence>")
    collect(c, "wait")


def test_SZ_25_order_across_the_log_in(login):
    """Half of a long talk is stored, the other half comes while the stored one is being delivered: one unbroken order."""
    a, total = login("alice"), 80
    for i in range(total // 2):
        chat(a, "off7@localhost", f"o{i:03}")
    drain(a)
    c = login("off7", "back", presence=False)
    c.send("<presence/>")
    for i in range(total // 2, total):
        chat(a, "off7@localhost", f"o{i:03}")
    got = collect(c, f"o{total - 1:03}")
    assert [re.search(r"<body>(o\d+)", g).group(1) for g in got] == [f"o{i:03}" for i in range(total)]


@pytest.mark.parametrize("body, stored", [
    ("", True),                                                                     # no child at all
    ("<x xmlns='jabber:x:event'><id>m1</id><composing/></x>", False),               # an event about a message
    ("<x xmlns='jabber:x:event'><offline/></x><body>hi</body>", True),
    ("<subject>only a subject</subject>", True),
])
def test_OF_05_what_counts_as_content(login, body, stored):
    a = login("alice")
    a.send(f"<message to='off8@localhost' type='chat' id='m1'>{body}</message>")
    if "<offline/>" in body:  # who asks to be told is told (XEP-0022)
        a.expect(r"^<message from='off8@localhost' to='alice@localhost/r' type='chat' id='m1'><x xmlns='jabber:x:event'><id>m1</id><offline/></x></message>$")
    elif not stored:
        a.expect("<service-unavailable ")
    chat(a, "off8@localhost", "the-end")
    drain(a)
    got = collect(come_back(login, "off8"), "the-end")
    assert len(got) == 1 + stored


def test_OF_07_only_the_first(login):
    a = login("alice")
    chat(a, "off6@localhost", "once")
    drain(a)
    first = come_back(login, "off6")
    collect(first, "once")
    second = login("off6", "second", presence=False)
    second.send("<presence/>")
    drain(second)
    assert "once" not in second.seen
