"""SA: authentication (RFC 6120, 6)."""
import base64
import re
import statistics
import time

import pytest

from raw import header
from scram import Scram, b64
from xmppd import certificate

CONFIG = """
{hosts, ["localhost", "other.example"]}.
{sm_backend, {mnesia, []}}.
{auth_method, internal}.
{listen, [
  {{0, "127.0.0.1"}, ejabberd_c2s, [{certfile, "%s"}, starttls]},
  {{0, "127.0.0.1"}, ejabberd_c2s, [{certfile, "%s"}, tls]}
]}.
{modules, []}.
""" % ((certificate("localhost", "localhost", "other.example"),) * 2)
ACCOUNTS = [("alice", "localhost"), ("alice", "other.example"), ("żółw", "localhost")]
ODD = "\u00aa\u00ad \u2168\u00a0\U0001f511"  # SASLprep: "a IX \U0001f511"
SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"


def auth(c, mechanism, data=None):
    body = "" if data is None else (data if isinstance(data, str) else b64(data))
    c.send(f"<auth {SASL} mechanism='{mechanism}'>{body}</auth>")
    return c.next()


def response(c, data):
    c.send(f"<response {SASL}>{data if isinstance(data, str) else b64(data)}</response>")
    return c.next()


def challenge(text):
    m = re.fullmatch(rf"<challenge {SASL}>([^<]*)</challenge>", text)
    assert m, text
    return base64.b64decode(m.group(1))


def failure(text, condition):
    assert re.match(rf"<failure {SASL}><{condition}/>", text), text


def opened(connect, **kw):
    c = connect(**kw)
    c.features = c.open()
    return c


def still_usable(c):
    c.authenticate("alice", "secret")
    c.bind("again")


def plain(authzid, authcid, password):
    return f"{authzid}\0{authcid}\0{password}".encode()


def test_SA_01_plain(connect):
    c = opened(connect)
    features = c.authenticate("alice", "secret")
    assert "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>" in features and "<session " in features
    assert "<mechanisms" not in features


@pytest.mark.parametrize("user, password", [("alice", "wrong"), ("nobody", "secret")])
def test_SA_02_plain_refused(connect, user, password):
    c = opened(connect)
    failure(auth(c, "PLAIN", plain("", user, password)), "not-authorized")
    still_usable(c)


def test_mechanisms_strongest_first(connect):
    assert re.findall(r"<mechanism>([^<]*)</mechanism>", opened(connect).features) == ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"]
    assert re.findall(r"<mechanism>([^<]*)</mechanism>", opened(connect, index=1, tls="localhost").features) == \
        ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"]


def test_account_removed_in_the_middle_of_an_exchange(server, connect):
    """Whatever shard a connection happens to be on, its answer does not become a session of nobody."""
    half = []
    for i in range(8):
        server.ctl("register", f"leaver{i}", "localhost", "secret")
        c, s = opened(connect), Scram("SCRAM-SHA-256", f"leaver{i}", "secret")
        half.append((c, s, challenge(auth(c, "SCRAM-SHA-256", s.first()))))
    for i, (c, s, got) in enumerate(half):
        server.ctl("unregister", f"leaver{i}", "localhost")
        c.expect_stream_error("conflict", "User removed")


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1", "SCRAM-SHA-256"])
def test_SA_04_scram(connect, mechanism):
    c = opened(connect)
    s = Scram(mechanism, "alice", "secret")
    got = response(c, s.final(challenge(auth(c, mechanism, s.first()))))
    m = re.fullmatch(rf"<success {SASL}>([^<]*)</success>", got)
    assert m and base64.b64decode(m.group(1)) == b"v=" + b64(s.signature).encode(), got



def test_scram_plus_with_tls_1_2_unique(connect):
    import ssl
    from raw import Raw
    c = connect(index=1)
    context = Raw.insecure_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    c.start_tls(context=context)
    c.open()
    s = Scram("SCRAM-SHA-256-PLUS", "alice", "secret", ("tls-unique", c.socket.get_channel_binding("tls-unique")))
    got = response(c, s.final(challenge(auth(c, "SCRAM-SHA-256-PLUS", s.first()))))
    assert got.startswith("<success "), got


def test_scram_plus_with_wrong_binding(connect):
    import ssl
    from raw import Raw
    c = connect(index=1)
    context = Raw.insecure_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    c.start_tls(context=context)
    c.open()
    s = Scram("SCRAM-SHA-256-PLUS", "alice", "secret", ("tls-unique", b"not what the server sees"))
    failure(response(c, s.final(challenge(auth(c, "SCRAM-SHA-256-PLUS", s.first())))), "not-authorized")


