"""What clients and components send on purpose: forbidden XML, broken characters, smuggled stanzas, injected plaintext, SASL out of
order, spoofed components. Nothing of it gets through, everything is answered, and the server goes on."""
import base64
import hashlib
import re
import xml.etree.ElementTree as ET

import pytest

from raw import Closed, Raw, STREAMS, component, header
from scram import Scram, b64
from xmppd import certificate

CONFIG = """
{hosts, ["localhost", "other.example"]}. {sm_backend, {mnesia, []}}. {auth_method, internal}. {loglevel, 4}.
{registration_timeout, infinity}.
{listen, [
  {{0, "127.0.0.1"}, ejabberd_c2s, [{certfile, "%s"}, starttls, {max_stanza_size, 65536}]},
  {{0, "127.0.0.1"}, ejabberd_service, [{password, "secret"}]}
]}.
{modules, [{mod_disco, []}, {mod_offline, []}, {mod_private, []}, {mod_register, []}, {mod_roster, []}]}.
""" % certificate("localhost", "localhost", "other.example")
ACCOUNTS = [("alice", "localhost"), ("bob", "localhost"), ("alice", "other.example")]
SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
TLS = "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
COMPONENT_HEADER = f"<stream:stream xmlns='jabber:component:accept' xmlns:stream='{STREAMS}' to='%s'>"


def short(value):
    """Names of cases: long values are told by their beginnings."""
    return re.sub(r"[^ -~]", "?", str(value))[:24]


ALICE = b64(b"\0alice\0secret")


@pytest.fixture(autouse=True)
def still_serves(server):
    """Whatever a test does to its own connections, others do not notice."""
    yield
    assert server.process.poll() is None, server.log[-6000:]
    c = Raw(server.port(), one_byte=False).login("alice", resource="after", presence=False)
    c.expect_nothing()
    c.close()


def refused(c, condition):
    """A stream error comes next, behind our header if that was due, and then the end."""
    got = c.next()
    if got.startswith("<?xml"):
        got = c.next()
    assert re.match(rf"<stream:error><(?:{condition}) xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>", got), got
    c.expect_exact("</stream:stream>")
    c.expect_closed()


# -- forbidden XML: refused at the first byte that tells, in every phase -----------------------------------------------

def fresh(connect, **kw):
    return connect(**kw)


def declared(connect):
    c = connect()
    c.send("<?xml version='1.0'?> ")
    return c


def opened(connect):
    c = connect()
    c.open()
    return c


def in_sasl(connect):
    c = opened(connect)
    c.send(f"<auth {SASL} mechanism='PLAIN'>AGF")
    return c


def authenticated(connect):
    c = opened(connect)
    c.authenticate("alice", "secret")
    return c


def in_session(connect):
    return connect().login("alice", resource="phase")


def in_stanza(connect):
    c = in_session(connect)
    c.send("<message to='bob@localhost'><body>x")
    return c


def in_component(connect):
    c = connect("service")
    c.send(COMPONENT_HEADER % "xml.localhost")
    c.next()
    return c


def in_component_stanza(connect):
    c = in_component(connect)
    ident = re.search(r" id='([^']*)'", c.seen).group(1)
    c.send(f"<handshake>{hashlib.sha1((ident + 'secret').encode()).hexdigest()}</handshake>")
    c.expect_exact("<handshake/>")
    c.send("<message from='xml.localhost' to='bob@localhost'><body>")
    return c


PHASES = [fresh, declared, opened, in_sasl, authenticated, in_session, in_stanza, in_component, in_component_stanza]


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("text", ["<!D", "<!E", "<!-", "<?p", "<!a"], ids=short)
def test_forbidden_markup_at_its_first_byte(connect, phase, text):
    c = phase(connect)
    c.send(text)
    refused(c, "restricted-xml")


@pytest.mark.parametrize("phase", [opened, in_session, in_stanza, in_component])
def test_declaration_that_comes_late(connect, phase):
    c = phase(connect)
    c.send("<?xml version='1.0'?>")
    refused(c, "restricted-xml")


