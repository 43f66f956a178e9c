"""ST: connecting and stream negotiation (RFC 6120, 4)."""
import re
import resource
import socket
import struct

import pytest

from raw import Raw, STREAMS, header
from xmppd import CFGC, PATIENCE, Server, build, run


def test_ST_01_header_then_features(connect):
    c = connect()
    c.send(header())
    c.expect(r"^<\?xml version='1.0'\?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
             r"id='[0-9A-F]{16}' from='localhost' version='1.0' xml:lang='en'>$")
    c.expect(r"^<stream:features>.*</stream:features>$")
    assert not c.ready and not c.pending


def test_ST_02_ids_differ(connect):
    ids = set()
    for _ in range(4):
        c = connect()
        c.send(header())
        ids.add(c.expect(r"id='([^']*)'").group(1))
        c.next()
    c.auth_plain("alice", "secret")
    c.reset()
    c.send(header())
    ids.add(c.expect(r"id='([^']*)'").group(1))
    assert len(ids) == 5


def test_ST_03_garbage_first(connect):
    c = connect()
    c.send("asdf\n")
    c.expect(r"^<\?xml version='1.0'\?><stream:stream [^>]*from='localhost'")
    c.expect_stream_error("xml-not-well-formed")


@pytest.mark.parametrize("ident, text, condition", [
    ("ST-04", header("unknown.example"), "host-unknown"),
    ("ST-05", f"<stream:stream version='1.0' xmlns='jabber:client' xmlns:stream='{STREAMS}'>", "host-unknown"),
    ("ST-06", "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='urn:x'>", "invalid-namespace"),
    ("ST-07", f"<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='{STREAMS}'>", "unsupported-version"),
    ("ST-08 0.9", f"<stream:stream to='localhost' version='0.9' xmlns='jabber:client' xmlns:stream='{STREAMS}'>", "unsupported-version"),
    ("ST-08 2.0", f"<stream:stream to='localhost' version='2.0' xmlns='jabber:client' xmlns:stream='{STREAMS}'>", "unsupported-version"),
    ("ST-10", "<stream:stream to='unknown.example' version='1.0' xmlns='jabber:client' xmlns:stream='urn:x'>", "invalid-namespace"),
    ("ST-11", header(xmlns="jabber:server"), "invalid-namespace"),
    ("ST-12", f"<foo to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='{STREAMS}'>", "(?:bad-format|invalid-namespace)"),
])
def test_ST_04_to_12_refused_headers(connect, ident, text, condition):
    c = connect()
    c.send(text)
    c.expect(r"^<\?xml version='1.0'\?><stream:stream xmlns='jabber:client' xmlns:stream='[^']*' id='[0-9A-F]{16}' from='localhost'")
    c.expect(rf"^<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>$")
    c.expect_exact("</stream:stream>")
    c.expect_closed()


def test_ST_08_minor_versions_count_as_1_0(connect):
    c = connect()
    c.send(header().replace("version='1.0' xmlns", "version='1.7' xmlns"))
    c.expect(r"version='1.0'")
    c.expect(r"^<stream:features>")


def test_ST_09_host_in_capitals(connect):
    c = connect()
    c.send(header("LOCALHOST"))
    c.expect(r"from='localhost'")
    c.expect(r"^<stream:features>")


def test_ST_13_other_prefix(connect):
    c = connect()
    c.send(f"<s:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:s='{STREAMS}'>")
    c.expect(r"<stream:stream ")
    c.expect(r"^<stream:features>")
    c.auth_plain("alice", "secret")
    c.reset()
    c.send(f"<s:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:s='{STREAMS}'>")
    c.expect(r"<stream:stream ")
    c.next()
    assert c.bind("prefixed") == "alice@localhost/prefixed"
    c.send("</s:stream>")
    c.expect_exact("</stream:stream>")
    c.expect_closed()


@pytest.mark.parametrize("phase", ["opened", "challenged", "authenticated", "bound", "available"])
def test_ST_16_close_in_each_phase(connect, phase):
    c = connect()
    c.open()
    if phase == "challenged":
        c.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>biwsbj1hbGljZSxyPWFiYw==</auth>")
        c.expect("^<challenge ")
    elif phase != "opened":
        c.authenticate("alice", "secret")
    if phase in ("bound", "available"):
        c.bind("x")
    if phase == "available":
        c.send("<presence/>")
        c.expect("^<presence ")
    c.send("</stream:stream>")
    c.expect_exact("</stream:stream>")
    c.expect_closed()