def test_scram_downgrade_is_noticed(connect):
    """A client that could bind ("y") although the server offers -PLUS has been lied to on the way (RFC 5802, 6)."""
    c = opened(connect, index=1, tls="localhost")
    s = Scram("SCRAM-SHA-256", "alice", "secret", gs2="y,,")
    got = auth(c, "SCRAM-SHA-256", s.first())
    if got.startswith("<challenge"):
        got = response(c, s.final(challenge(got)))
    failure(got, "(not-authorized|malformed-request)")


def test_SA_05_SA_06_unoffered_mechanism(connect):
    c = opened(connect)
    for name in ("DIGEST-MD5", "EXTERNAL", "ANONYMOUS", "plain", "SCRAM-SHA-256-PLUS"):
        failure(auth(c, name), "invalid-mechanism")
        if name == "ANONYMOUS":
            still_usable(c)
            c = opened(connect)


def test_SA_07_five_failures_end_the_stream(connect):
    c = opened(connect)
    for i in range(5):
        failure(auth(c, "PLAIN", plain("", "alice", "wrong")), "not-authorized")
    got = c.next()
    assert re.match(r"<stream:error><(policy-violation|not-authorized) ", got), got
    c.expect_exact("</stream:stream>")
    c.expect_closed()


def test_SA_08_abort(connect):
    c = opened(connect)
    s = Scram("SCRAM-SHA-1", "alice", "secret")
    challenge(auth(c, "SCRAM-SHA-1", s.first()))
    c.send(f"<abort {SASL}/>")
    failure(c.next(), "aborted")
    still_usable(c)


@pytest.mark.parametrize("mechanism, data, condition", [
    ("PLAIN", "***", "incorrect-encoding"),
    ("PLAIN", "QUJ", "incorrect-encoding"),
    ("PLAIN", b64(b"no separators"), "malformed-request"),
    ("PLAIN", b64(b"\0alice"), "malformed-request"),
    ("PLAIN", "=", "malformed-request"),
    ("SCRAM-SHA-1", b64(b"garbage"), "malformed-request"),
    ("SCRAM-SHA-1", b64(b"n,,n=alice"), "malformed-request"),
    ("SCRAM-SHA-1", b64(b"n,,m=ext,n=alice,r=abc"), "malformed-request"),
    ("SCRAM-SHA-1", b64(b"n,,n=al=ice,r=abc"), "malformed-request"),
    ("SCRAM-SHA-256", b64(b"p=tls-unique,,n=alice,r=abc"), "(not-authorized|malformed-request)"),
])
def test_SA_09_SA_10_malformed(connect, mechanism, data, condition):
    c = opened(connect)
    got = auth(c, mechanism, data)
    failure(got, condition)
    still_usable(c)


def test_SA_10_no_initial_response_is_asked_for(connect):
    """RFC 6120, 6.4.2: without an initial response the server sends an empty challenge."""
    c = opened(connect)
    got = auth(c, "PLAIN")
    if got.startswith("<challenge"):
        assert response(c, plain("", "alice", "secret")).startswith("<success")
    else:
        failure(got, "malformed-request")


def test_SA_11_authcid_with_host(connect):
    c = opened(connect)
    assert auth(c, "PLAIN", plain("", "alice@localhost", "secret")).startswith("<success")
    c = opened(connect)
    failure(auth(c, "PLAIN", plain("", "alice@other.example", "secret")), "not-authorized")


def test_SA_12_authzid(connect):
    c = opened(connect)
    failure(auth(c, "PLAIN", plain("bob@localhost", "alice", "secret")), "invalid-authzid")
    assert auth(c, "PLAIN", plain("alice@localhost", "alice", "secret")).startswith("<success")


def test_SA_13_odd_authcid(connect):
    c = opened(connect)
    failure(auth(c, "PLAIN", plain("", "a@b@c", "secret")), "not-authorized")
    still_usable(c)


@pytest.mark.parametrize("change", [
    {"password": "wrong"}, {"nonce": "somethingelse"}, {"c": "eSws"}, {"c": "bm90"}, {"c": "cD10bHMtZXhwb3J0ZXIsLA=="},
])
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1", "SCRAM-SHA-256"])
def test_SA_14_scram_refusals(connect, mechanism, change):
    c = opened(connect)
    s = Scram(mechanism, "alice", "secret")
    got = response(c, s.final(challenge(auth(c, mechanism, s.first())), **change))
    failure(got, "not-authorized")
    still_usable(c)


