"""How much of the server one peer can use up: memory before and after authentication, processor time per byte, tables that grow."""
import ctypes
import json
import os
import resource
import select
import socket
import struct
import time

import pytest

from raw import Raw, header
from scram import b64
from xmppd import BUILD, PATIENCE, certificate

CONFIG = """
{hosts, ["localhost"]}. {sm_backend, {mnesia, []}}. {auth_method, internal}. {loglevel, 3}.
{registration_timeout, 600}.
{access, max_user_sessions, [{10, all}]}.
{listen, [
  {{0, "127.0.0.1"}, ejabberd_c2s, [{certfile, "%s"}, starttls, {max_stanza_size, 65536}, {backlog, 1024}]},
  {{0, "127.0.0.1"}, ejabberd_c2s, [{backlog, 1024}]},
  {{0, "127.0.0.1"}, ejabberd_service, [{password, "secret"}]}
]}.
{modules, [{mod_disco, []}, {mod_offline, []}, {mod_private, []}, {mod_register, []}, {mod_roster, [{versioning, true}]}]}.
""" % certificate("localhost", "localhost", "other.example")
ACCOUNTS = [(u, "localhost") for u in ("alice", "bob", "carol", "dave")]
LIMITED, UNLIMITED = range(2)
SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"

pytestmark = pytest.mark.whole("counts bytes and segments itself")

with open(os.path.join(BUILD, "lib", "cfgc", "link.flags")) as f:
    SANITIZED = "-fsanitize" in f.read()  # these keep freed memory and count none of it

OWN_PER_PEER = 16 * 1024  # bytes of heap for a peer that has not authenticated
FLAT = 2 << 20            # bytes that arenas, tables and pools may grow by while nothing else does
CPU_PER_BYTE = 20e-6 * (10 if SANITIZED else 1)  # s; quadratic work on a megabyte needs far more


def stats(server):
    return json.loads(server.ctl("stats").stdout)


def heap(server):
    return stats(server)["heap_bytes"]


def until(server, holds, what):
    """Ask ctl until it is so: ctl runs on the shards, behind what they have to do."""
    end = time.monotonic() + 2 * PATIENCE
    while True:
        now = stats(server)
        if holds(now):
            return now
        assert time.monotonic() < end, f"{what}: {now}"


def quiet(server, connections=0):
    return until(server, lambda s: s["connections"] == connections, f"{connections} connections")


def cpu(server):
    """Seconds that all threads of the server have run."""
    tasks = f"/proc/{server.process.pid}/task"
    total = 0
    for task in os.listdir(tasks):
        with open(f"{tasks}/{task}/schedstat") as f:
            total += int(f.read().split()[0])
    return total / 1e9


@pytest.fixture(scope="module", autouse=True)
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))


@pytest.fixture(autouse=True)
def warm(server, many_files):
    """Pools and tables have been used before anything is measured."""
    for _ in range(4):
        c = Raw(server.port()).login("dave", resource="warm")
        c.close()
    quiet(server)
    yield
    assert server.process.poll() is None, server.log[-6000:]


def grown(server, before, bound=FLAT):
    """Not by more than the bound, once the store is through with what it was given."""
    if not SANITIZED:
        until(server, lambda s: s["heap_bytes"] - before < bound, f"more than {before} + {bound} bytes")


def plain_socket(server, index=LIMITED, kind="c2s"):
    s = socket.create_connection(("127.0.0.1", server.port(kind, index)))
    s.settimeout(PATIENCE)
    return s


def read_until(s, end):
    got = b""
    while not got.endswith(end):
        data = s.recv(65536)
        assert data, got[-500:]
        got += data
    return got


def drain(c, last, most=100000):
    """Everything up to the answer with this id; how many elements came before."""
    for n in range(most):
        if f" id='{last}'" in c.next(2 * PATIENCE):
            return n
    raise AssertionError(f"no {last} among {most}")


def fence(c):
    c.send("<iq type='get' id='fence' to='localhost'><fence xmlns='urn:fence'/></iq>")
    return drain(c, "fence")


# -- before authentication -----------------------------------------------------------------------------------------------

