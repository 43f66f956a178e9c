"""The session itself: what may come when, which errors are answered, and that no end of input is a surprise."""
import json
import subprocess

from session import CAPABILITIES, Failure, Session, frame, support, uri_of
from support import MINIMAL

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
NOT_INITIALIZED, REQUEST_FAILED = -32002, -32803


def fails(code, ask, *args):
    try:
        ask(*args)
    except Failure as failure:
        assert failure.code == code, (failure.code, str(failure))
        return str(failure)
    raise AssertionError("no error")


def run(data, status):
    """Everything at once, then the end of input. @return the answers."""
    done = subprocess.run([support.CFGC, "lsp"], input=data, capture_output=True, timeout=60)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    answers, rest = [], done.stdout
    while rest:
        header, rest = rest.split(b"\r\n\r\n", 1)
        length = int(header.split(b":")[1])
        answers.append(json.loads(rest[:length]))
        rest = rest[length:]
    return answers


def script(folder):
    """A session of every kind of message, as frames."""
    uri = uri_of(folder + "/mongooseim.cfg")
    place = {"textDocument": {"uri": uri}, "position": {"line": 4, "character": 11}}
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
    messages = [
        ("initialize", {"capabilities": CAPABILITIES, "rootUri": uri_of(folder)}),
        ("-initialized", {}),
        ("-textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "erlang", "version": 1,
                                                    "text": MINIMAL + "{acl, nobody, {user, \"x\"}}.\n"}}),
        ("textDocument/hover", place), ("textDocument/completion", place), ("textDocument/definition", place),
        ("textDocument/references", dict(place, context={"includeDeclaration": True})),
        ("textDocument/documentHighlight", place), ("textDocument/prepareRename", place),
        ("textDocument/rename", dict(place, newName="clients")),
        ("textDocument/codeAction", {"textDocument": {"uri": uri}, "range": whole, "context": {"diagnostics": []}}),
        ("textDocument/formatting", {"textDocument": {"uri": uri}, "options": {}}),
        ("textDocument/documentSymbol", {"textDocument": {"uri": uri}}),
        ("textDocument/foldingRange", {"textDocument": {"uri": uri}}),
        ("textDocument/semanticTokens/full", {"textDocument": {"uri": uri}}),
        ("-textDocument/didChange", {"textDocument": {"uri": uri, "version": 2},
                                     "contentChanges": [{"range": whole, "text": "{hosts, [\"a"}]}),
        ("-$/setTrace", {"value": "off"}),
        ("-textDocument/didSave", {"textDocument": {"uri": uri}}),
        ("-textDocument/didClose", {"textDocument": {"uri": uri}}),
        ("shutdown", None), ("-exit", None),
    ]
    frames = []
    for i, (method, params) in enumerate(messages):
        message = {"jsonrpc": "2.0", "method": method.lstrip("-"), "params": params}
        if not method.startswith("-"):
            message["id"] = i
        frames.append(frame(message))
    return frames


def claim_nothing_is_answered_before_initialize(s):
    with Session(s.path, initialize=False) as client:
        fails(NOT_INITIALIZED, client.request, "textDocument/hover", {})
        fails(NOT_INITIALIZED, client.request, "no/such", {})
        client.notify("textDocument/didOpen", {"textDocument": {"uri": "file:///x", "text": ""}})
        client.request("initialize", {"capabilities": {}})


def claim_the_session_is_initialized_once(s):
    with Session(s.path) as client:
        fails(INVALID_REQUEST, client.request, "initialize", {"capabilities": {}})


def claim_after_shutdown_only_exit_is_taken(s):
    with Session(s.path) as client:
        assert client.request("shutdown", None) is None
        fails(INVALID_REQUEST, client.request, "textDocument/hover", {})
        fails(INVALID_REQUEST, client.request, "shutdown", None)
        client.notify("exit", None)
        client.end(0)


def claim_exit_without_shutdown_is_a_failure(s):
    client = Session(s.path)
    client.notify("exit", None)
    client.end(1)
    client = Session(s.path, initialize=False)
    client.notify("exit", None)
    client.end(1)


def claim_an_end_of_input_is_orderly_only_after_shutdown(s):
    Session(s.path).end(1)
    client = Session(s.path)
    client.request("shutdown", None)
    client.end(0)


def claim_errors_name_what_is_wrong(s):
    with Session(s.path) as client:
        fails(METHOD_NOT_FOUND, client.request, "textDocument/implementation", {})
        fails(INVALID_PARAMS, client.request, "textDocument/hover", {})
        fails(INVALID_PARAMS, client.request, "textDocument/hover", None)
        fails(INVALID_PARAMS, client.request, "textDocument/hover", {"textDocument": {"uri": "file:///none"}})
        uri = client.open("mongooseim.cfg", MINIMAL)
        for position in (None, {}, {"line": -1, "character": 0}, {"line": "1", "character": 0}, {"line": 1.5, "character": 0}):
            fails(INVALID_PARAMS, client.request, "textDocument/hover",
                  {"textDocument": {"uri": uri}, "position": position})
        for method, more in (("rename", {}), ("codeAction", {}), ("codeAction", {"range": {"start": {}}})):
            fails(INVALID_PARAMS, client.request, "textDocument/" + method,
                  {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 2}, **more})
        far = {"textDocument": {"uri": uri}, "position": {"line": 4000000000, "character": 4000000000}}
        assert client.request("textDocument/hover", far) is None


def claim_unknown_notifications_are_passed_over(s):
    with Session(s.path) as client:
        client.notify("$/setTrace", {"value": "off"})
        client.notify("workspace/didChangeConfiguration", {"settings": None})
        client.notify("textDocument/didChange", {"textDocument": {"uri": "file:///none"}, "contentChanges": []})
        client.notify("textDocument/hover", {})
        client.settle()


