"""Killing the server at any moment loses nothing that was acknowledged: accounts, roster items, offline messages, vCards."""
import random
import re
import shutil

from raw import Raw
from test_roster import get, items
from xmppd import Server, build

CONFIG = """
{hosts, ["localhost"]}. {sm_backend, {mnesia, []}}. {auth_method, internal}.
{listen, [{{0, "127.0.0.1"}, ejabberd_c2s, []}]}.
{modules, [{mod_offline, []}, {mod_roster, []}, {mod_vcard, []}, {mod_private, []}]}.
"""


def test_kill_loses_nothing_acknowledged(tmp_path):
    binary = build(CONFIG)
    data = str(tmp_path / "data")
    accounts, contacts, messages, notes = set(), set(), set(), set()
    random.seed(7)
    for life in range(5):
        # One shard: a sender's offline messages and its own later roster set then pass the same queue in order.
        s = Server(binary, data=data, shards=1).wait_ready()
        try:
            if life == 0:
                s.register("writer", "secret")
                s.register("sleeper", "secret")
            for i in range(3):
                name = f"u{life}x{i}"
                s.register(name, "secret")
                accounts.add(name)
            c = Raw(s.port()).login("writer")
            for i in range(random.randrange(5, 40)):
                body = f"m{life}x{i}"
                c.send(f"<message to='sleeper@localhost' type='chat'><body>{body}</body></message>")
                c.send(f"<iq type='set' id='{body}'><query xmlns='jabber:iq:roster'><item jid='{body}@x.example'/></query></iq>")
                while True:
                    got = c.next()
                    if f"id='{body}'" in got and "type='result'" in got:
                        break
                contacts.add(f"{body}@x.example")
                messages.add(body)
            c.send("<iq type='set' id='note'><query xmlns='jabber:iq:private'>"
                   f"<n xmlns='urn:n{life}'>v{life}</n></query></iq>")
            while "id='note'" not in c.next():
                pass
            notes.add(life)
            # Unacknowledged work in flight while the axe falls.
            c.send("".join(f"<message to='sleeper@localhost'><body>late{life}x{i}</body></message>" for i in range(200)))
        finally:
            s.kill()
    s = Server(binary, data=data).wait_ready()
    try:
        assert accounts | {"writer", "sleeper"} <= set(s.ctl("users", "localhost").stdout.split())
        c = Raw(s.port()).login("writer")
        assert contacts <= set(items(get(c)))
        for life in notes:
            c.send(f"<iq type='get' id='p{life}'><query xmlns='jabber:iq:private'><n xmlns='urn:n{life}'/></query></iq>")
            c.expect(rf"id='p{life}'.*>v{life}</n>")
        c.send("<message to='sleeper@localhost'><body>the end</body></message>")
        z = Raw(s.port()).login("sleeper", presence=False)
        z.send("<presence/>")
        found = []
        while "the end" not in found[-1:]:
            m = re.search(r"<body>([^<]*)</body>", z.next())
            if m:
                found.append(m.group(1))
        assert messages <= set(found)
        assert len(found) == len(set(found)), "delivered twice"
    finally:
        s.stop()
    shutil.rmtree(data)


def test_data_directory_is_locked(tmp_path):
    binary = build(CONFIG)
    data = str(tmp_path / "data")
    first = Server(binary, data=data).wait_ready()
    try:
        second = Server(binary, data=data)
        try:
            second.wait_ready()
        except AssertionError as e:
            assert "lock" in str(e) or "in use" in str(e), e
        else:
            raise AssertionError("two servers on one data directory")
        assert second.process.returncode == 1
    finally:
        first.stop()