def nothing(s):
    pass


def half_header(s):
    s.sendall(b"<?xml version='1.0'?><stream:stream to='" + b"x" * 4000)


def half_element(s):
    s.sendall(header().encode())
    read_until(s, b"</stream:features>")
    s.sendall(b"<auth a='" + b"x" * 8100)


def half_element_in_drips(s):
    s.sendall(header().encode())
    read_until(s, b"</stream:features>")
    for i in range(16):
        s.sendall(b"<a>" + b"x" * 500 if i == 0 else b"y" * 507)


def own_namespaces(s):
    extra = "".join(f" xmlns:n{i}='urn:{'x' * 90}:{i}'" for i in range(34))
    s.sendall(header(extra=extra).encode())
    read_until(s, b"</stream:features>")
    s.sendall(b"<auth a='" + b"x" * 4000)


def challenge(s, extra=""):
    s.sendall(header(extra=extra).encode())
    read_until(s, b"</stream:features>")
    first = b"n,,n=alice,r=" + b"x" * 250 + b",x=y" * 700
    s.sendall(f"<auth {SASL} mechanism='SCRAM-SHA-256'>{b64(first)}</auth>".encode())
    read_until(s, b"</challenge>")


def challenged(s):
    challenge(s)
    s.sendall(b"<response a='" + b"x" * 8100)


def challenged_in_own_namespaces(s):
    challenge(s, f" xmlns:x='{'x' * 3800}'")
    s.sendall(b"<response a='" + b"x" * 4100)


def failing(s):
    s.sendall(header().encode())
    read_until(s, b"</stream:features>")
    for _ in range(4):
        s.sendall(f"<auth {SASL} mechanism='X'/>".encode())
        read_until(s, b"</failure>")
    s.sendall(b"<a>" * 7 + b"x" * 8000)


def asking_for_forms(s):
    s.sendall(header().encode())
    read_until(s, b"</stream:features>")
    for _ in range(50):
        s.sendall(b"<iq type='get' id='f'><query xmlns='jabber:iq:register'/></iq>")
        read_until(s, b"</iq>")
    s.sendall(b"<iq a='" + b"x" * 8100)


HOLDINGS = [nothing, half_header, half_element, half_element_in_drips, own_namespaces, challenged, challenged_in_own_namespaces, failing, asking_for_forms]


@pytest.mark.parametrize("hold", HOLDINGS, ids=lambda f: f.__name__)
def test_peer_that_has_not_authenticated_costs_little(server, hold):
    """2,000 of them, each with as much as it can make us hold."""
    honest = Raw(server.port())  # an early descriptor, for select()
    before, peers = heap(server), []
    try:
        for _ in range(2000):
            peers.append(plain_socket(server))
        for s in peers:
            hold(s)
        now = quiet(server, len(peers) + 1)
        each = (now["heap_bytes"] - before) / len(peers)
        print(f"{hold.__name__}: {each:.0f} bytes")
        if not SANITIZED:
            assert each <= OWN_PER_PEER
        honest.login("alice")
    finally:
        honest.close()
        for s in peers:
            s.close()
    quiet(server)
    grown(server, before)


def test_peer_that_asks_and_never_reads(server):
    """Answers pile up in the kernel, then here, then that was it."""
    before = heap(server)
    peers = [plain_socket(server) for _ in range(20)]
    question = b"<iq type='get' id='f'><query xmlns='jabber:iq:register'/></iq>" * 60
    for s in peers:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.sendall(header().encode())
        s.setblocking(False)
    left = list(peers)
    end = time.monotonic() + 2 * PATIENCE
    while left:
        assert time.monotonic() < end, f"{len(left)} are still being answered"
        for s in select.select([], left, [], PATIENCE)[1]:
            try:
                s.send(question)
            except (BrokenPipeError, ConnectionResetError):
                left.remove(s)
            except BlockingIOError:
                pass
        if not SANITIZED:
            now = stats(server)
            assert now["heap_bytes"] - before < max(now["connections"], 1) * OWN_PER_PEER + FLAT
    for s in peers:
        s.close()
    quiet(server)
    grown(server, before)


