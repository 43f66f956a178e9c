"""TLS: STARTTLS, direct TLS, certificates, protocol options (RFC 6120, 5)."""
import contextlib
import re
import socket
import ssl
import subprocess

import pytest

from raw import Raw, header
from xmppd import PATIENCE, certificate, chained_certificate, dh_parameters

CONFIG = """
{hosts, ["localhost", "other.example"]}.
{sm_backend, {mnesia, []}}.
{auth_method, internal}.
{domain_certfile, "other.example", "%s"}.
{listen, [
  {{0, "127.0.0.1"}, ejabberd_c2s, [{certfile, "%s"}, starttls]},
  {{0, "127.0.0.1"}, ejabberd_c2s, [{certfile, "%s"}, starttls_required]},
  {{0, "127.0.0.1"}, ejabberd_c2s, [{certfile, "%s"}, tls]},
  {{0, "127.0.0.1"}, ejabberd_c2s, [{certfile, "%s"}, tls, {ciphers, "ECDHE-ECDSA-AES128-GCM-SHA256"},
                                    {protocol_options, ["no_tlsv1", "no_tlsv1_1", "no_tlsv1_3"]}]},
  {{0, "127.0.0.1"}, ejabberd_c2s, []},
  {{0, "127.0.0.1"}, ejabberd_c2s, [{certfile, "%s"}, tls, {protocol_options, ["no_tlsv1", "no_tlsv1_1"]}]},
  {{0, "127.0.0.1"}, ejabberd_c2s, [{certfile, "%s"}, tls, {dhfile, "%s"}]},
  {{0, "127.0.0.1"}, ejabberd_c2s, [{certfile, "%s"}, tls]}
]}.
{modules, []}.
""" % (certificate("other", "other.example"), *(certificate("localhost", "localhost", "other.example"),) * 5,
       certificate("rsa", "localhost", key="rsa"), dh_parameters("ffdhe3072"), chained_certificate("chained", "localhost")[0])
STARTTLS, REQUIRED, DIRECT, RESTRICTED, PLAIN, MODERN, DHE, CHAINED = range(8)
ACCOUNTS = [("alice", "localhost"), ("dora", "other.example")]
TLS_NS = "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"


def starttls(c, host="localhost", sni=None):
    c.send(f"<starttls {TLS_NS}/>")
    c.expect_exact(f"<proceed {TLS_NS}/>")
    c.start_tls(sni)
    c.reset()


def names(c):
    pem = ssl.DER_cert_to_PEM_cert(c.socket.getpeercert(binary_form=True))
    return subprocess.run(["openssl", "x509", "-noout", "-subject"], input=pem, capture_output=True, text=True).stdout


def test_TLS_01_offered_first_without_required(connect):
    features = connect(index=STARTTLS).open()
    assert features.startswith(f"<stream:features><starttls {TLS_NS}/>"), features
    assert "<mechanisms" in features


def test_TLS_02_required_is_alone(connect):
    assert connect(index=REQUIRED).open() == \
        f"<stream:features><starttls {TLS_NS}><required/></starttls></stream:features>"


@pytest.mark.parametrize("element", [
    "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAHNlY3JldA==</auth>",
    "<iq type='get' id='1'><query xmlns='jabber:iq:register'/></iq>",
])
def test_TLS_03_SA_24_nothing_before_required_tls(connect, element):
    c = connect(index=REQUIRED)
    c.open()
    c.send(element)
    c.expect_stream_error("policy-violation", "Use of STARTTLS required")


def test_TLS_04_pipelined_before_required_tls(connect):
    c = connect(index=REQUIRED)
    c.send(header() + "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAHNlY3JldA==</auth>" + header())
    c.next(), c.next()
    c.expect_stream_error("policy-violation", "Use of STARTTLS required")


def test_TLS_05_ST_02_upgrade_and_login(connect):
    c = connect(index=REQUIRED)
    c.open()
    starttls(c)
    features = c.open()
    assert len(set(re.findall(r"<stream:stream [^>]* id='([^']*)'", c.seen))) == 2
    assert "starttls" not in features and "<mechanism>SCRAM-SHA-256-PLUS</mechanism>" in features, features
    c.authenticate("alice", "secret")
    assert c.bind("tls") == "alice@localhost/tls"


def test_TLS_06_second_starttls_is_harmless(connect):
    c = connect(index=STARTTLS)
    c.open()
    starttls(c)
    c.open()
    c.send(f"<starttls {TLS_NS}/>")
    c.authenticate("alice", "secret")


def test_TLS_07_not_configured(connect):
    c = connect(index=PLAIN)
    assert "starttls" not in c.open()
    c.send(f"<starttls {TLS_NS}/>")
    c.authenticate("alice", "secret")
    assert "proceed" not in c.seen


@pytest.mark.whole("is about one segment")
def test_TLS_08_plaintext_after_starttls_is_discarded(connect):
    c = connect(index=REQUIRED)
    c.open()
    c.send(f"<starttls {TLS_NS}/>" + header("other.example") + "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGRvcmEAc2VjcmV0</auth>")
    c.expect_exact(f"<proceed {TLS_NS}/>")
    c.start_tls()
    c.reset()
    c.send(header())
    c.expect(r"<stream:stream [^>]*from='localhost'")
    c.expect(r"^<stream:features>.*<mechanisms")
    c.authenticate("alice", "secret")
    assert c.bind("clean") == "alice@localhost/clean"
    assert "other.example" not in c.seen and c.seen.count("<success ") == 1