@pytest.mark.parametrize("phase", [opened, in_session, in_component])
@pytest.mark.parametrize("text", ["<x>&lol;</x>", "<x a='&lol;'/>", "<x>&#37;lol;&e;</x>", "<x>&xxe;</x>", "<x a='&quot;&e;'/>"], ids=short)
def test_entities_beyond_the_five(connect, phase, text):
    c = phase(connect)
    c.send(text)
    refused(c, "restricted-xml")


@pytest.mark.parametrize("text", ["&", "&amp", "&;", "&#;", "&#x;", "&#0;", "&#x1F;", "&#xD800;", "&#xDFFF;", "&#xFFFE;", "&#xFFFF;",
                                  "&#x110000;", "&#99999999999999999999;", "&#-1;", "]]>", "\x0b", "\x7f<"], ids=short)
def test_references_that_are_none(connect, text):
    for place in (f"<x>{text}</x>", f"<x a='{text}'/>"):
        if text == "]]>" and "a=" in place:
            continue  # allowed there
        c = opened(connect)
        c.send(place)
        refused(c, "xml-not-well-formed|restricted-xml")


# -- characters ---------------------------------------------------------------------------------------------------------

BROKEN = {
    "continuation": b"\x80", "overlong 2": b"\xc0\x80", "overlong slash": b"\xc0\xaf", "overlong C1": b"\xc1\xbf",
    "overlong 3": b"\xe0\x80\x80", "overlong 3 high": b"\xe0\x9f\xbf", "overlong 4": b"\xf0\x80\x80\x80", "overlong 4 high": b"\xf0\x8f\xbf\xbf",
    "surrogate": b"\xed\xa0\x80", "surrogate pair": b"\xed\xa0\xbd\xed\xb8\x80", "above Unicode": b"\xf4\x90\x80\x80", "F5": b"\xf5\x80\x80\x80",
    "five bytes": b"\xf8\x88\x80\x80\x80", "FE": b"\xfe", "FF, the separator of namespaces inside": b"\xff", "cut 2": b"\xc3", "cut 3": b"\xe2\x82",
    "cut 4": b"\xf0\x9f\x98", "U+FFFE": b"\xef\xbf\xbe", "U+FFFF": b"\xef\xbf\xbf", "NUL": b"\0", "latin 1": b"caf\xe9 ",
}
PLACES = [b"<message to='bob@localhost'><body>%s</body></message>", b"<message to='bob@localhost' id='%s'/>", b"<message to='%s@localhost'/>",
          b"<message to='bob@localhost'><%s/></message>", b"<message to='bob@localhost'><a%s='1'/></message>",
          b"<message to='bob@localhost'><a xmlns='urn:%s'/></message>", b"<message to='bob@localhost'><%s:a xmlns:%s='urn:x'/></message>",
          b"<message to='bob@localhost'><body><![CDATA[%s]]></body></message>"]


@pytest.mark.parametrize("name", BROKEN, ids=short)
def test_broken_characters(login, connect, name):
    b = login("bob", "chars")
    for place in PLACES:
        c = login("alice", "chars")
        c.send(place.replace(b"%s", BROKEN[name]))
        refused(c, "xml-not-well-formed")
    c = connect()
    c.send(header("localhost").encode().replace(b"to='", b"to='" + BROKEN[name]))
    refused(c, "xml-not-well-formed")
    b.expect_nothing()


def test_character_split_between_stanzas(login):
    """The halves of a character do not meet across the end of an element."""
    b, c = login("bob", "split"), login("alice", "split")
    c.send(b"<message to='bob@localhost/split'><body>\xf0\x9f</body></message>")
    refused(c, "xml-not-well-formed")
    b.expect_nothing()


# -- what is passed on is what was meant ----------------------------------------------------------------------------------