def claim_ids_come_back_as_they_were_sent(s):
    done = run(b"".join(frame({"jsonrpc": "2.0", "id": i, "method": "shutdown"}) for i in (7, "seven", -1, "\u00fc\u0000\"")), 1)
    assert [m["id"] for m in done] == [7, "seven", -1, "\u00fc\u0000\""]


def claim_malformed_json_is_answered_and_the_session_goes_on(s):
    bad = [b"", b"{", b"nonsense", b'{"a":1}}', b'{"id":1,"method":"x"', b'"\xff"', b"[" * 5000, b'{"\\ud800":1}', b"\x00\x00",
           b'{"id":1e999,"method":"m"}']
    with Session(s.path) as client:
        for text in bad:
            client.send_raw(frame(text))
            answer = client.read()
            assert answer["id"] is None and answer["error"]["code"] == PARSE_ERROR, (text, answer)
        for text in (b"1", b"[]", b"{}", b"null", b'"x"', b'{"id":5}', b'{"method":5,"id":5}', b'{"jsonrpc":"2.0","id":5,"params":{}}'):
            client.send_raw(frame(text))
            assert client.read()["error"]["code"] == INVALID_REQUEST, text
        client.send_raw(frame(b'{"id":5,"result":null}'))  # an answer to nothing
        client.settle()


def claim_params_of_any_shape_are_survived(s):
    shapes = [None, 1, "x", [], {}, {"textDocument": 1}, {"textDocument": {"uri": 1}}, {"textDocument": {"uri": "\u0000"}},
              {"textDocument": {"uri": "file:///a%00b", "text": "x", "version": "1"}},
              {"textDocument": {"uri": "untitled:x", "text": "{hosts", "version": 1}}, {"contentChanges": 5},
              {"textDocument": {"uri": "untitled:x"}, "contentChanges": [1, {"range": 1, "text": "x"}, {"text": 1}]},
              {"textDocument": {"uri": "untitled:x"}, "contentChanges": [{"text": "x", "range": {
                  "start": {"line": 5, "character": 5}, "end": {"line": 0, "character": 0}}}]},
              {"textDocument": {"uri": "untitled:x"}, "position": {"line": 0, "character": 3}, "newName": 5},
              {"textDocument": {"uri": "untitled:x"}, "range": [], "context": 4}]
    methods = [json.loads(f.split(b"\r\n\r\n", 1)[1])["method"] for f in script(s.path)]
    with Session(s.path) as client:
        for method in methods:
            for params in shapes:
                if method in ("shutdown", "exit"):
                    continue
                client.notify(method, params)
                try:
                    client.request(method, params)
                except Failure:
                    pass


def claim_headers_are_read_as_the_protocol_has_them(s):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "x"}).encode()
    good = [b"Content-Length: %d\r\n\r\n", b"content-length:%d\r\n\r\n",
            b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length:   %d\r\n\r\n", b"Content-Length: %d\n\n"]
    for header in good:
        answers = run(header % len(body) + body, 1)
        assert [a["error"]["code"] for a in answers] == [NOT_INITIALIZED], header
    bad = [b"\r\n\r\n", b"Content-Length: x\r\n\r\n", b"Content-Length: -1\r\n\r\n", b"Content-Length: \r\n\r\n", b"nonsense\r\n\r\n",
           b"Content-Length: 1\r\nContent-Length: 1\r\n\r\n", b"Content-Length: 99999999999999999999999999\r\n\r\n",
           b"X: " + b"y" * 5000 + b"\r\n\r\n", b"Content-Type: x\r\n\r\n", b"\x00\x00\x00\x00\r\n\r\n"]
    for header in bad:
        answers = run(header + body, 1)
        assert [a["error"]["code"] for a in answers] == [PARSE_ERROR], (header, answers)


def claim_a_message_that_is_too_long_is_read_over(s):
    length = (400 << 20) + 1
    client = Session(s.path)
    client.send_raw(b"Content-Length: %d\r\n\r\n" % length)
    block = b" " * (1 << 20)
    while length > 0:
        client.process.stdin.write(block[:length])
        length -= len(block)
    client.process.stdin.flush()
    assert client.read()["error"]["code"] == INVALID_REQUEST
    client.settle()
    client.end(1)


def claim_a_session_can_be_cut_behind_every_message(s):
    frames = script(s.path)
    for n in range(len(frames) + 1):
        over = n >= len(frames) - 1
        answers = run(b"".join(frames[:n]), 0 if over else 1)
        wanted = [i for i in range(n) if b'"id"' in frames[i]]
        assert [a["id"] for a in answers if "id" in a] == wanted, n
        assert all("result" in a for a in answers if "id" in a), (n, answers)


def claim_a_session_can_be_cut_inside_every_message(s):
    frames = script(s.path)
    for n, last in enumerate(frames):
        for cut in {1, 10, len(last) // 2, len(last) - 1}:
            answers = run(b"".join(frames[:n]) + last[:cut], 0 if n >= len(frames) - 1 else 1)
            assert [a["id"] for a in answers if "id" in a] == [i for i in range(n) if b'"id"' in frames[i]]


def claim_a_client_that_goes_away_ends_the_server(s):
    client = Session(s.path)
    client.process.stdout.close()
    for _ in range(3):
        try:
            client.notify("textDocument/didOpen", {"textDocument": {"uri": uri_of(s.path + "/a.cfg"), "version": 1, "text": MINIMAL}})
            client.send({"jsonrpc": "2.0", "id": 9, "method": "textDocument/hover", "params": {}})
        except BrokenPipeError:
            break
    assert client.process.wait(60) == 1
    try:
        client.process.stdin.close()
    except BrokenPipeError:
        pass


support.main(globals())
