"""LA, PX, RG, VC, DI, SM-IP, PI, TI, VE, AH: the small services."""
import datetime
import re
import time

import pytest

from test_presence import befriend
from test_routing import available
from xmppd import PATIENCE

ACCOUNTS = [(u, "localhost") for u in ("alice", "bob", "carol", "inga", "igor", "pwd", "leaver")] + [
    (f"search{n}", "localhost") for n in range(7)]


def ask(c, kind, payload, to=None, ident="q"):
    t = f" to='{to}'" if to else ""
    c.send(f"<iq type='{kind}'{t} id='{ident}'>{payload}</iq>")
    while True:
        got = c.next()
        if f"id='{ident}'" in got:
            return got


LAST = "<query xmlns='jabber:iq:last'/>"


def test_LA_01_host_online_offline(login):
    a, b = available(login, "alice", "la"), available(login, "bob", "la")
    end = time.monotonic() + PATIENCE
    while "seconds='0'" in (got := ask(a, "get", LAST, "localhost")):  # the server is younger than a second
        assert time.monotonic() < end
    assert 0 < int(re.search(r"seconds='(\d+)'", got).group(1)) < 600
    befriend(a, b)
    assert "seconds='0'" in ask(a, "get", LAST, "bob@localhost")
    b.send("<presence type='unavailable'><status>gone fishing</status></presence>")
    b.send("</stream:stream>")
    while "type='unavailable'" not in a.next():
        pass
    got = ask(a, "get", LAST, "bob@localhost")
    assert re.search(r"seconds='\d+'>gone fishing</query>", got), got


@pytest.mark.parametrize("to", ["carol@localhost", "nobody@localhost"])
def test_LA_02_stranger(login, to):
    assert ask(login("alice", "la2"), "get", LAST, to) == (
        f"<iq from='{to}' to='alice@localhost/la2' id='q' type='error'>{LAST}"
        "<error code='403' type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>")


def test_PX_01_private(login):
    c = login("inga", "px")
    one, two = "<a xmlns='urn:one'>1</a>", "<b xmlns='urn:two'><c/></b>"
    assert "type='result'" in ask(c, "set", f"<query xmlns='jabber:iq:private'>{one}{two}</query>")
    assert one in ask(c, "get", "<query xmlns='jabber:iq:private'><a xmlns='urn:one'/></query>")
    assert "<b xmlns='urn:two'><c/></b>" in ask(c, "get", "<query xmlns='jabber:iq:private'><b xmlns='urn:two'/></query>")
    ask(c, "set", "<query xmlns='jabber:iq:private'><a xmlns='urn:one'>2</a></query>")
    assert ">2</a>" in ask(c, "get", "<query xmlns='jabber:iq:private'><a xmlns='urn:one'/></query>")
    assert "<z xmlns='urn:none'/>" in ask(c, "get", "<query xmlns='jabber:iq:private'><z xmlns='urn:none'/></query>")


def test_PX_02_refused(login):
    c = login("inga", "px2")
    for kind in ("get", "set"):
        assert "<forbidden " in ask(c, kind, "<query xmlns='jabber:iq:private'><a xmlns='urn:one'/></query>", "igor@localhost")
    got = ask(c, "set", "<query xmlns='jabber:iq:private'><ok xmlns='urn:ok'>1</ok><a/></query>")
    assert "type='error'" in got and "<not-acceptable " in got
    assert "<ok xmlns='urn:ok'/>" in ask(c, "get", "<query xmlns='jabber:iq:private'><ok xmlns='urn:ok'/></query>")  # nothing stored


REGISTER = "<query xmlns='jabber:iq:register'>{}</query>"


def test_RG_01_before_authentication(connect):
    c = connect()
    assert "<register xmlns='http://jabber.org/features/iq-register'/>" in c.open()
    got = ask(c, "get", REGISTER.format(""))
    assert "<username/>" in got and "<password/>" in got and "<instructions>" in got
    got = ask(c, "set", REGISTER.format("<username>newbie</username><password>secret</password>"))
    assert "type='result'" in got, got
    assert "<conflict " in ask(c, "set", REGISTER.format("<username>newbie</username><password>x</password>"))
    c.authenticate("newbie", "secret")
    assert c.bind("x") == "newbie@localhost/x"


