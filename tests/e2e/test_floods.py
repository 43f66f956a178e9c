"""How much of the server one peer can use up: memory before and after authentication, processor time per byte, tables that grow."""
import json
import os
import resource
import socket
import time

import pytest

from raw import Raw, STREAMS, header
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
    if not SANITIZED:
        now = heap(server)
        assert now - before < bound, f"{now - before} bytes more than before"


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