FAITHFUL = [
    "<body>a&lt;b&gt;&amp;&quot;&apos; &#x1F600; &#10;&#13;&#9; ]]&gt;</body>",
    "<body><![CDATA[</body></message><message to='bob@localhost'><body>forged]]></body>",
    "<body><![CDATA[a]]]]><![CDATA[>b]]></body>",
    "<x xmlns='urn:x' a='&lt;/message>&amp;lt;&#10;&#9;&quot;&apos;'/>",
    "<x xmlns='urn:a b'/><x xmlns='urn:a|b'/><x xmlns='urn:a&#10;b'/><x xmlns='urn:a&#xff;b'/><x xmlns='urn:a&amp;b&apos;&quot;&lt;'/>",
    "<p:x xmlns:p='urn:p' p:a='1' a='2' xmlns:q='urn:p'><q:x/><x/></p:x>",
    "<x xmlns=''><y xmlns='jabber:client'/></x>",
    "<x xmlns='urn:x'><y xmlns=''><z/></y></x>",
    "<jabber:x xmlns:jabber='jabber:client'><jabber:body/></jabber:x>",
    "<s:stream xmlns:s='http://etherx.jabber.org/streams'><s:error/></s:stream>",
    "<stream:stream><message xmlns='jabber:client'/></stream:stream>",
    "<x xml:lang='en' xml:space='preserve' xmlns='urn:x'> \n <y/> \n </x>",
    "<x xmlns='urn:x' xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:id='1'/>",
    "<élément xmlns='urn:ü' ä='ö'/>",
    "<x xmlns='jabber:server'/><x xmlns='jabber:client'/>",
    "<body>" + "<a xmlns='urn:deep'>" * 60 + "</a>" * 60 + "</body>",
]


def meaning(text):
    """The children of a stanza as trees, compared without prefixes, declarations and spelling."""
    root = ET.fromstring(f"<stream:stream xmlns='jabber:client' xmlns:stream='{STREAMS}'>{text}</stream:stream>")

    def tree(e):
        return (e.tag, sorted(e.attrib.items()), e.text or "", [(tree(c), c.tail or "") for c in e])
    return tree(root[0])[3]


@pytest.mark.parametrize("n", range(len(FAITHFUL)))
def test_passed_on_as_it_was_meant(login, join_component, n):
    """To a session, through the store, to a component and back: parsers along the way see the same elements."""
    sent = f"<message to='bob@localhost/faith'>{FAITHFUL[n]}</message>"
    b, a = login("bob", "faith"), login("alice", "faith")
    a.send(sent)
    assert meaning(b.next()) == meaning(sent)
    k = join_component("faith.localhost")
    a.send(sent.replace("bob@localhost/faith", "faith.localhost"))
    got = k.next()
    assert meaning(got.replace("<message ", "<message xmlns='jabber:client' ", 1)) == meaning(sent)
    k.send(sent.replace("<message ", "<message from='faith.localhost' ", 1))
    assert meaning(b.next()) == meaning(sent)
    a.expect_nothing(), b.expect_nothing()


def test_stored_as_it_was_meant(login):
    """mod_private and offline storage keep text and parse it again."""
    a = login("alice", "stored")
    for text in FAITHFUL:
        a.send(f"<message to='bob@localhost' type='chat'>{text}<body>stored</body></message>")
    a.expect_nothing()
    b = login("bob", "stored")
    for text in FAITHFUL:
        got = re.sub(r"<delay xmlns='urn:xmpp:delay'[^>]*/>|<delay xmlns='urn:xmpp:delay'[^>]*>[^<]*</delay>|<x xmlns='jabber:x:delay'[^>]*/>",
                     "", b.next())
        assert meaning(got) == meaning(f"<message>{text}<body>stored</body></message>")


# -- a stream inside the stream -----------------------------------------------------------------------------------------

NESTED = f"<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='{STREAMS}'>"


