"""TLS: STARTTLS, direct TLS, certificates, protocol options (RFC 6120, 5)."""
import socket
import ssl

import pytest

from raw import Raw, header
from xmppd import PATIENCE, certificate

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
  {{0, "127.0.0.1"}, ejabberd_c2s, []}
]}.
{modules, []}.
""" % ((certificate("other", "other.example"),) + (certificate("localhost", "localhost", "other.example"),) * 4)
STARTTLS, REQUIRED, DIRECT, RESTRICTED, PLAIN = range(5)
ACCOUNTS = [("alice", "localhost"), ("dora", "other.example")]
TLS_NS = "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"


def starttls(c, host="localhost", sni=None):
    c.send(f"<starttls {TLS_NS}/>")
    c.expect_exact(f"<proceed {TLS_NS}/>")
    c.start_tls(sni)
    c.reset()


def names(c):
    der = c.socket.getpeercert(binary_form=True)
    pem = ssl.DER_cert_to_PEM_cert(der)
    import subprocess
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


def test_TLS_05_upgrade_and_login(connect):
    c = connect(index=REQUIRED)
    c.open()
    starttls(c)
    features = c.open()
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


@pytest.mark.whole("is about one segment")
def test_TLS_08_plaintext_after_starttls_is_discarded(connect):
    c = connect(index=REQUIRED)
    c.open()
    c.send(f"<starttls {TLS_NS}/>" + header() + "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAHNlY3JldA==</auth>")
    c.expect_exact(f"<proceed {TLS_NS}/>")
    c.start_tls()
    c.reset()
    c.send(header())
    c.expect(r"<stream:stream ")
    c.expect(r"^<stream:features>.*<mechanisms")


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


def test_TLS_09_protocol_options_refuse(server):
    context = Raw.insecure_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    c = Raw(server.port(index=RESTRICTED))
    with pytest.raises((ssl.SSLError, OSError)):
        c.start_tls(context=context)
        c.send(header())
        c.next()
    c.close()


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
    b.expect(r"<presence from='alice@localhost/cut1' to='alice@localhost/cut2' type='unavailable'|type='unavailable'")


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
