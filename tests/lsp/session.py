"""session.py - a client for `cfgc lsp`: frames messages, keeps what the server publishes, and applies edits as an editor does."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import support  # noqa: E402

CAPABILITIES = {
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True},
        "completion": {"completionItem": {"snippetSupport": True}},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
    },
}


def frame(message):
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def uri_of(path):
    return "file://" + path


class Failure(Exception):
    """The server answered with an error."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.code = error["code"]


class Session:
    """One server, initialized unless told otherwise. The texts of tests are not about security."""

    def __init__(self, folder, *args, initialize=True, encodings=None, options=None, capabilities=CAPABILITIES):
        self.process = subprocess.Popen([support.CFGC, "lsp", "-W", "W08=off", *args], cwd="/", stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.folder = folder
        self.diagnostics = {}
        self.texts = {}
        self.last_id = 0
        self.versions = {}
        if not initialize:
            return
        capabilities = dict(capabilities)
        if encodings is not None:
            capabilities["general"] = {"positionEncodings": encodings}
        self.capabilities = self.request("initialize", {
            "processId": None, "rootUri": uri_of(folder), "capabilities": capabilities,
            "initializationOptions": options})["capabilities"]
        self.encoding = self.capabilities["positionEncoding"]
        self.notify("initialized", {})

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            self.process.kill()
            self.process.wait()
            return
        if self.process.poll() is None and not self.process.stdin.closed:
            self.request("shutdown", None)
            self.notify("exit", None)
            self.end(0)

    def end(self, status):
        if not self.process.stdin.closed:
            self.process.stdin.close()
        rest = self.process.stdout.read()
        assert self.process.wait(60) == status, (self.process.returncode, rest)
        return rest

    # ---- messages ----

    def send_raw(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        self.send_raw(frame(message))

    def read(self):
        length = None
        while True:
            line = self.process.stdout.readline()
            assert line.endswith(b"\r\n"), (line, "the server is gone")
            if line == b"\r\n":
                break
            name, value = line.split(b":")
            if name == b"Content-Length":
                length = int(value)
        body = self.process.stdout.read(length)
        assert len(body) == length
        message = json.loads(body)
        assert message["jsonrpc"] == "2.0"
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]
        return message

    def request(self, method, params):
        self.last_id += 1
        self.send({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params})
        while True:
            message = self.read()
            if message.get("id") == self.last_id:
                break
            assert message.get("method") == "textDocument/publishDiagnostics", message
        if "error" in message:
            raise Failure(message["error"])
        return message["result"]

    def notify(self, method, params):
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    # ---- documents ----

    def open(self, name, text):
        uri = name if ":" in name else uri_of(os.path.join(self.folder, name))
        self.versions[uri] = self.versions.get(uri, 0) + 1
        self.texts[uri] = text
        self.notify("textDocument/didOpen", {"textDocument": {
            "uri": uri, "languageId": "erlang", "version": self.versions[uri], "text": text}})
        return uri

    def change(self, uri, *changes):
        """Each change is a whole text, or (start, end, text) in characters of the text as it is then."""
        sent = []
        self.versions[uri] += 1
        for change in changes:
            if isinstance(change, str):
                sent.append({"text": change})
                self.texts[uri] = change
                continue
            start, end, text = change
            sent.append({"range": {"start": self.position(uri, start), "end": self.position(uri, end)}, "text": text})
            self.texts[uri] = self.texts[uri][:start] + text + self.texts[uri][end:]
        self.notify("textDocument/didChange", {
            "textDocument": {"uri": uri, "version": self.versions[uri]}, "contentChanges": sent})

    def units(self, text):
        return len(text.encode()) if self.encoding == "utf-8" else len(text.encode("utf-16-le")) // 2

    def position(self, uri, at):
        before = self.texts[uri][:at]
        line = before.rfind("\n") + 1
        return {"line": before.count("\n"), "character": self.units(before[line:])}

    def offset(self, uri, position):
        lines = self.texts[uri].split("\n")
        at = sum(len(line) + 1 for line in lines[:position["line"]])
        n = 0
        for c in lines[position["line"]]:
            if n >= position["character"]:
                break
            n += self.units(c)
            at += 1
        return at

    def text_of(self, uri, range_):
        return self.texts[uri][self.offset(uri, range_["start"]):self.offset(uri, range_["end"])]

    def apply(self, uri, edits):
        text = self.texts[uri]
        for edit in sorted(edits, key=lambda e: self.offset(uri, e["range"]["start"]), reverse=True):
            start = self.offset(uri, edit["range"]["start"])
            text = text[:start] + edit["newText"] + text[self.offset(uri, edit["range"]["end"]):]
        return text

    def at(self, uri, mark, skip=0):
        """The place of '|' in `mark`, whose rest stands in the text."""
        found = self.texts[uri].index(mark.replace("|", ""), skip)
        return self.position(uri, found + mark.index("|"))

    def ask(self, method, uri, mark, **more):
        return self.request("textDocument/" + method, {
            "textDocument": {"uri": uri}, "position": self.at(uri, mark), **more})

    def settle(self):
        """Wait until everything sent so far has been read. Diagnostics may come later, but all of one round at once."""
        self.last_id += 1
        self.send({"jsonrpc": "2.0", "id": self.last_id, "method": "cfgc/none", "params": None})
        while self.read().get("id") != self.last_id:
            pass

    def until(self, uri, holds):
        """Wait for a list of diagnostics of which `holds` is true, and for the rest of its round."""
        while uri not in self.diagnostics or not holds(self.diagnostics[uri]):
            self.read()
        self.settle()
        return self.diagnostics[uri]["diagnostics"]

    def published(self, uri):
        """The diagnostics of the text as it is now."""
        return self.until(uri, lambda found: found.get("version") == self.versions[uri])

    def codes(self, uri):
        return sorted(d["code"] for d in self.published(uri))

    def complete(self, uri, mark):
        return {i["label"]: i for i in self.ask("completion", uri, mark)["items"]}