def test_TLS_10_only_the_configured_suite(server):
    context = Raw.insecure_context()
    c = Raw(server.port(index=RESTRICTED))
    c.start_tls(context=context)
    assert c.socket.cipher()[0] == "ECDHE-ECDSA-AES128-GCM-SHA256" and c.socket.version() == "TLSv1.2"
    c.close()
    context = Raw.insecure_context()
    context.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
    c = Raw(server.port(index=RESTRICTED))
    with pytest.raises(ssl.SSLError):
        c.start_tls(context=context)
    c.close()


def old_context(version):
    """Python and OpenSSL speak old versions only when asked for, and at the lowest security level."""
    context = Raw.insecure_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning) if version < ssl.TLSVersion.TLSv1_2 else contextlib.nullcontext():
        context.minimum_version = version
        context.maximum_version = version
    return context


V = ssl.TLSVersion


@pytest.mark.parametrize("listener, version, welcome", [
    (DIRECT, V.TLSv1, True), (DIRECT, V.TLSv1_1, True), (DIRECT, V.TLSv1_2, True), (DIRECT, V.TLSv1_3, True),
    (MODERN, V.TLSv1, False), (MODERN, V.TLSv1_1, False), (MODERN, V.TLSv1_2, True), (MODERN, V.TLSv1_3, True),
    (RESTRICTED, V.TLSv1_2, True), (RESTRICTED, V.TLSv1_3, False),
])
def test_TLS_09_versions(server, clients, listener, version, welcome):
    c = Raw(server.port(index=listener))
    clients.append(c)
    if welcome:
        c.start_tls(context=old_context(version))
        assert c.socket.version() == {V.TLSv1: "TLSv1", V.TLSv1_1: "TLSv1.1", V.TLSv1_2: "TLSv1.2", V.TLSv1_3: "TLSv1.3"}[version]
        c.login("alice", resource="version")
    else:
        with pytest.raises(ssl.SSLError):
            c.start_tls(context=old_context(version))


def test_TLS_09_ssl_3(server):
    """Nobody speaks SSL 3 any more, so its first message is written by hand; an alert or the end must answer it."""
    suites = bytes.fromhex("0035002f000a")
    hello = b"\x03\x00" + bytes(32) + b"\x00" + len(suites).to_bytes(2, "big") + suites + b"\x01\x00"
    message = b"\x01" + len(hello).to_bytes(3, "big") + hello
    with socket.create_connection(("127.0.0.1", server.port(index=DIRECT)), timeout=PATIENCE) as s:
        s.sendall(b"\x16\x03\x00" + len(message).to_bytes(2, "big") + message)
        answer = s.recv(4096)
        assert answer == b"" or answer[0] == 0x15, answer
        while answer:
            answer = s.recv(4096)


def s_client(server, index, *options):
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port(index=index)}", *options],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
    return done.stdout + done.stderr


def test_TLS_11_dhfile(server):
    got = s_client(server, DHE, "-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256")
    assert "Server Temp Key: DH, 3072 bits" in got, got


def test_TLS_13_whole_chain(server):
    root = chained_certificate("chained", "localhost")[1]
    got = s_client(server, CHAINED, "-showcerts", "-CAfile", root, "-verify_hostname", "localhost")
    assert re.findall(r"s:CN = (\S+)", got) == ["localhost", "middle"], got
    assert "Verify return code: 0 (ok)" in got, got


@pytest.mark.parametrize("name", ["enable", "resume"])
def test_TLS_19_stream_management_before_tls(connect, name):
    c = connect(index=REQUIRED)
    c.open()
    c.send(f"<{name} xmlns='urn:xmpp:sm:3' previd='x' h='0'/>")
    c.expect_exact("<failed xmlns='urn:xmpp:sm:3'><unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>")
    starttls(c)
    c.open()


def test_TLS_12_direct_tls(connect, server):
    c = connect(index=DIRECT, tls="localhost")
    assert "starttls" not in c.open()
    c.authenticate("alice", "secret")
    c.bind("direct")
    plain = socket.create_connection(("127.0.0.1", server.port(index=DIRECT)), timeout=PATIENCE)
    plain.sendall(header().encode())
    answer = b""
    try:
        while True:
            data = plain.recv(4096)
            if not data:
                break
            answer += data
    except ConnectionResetError:
        pass
    plain.close()
    assert b"<" not in answer  # at most a TLS alert


def test_TLS_14_domain_certfile_by_stream_to(connect):
    for host, name in (("localhost", "localhost"), ("other.example", "other.example")):
        c = connect(index=STARTTLS)
        c.open(host)
        starttls(c, host, sni=None)
        assert f"CN = {name}" in names(c)


def test_TLS_15_SNI_on_direct_tls(connect):
    for host in ("localhost", "other.example"):
        c = connect(index=DIRECT, tls=host)
        assert f"CN = {host}" in names(c)


def test_TLS_18_cut_in_the_middle_of_a_stanza(connect, server):
    a = connect(index=DIRECT, tls="localhost").login("alice", resource="cut1")
    b = connect(index=DIRECT, tls="localhost").login("alice", resource="cut2")
    while "cut1" not in b.next():
        pass
    a.send("<message to='alice@localhost/cut2'><body>half")
    a.socket.close()
    b.expect_exact("<presence from='alice@localhost/cut1' to='alice@localhost/cut2' type='unavailable'/>")
    assert "half" not in b.seen


def test_client_that_never_finishes_its_handshake_costs_little(server):
    before = server.rss_kib()
    idle = [socket.create_connection(("127.0.0.1", server.port(index=DIRECT))) for _ in range(200)]
    c = Raw(server.port(index=DIRECT), tls="localhost")
    c.open()
    c.close()
    grown = server.rss_kib() - before
    for s in idle:
        s.close()
    assert grown < 200 * 400, f"{grown} KiB for 200 half-open handshakes"  # sanitizer builds pad everything