def test_RG_02_fields(connect, login):
    c = connect()
    c.open()
    fields = "<instructions>Choose a username and password to register with this server</instructions>"
    assert ask(c, "get", REGISTER.format("")) == \
        f"<iq from='localhost' id='q' type='result'>{REGISTER.format(fields + '<username/><password/>')}</iq>"
    a = login("alice", "rg2")
    for to, sender in ((None, "alice@localhost"), ("localhost", "localhost")):
        assert ask(a, "get", REGISTER.format(""), to) == (
            f"<iq from='{sender}' to='alice@localhost/rg2' id='q' type='result'>"
            f"{REGISTER.format(fields + '<username>alice</username><password/><registered/>')}</iq>")


@pytest.mark.parametrize("fields, error", [
    ("<username>empty</username><password/>", "not-acceptable"),
    ("<username>nopass</username>", "bad-request"),
    ("<password>x</password>", "bad-request"),
    ("<username>bad name@x</username><password>x</password>", "bad-request"),
])
def test_RG_03_refused(connect, server, fields, error):
    before = server.ctl("users", "localhost").stdout
    c = connect()
    c.open()
    assert f"<{error} " in ask(c, "set", REGISTER.format(fields))
    assert server.ctl("users", "localhost").stdout == before


def test_RG_02_RG_06_change_password(login, connect):
    c = login("pwd", "x")
    got = ask(c, "get", REGISTER.format(""))
    assert "<registered/>" in got and "<username>pwd</username>" in got
    assert "<bad-request " in ask(c, "set", REGISTER.format("<username>pwd</username><password/>"))
    old = connect()
    old.open()
    assert old.auth_plain("pwd", "secret").startswith("<success")
    assert "type='result'" in ask(c, "set", REGISTER.format("<username>pwd</username><password>changed</password>"))
    n = connect()
    n.open()
    assert "<not-authorized" in n.auth_plain("pwd", "secret")
    assert n.auth_plain("pwd", "changed").startswith("<success")


def test_RG_05_cancel(login, server):
    c = login("leaver", "x")
    assert "<bad-request " in ask(c, "set", REGISTER.format("<remove/><username>leaver</username>"))
    c.send(f"<iq type='set' id='bye'>{REGISTER.format('<remove/>')}</iq>")
    assert "type='result'" in c.next()
    c.expect_stream_error("conflict", "User removed")
    assert "leaver" not in server.ctl("users", "localhost").stdout.split()


VCARD = "<vCard xmlns='vcard-temp'>{}</vCard>"


def test_VC_01_VC_02(login):
    a, b = login("inga", "vc"), login("igor", "vc")
    mine = "<FN>Inga I</FN><NICKNAME>ing</NICKNAME>"
    assert re.search(r"<iq from='inga@localhost' to='inga@localhost/vc' id='q' type='result'/>", ask(a, "set", VCARD.format(mine)))
    assert mine in ask(a, "get", VCARD.format(""))
    assert mine in ask(b, "get", VCARD.format(""), "inga@localhost")
    assert "<not-allowed " in ask(b, "set", VCARD.format(mine), "inga@localhost")
    assert "<item-not-found " in ask(b, "get", VCARD.format(""), "nobody@localhost")
    assert "<FN>" in ask(b, "get", VCARD.format(""), "localhost")


def search(c, rsm="", **fields):
    form = "".join(f"<field var='{k}'><value>{v}</value></field>" for k, v in fields.items())
    return ask(c, "set", "<query xmlns='jabber:iq:search'><x xmlns='jabber:x:data' type='submit'>"
               f"<field var='FORM_TYPE'><value>jabber:iq:search</value></field>{form}</x>{rsm}</query>", "vjud.localhost")


def found(text):
    return re.findall(r"<item><field var='jid'><value>(\w+)@localhost</value>", text)