@pytest.mark.parametrize("phase", [opened, authenticated, in_session, in_component])
def test_stream_inside_is_no_stream(login, connect, phase):
    b = login("bob", "nested")
    c = phase(connect)
    before = len(c.seen)
    c.send(NESTED + f"<auth {SASL} mechanism='PLAIN'>{ALICE}</auth>"
           "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
           "<message from='xml.localhost' to='bob@localhost/nested'><body>smuggled</body></message></stream:stream>")
    if phase is in_component:  # what comes before the handshake is ignored, as a whole
        c.send("<handshake>wrong</handshake>")
        refused(c, "not-authorized")
    else:
        refused(c, "unsupported-stanza-type")
    assert "<success" not in c.seen[before:] and "<jid>" not in c.seen[before:]
    b.expect_nothing()


# -- STARTTLS ------------------------------------------------------------------------------------------------------------

def test_starttls_in_the_middle_of_an_exchange(connect):
    """The exchange is over with the handshake: what was challenged in clear cannot be answered under TLS."""
    c = opened(connect)
    s = Scram("SCRAM-SHA-1", "alice", "secret")
    c.send(f"<auth {SASL} mechanism='SCRAM-SHA-1'>{b64(s.first())}</auth>")
    got = base64.b64decode(c.expect(r"<challenge [^>]*>([^<]*)</challenge>").group(1))
    c.send(f"<starttls {TLS}/>")
    c.expect_exact(f"<proceed {TLS}/>")
    c.start_tls()
    c.reset()
    c.open()
    c.send(f"<response {SASL}>{b64(s.final(got))}</response>")
    c.expect(r"^<failure .*<malformed-request/>")
    c.authenticate("alice", "secret")
    assert c.bind("tls") == "alice@localhost/tls"


@pytest.mark.whole("one segment is the point")
@pytest.mark.parametrize("injected", [
    f"<auth {SASL} mechanism='PLAIN'>{ALICE}</auth>" + header() + "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
    header() + f"<auth {SASL} mechanism='PLAIN'>{ALICE}</auth>",
    f"<auth {SASL} mechanism='PLAIN'>",
    header("other.example")[:60],
    "<",
    " ",
    "</stream:stream>",
], ids=short)
def test_plaintext_behind_starttls_is_forgotten(connect, injected):
    """Whole and half elements: neither is executed, nor goes on after the handshake."""
    c = opened(connect)
    c.send(f"<starttls {TLS}/>{injected}")
    c.expect_exact(f"<proceed {TLS}/>")
    c.start_tls()
    c.reset()
    assert "<mechanism>SCRAM-SHA-1-PLUS</mechanism>" in c.open()
    assert not c.ready and not c.pending
    c.authenticate("alice", "secret")
    assert c.bind("tls") == "alice@localhost/tls"


@pytest.mark.parametrize("injected", [b"<auth/>" * 2000, b"\x16\x03\x01" + b"\xff" * 9000, b"GET / HTTP/1.1\r\n\r\n" * 600], ids=short)
def test_more_plaintext_than_is_read_at_once(server, connect, injected):
    """The rest of it meets OpenSSL, as a handshake that fails."""
    c = opened(connect)
    try:
        c.send(f"<starttls {TLS}/>".encode() + injected)
        c.expect_exact(f"<proceed {TLS}/>")
        with pytest.raises((Closed, OSError, AssertionError)):
            while True:
                c.next()
    except OSError:
        pass  # reset while we were still sending
    server.wait_closed()


def test_host_of_the_plain_stream_is_forgotten(connect):
    c = connect()
    c.open("localhost")
    c.send(f"<starttls {TLS}/>")
    c.expect_exact(f"<proceed {TLS}/>")
    c.start_tls("other.example")
    c.reset()
    c.open("other.example")
    c.authenticate("alice", "secret", "other.example")
    assert c.bind("moved") == "alice@other.example/moved"


