"""LA, PX, RG, VC, DI, SM-IP, PI, TI, VE, AH: the small services."""
import datetime
import re

import pytest

from test_presence import befriend
from test_routing import available, drain

ACCOUNTS = [(u, "localhost") for u in ("alice", "bob", "carol", "inga", "igor", "pwd", "leaver", "search1", "search2")]


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
    assert int(re.search(r"seconds='(\d+)'", ask(a, "get", LAST, "localhost")).group(1)) >= 0
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
    assert "<forbidden " in ask(login("alice", "la2"), "get", LAST, to)


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
    assert "type='error'" in ask(c, "set", "<query xmlns='jabber:iq:private'><a/></query>")


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
    c.bind("x")


@pytest.mark.parametrize("fields, error", [
    ("<username>empty</username><password/>", "not-acceptable"),
    ("<username>nopass</username>", "bad-request"),
    ("<password>x</password>", "bad-request"),
    ("<username>bad name@x</username><password>x</password>", "bad-request"),
])
def test_RG_03_refused(connect, server, fields, error):
    c = connect()
    c.open()
    assert f"<{error} " in ask(c, "set", REGISTER.format(fields))


def test_RG_02_RG_06_change_password(login, connect):
    c = login("pwd", "x")
    got = ask(c, "get", REGISTER.format(""))
    assert "<registered/>" in got and "<username>pwd</username>" in got
    assert "<bad-request " in ask(c, "set", REGISTER.format("<username>pwd</username><password/>"))
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


def search(c, **fields):
    form = "".join(f"<field var='{k}'><value>{v}</value></field>" for k, v in fields.items())
    return ask(c, "set", "<query xmlns='jabber:iq:search'><x xmlns='jabber:x:data' type='submit'>"
               f"<field var='FORM_TYPE'><value>jabber:iq:search</value></field>{form}</x></query>", "vjud.localhost")


def test_VC_03_VC_04_search(login):
    for n in (1, 2):
        ask(login(f"search{n}", "x"), "set", VCARD.format(f"<FN>Finder {n}</FN><NICKNAME>Find{n}</NICKNAME>"))
    c = login("alice", "vc3")
    form = ask(c, "get", "<query xmlns='jabber:iq:search'/>", "vjud.localhost")
    assert all(f"var='{v}'" in form for v in ("user", "fn", "nick", "email", "orgunit"))
    assert search(c, nick="find1").count("<item>") == 1
    assert search(c, nick="FIND*").count("<item>") == 2
    assert search(c, nick="").count("<item>") == 0
    assert "<bad-request " in ask(c, "set", "<query xmlns='jabber:iq:search'/>", "vjud.localhost")
    assert "jabber:iq:search" in ask(c, "get", "<query xmlns='http://jabber.org/protocol/disco#info'/>", "vjud.localhost")


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
    assert "<item jid='vjud.localhost'/>" in got and "<item jid='listed.localhost'/>" in got
    assert "other.example" not in got


def test_DI_05_accounts(login):
    c = login("alice", "di5")
    assert "<service-unavailable " in ask(c, "get", INFO, "carol@localhost")
    assert "<identity category='account' type='registered'" in ask(c, "get", INFO)


def test_SM_IP(login):
    c = login("alice", "sic")
    got = ask(c, "get", "<address xmlns='urn:xmpp:sic:1'/>")
    assert f"<ip>127.0.0.1</ip><port>{c.socket.getsockname()[1]}</port>" in got
    assert "<forbidden " in ask(c, "get", "<address xmlns='urn:xmpp:sic:1'/>", "bob@localhost")


def test_PI_01_ping(login):
    c = login("alice", "pi")
    for to in ("localhost", None):
        assert "type='result'" in ask(c, "get", "<ping xmlns='urn:xmpp:ping'/>", to)


def test_TI_01_time(login):
    c = login("alice", "ti")
    got = ask(c, "get", "<time xmlns='urn:xmpp:time'/>", "localhost")
    utc = re.search(r"<tzo>[+-]\d\d:\d\d</tzo><utc>([^<]*)Z</utc>", got).group(1)
    now = datetime.datetime.utcnow()
    assert abs((now - datetime.datetime.fromisoformat(utc.split(".")[0])).total_seconds()) < 5
    assert "<not-allowed " in ask(c, "set", "<time xmlns='urn:xmpp:time'/>", "localhost")


def test_VE_01_version(login):
    c = login("alice", "ve")
    got = ask(c, "get", "<query xmlns='jabber:iq:version'/>", "localhost")
    assert "<name>" in got and "<version>" in got and "<os>" in got
    assert "type='error'" in ask(c, "set", "<query xmlns='jabber:iq:version'/>", "localhost")


def test_AH_01_adhoc(login):
    c = login("alice", "ah")
    ns = "http://jabber.org/protocol/commands"
    got = ask(c, "set", f"<command xmlns='{ns}' node='ping' action='execute'/>", "localhost")
    assert "status='completed'" in got and "<note type='info'>Pong</note>" in got
    assert "<item-not-found " in ask(c, "set", f"<command xmlns='{ns}' node='none'/>", "localhost")
    assert "<bad-request " in ask(c, "set", f"<command xmlns='{ns}' node='ping' action='next'/>", "localhost")
