"""RO-12, RO-13: versioning of rosters, with a stored version (store_current_id) and switched off."""
import re

from raw import Raw
from test_roster import get, items, roster_set
from xmppd import Server

# One host each; a module may have its own options there.
CONFIG = """
{hosts, ["localhost", "plain.example"]}. {sm_backend, {mnesia, []}}. {auth_method, internal}. {loglevel, 4}.
{listen, [{{0, "127.0.0.1"}, ejabberd_c2s, []}]}.
{host_config, "localhost", [{modules, [{mod_roster, [{versioning, true}, {store_current_id, true}]}]}]}.
{host_config, "plain.example", [{modules, [{mod_roster, []}]}]}.
"""
ACCOUNTS = [("vera", "localhost"), ("vic", "plain.example")]
VER = re.compile(r"<query xmlns='jabber:iq:roster' ver='([^']+)'")


def test_RO_12_stored_version(server, login):
    a, b = login("vera", "a", presence=False), login("vera", "b", presence=False)
    first = VER.search(get(a, "v0", "")).group(1)
    assert get(a, "v1", first) == "<iq from='vera@localhost' to='vera@localhost/a' id='v1' type='result'/>"
    get(b, "v2", "")
    versions = [first]
    for item in ("<item jid='x@localhost'/>", "<item jid='x@localhost' name='X'/>", "<item jid='x@localhost' subscription='remove'/>"):
        seen = roster_set(a, item)
        versions.append(VER.search(seen[0]).group(1))
        assert VER.search(b.next()).group(1) == versions[-1]  # all resources are told the same
        full = get(b, "v3", versions[-2])  # the version before gets the whole roster
        assert VER.search(full).group(1) == versions[-1] and ("x@localhost" in items(full)) == ("remove" not in item)
        assert "<query" not in get(b, "v4", versions[-1])
    assert len(set(versions)) == 4  # the same roster at another time is another version
    c = login("vera", "c", presence=False)
    assert "<query" not in get(c, "v5", versions[-1])


def test_RO_12_stored_version_survives_a_restart(server, tmp_path):
    data = str(tmp_path / "data")
    s = Server(server.binary, data=data).wait_ready()
    try:
        s.register("vera", "secret")
        c = Raw(s.port()).login("vera", presence=False)
        roster_set(c, "<item jid='x@localhost'/>")
        ver = VER.search(get(c, "v0", "")).group(1)
        c.close()
    finally:
        s.stop()
    s = Server(server.binary, data=data).wait_ready()
    try:
        c = Raw(s.port()).login("vera", presence=False)
        assert "<query" not in get(c, "v1", ver)
        c.close()
    finally:
        s.stop()


def test_RO_13_versioning_off(connect):
    c = connect()
    c.open("plain.example")
    assert "rosterver" not in c.authenticate("vic", "secret", "plain.example")
    c.bind("off")
    for ver in (None, "", "anything"):
        assert get(c, "v", ver) == ("<iq from='vic@plain.example' to='vic@plain.example/off' id='v' type='result'>"
                                    "<query xmlns='jabber:iq:roster'/></iq>")
    seen = roster_set(c, "<item jid='x@localhost'/>")
    assert "ver=" not in seen[0] and "<item subscription='none' jid='x@localhost'/>" in seen[0]