@pytest.fixture(scope="module")
def directory(server):
    from raw import Raw
    for n in range(7):
        c = Raw(server.port()).login(f"search{n}", presence=False)
        card = f"<FN>Finder {n}</FN><N><FAMILY>Fin{n % 2}</FAMILY><GIVEN>Gus</GIVEN></N><NICKNAME>Find{n}</NICKNAME><ORG><ORGUNIT>U{n}</ORGUNIT></ORG>"
        assert "type='result'" in ask(c, "set", VCARD.format(card))
        c.close()


def test_VC_03_search(directory, login):
    c = login("alice", "vc3")
    form = ask(c, "get", "<query xmlns='jabber:iq:search'/>", "vjud.localhost")
    assert re.findall(r" var='(\w+)'", form) == ["user", "fn", "first", "middle", "last", "nick", "bday", "ctry", "locality", "email",
                                                  "orgname", "orgunit"]
    everybody = [f"search{n}" for n in range(7)]
    for fields, jids in [
            ({"nick": "find1"}, ["search1"]), ({"nick": "FIND1"}, ["search1"]), ({"nick": "find"}, []), ({"nick": "FIND*"}, everybody),
            ({"nick": "", "fn": ""}, []), ({"nick": "find*", "last": "fin1"}, ["search1", "search3", "search5"]),
            ({"user": "search4"}, ["search4"]), ({"orgunit": "u6"}, ["search6"]), ({"first": "gus", "nick": "find2"}, ["search2"]),
            ({"nick": "%"}, []), ({"nick": "_ind1"}, []), ({"unknown": "x"}, [])]:
        assert sorted(found(search(c, **fields))) == jids, fields
    assert "<bad-request " in ask(c, "set", "<query xmlns='jabber:iq:search'/>", "vjud.localhost")


def test_VC_03_pages(directory, login):
    c = login("alice", "vc3p")
    rsm = "<set xmlns='http://jabber.org/protocol/rsm'>{}</set>"
    whole = found(search(c, nick="find*"))
    assert len(whole) == 7
    pages, after = [], ""
    while True:
        got = search(c, rsm.format(f"<max>3</max>{after}"), nick="find*")
        if not found(got):
            break
        pages.append(found(got))
        assert "<count>7</count>" in got
        assert re.search(rf"<first index='{3 * (len(pages) - 1)}'>", got), got
        last = re.search(r"<last>([^<]*)</last>", got).group(1)
        after = f"<after>{last}</after>"
    assert pages == [whole[:3], whole[3:6], whole[6:]]
    assert found(search(c, rsm.format("<max>2</max><before/>"), nick="find*")) == whole[-2:]
    got = search(c, rsm.format("<max>0</max>"), nick="find*")
    assert found(got) == [] and "<count>7</count>" in got
    assert "<item-not-found " in search(c, rsm.format("<max>2</max><after>nobody@nowhere</after>"), nick="find*")
    assert "<bad-request " in search(c, rsm.format("<max>many</max>"), nick="find*")


def test_VC_04_directory_info(login):
    got = ask(login("alice", "vc4"), "get", "<query xmlns='http://jabber.org/protocol/disco#info'/>", "vjud.localhost")
    assert got.startswith("<iq from='vjud.localhost' to='alice@localhost/vc4' id='q' type='result'><query "
                          "xmlns='http://jabber.org/protocol/disco#info'><identity category='directory' type='user' name='vCard User Search'/>"
                          "<feature var='http://jabber.org/protocol/disco#info'/><feature var='jabber:iq:search'/><feature var='vcard-temp'/>"), got


INFO, ITEMS = ("<query xmlns='http://jabber.org/protocol/disco#%s'/>" % x for x in ("info", "items"))


def test_DI_01_host_info(login):
    got = ask(login("alice", "di"), "get", INFO, "localhost")
    assert "<identity category='server' type='im' name='" in got
    for ns in ("http://jabber.org/protocol/commands", "jabber:iq:last", "jabber:iq:register", "jabber:iq:version", "msgoffline",
               "urn:xmpp:ping", "urn:xmpp:sic:1", "urn:xmpp:time", "vcard-temp", "iq", "presence"):
        assert f"<feature var='{ns}'/>" in got, ns
    assert "http://jabber.org/network/serverinfo" in got