def test_failed_attempts_are_counted_across_starttls(connect):
    c = opened(connect)
    for _ in range(3):
        assert c.auth_plain("alice", "wrong").startswith("<failure")
    c.send(f"<starttls {TLS}/>")
    c.expect_exact(f"<proceed {TLS}/>")
    c.start_tls()
    c.reset()
    c.open()
    for _ in range(2):
        assert c.auth_plain("alice", "wrong").startswith("<failure")
    refused(c, "policy-violation|not-authorized")


# -- SASL ------------------------------------------------------------------------------------------------------------------

def auth(c, mechanism, data):
    c.send(f"<auth {SASL} mechanism='{mechanism}'>{data}</auth>")
    return c.next()


def failed(got, condition):
    assert re.match(rf"<failure {SASL}><({condition})/>", got), got


def test_mechanism_switched_in_the_middle(connect):
    """A response belongs to the exchange that was begun last, with the user of that one."""
    c = opened(connect)
    s = Scram("SCRAM-SHA-256", "bob", "wrong")
    got = auth(c, "SCRAM-SHA-256", b64(s.first()))
    final = s.final(base64.b64decode(re.search(r">([^<]*)<", got).group(1)))
    s1 = Scram("SCRAM-SHA-1", "alice", "secret")
    auth(c, "SCRAM-SHA-1", b64(s1.first()))
    c.send(f"<response {SASL}>{b64(final)}</response>")
    failed(c.next(), "not-authorized|malformed-request")
    # PLAIN in the middle of SCRAM is a new exchange, and the half one does not lend it anything.
    auth(c, "SCRAM-SHA-1", b64(Scram("SCRAM-SHA-1", "alice", "secret").first()))
    failed(auth(c, "PLAIN", b64(b"\0alice\0wrong")), "not-authorized")
    c.send(f"<response {SASL}>{ALICE}</response>")
    failed(c.next(), "malformed-request")


@pytest.mark.parametrize("text", [f"<response {SASL}/>", f"<response {SASL}>{ALICE}</response>", f"<abort {SASL}/>"], ids=short)
def test_answers_nobody_asked_for(connect, text):
    c = opened(connect)
    for _ in range(4):
        c.send(text)
        failed(c.next(), "malformed-request|aborted")
    c.send(text)
    failed(c.next(), "malformed-request|aborted")
    refused(c, "policy-violation|not-authorized")


@pytest.mark.parametrize("text", [f"<success {SASL}/>", f"<challenge {SASL}/>", f"<failure {SASL}/>", f"<mechanisms {SASL}/>", f"<auth2 {SASL}/>",
                                  "<auth/>", "<auth xmlns='urn:x' mechanism='PLAIN'/>", f"<proceed {TLS}/>", f"<failure {TLS}/>"], ids=short)
def test_words_of_the_server(connect, text):
    c = opened(connect)
    c.send(text)
    refused(c, "unsupported-stanza-type")


@pytest.mark.parametrize("mechanism", ["", "PLAIN ", "plain", "SCRAM-SHA-1-PLUS", "EXTERNAL", "ANONYMOUS", "X" * 3000, "PLAIN&#10;", "DIGEST-MD5"], ids=short)
def test_mechanisms_that_are_not_listed(connect, mechanism):
    c = opened(connect)
    failed(auth(c, mechanism, ALICE), "invalid-mechanism")
    failed(auth(c, mechanism, "=") if mechanism else (c.send(f"<auth {SASL}>{ALICE}</auth>"), c.next())[1], "invalid-mechanism")
    c.authenticate("alice", "secret")


@pytest.mark.parametrize("first", [b"n,,n=alice,r=", b"n,,n=alice,r=" + b"x" * 257, b"n,,n=alice,r=" + b"x" * 5000, b"n,,n=alice,r=a\0b", b"n,,n=,r=abc",
                                   b"n,,n=" + b"a" * 4000 + b",r=abc", b"n," + b"a=" + b"b" * 3000 + b",n=alice,r=abc", b"p=" + b"x" * 4000 + b",,n=alice,r=abc",
                                   b"n,,n=alice,r=abc" + b",x=y" * 1200, b"n,,n=alice\0,r=abc", b"n,,n=ali=2,r=abc", b"n,,", b",,,,", b"n"], ids=short)