def test_SA_14_binding_without_tls(connect):
    c = opened(connect)
    failure(auth(c, "SCRAM-SHA-1", Scram("SCRAM-SHA-1", "alice", "secret", gs2="p=tls-exporter,,").first()), "malformed-request")
    still_usable(c)


@pytest.mark.parametrize("final", [b"", b"garbage", b"c=biws", b"c=biws,r=", b"c=biws,r=%r", b"c=biws,r=%r,p=", b"c=biws,r=%r,p=***"])
def test_SA_14_malformed_final_message(connect, final):
    c = opened(connect)
    s = Scram("SCRAM-SHA-256", "alice", "secret")
    first = challenge(auth(c, "SCRAM-SHA-256", s.first()))
    nonce = first.split(b",")[0][2:]
    failure(response(c, final.replace(b"%r", nonce)), "(malformed-request|not-authorized)")
    still_usable(c)


def test_SA_15_unknown_user_gets_a_challenge(connect):
    seen = set()
    for _ in range(2):
        c = opened(connect)
        s = Scram("SCRAM-SHA-256", "nobody", "secret")
        first = challenge(auth(c, "SCRAM-SHA-256", s.first()))
        failure(response(c, s.final(first)), "not-authorized")
        seen.add((s.fields["s"], s.fields["i"]))
    assert len(seen) == 1, "the salt of an unknown user must not change between attempts"
    c = opened(connect)
    s = Scram("SCRAM-SHA-256", "alice", "secret")
    s.final(challenge(auth(c, "SCRAM-SHA-256", s.first())))
    assert s.fields["i"] == seen.pop()[1]


@pytest.mark.whole("measures time")
def test_SA_15_unknown_user_takes_as_long(connect):
    """The server's part of an exchange, a known and an unknown name in turn: whoever measures learns nothing."""
    took = {"alice": [], "nobody": []}
    for _ in range(60):
        for user, times in took.items():
            c = connect()
            c.open()
            s = Scram("SCRAM-SHA-256", user, "wrong")
            begin = time.perf_counter()
            first = challenge(auth(c, "SCRAM-SHA-256", s.first()))
            spent = time.perf_counter() - begin
            final = s.final(first)  # the client's own work
            begin = time.perf_counter()
            failure(response(c, final), "not-authorized")
            times.append(spent + time.perf_counter() - begin)
            c.close()
    known, unknown = (statistics.median(t) for t in took.values())
    assert 0.4 < known / unknown < 2.5, took


def test_SA_22_no_host_switch_after_sasl(connect):
    c = opened(connect)
    assert c.auth_plain("alice", "secret").startswith("<success")
    c.reset()
    c.send(header("other.example"))
    c.expect(r"<stream:stream ")
    c.expect_stream_error("not-authorized")


def test_SA_25_non_ascii(connect):
    c = opened(connect)
    c.authenticate("Żółw", "secret")
    assert c.bind("x") == "żółw@localhost/x"
    c = opened(connect)
    s = Scram("SCRAM-SHA-256", "żółw", "secret")
    assert response(c, s.final(challenge(auth(c, "SCRAM-SHA-256", s.first())))).startswith("<success")


def test_SA_25_password_outside_ascii(server, connect):
    """Four spellings of one password, whichever mechanism carries them."""
    server.register("key", ODD)
    for spelling in (ODD, "a IX \U0001f511", "\u00aa \u2168\u2000\U0001f511"):
        c = opened(connect)
        assert auth(c, "PLAIN", plain("", "key", spelling)).startswith("<success")
    for mechanism in ("SCRAM-SHA-1", "SCRAM-SHA-256"):
        c = opened(connect)
        s = Scram(mechanism, "key", "a IX \U0001f511")
        assert response(c, s.final(challenge(auth(c, mechanism, s.first())))).startswith("<success")
    c = opened(connect)
    failure(auth(c, "PLAIN", plain("", "key", "A IX \U0001f511")), "not-authorized")


def test_SA_26_second_auth_during_an_exchange(connect):
    c = opened(connect)
    s = Scram("SCRAM-SHA-1", "alice", "secret")
    challenge(auth(c, "SCRAM-SHA-1", s.first()))
    got = auth(c, "PLAIN", plain("", "alice", "secret"))
    if got.startswith("<failure"):
        got = auth(c, "PLAIN", plain("", "alice", "secret"))
    assert got.startswith("<success"), got