@pytest.mark.parametrize("text", ["<iq></message>", "<iq", "text", "<message><body>&</body></message>", "<message><body>\x01</body></message>",
                                  "<message a='1' a='2'/>", "<message to=b/>", "<message><q:x/></message>", "</message>"])
def test_ST_17_ill_formed_after_features(connect, text):
    c = connect()
    c.open()
    c.send(text + ">" if text == "<iq" else text)
    if text == "<iq":  # well-formed so far, but the stream ends inside the element
        c.send("</stream:stream>")
    c.expect_stream_error("xml-not-well-formed")


def test_ST_17_invalid_utf_8(connect):
    c = connect()
    c.open()
    c.send(b"<message><body>\xc3\x28</body></message>")
    c.expect_stream_error("xml-not-well-formed")


@pytest.mark.parametrize("text", [
    "<!DOCTYPE lolz [<!ENTITY lol 'lol'><!ENTITY l2 '&lol;&lol;'>]>" + header(),
    "<!DOCTYPE x SYSTEM 'file:///etc/passwd'>" + header().split("?>")[1],
    header() + "<!-- comment -->",
    header() + "<?pi data?>",
    header() + "<message><body>&lol;</body></message>",
])
def test_ST_18_restricted_xml(connect, text):
    c = connect()
    c.send(text)
    rest = ""
    try:
        while True:
            rest = c.next()
            if rest.startswith("<stream:error>"):
                break
    finally:
        assert re.search(r"<(restricted-xml|not-well-formed) ", rest), rest
    c.expect_exact("</stream:stream>")
    c.expect_closed()


@pytest.mark.whole("sends megabytes")
def test_ST_18_entities_cost_no_memory(server, connect):
    """The classic ten levels of ten references each, many times over: refused at the declaration, whatever it would become."""
    entities = "".join(f"<!ENTITY l{i} '{f'&l{i - 1};' * 10}'>" for i in range(1, 10))
    bomb = f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY l0 'lol'>{entities}]><stream:stream>&l9;</stream:stream>"
    before = server.rss_kib()
    for _ in range(100):
        c = connect()
        c.send(bomb)
        c.next()
        c.expect_stream_error("restricted-xml")
    assert server.rss_kib() - before < 8 * 1024


def test_ST_19_byte_by_byte(connect):
    c = connect(one_byte=True)
    c.login("alice", resource="bytes")


PIPELINE = ("{header}<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{token}</auth>{header}"
            "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>p</resource></bind></iq>"
            "<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>"
            "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>")


def test_ST_20_pipelined(connect):
    c = connect()
    c.send(PIPELINE.format(header=header(), token="AGFsaWNlAHNlY3JldA=="))
    c.expect(r"<stream:stream ")
    c.expect(r"^<stream:features>")
    c.expect(r"^<success ")
    c.expect(r"<stream:stream ")
    c.expect(r"^<stream:features>.*<bind ")
    c.expect(r"id='b'.*<jid>alice@localhost/p</jid>")
    c.expect(r"id='s'")
    c.expect(r"id='r'.*jabber:iq:roster")


def test_ST_21_pipelined_wrong_password(connect):
    c = connect()
    c.send(PIPELINE.format(header=header(), token="AGFsaWNlAHdyb25n"))
    c.expect(r"<stream:stream ")
    c.expect(r"^<stream:features>")
    c.expect(r"^<failure .*<not-authorized/>")
    # A second header inside the stream is no stanza; the rest must not be executed.
    rest = c.next()
    assert rest.startswith("<stream:error>"), rest
    assert "jid>" not in c.seen


def test_ST_22_lang_of_the_stream_is_stamped(connect, login):
    b = login("bob", "lang")
    c = connect()
    c.send(header(extra=" xml:lang='pl'"))
    c.next(), c.next()
    c.auth_plain("alice", "secret")
    c.reset()
    c.send(header(extra=" xml:lang='pl'"))
    c.next(), c.next()
    c.bind("lang")
    c.send("<message to='bob@localhost/lang' type='chat'><body>hej</body></message>")
    b.expect(r"<message [^>]*xml:lang='pl'[^>]*><body>hej</body></message>")
    c.send("<message to='bob@localhost/lang' type='chat' xml:lang='en'><body>hi</body></message>")
    b.expect(r"<message [^>]*xml:lang='en'[^>]*><body>hi</body></message>")