# -- elements without end, before and after trust ---------------------------------------------------------------------------

ENDLESS = {
    "text": (b"<message><body>", b"x" * 1000),
    "attribute": (b"<message a='", b"x" * 1000),
    "name": (b"<", b"x" * 1000),
    "attribute name": (b"<message ", b"x" * 1000),
    "namespace": (b"<message xmlns='", b"x" * 1000),
    "spaces in a tag": (b"<message", b" " * 1000),
    "references": (b"<message><body>", b"&amp;" * 200),
    "CDATA": (b"<message><![CDATA[", b"]" * 1000),
    "elements": (b"<message>", b"<a/>" * 250),
    "end tag": (b"<message></message", b" " * 1000),
}


def last_words(s):
    got = b""
    try:
        while data := s.recv(65536):
            got += data
    except ConnectionResetError:
        pass
    return got


@pytest.mark.parametrize("trusted", [False, True], ids=["stranger", "session"])
@pytest.mark.parametrize("name", ENDLESS)
def test_element_without_end(server, connect, name, trusted):
    """Ended at the limit, not at the end of the element; dripped, so that nothing is known of what follows."""
    begin, more = ENDLESS[name]
    if trusted:
        c = connect().login("alice", resource="endless")
        s, limit = c.socket, 65536
    else:
        s, limit = plain_socket(server), 8192
        s.sendall(header().encode())
        read_until(s, b"</stream:features>")
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    before = heap(server)
    s.sendall(begin)
    sent = 0
    while not select.select([s], [], [], 0)[0] and sent < 2 * limit:
        s.sendall(more[:240])
        sent += 240
        if sent % 9600 == 0:
            stats(server)  # lets the server come by
    got = last_words(s)
    assert b"<policy-violation " in got, got
    s.close()
    quiet(server)
    grown(server, before)


def test_largest_element_of_all(server, connect):
    """Without max_stanza_size an element may have 16 MiB; with one byte more it is over."""
    before = heap(server)
    begin, end = b"<message to='bob@localhost/none' type='headline'><body>", b"</body></message>"
    c = connect(index=UNLIMITED).login("alice", resource="large", presence=False)
    c.socket.sendall(begin + b"x" * ((16 << 20) - len(begin + end)) + end)
    fence(c)
    c.socket.sendall(begin + b"x" * ((16 << 20) - len(begin + end) + 1))
    try:
        c.socket.sendall(end)
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert b"<policy-violation " in last_words(c.socket)
    c.close()
    quiet(server)
    grown(server, before)


BOMBS = {
    "depth": (b"<a>" * 100000, True),
    "attributes": (b"<message " + b"".join(b"a%d='1' " % i for i in range(1000000)), True),
    "namespaces of one tag": (b"<message " + b"".join(b"xmlns:a%d='urn:%d' " % (i, i) for i in range(100000)), True),
    "namespaces of many": (b"<message to='bob@localhost/none' type='headline'>" + b"".join(b"<a xmlns='urn:%d'/>" % i for i in range(100000)) + b"</message>",
                           False),
    "prefixes of many": (b"<message to='bob@localhost/none' type='headline'>" +
                         b"".join(b"<n%d:a xmlns:n%d='urn:%d'/>" % (i, i, i) for i in range(100000)) + b"</message>", False),
    "names": (b"<message to='bob@localhost/none' type='headline'>" + b"".join(b"<n%d/>" % i for i in range(200000)) + b"</message>", False),
    "attributes of many": (b"<message to='bob@localhost/none' type='headline'>" +
                           b"".join(b"<a b%d='1' c%d='2'/>" % (i, i) for i in range(100000)) + b"</message>", False),
    "full tags, nested": (b"<message to='bob@localhost/none' type='headline'>" + b"".join(
        b"<a " + b" ".join(b"xmlns:p%d='urn:%d:%d'" % (k, i, k) for k in range(60)) + b">" for i in range(60)) + b"</a>" * 60 + b"</message>", False),
    "stanzas with names of their own": (b"".join(b"<message to='bob@localhost/none' type='headline'><n%d xmlns='u:%d' a%d=''/></message>" % (i, i, i)
                                                 for i in range(50000)), False),
    "references": (b"<message to='bob@localhost/none' type='headline'><body>" + b"&lt;" * 1000000 + b"</body></message>", False),
    "quotes": (b"<message to='bob@localhost/none' type='headline' x='" + b"&apos;&quot;" * 300000 + b"'/>", False),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(server, connect, name):
    """Refused where the limit is passed, or carried out at a bounded price; nothing of it stays."""
    data, refused = BOMBS[name]
    c = connect(index=UNLIMITED).login("alice", resource="bomb", presence=False)
    before, cpu_before = heap(server), cpu(server)
    try:
        c.socket.sendall(data)
        c.send("<iq type='get' id='fence' to='localhost'><fence xmlns='urn:fence'/></iq>")
    except (BrokenPipeError, ConnectionResetError):
        assert refused
    if refused:
        got = last_words(c.socket)
        assert b"<policy-violation " in got or got == b"", got
    else:
        got = c.next(4 * PATIENCE)
        assert "id='fence'" in got or "<policy-violation " in got, got[:500]
    spent = cpu(server) - cpu_before
    assert spent / len(data) < CPU_PER_BYTE, f"{spent} s for {len(data)} bytes"
    c.close()
    quiet(server)
    grown(server, before)


# -- time per byte ------------------------------------------------------------------------------------------------------------

class iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_char_p), ("len", ctypes.c_size_t)]


