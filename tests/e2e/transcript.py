"""Conversations in text (tests/proto/*.xt): read, and played against a server as they stand, byte by byte, or cut in two anywhere.

    == Title of a conversation          everything up to the next title is one
    C is ada/desk                       who a connection is: a session, `available` after it for one with presence,
    C2 is component tool.localhost      a component; without such a line it is a new connection to listener c2s,
    C on required                       or to another one of the file's server
    C: <message to='ben@localhost'/>    what the client sends; C lines in a row are one segment
    S2: <message from='{any}' .../>     what it gets, one element a line, exactly so, in this order
      <body/>                           a line that is indented goes on with the one before
    S: closed                           the end of the connection, and nothing before it
    S: nothing                          nothing more has come
    C: tls                              a handshake, after <proceed/>
    cut every 50                        try only each 50th place to cut (long input)

In {braces}: on both sides {header}, {header HOST} and {hex BYTES}; from the server {id} {stamp} {n} {push} {any} {ver} {scram challenge}
{scram success}; from the client {plain USER PASSWORD} {scram first MECHANISM USER PASSWORD} {scram final} {handshake} (of a
component, for the password secret), {repeat N TEXT}, and {=id} {=ver} {=any}: what the server said last.
"""
import base64
import hashlib
import os
import re

from raw import Raw, STREAMS, component, header
from scram import Scram, b64

TOKEN = re.compile(r"\{(=?[a-z]+(?: [^{}]*)?)\}")
GIVEN = {
    "id": "[0-9A-F]{16}", "stamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", "n": r"\d+", "push": "push[0-9A-F]+",
    "any": "[^<>']*", "ver": "[0-9a-f]+", "scram challenge": "[A-Za-z0-9+/=]+", "scram success": "[A-Za-z0-9+/=]+",
}


class Conversation:
    def __init__(self, file, line, title):
        self.file, self.line, self.title = file, line, title
        self.who, self.listener, self.steps, self.every = {}, {}, [], 1

    def __str__(self):
        return f"{os.path.splitext(os.path.basename(self.file))[0]}: {self.title}"


def read(path):
    """The conversations of a file."""
    found, last = [], None
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip("\n")
            if line.startswith("  ") and last is not None:
                last[3] += line.strip()
                continue
            last = None
            if not line or line.startswith("#"):
                continue
            if line.startswith("== "):
                found.append(Conversation(path, number, line[3:]))
                continue
            c = found[-1]
            if m := re.fullmatch(r"(C\d?) is (.*)", line):
                c.who[m.group(1)] = m.group(2)
            elif m := re.fullmatch(r"(C\d?) on (\w+)", line):
                c.listener[m.group(1)] = m.group(2)
            elif m := re.fullmatch(r"cut every (\d+)", line):
                c.every = int(m.group(1))
            elif m := re.fullmatch(r"([CS])(\d?): (.*)", line):
                c.steps.append(last := [number, m.group(1), "C" + m.group(2), m.group(3)])
            else:
                raise ValueError(f"{path}:{number}: {line!r} means nothing")
    return found


def read_all(folder):
    return [c for name in sorted(os.listdir(folder)) if name.endswith(".xt") for c in read(os.path.join(folder, name))]


