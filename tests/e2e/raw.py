"""A client made of bytes: sends exactly what it is told, reads exactly what comes, parses only to know where an element ends."""
import base64
import hashlib
import os
import re
import select
import socket
import ssl
import time

from xmppd import PATIENCE


# CFGC_ONE_BYTE=1: every client sends each byte in a segment of its own.
ONE_BYTE = os.environ.get("CFGC_ONE_BYTE") == "1"

NS_CLIENT = "jabber:client"
STREAMS = "http://etherx.jabber.org/streams"


def header(to="localhost", xmlns=NS_CLIENT, extra=""):
    return (f"<?xml version='1.0'?><stream:stream to='{to}' version='1.0' xmlns='{xmlns}'"
            f" xmlns:stream='{STREAMS}'{extra}>")


_TOKEN = re.compile(r"<\?.*?\?>|<(/?)([^\s/>]+)((?:[^>'\"]|'[^']*'|\"[^\"]*\")*?)(/?)>", re.S)


def split_elements(text, depth):
    """The complete top-level pieces of a stream's text, the rest, and the depth where the rest begins (1: inside the stream)."""
    pieces, start, at, depth_at_start = [], 0, 0, depth
    while True:
        m = _TOKEN.search(text, at)
        if not m:
            break
        at = m.end()
        if m.group(0).startswith("<?"):
            # A stream begins, perhaps the next one right behind the last element of the one before.
            start, depth, depth_at_start = m.start(), 0, 0
            continue
        closing, name, _, empty = m.group(1), m.group(2), m.group(3), m.group(4)
        if closing:
            depth -= 1
            if depth <= 1:
                pieces.append(text[start:at])
                start, depth_at_start = at, depth
        elif empty:
            if depth <= 1:
                pieces.append(text[start:at])
                start, depth_at_start = at, depth
        else:
            depth += 1
            if depth == 1:
                pieces.append(text[start:at])
                start, depth_at_start = at, depth
    return pieces, text[start:], depth_at_start


class Closed(AssertionError):
    pass


class Raw:
    """One connection. send() text, next() one element (header and closing tag count as elements), expect() a pattern."""

    def __init__(self, port, address="127.0.0.1", tls=None, one_byte=ONE_BYTE, window=None):
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE)
        if window is not None:  # bytes that the kernel takes for us while we do not read
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.socket.connect((address, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.one_byte = one_byte
        self.seen = ""
        if tls is not None:
            self.start_tls(tls)
        self.reset()

    def reset(self):
        self.pending, self.depth, self.ready = "", 0, []
        self.partial = b""

    def start_tls(self, server_hostname="localhost", context=None):
        context = context or self.insecure_context()
        self.socket = context.wrap_socket(self.socket, server_hostname=server_hostname)

    @staticmethod
    def insecure_context():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    def send(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        if self.one_byte:
            for i in range(len(data)):
                self.socket.sendall(data[i:i + 1])
        else:
            self.socket.sendall(data)

    def _fill(self, timeout):
        """Read once; False on time-out, Closed at the end."""
        if not (isinstance(self.socket, ssl.SSLSocket) and self.socket.pending()):
            ready, _, _ = select.select([self.socket], [], [], timeout)
            if not ready:
                return False
        try:
            data = self.socket.recv(65536)
        except ssl.SSLWantReadError:
            return True
        except ConnectionResetError:
            data = b""
        if not data:
            raise Closed(f"the server closed the connection; unread: {self.pending!r}; seen: {self.seen[-2000:]!r}")
        data = self.partial + data
        for cut in range(0, 4):  # a character may be split between reads
            try:
                text = data[:len(data) - cut].decode()
                self.partial = data[len(data) - cut:]
                break
            except UnicodeDecodeError:
                continue
        else:
            raise AssertionError(f"not UTF-8: {data!r}")
        self.seen += text
        pieces, self.pending, self.depth = split_elements(self.pending + text, self.depth)
        self.ready += pieces
        return True

    def next(self, timeout=PATIENCE):
        """The next whole element as text."""
        end = time.monotonic() + timeout
        while not self.ready:
            left = end - time.monotonic()
            if left <= 0 or not self._fill(left):
                raise AssertionError(f"nothing more within {timeout} s; partial {self.pending!r}; seen: {self.seen[-2000:]!r}")
        return self.ready.pop(0)

    def expect(self, pattern, timeout=PATIENCE):
        """The next element must match the regular expression (searched); returns the match."""
        got = self.next(timeout)
        m = re.search(pattern, got, re.S)
        assert m, f"expected {pattern!r}, got {got!r}"
        return m

    def expect_exact(self, text):
        got = self.next()
        assert got == text, f"\nexpected {text!r}\ngot      {got!r}"

    def expect_closed(self):
        """Nothing but the end of the connection may follow."""
        assert not self.ready, f"unexpected {self.ready!r}"
        try:
            while True:
                if not self._fill(PATIENCE):
                    raise AssertionError("the connection is still open")
                assert not self.ready, f"unexpected {self.ready!r}"
        except Closed:
            self.socket.close()

    def expect_stream_error(self, condition, text=None):
        got = self.next()
        assert f"<{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>" in got and got.startswith("<stream:error>"), got
        if text is not None:
            assert f">{text}</text>" in got, got
        self.expect_exact("</stream:stream>")
        self.expect_closed()

    def expect_nothing(self, host="localhost"):
        """Nothing is in flight to us: proved by a round trip to the server, not by waiting."""
        self.send(f"<iq type='get' id='fence' to='{host}'><fence xmlns='urn:example:fence'/></iq>")
        got = self.next()
        assert "id='fence'" in got and "type='error'" in got, got

    # -- the usual beginnings ---------------------------------------------------------------------------------------

    def open(self, to="localhost"):
        """Header both ways and features; returns the features element."""
        self.send(header(to))
        self.expect(r"^<\?xml version='1.0'\?><stream:stream ")
        return self.next()

    def auth_plain(self, user, password):
        token = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        self.send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{token}</auth>")
        return self.next()

    def authenticate(self, user, password, to="localhost"):
        got = self.auth_plain(user, password)
        assert got == "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", got
        self.reset()
        return self.open(to)

    def bind(self, resource):
        self.send(f"<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                  f"<resource>{resource}</resource></bind></iq>")
        return self.expect(r"<jid>([^<]*)</jid>").group(1)

    def login(self, user, password="secret", resource="r", host="localhost", presence=True):
        self.open(host)
        self.authenticate(user, password, host)
        self.jid = self.bind(resource)
        if presence:
            self.send("<presence/>")
            self.expect(rf"^<presence from='{re.escape(self.jid)}' to='{re.escape(self.jid)}'")
        return self

    def close(self):
        self.socket.close()


def component(port, name, secret="secret", extra="", **kw):
    """A component connection through its handshake; waits until a former owner of the name has been noticed to be gone."""
    end = time.monotonic() + PATIENCE
    while True:
        c = Raw(port, **kw)
        c.send(f"<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='{STREAMS}' to='{name}'{extra}>")
        ident = c.expect(r"<stream:stream [^>]*id='([^']*)'").group(1)
        c.send(f"<handshake>{hashlib.sha1((ident + secret).encode()).hexdigest()}</handshake>")
        got = c.next()
        if got == "<handshake/>":
            return c
        c.close()
        assert "<conflict " in got and time.monotonic() < end, got