def test_scram_beginnings(connect, first):
    c = opened(connect)
    failed(auth(c, "SCRAM-SHA-1", b64(first)), "malformed-request|not-authorized|invalid-authzid")
    c.authenticate("alice", "secret")


@pytest.mark.parametrize("user", ["a" * 1023, "a" * 1024, "a" * 4000, "alice\x00", "alice@localhost@localhost", "alice/x", "@", "al ice", "alice\u200d@",
                                  "alice@LOCALHOST/x", "\ufeff", "\u2028", "a\u0301" * 600], ids=short)
def test_names_in_plain(connect, user):
    c = opened(connect)
    failed(auth(c, "PLAIN", b64(f"\0{user}\0secret".encode())), "not-authorized|malformed-request")
    c.authenticate("alice", "secret")


def test_element_as_large_as_may_be_before_trust(connect):
    c = opened(connect)
    frame = f"<auth {SASL} mechanism='PLAIN'></auth>"
    failed(auth(c, "PLAIN", "A" * ((8192 - len(frame)) // 4 * 4)), "malformed-request|not-authorized")
    c.send(f"<auth {SASL} mechanism='PLAIN'>" + "A" * 9000)
    refused(c, "policy-violation")


@pytest.mark.whole("one segment is the point")
def test_two_attempts_at_once(connect):
    """The second <auth/> waits for the answer to the first one; it does not share its look-up."""
    c = opened(connect)
    c.send(f"<auth {SASL} mechanism='PLAIN'>{b64(b'%cbob%cwrong' % (0, 0))}</auth><auth {SASL} mechanism='PLAIN'>{ALICE}</auth>")
    failed(c.next(), "not-authorized")
    c.expect_exact(f"<success {SASL}/>")
    c.reset()
    c.open()
    assert c.bind("second") == "alice@localhost/second"


def test_authenticating_again(connect):
    for phase in (authenticated, in_session):
        c = phase(connect)
        c.send(f"<auth {SASL} mechanism='PLAIN'>{ALICE}</auth>")
        refused(c, "unsupported-stanza-type")


# -- components ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("sender", ["localhost", "alice@localhost/x", "other.localhost", "x.own.localhost", "own.localhost.", "ownlocalhost",
                                    "own.localhost@localhost", "localhost/own.localhost", "own.localhos", "оwn.localhost", "@own.localhost", ""], ids=short)
def test_component_that_spoofs(login, join_component, sender):
    b, k = login("bob", "spoof"), join_component("own.localhost")
    k.send(f"<message from='{sender}' to='bob@localhost/spoof'><body>x</body></message>")
    refused(k, "invalid-from")
    b.expect_nothing()


@pytest.mark.parametrize("text", ["", "0" * 39, "0" * 41, "G" * 40, "0" * 8000, " " * 40, "<a/>", "&lt;" * 10], ids=short)
def test_component_handshakes(connect, text):
    c = connect("service")
    c.send(COMPONENT_HEADER % "hand.localhost")
    c.next()
    c.send(f"<handshake>{text}</handshake>")
    refused(c, "not-authorized")


def test_component_with_a_giant_handshake(connect):
    c = connect("service")
    c.send(COMPONENT_HEADER % "giant.localhost")
    c.next()
    c.send("<handshake>" + "0" * 9000)
    refused(c, "policy-violation")


@pytest.mark.parametrize("name", ["", "a b", "a@b", "a/b", "." * 300, "x" * 1024, "-", "a..b", "&#x200b;", "\u00ad"], ids=short)
def test_component_names(connect, name):
    """No domain, no stream; what is one is claimed as it is."""
    c = connect("service")
    c.send(COMPONENT_HEADER % name)
    got = c.next()
    ident = re.search(r" id='([^']*)'", got).group(1)
    c.send(f"<handshake>{hashlib.sha1((ident + 'secret').encode()).hexdigest()}</handshake>")
    try:
        got = c.next()
    except (OSError, Closed):
        return
    assert got == "<handshake/>" or got.startswith("<stream:error><host-unknown "), got


def test_component_speaks_before_its_handshake(login, connect):
    b = login("bob", "early")
    c = connect("service")
    c.send(COMPONENT_HEADER % "early.localhost")
    ident = c.expect(r" id='([^']*)'").group(1)
    c.send("<message from='early.localhost' to='bob@localhost/early'><body>too early</body></message>")
    c.send(f"<handshake>{hashlib.sha1((ident + 'secret').encode()).hexdigest()}</handshake>")
    c.expect_exact("<handshake/>")
    b.expect_nothing()
    c.send(f"<handshake>{hashlib.sha1((ident + 'secret').encode()).hexdigest()}</handshake>")
    refused(c, "unsupported-stanza-type")


def test_ports_do_not_mix(connect):
    c = connect("service")
    c.send(header())
    refused(c, "invalid-namespace")
    c = connect()
    c.send(COMPONENT_HEADER % "localhost")
    refused(c, "invalid-namespace")
    for kind in ("c2s", "service"):
        c = connect(kind)
        c.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200))
        refused(c, "xml-not-well-formed")
        c = connect(kind)
        c.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        refused(c, "xml-not-well-formed")