class Player:
    """Plays one conversation again and again; sessions that survive it are used again."""

    def __init__(self, conversation, ports, password):
        self.c, self.ports, self.password = conversation, ports, password
        self.open = {}

    def connect(self, name):
        who, listener = self.c.who.get(name), self.c.listener.get(name, "c2s")
        if who is None:
            return Raw(self.ports[listener], one_byte=False)
        if who.startswith("component "):
            return component(self.ports[self.c.listener.get(name, "service")], who.split()[1], one_byte=False)
        jid, *rest = who.split()
        user, resource = jid.split("/")
        user, _, host = user.partition("@")
        return Raw(self.ports[listener], one_byte=False).login(user, self.password, resource, host=host or "localhost",
                                                               presence=bool(rest))

    def play(self, cut=None, one_byte=False):
        """Once. @param cut  each segment of a client is sent in two parts, the first of that many bytes. @return the longest one."""
        self.said, self.scram, longest = {}, None, 0
        for name in self.names():
            if name not in self.open:
                self.open[name] = self.connect(name)
        steps = self.c.steps
        i = 0
        try:
            while i < len(steps):
                number, side, name, text = steps[i]
                i += 1
                if side == "S":
                    self.hear(name, text)
                elif text == "tls":
                    self.open[name].start_tls()
                    self.open[name].reset()
                else:
                    data = self.fill_in(text)
                    while i < len(steps) and steps[i][1] == "C" and steps[i][2] == name and steps[i][3] != "tls":
                        data += self.fill_in(steps[i][3])
                        i += 1
                    longest = max(longest, len(data))
                    self.say(name, data, cut, one_byte)
        except AssertionError as e:
            raise AssertionError(f"{self.c.file}:{number}: cut={cut} one_byte={one_byte}: {e}") from None
        for name in [n for n in self.open if n not in self.c.who or self.open[n].socket.fileno() < 0]:
            self.open.pop(name).close()
        return longest

    def names(self):
        return sorted({s[2] for s in self.c.steps} | set(self.c.who))

    def say(self, name, data, cut, one_byte):
        raw = self.open[name]
        parts = [data[j:j + 1] for j in range(len(data))] if one_byte else \
            [data[:cut], data[cut:]] if cut is not None and cut < len(data) else [data]
        for part in parts:
            try:
                raw.send(part)
            except (BrokenPipeError, ConnectionResetError):
                return  # it has been told why
            os.sched_yield()  # gives the server a chance to read this part alone

    def hear(self, name, text):
        raw = self.open[name]
        if text == "closed":
            raw.expect_closed()
        elif text == "nothing":
            raw.expect_nothing()
        else:
            got = raw.next()
            m = re.fullmatch(self.pattern(text), got, re.S)
            assert m, f"\nexpected {text}\ngot      {got}"
            self.said.update({k: v for k, v in m.groupdict().items() if v is not None})
            if "challenge" in self.said:
                self.challenge = base64.b64decode(self.said.pop("challenge"))
            if "success" in self.said:
                assert base64.b64decode(self.said.pop("success")) == b"v=" + b64(self.scram.signature).encode()

    def pattern(self, text):
        """A regular expression for what the server says."""
        parts, at, names = [], 0, set()
        for m in TOKEN.finditer(text):
            parts.append(re.escape(text[at:m.start()]))
            at, token = m.end(), m.group(1)
            name, _, argument = token.partition(" ")
            if name == "hex":
                parts.append(re.escape(bytes.fromhex(argument).decode()))
                continue
            if name == "header":
                parts.append(rf"<\?xml version='1\.0'\?><stream:stream xmlns='jabber:client' xmlns:stream='{re.escape(STREAMS)}' "
                             rf"id='[0-9A-F]{{16}}' from='{re.escape(argument or 'localhost')}' version='1\.0' xml:lang='en'>")
                continue
            group = argument if name == "scram" else name
            parts.append(GIVEN[token] if group in names else f"(?P<{group}>{GIVEN[token]})")
            names.add(group)
        return "".join(parts) + re.escape(text[at:])

    def fill_in(self, text):
        """The bytes a client sends."""
        out, at = b"", 0
        for m in TOKEN.finditer(text):
            out += text[at:m.start()].encode() + self.token(m.group(1))
            at = m.end()
        return out + text[at:].encode()

    def token(self, token):
        name, *arguments = token.split(" ")
        if name.startswith("="):
            return self.said[name[1:]].encode()
        if name == "header":
            return header(*(arguments or ["localhost"])).encode()
        if name == "plain":
            return b64(f"\0{arguments[0]}\0{arguments[1]}".encode()).encode()
        if name == "handshake":
            return hashlib.sha1((self.said["id"] + "secret").encode()).hexdigest().encode()
        if name == "repeat":
            return (arguments[1] * int(arguments[0])).encode()
        if name == "hex":
            return bytes.fromhex(arguments[0])
        if token == "scram final":
            return b64(self.scram.final(self.challenge)).encode()
        if token.startswith("scram first "):
            self.scram = Scram(*arguments[1:])
            return b64(self.scram.first()).encode()
        raise ValueError(f"{self.c.file}: {{{token}}} means nothing to a client")

    def close(self):
        for raw in self.open.values():
            raw.close()