def test_DI_03_unknown_node(login):
    c = login("alice", "di3")
    for what in ("info", "items"):
        assert "<item-not-found " in ask(c, "get", f"<query xmlns='http://jabber.org/protocol/disco#{what}' node='none'/>", "localhost")


def test_DI_04_items(login, join_component):
    c = login("alice", "di4")
    join_component("listed.localhost")
    join_component("listed.other.example")
    got = ask(c, "get", ITEMS, "localhost")
    assert re.findall(r"<item jid='([^']*)'/>", got)[:2] == ["listed.localhost", "vjud.localhost"], got
    assert "other.example" not in got
    got = ask(c, "get", ITEMS, "other.example")
    assert re.findall(r"<item jid='([^']*)'/>", got)[:2] == ["listed.other.example", "vjud.other.example"], got


def test_DI_05_accounts(login):
    c = login("alice", "di5")
    for what in (INFO, ITEMS):
        for to in ("carol@localhost", "nobody@localhost"):
            assert "<service-unavailable " in ask(c, "get", what, to)
    for to in (None, "alice@localhost"):
        assert "<identity category='account' type='registered'/>" in ask(c, "get", INFO, to)
    assert "<item jid='alice@localhost/di5'/>" in ask(c, "get", ITEMS)


def test_SM_IP(login):
    c = login("alice", "sic")
    got = ask(c, "get", "<address xmlns='urn:xmpp:sic:1'/>")
    address = f"<address xmlns='urn:xmpp:sic:1'><ip>127.0.0.1</ip><port>{c.socket.getsockname()[1]}</port></address>"
    assert got == f"<iq from='alice@localhost' to='alice@localhost/sic' id='q' type='result'>{address}</iq>"
    assert address in ask(c, "get", "<address xmlns='urn:xmpp:sic:1'/>", "localhost")
    available(login, "bob", "online")
    for other in ("bob@localhost", "igor@localhost"):  # there, and not there
        assert "<forbidden " in ask(c, "get", "<address xmlns='urn:xmpp:sic:1'/>", other)


def test_PI_01_ping(login):
    c = login("alice", "pi")
    for to in ("localhost", "alice@localhost", "carol@localhost", None):
        assert ask(c, "get", "<ping xmlns='urn:xmpp:ping'/>", to) == \
            f"<iq from='{to or 'alice@localhost'}' to='alice@localhost/pi' id='q' type='result'/>"
    assert "<feature-not-implemented " in ask(c, "set", "<ping xmlns='urn:xmpp:ping'/>", "localhost")


def test_TI_01_time(login):
    c = login("alice", "ti")
    got = ask(c, "get", "<time xmlns='urn:xmpp:time'/>", "localhost")
    utc = re.search(r"<tzo>[+-]\d\d:\d\d</tzo><utc>([^<]*)Z</utc>", got).group(1)
    now = datetime.datetime.utcnow()
    assert abs((now - datetime.datetime.fromisoformat(utc)).total_seconds()) <= 2
    assert "<not-allowed " in ask(c, "set", "<time xmlns='urn:xmpp:time'/>", "localhost")


def test_VE_01_version(login):
    c = login("alice", "ve")
    got = ask(c, "get", "<query xmlns='jabber:iq:version'/>", "localhost")
    assert re.search(r"<query xmlns='jabber:iq:version'><name>[^<]+</name><version>[^<]+</version><os>Linux [^<]+</os></query></iq>$", got), got
    assert "<not-allowed " in ask(c, "set", "<query xmlns='jabber:iq:version'/>", "localhost")


def test_AH_01_adhoc(login):
    c = login("alice", "ah")
    ns = "http://jabber.org/protocol/commands"
    got = ask(c, "set", f"<command xmlns='{ns}' node='ping' action='execute'/>", "localhost")
    assert re.search(rf"<command xmlns='{ns}' sessionid='[^']+' node='ping' status='completed'><note type='info'>Pong</note></command></iq>$", got), got
    assert "<item-not-found " in ask(c, "set", f"<command xmlns='{ns}' node='none'/>", "localhost")
    assert "<bad-request " in ask(c, "set", f"<command xmlns='{ns}' node='ping' action='next'/>", "localhost")