def test_component_forges_no_clients(server, join_component, login):
    """The own name with a foreign node is the component's own business; a session it is not."""
    k, a = join_component("forge.localhost"), login("alice", "forge")
    k.send("<presence from='alice@forge.localhost/x' to='alice@localhost'/>")
    a.expect(r"^<presence from='alice@forge.localhost/x'")
    k.send("<iq type='set' from='alice@forge.localhost' to='alice@localhost' id='1'><query xmlns='jabber:iq:roster'><item jid='eve@x'/></query></iq>")
    k.expect(r"id='1'.*<(forbidden|not-allowed|service-unavailable) |type='error'.*id='1'")
    a.expect_nothing()


# -- lengths -----------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("resource, fine", [("r" * 1023, True), ("r" * 1024, False), ("r" * 60000, False), ("&lt;&amp;'&quot;/@", True), ("ü" * 511, True),
                                            ("\u200d", None), ("a\u0000b", False)], ids=short)
def test_resources(connect, resource, fine):
    c = authenticated(connect)
    c.send(f"<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind></iq>")
    got = c.next()
    if fine:
        assert "type='result'" in got, got
        c.expect_nothing()
    elif fine is False:
        assert got.startswith("<stream:error>") or "type='error'" in got and "<bad-request " in got, got


@pytest.mark.parametrize("size", [1, 1023, 60000])
def test_ids_come_back_whole(login, size):
    c = login("alice", "ids")
    ident = ("&amp;&lt;&quot;&#10;" + "i" * size)[-size:] if size > 40 else "i" * size
    c.send(f"<iq type='get' to='localhost' id='{ident}'><a xmlns='urn:nobody'/></iq>")
    got = ET.fromstring(c.next())
    assert got.get("id") == ET.fromstring(f"<a i='{ident}'/>").get("i") and got.get("type") == "error"


@pytest.mark.parametrize("to", ["a" * 1024 + "@localhost", "a@" + "b" * 1024, "a@localhost/" + "c" * 1024, "a@" * 500, "/" * 3000, "@" * 3000, "a" * 60000], ids=short)
def test_addresses_that_are_too_long(login, to):
    c = login("alice", "long")
    c.send(f"<message to='{to}' id='l'><body>x</body></message>")
    got = c.next()
    assert "<jid-malformed " in got or "<remote-server-not-found " in got or "<service-unavailable " in got, got[:300]
    c.expect_nothing()


def test_component_helper_joins(server):
    """The helper of these tests is right: what is refused above is refused for its content."""
    component(server.port("service"), "fine.localhost").close()