def test_ST_23_long_lang_is_ignored(connect, login):
    b = login("bob", "lang2")
    c = connect()
    c.send(header(extra=f" xml:lang='{'x' * 36}'"))
    c.next(), c.next()
    c.auth_plain("alice", "secret")
    c.reset()
    c.send(header(extra=f" xml:lang='{'x' * 36}'"))
    c.next(), c.next()
    c.bind("lang2")
    c.send("<message to='bob@localhost/lang2' type='chat'><body>hej</body></message>")
    assert "xml:lang" not in b.next()


@pytest.mark.whole("opens thousands of connections")
def test_ST_26_many_connections_at_once(server):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    sockets = []
    try:
        for _ in range(2000):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", server.port()))
            sockets.append(s)
        for s in sockets:
            s.settimeout(PATIENCE)
            s.sendall(header().encode())
        for s in sockets:
            answer = b""
            while not answer.endswith(b"</stream:features>"):
                data = s.recv(4096)
                assert data, answer
                answer += data
    finally:
        for s in sockets:
            s.close()
    server.wait_closed()


def test_ST_27_iq_before_authentication(connect):
    c = connect()
    c.open()
    c.send("<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>")
    c.expect_stream_error("not-authorized")


def test_ST_28_message_before_authentication(connect, login):
    b = login("bob", "quiet")
    c = connect()
    c.open()
    c.send("<message to='bob@localhost/quiet' from='alice@localhost/x'><body>no</body></message>")
    c.expect_stream_error("not-authorized")
    b.expect_nothing()


def test_ST_29_white_space(login):
    c = login("alice", "space")
    c.send(" \n\t ")
    c.send("   ")
    c.expect_nothing()


@pytest.mark.parametrize("last_words", [
    "",
    header(),
    header() + "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAHNlY3JldA==</auth>",
    header() + "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>biwsbj1hbGljZSxyPWFiYw==</auth>",
    header() + "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    PIPELINE.format(header=header(), token="AGFsaWNlAHNlY3JldA=="),
])
def test_ST_30_client_aborts_while_the_server_answers(server, connect, last_words):
    server.wait_closed()
    for _ in range(20):
        c = Raw(server.port())
        c.send(last_words)
        c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        c.close()  # sends a reset
    server.wait_closed()
    assert server.ctl("sessions").stdout.strip() == ""
    connect().login("alice", resource="after")


def test_ST_31_unreadable_certificate_is_named():
    text = """{hosts, ["localhost"]}. {sm_backend, {mnesia, []}}. {auth_method, internal}.
      {listen, [{{0, "127.0.0.1"}, ejabberd_c2s, [{certfile, "no/such/file.pem"}, starttls]}]}."""
    s = Server(build(text))
    with pytest.raises(AssertionError) as e:
        s.wait_ready()
    assert "no/such/file.pem" in str(e.value) and s.process.returncode == 1
    s.stop(expect=1)


def test_ST_32_same_port_twice(tmp_path):
    path = tmp_path / "two.cfg"
    path.write_text("""{hosts, ["localhost"]}. {sm_backend, {mnesia, []}}.
      {listen, [{5222, ejabberd_c2s, []}, {5222, ejabberd_c2s, []}]}.""")
    done = run(CFGC, "check", str(path), check=False)
    assert done.returncode == 1 and "5222" in done.stdout + done.stderr


def test_ST_32_port_taken_by_another_process():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        text = f"""{{hosts, ["localhost"]}}. {{sm_backend, {{mnesia, []}}}}. {{auth_method, internal}}.
          {{listen, [{{{{{port}, "127.0.0.1"}}, ejabberd_c2s, []}}]}}."""
        server = Server(build(text))
        with pytest.raises(AssertionError) as e:
            server.wait_ready()
        assert str(port) in str(e.value) and server.process.returncode == 1


def test_ST_33_ssl_on_c2s(tmp_path):
    path = tmp_path / "ssl.cfg"
    path.write_text("""{hosts, ["localhost"]}. {sm_backend, {mnesia, []}}. {listen, [{5222, ejabberd_c2s, [ssl]}]}.""")
    done = run(CFGC, "check", str(path), check=False)
    assert done.returncode == 1 and "tls" in done.stdout + done.stderr