class msghdr(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint), ("iov", ctypes.POINTER(iovec)), ("iovlen", ctypes.c_size_t),
                ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t), ("flags", ctypes.c_int)]


class mmsghdr(ctypes.Structure):
    _fields_ = [("hdr", msghdr), ("len", ctypes.c_uint)]


def send_byte_by_byte(s, byte, n):
    """n segments of one byte each, many to a system call: Python alone would be what is measured."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.sendmmsg.argtypes = [ctypes.c_int, ctypes.POINTER(mmsghdr), ctypes.c_uint, ctypes.c_int]
    one = iovec(byte, 1)
    batch = 1024
    messages = (mmsghdr * batch)()
    for m in messages:
        m.hdr.iov, m.hdr.iovlen = ctypes.pointer(one), 1
    s.setblocking(True)
    while n > 0:
        done = libc.sendmmsg(s.fileno(), messages, min(n, batch), 0)
        assert done > 0, os.strerror(ctypes.get_errno())
        n -= done


TOKENS = {"text": (b"<message to='bob@localhost/none' type='headline'><body>", b"</body></message>"),
          "attribute": (b"<message to='bob@localhost/none' type='headline' a='", b"'/>"),
          "CDATA": (b"<message to='bob@localhost/none' type='headline'><![CDATA[", b"]]></message>"),
          "name": (b"<message to='bob@localhost/none' type='headline'><", b"/></message>")}


@pytest.mark.parametrize("name", TOKENS)
def test_giant_token_in_tiny_segments(server, connect, name):
    """16 MiB, the last half million bytes one at a time: who looks at the whole token each time spends hours on it."""
    begin, end = TOKENS[name]
    tiny = 1 << (16 if SANITIZED else 19)
    c = connect(index=UNLIMITED).login("alice", resource="token", presence=False)
    before = cpu(server)
    c.socket.sendall(begin + b"x" * ((16 << 20) - tiny - 200))
    send_byte_by_byte(c.socket, b"x", tiny)
    c.socket.sendall(end)
    c.send("<iq type='get' id='fence' to='localhost'><fence xmlns='urn:fence'/></iq>")
    got = c.next(4 * PATIENCE)
    assert "id='fence'" in got, got[:500]
    spent = cpu(server) - before
    print(f"{name}: {spent:.2f} s, {spent / tiny * 1e6:.2f} us for each of the last bytes")
    assert spent / tiny < CPU_PER_BYTE
    c.close()


# -- the same thing very often ----------------------------------------------------------------------------------------------

def reset(s):
    """Close with a reset: no port stays behind in TIME_WAIT."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


@pytest.mark.parametrize("words", [b"", header().encode(), header().encode() + b"<auth a='" + b"x" * 2000, b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
                                   header().encode() + b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"],
                         ids=["silent", "header", "half an element", "TLS in clear", "half a handshake"])
def test_connecting_and_leaving(server, words):
    """Some 20,000 times in all: the process is as large as before."""
    def cycle(n):
        for _ in range(n):
            s = plain_socket(server)
            if words:
                s.sendall(words)
            reset(s)
    cycle(500)
    quiet(server)
    before, rss = heap(server), server.rss_kib()
    cycle(4000)
    quiet(server)
    grown(server, before)
    if not SANITIZED:
        assert server.rss_kib() - rss < 8 * 1024


def test_failed_logins(server):
    """Refused five times a connection, with every mechanism, for accounts that exist and that do not."""
    attempts = [f"<auth {SASL} mechanism='PLAIN'>{b64(b'%calice%cwrong' % (0, 0))}</auth>",
                f"<auth {SASL} mechanism='SCRAM-SHA-1'>{b64(b'n,,n=alice,r=abc')}</auth><response {SASL}>{b64(b'c=biws,r=abc,p=AAAA')}</response>",
                f"<auth {SASL} mechanism='PLAIN'>{b64(b'%cnobody%%d%cwrong' % (0, 0))}</auth>",
                f"<auth {SASL} mechanism='NONE'/>", f"<auth {SASL} mechanism='SCRAM-SHA-256'>{b64(b'n,,n=nobody,r=abc')}</auth><abort {SASL}/>"]

    def cycle(n):
        for _ in range(n):
            s = plain_socket(server)
            s.sendall((header() + "".join(attempts)).encode())
            got = last_words(s)
            assert got.count(b"<failure ") == 5 and got.endswith(b"</stream:stream>"), got
            s.close()
    cycle(20)
    quiet(server)
    before, rss, failures = heap(server), server.rss_kib(), stats(server)["login_failures"]
    cycle(200)
    quiet(server)
    grown(server, before)
    assert stats(server)["login_failures"] - failures == 1000
    if not SANITIZED:
        assert server.rss_kib() - rss < 8 * 1024


def test_sources_of_registration(server):
    """The table that slows registration down is of one size, however many addresses there are."""
    def register(n, first):
        answers = 0
        for i in range(first, first + n):
            s = socket.socket()
            s.settimeout(PATIENCE)
            s.bind((f"127.1.{i // 250}.{i % 250 + 1}", 0))
            s.connect(("127.0.0.1", server.port()))
            s.sendall((header() + "<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>alice</username>"
                       "<password>x</password></query></iq>").encode())
            answers += b"<conflict " in read_until(s, b"</iq>")
            reset(s)
        return answers
    register(20, 0)
    before = heap(server)
    assert register(1500, 20) == 1500
    quiet(server)
    grown(server, before)


def test_resources_come_and_go(server, connect):
    """Names of sessions, streams and requests leave nothing behind."""
    c = connect().login("bob", resource="stays", presence=False)

    def cycle(n, first):
        for i in range(first, first + n):
            s = plain_socket(server)
            s.sendall((header() + f"<auth {SASL} mechanism='PLAIN'>{b64(b'%cdave%csecret' % (0, 0))}</auth>" + header() +
                       f"<iq type='set' id='{i:0100}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{i:0500}</resource></bind></iq>"
                       f"<presence id='{i}'/></stream:stream>").encode())
            got = last_words(s)
            assert b"<jid>" in got and got.endswith(b"</stream:stream>"), got
            s.close()
    cycle(50, 0)
    quiet(server, 1)
    before = heap(server)
    cycle(500, 50)
    for i in range(20):
        c.send("".join(f"<iq type='get' to='localhost' id='{i}-{k}-{'x' * 50}'><x{i}-{k} xmlns='urn:{i}:{k}'/></iq>" for k in range(500)))
        for _ in range(500):
            c.next()
    c.close()
    quiet(server)
    grown(server, before)


# -- floods of a user who may ------------------------------------------------------------------------------------------------

FLOODS = {
    "presence": lambda i: f"<presence><status>{i}</status></presence>",
    "directed presence": lambda i: f"<presence to='someone{i}@localhost/r'/>",
    "directed to strangers": lambda i: f"<presence to='x{i}.example'/>",
    "probes": lambda i: f"<presence type='probe' to='carol{i}@localhost'/>",
    "unavailable": lambda i: "<presence type='unavailable'/>",
    "messages to nobody": lambda i: f"<message to='nobody{i}@localhost' type='chat'><body>x</body></message>",
    "iq to nobody": lambda i: f"<iq type='get' id='{i}' to='nobody{i}@localhost/r'><x xmlns='urn:x'/></iq>",
    "results": lambda i: f"<iq type='result' id='{i}' to='carol@localhost/r'/>",
    "rosters": lambda i: f"<iq type='get' id='r{i}'><query xmlns='jabber:iq:roster'/></iq>",
    "discovery": lambda i: f"<iq type='get' id='d{i}' to='localhost'><query xmlns='http://jabber.org/protocol/disco#items' node='{i}'/></iq>",
}


@pytest.mark.parametrize("name", FLOODS)
def test_flood(server, connect, name):
    c = connect().login("carol", resource="flood")
    fence(c)
    before, cpu_before = heap(server), cpu(server)
    data = 0
    for i in range(50):
        text = "".join(FLOODS[name](i * 100 + k) for k in range(100))
        data += len(text)
        c.send(text)
        fence(c)
    spent = cpu(server) - cpu_before
    assert spent / data < CPU_PER_BYTE, f"{spent} s for {data} bytes"
    grown(server, before)
    c.close()
    quiet(server)
    grown(server, before)


def test_flood_of_roster_changes(server, connect):
    """A roster grows as long as its owner wants, on disk; each change costs about the same, and every one is answered."""
    c = connect().login("carol", resource="roster")
    c.send("<iq type='get' id='get'><query xmlns='jabber:iq:roster' ver=''/></iq>")
    drain(c, "get")
    took = []
    for i in range(20):
        before = cpu(server)
        c.send("".join(f"<iq type='set' id='s{i}-{k}'><query xmlns='jabber:iq:roster'><item jid='c{i}-{k}@localhost' name='n'/></query></iq>"
                       for k in range(100)))
        drain(c, f"s{i}-99")
        took.append(cpu(server) - before)
    print("seconds per 100 changes:", " ".join(f"{t:.3f}" for t in took))
    c.send("".join(f"<iq type='set' id='r{i}'><query xmlns='jabber:iq:roster'><item jid='c{i // 100}-{i % 100}@localhost' subscription='remove'/></query></iq>"
                   for i in range(2000)))
    drain(c, "r1999")
    c.close()
    quiet(server)


def test_flood_of_subscriptions(server, connect):
    c = connect().login("carol", resource="subs")
    b = connect().login("bob", resource="subs")
    for i in range(10):
        for kind in ("subscribe", "unsubscribe", "subscribed", "unsubscribed"):
            c.send("".join(f"<presence type='{kind}' to='{who}'/>" for k in range(25) for who in ("bob@localhost", f"ghost{k}@localhost")))
    fence(c)
    fence(b)
    c.close(), b.close()
    quiet(server)


def test_component_that_does_not_read(server, connect, join_component):
    """What is written to it is bounded, then it is gone and the senders are told."""
    k = join_component("deaf.localhost")
    k.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    a = connect().login("alice", resource="deaf", presence=False)
    before = heap(server)
    text = "<message to='deaf.localhost' id='d'><body>" + "x" * 50000 + "</body></message>"
    bounced = 0
    for i in range(400):
        a.send(text)
        a.send(f"<iq type='get' id='f{i}' to='localhost'><f xmlns='urn:f'/></iq>")
        bounced += drain(a, f"f{i}")
        if bounced:
            break
    assert bounced
    if not SANITIZED:
        assert heap(server) - before < 16 << 20
    k.close(), a.close()
    quiet(server)
    grown(server, before, 4 * FLAT)
