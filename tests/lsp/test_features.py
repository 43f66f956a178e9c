"""What an editor asks about a place: hover, completion, definitions, references, names, actions, layout, outline."""
import json
import os

from session import CAPABILITIES, Failure, Session, support, uri_of
from support import MINIMAL

TEXT = """%% A file with one of everything.
{hosts, ["example.com", "example.org"]}.
{define_macro, 'PORT', 5222}.
{listen, [
  {'PORT', ejabberd_c2s, [
    {access, c2s},
    {shaper, c2s_shaper},
    {max_stanza_size, 65536}
  ]},
  {8888, ejabberd_service, [{access, all}, {shaper_rule, fast}, {password, {env, "SECRET"}}]}
]}.
{auth_method, internal}.
{sm_backend, {mnesia, []}}.
{shaper, normal, {maxrate, 1000}}.
{shaper, fast, {maxrate, 50000}}.
{acl, admin, {user, "alice", "example.com"}}.
{acl, blocked, {user, "eve"}}.
{access, c2s, [{deny, blocked}, {allow, all}]}.
{access, c2s_shaper, [{none, admin}, {normal, all}]}.
{access, register, [{allow, all}]}.
{modules, [
  {mod_roster, []},
  {mod_register, [{access, register}]}
]}.
{host_config, "example.org", [
  {acl, local_admin, {user, "bob", "example.org"}},
  {access, register, [{allow, local_admin}]}
]}.
"""


def hover(client, uri, mark):
    found = client.ask("hover", uri, mark)
    return found and found["contents"]["value"]


def places(client, uri, found):
    return [client.text_of(uri, f["range"]) + "@%d" % f["range"]["start"]["line"] for f in found if f["uri"] == uri]


def renamed(client, uri, mark, name):
    edit = client.ask("rename", uri, mark, newName=name)
    return client.apply(uri, edit["changes"][uri])


def refused(ask, *args, **more):
    try:
        ask(*args, **more)
    except Failure as failure:
        return str(failure)
    raise AssertionError("no error")


def actions(client, uri, mark, only=None):
    at = client.at(uri, mark)
    context = {"diagnostics": []}
    if only is not None:
        context["only"] = only
    return client.request("textDocument/codeAction", {
        "textDocument": {"uri": uri}, "range": {"start": at, "end": at}, "context": context})


def claim_the_example_is_clean(s):
    with Session(s.path) as client:
        assert client.published(client.open("a.cfg", TEXT)) == []


def claim_hover_tells_of_options(s):
    with Session(s.path) as client:
        uri = client.open("a.cfg", TEXT)
        text = hover(client, uri, "{max_sta|nza_size")
        for part in ("an option of an ejabberd_c2s listener", "(bytes) or infinity", "Default: `infinity`",
                     "In force: `65536`, from line 8"):
            assert part in text, text
        assert client.text_of(uri, client.ask("hover", uri, "{max_sta|nza_size")["range"]) == "max_stanza_size"
        assert "In force: `internal`" in hover(client, uri, "{auth_|method")
        assert "May be set per host" in hover(client, uri, "{auth_|method")
        assert "XMPP clients over TCP" in hover(client, uri, "ejabberd_c|2s")
        assert "contact lists" in hover(client, uri, "mod_ro|ster")
        assert "in bytes" in hover(client, uri, "{max_stanza_size, 655|36}")
        client.change(uri, TEXT.replace("{max_stanza_size, 65536}", "{s2s_shared, 1}, {zlib, 5}, inet"))
        assert "xmppd does not yet" in hover(client, uri, "{zl|ib")
        assert "reads it nowhere" in hover(client, uri, "in|et\n")
        assert hover(client, uri, "{s2s_sha|red") is None
        assert hover(client, uri, "| A file with") is None


def claim_hover_keeps_secrets(s):
    with Session(s.path) as client:
        uri = client.open("a.cfg", TEXT.replace('{env, "SECRET"}', '"hunter2"'))
        for mark in ("{pass|word,", '"hunt|er2"'):
            assert "hunter2" not in hover(client, uri, mark)


def claim_hover_shows_definitions(s):
    with Session(s.path) as client:
        uri = client.open("a.cfg", TEXT)
        assert '{acl, blocked, {user, "eve"}}' in hover(client, uri, "{deny, bloc|ked}")
        assert "{access, c2s, [{deny, blocked}" in hover(client, uri, "{access, c2|s},")
        assert "{shaper, fast, {maxrate, 50000}}" in hover(client, uri, "fa|st},")
        assert "{define_macro, 'PORT', 5222}" in hover(client, uri, "{'PO|RT'")
        register = hover(client, uri, "{access, regis|ter}")
        assert "[{allow, all}]" in register and "For host example.org:" in register


def claim_hover_on_a_code_explains_it(s):
    with Session(s.path) as client:
        uri = client.open("a.cfg", "%% cfgc: allow(W0504) asked by a tool\n" + TEXT)
        text = hover(client, uri, "allow(W05|04)")
        assert text.startswith("# W0504") or "W0504" in text and "unused" in text, text
        assert len(text) > 200
        assert hover(client, uri, "cf|gc: allow") is None


def claim_completion_offers_what_is_legal_and_not_there_yet(s):
    with Session(s.path) as client:
        uri = client.open("a.cfg", TEXT)
        client.change(uri, TEXT.replace("{max_stanza_size, 65536}", "max"))
        offered = client.complete(uri, "    max|\n")
        assert {"max_stanza_size", "certfile", "starttls"} <= set(offered)
        assert not {"access", "shaper", "hosts", "loglevel", "xml_socket"} & set(offered), offered.keys()
        assert offered["starttls"]["textEdit"]["newText"] == "starttls"
        inserted = offered["max_stanza_size"]
        assert inserted["insertTextFormat"] == 2
        assert inserted["textEdit"]["newText"] == "{max_stanza_size, ${1:infinity}\\}"
        assert client.text_of(uri, inserted["textEdit"]["range"]) == "max"
        client.change(uri, TEXT.replace("{max_stanza_size, 65536}", "{max}"))
        offered = client.complete(uri, "{max|}")
        assert offered["max_stanza_size"]["textEdit"]["newText"] == "max_stanza_size, ${1:infinity}"
        assert "starttls" not in offered  # a flag is no pair
        client.change(uri, TEXT)
        assert "{max_stanza_size" not in client.complete(uri, "{max_sta|nza_size, 65536}")
        assert client.complete(uri, "{max_sta|nza_size, 65536}")["max_stanza_size"]["textEdit"]["newText"] == "max_stanza_size"


def claim_completion_offers_names_by_their_scope(s):
    with Session(s.path) as client:
        uri = client.open("a.cfg", TEXT)
        assert list(client.complete(uri, "{deny, bloc|ked}")) == ["admin", "blocked", "local_admin", "all", "none", "'PORT'"]
        inside = client.complete(uri, "[{allow, local_a|dmin}]")
        assert inside["local_admin"]["sortText"] < client.complete(uri, "{deny, bloc|ked}")["local_admin"]["sortText"]
        assert {"normal", "fast", "none"} <= set(client.complete(uri, "{shaper_rule, fa|st}"))
        rules = client.complete(uri, "{shaper, c2s_sha|per}")
        assert {"c2s", "c2s_shaper", "register", "all", "none"} <= set(rules) and "fast" not in rules
        assert {"allow", "deny", "normal", "fast"} <= set(client.complete(uri, "[{no|ne, admin}"))
        assert ['"example.com"', '"example.org"'] == list(client.complete(uri, '{host_config, "example|.org"'))[:2]
        other = TEXT + '{host_config, "example.com", [{access, register, [{allow, x}]}]}.\n'
        client.change(uri, other)
        assert "local_admin" not in client.complete(uri, "[{allow, x|}]")


def claim_completion_offers_modules_listeners_and_values(s):
    with Session(s.path) as client:
        uri = client.open("a.cfg", TEXT)
        assert {"mod_muc", "mod_roster"} <= set(client.complete(uri, "{mod_ros|ter"))
        assert "ejabberd_cowboy" in client.complete(uri, "ejabberd_c2|s")
        assert "internal" in client.complete(uri, "{auth_method, inter|nal}")
        assert {"user", "server", "node_glob"} <= set(client.complete(uri, "{us|er, \"eve\"}"))
        client.change(uri, TEXT.replace("{mod_roster, []}", "mod_"))
        assert client.complete(uri, "  mod_|,")["mod_muc"]["textEdit"]["newText"] == "{mod_muc, [${1}]\\}"
        client.change(uri, TEXT.replace("{auth_method, internal}", "{loglevel, }"))
        assert {"none", "debug", "3"} <= set(client.complete(uri, "{loglevel, |}"))
        client.change(uri, TEXT.replace('{env, "SECRET"}', "x"))
        assert '{env, "NAME"}' in client.complete(uri, "{password, x|}")


def claim_completion_works_in_text_that_does_not_parse(s):
    with Session(s.path) as client:
        uri = client.open("a.cfg", TEXT)
        for broken, mark, wanted in (
                (TEXT + "{acc", "{acc|", "access"),
                (TEXT + "log", "log|", "loglevel"),
                (TEXT + "{access, new, [{deny, blocked}, {allow, ", "blocked}, {allow, |", "admin"),
                (TEXT + '{host_config, "example.org", [{', '"example.org", [{|', "auth_method"),
                (TEXT + '{host_config, "exa', 'host_config, "exa|', '"example.com"'),
                (TEXT.replace("{max_stanza_size, 65536}\n  ]},", "{max_st"), "{max_st|", "max_stanza_size"),
                (TEXT.replace("{shaper, c2s_shaper}", "{shaper, "), "{shaper, |", "c2s_shaper"),
                (TEXT.replace('{hosts, ["example.com"', '{hosts, ["exa'), "{deny, bloc|ked}", "blocked"),
                (TEXT.replace("{mod_roster, []}", "{mod_roster, [{iqd"), "[{iqd|", "iqdisc")):
            client.change(uri, broken)
            assert wanted in client.complete(uri, mark), (mark, list(client.complete(uri, mark)))
        client.change(uri, TEXT)
        assert client.complete(uri, "%% A fi|le") == {}


def claim_completion_without_snippets_inserts_names(s):
    plain = {"textDocument": {}}
    with Session(s.path, capabilities=plain) as client:
        uri = client.open("a.cfg", TEXT.replace("{max_stanza_size, 65536}", "max"))
        for item in client.complete(uri, "    max|\n").values():
            assert "insertTextFormat" not in item and "$" not in item["textEdit"]["newText"], item


def claim_definitions_and_references_are_found(s):
    with Session(s.path) as client:
        uri = client.open("a.cfg", TEXT)
        assert places(client, uri, client.ask("definition", uri, "{deny, bloc|ked}")) == ["blocked@16"]
        assert places(client, uri, client.ask("definition", uri, "{access, regis|ter}")) == ["register@19", "register@26"]
        assert places(client, uri, client.ask("definition", uri, "{'PO|RT'")) == ["'PORT'@2"]
        assert places(client, uri, client.ask("definition", uri, 'host_config, "example.o|rg"')) == ['"example.org"@1']
        with_ = {"context": {"includeDeclaration": True}}
        without = {"context": {"includeDeclaration": False}}
        assert places(client, uri, client.ask("references", uri, "acl, ad|min", **with_)) == ["admin@15", "admin@18"]
        assert places(client, uri, client.ask("references", uri, "acl, ad|min", **without)) == ["admin@18"]
        assert places(client, uri, client.ask("references", uri, "{shaper, nor|mal", **without)) == ["normal@18"]
        assert len(client.ask("references", uri, '["example.c|om"', **with_)) == 2
        assert client.ask("references", uri, "{max_sta|nza_size", **with_) == []
        kinds = [h["kind"] for h in client.ask("documentHighlight", uri, "acl, ad|min")]
        assert kinds == [3, 2]


def claim_names_are_followed_into_included_files(s):
    s.write("part.cfg", '{acl, blocked, {user, "eve"}}.\n')
    text = TEXT.replace('{acl, blocked, {user, "eve"}}.', '{include_config_file, "part.cfg"}.')
    part = uri_of(os.path.join(s.path, "part.cfg"))
    with Session(s.path) as client:
        uri = client.open("a.cfg", text)
        found, = client.ask("definition", uri, "{deny, bloc|ked}")
        assert found["uri"] == part and found["range"]["start"] == {"line": 0, "character": 6}
        found, = client.ask("definition", uri, '"part|.cfg"')
        assert found["uri"] == part
        edit = client.ask("rename", uri, "{deny, bloc|ked}", newName="banned")
        assert sorted(edit["changes"]) == sorted([uri, part])


def claim_renaming_changes_every_place(s):
    with Session(s.path) as client:
        uri = client.open("a.cfg", TEXT)
        assert client.ask("prepareRename", uri, "{deny, bloc|ked}")["placeholder"] == "blocked"
        for mark, old, new, written in (("{deny, bloc|ked}", "blocked", "banned", "banned"),
                                        ("{deny, bloc|ked}", "blocked", "not wanted", "'not wanted'"),
                                        ("{deny, bloc|ked}", "blocked", "'end'", "'end'"),
                                        ("{shaper, c2s_sha|per}", "c2s_shaper", "speed", "speed"),
                                        ("{shaper, nor|mal", "normal", "slow", "slow"),
                                        ("{access, regis|ter}", "register", "sign_up", "sign_up"),
                                        ("{'PO|RT'", "'PORT'", "CLIENTS", "'CLIENTS'")):
            text = renamed(client, uri, mark, new)
            wanted = TEXT
            if old == "register":
                wanted = wanted.replace("access, register", "access, " + written)
            else:
                for behind in ",}":
                    wanted = wanted.replace(f" {old}{behind}", f" {written}{behind}").replace(f"{{{old}{behind}", f"{{{written}{behind}")
            assert text == wanted, (new, text)
            again = client.open("b.cfg", text)
            assert client.published(again) == [], (new, client.published(again))
        text = renamed(client, uri, '["example.c|om"', "example.net")
        assert text == TEXT.replace("example.com", "example.net")


def claim_names_that_cannot_be_are_refused(s):
    with Session(s.path) as client:
        uri = client.open("a.cfg", TEXT)
        rename = lambda mark, name: refused(client.ask, "rename", uri, mark, newName=name)  # noqa: E731
        assert "already" in rename("{deny, bloc|ked}", "admin")
        assert "built-in" in rename("{deny, bloc|ked}", "all")
        assert "macro" in rename("{deny, bloc|ked}", "BLOCKED")
        assert "255" in rename("{deny, bloc|ked}", "x" * 256)
        assert "control" in rename("{deny, bloc|ked}", "a\nb")
        assert "empty" in rename("{deny, bloc|ked}", "")
        assert "capitals" in rename("{'PO|RT'", "port")
        assert "meaning" in rename("{shaper, nor|mal", "deny")
        assert "spelling" in rename('["example.c|om"', "Example.Net")
        assert "cannot be" in rename('["example.c|om"', "a b")
        assert "already" in rename('["example.c|om"', "example.org")
        assert "no name" in rename("{max_sta|nza_size", "x")
        client.change(uri, TEXT.replace("blocked, {user", "bolcked, {user"))
        assert "not defined" in rename("{deny, bloc|ked}", "x")
        client.change(uri, TEXT + "{oops")
        assert "syntax" in rename("{deny, bloc|ked}", "x")
        client.change(uri, TEXT.replace("    {access, c2s},\n", ""))
        assert "does not stand in the file" in rename("{access, c2|s, [", "clients")
        assert "no name" in refused(client.ask, "prepareRename", uri, "{max_sta|nza_size")


def claim_fixes_are_offered_and_mend(s):
    text = TEXT.replace("{access, c2s},", "{acess, c2s},").replace("{mod_roster, []}", "mod_roster")
    with Session(s.path) as client:
        uri = client.open("a.cfg", text)
        assert "E0203" in client.codes(uri) and "E0234" in client.codes(uri)
        fix, = [a for a in actions(client, uri, "{ace|ss", ["quickfix"]) if "allow(" not in json.dumps(a)]
        assert fix["kind"] == "quickfix" and fix["diagnostics"][0]["code"] == "E0203" and "access" in fix["title"]
        client.change(uri, client.apply(uri, fix["edit"]["changes"][uri]))
        assert client.codes(uri) == ["E0234"]
        client.change(uri, text)
        all_, = actions(client, uri, "|%% A file", ["source.fixAll"])
        assert all_["kind"] == "source.fixAll"
        client.change(uri, client.apply(uri, all_["edit"]["changes"][uri]))
        assert client.codes(uri) == []
        assert actions(client, uri, "|%% A file", ["source"]) == []
        assert actions(client, uri, "|%% A file", ["refactor"]) == []


def claim_a_waiver_waives(s):
    cases = (
        ('{acl, nobody, {user, "x"}}.\n', "no|body"),
        ('{language, "en"}. {acl, nobody, {user, "x"}}.\n', "no|body"),
        ('{acl, a, all}.\n{access, max_user_sessions, [\n  {10, all},\n  {1, all}\n]}.\n{acl, b, {user, "x"}}.', "{1|, all}"),
        ('{access, max_user_sessions, [{10, all}, {1, all}]}.\n', "{1|, all}"),
        ('{access, max_user_sessions,\n [{10, all}, {1, all}]}.\n', "{1|, all}"),
    )
    for more, mark in cases:
        with Session(s.path) as client:
            uri = client.open("a.cfg", TEXT + more)
            before = client.published(uri)
            offered = [a for a in actions(client, uri, mark) if "waive" in a["title"]]
            assert offered, (more, before)
            for action in offered:
                code = action["diagnostics"][0]["code"]
                line = action["diagnostics"][0]["range"]["start"]["line"]
                client.change(uri, client.apply(uri, action["edit"]["changes"][uri]))
                assert f"%% cfgc: allow({code}) reason" in client.texts[uri]
                left = client.published(uri)
                assert not [d for d in left if d["code"] in (code, "W0015", "W0016") and line <= d["range"]["start"]["line"] <= line + 1], (more, left)
                client.change(uri, TEXT + more)
    with Session(s.path) as client:
        uri = client.open("a.cfg", TEXT.replace("{access, c2s},", "{acess, c2s},"))
        assert [a for a in actions(client, uri, "{ace|ss") if "waive" in a["title"]] == []


def claim_formatting_is_that_of_fmt(s):
    text = TEXT.replace("{access, c2s},", "{access,c2s}  ,").replace("  {mod_roster", "\t{ mod_roster")
    s.write("a.cfg", text)
    s.run("fmt", "a.cfg")
    with Session(s.path) as client:
        uri = client.open("b.cfg", text)
        edits = client.request("textDocument/formatting", {"textDocument": {"uri": uri}, "options": {}})
        assert client.apply(uri, edits) == s.read("a.cfg")
        client.change(uri, s.read("a.cfg"))
        assert client.request("textDocument/formatting", {"textDocument": {"uri": uri}, "options": {}}) == []
        for start, text in ((" ", "x"), ("", "")):
            client.change(uri, start)
            edits = client.request("textDocument/formatting", {"textDocument": {"uri": uri}, "options": {}})
            assert client.apply(uri, edits).strip() == ""
        client.change(uri, TEXT + "{oops")
        assert "not laid out" in refused(client.request, "textDocument/formatting", {"textDocument": {"uri": uri}, "options": {}})


def claim_symbols_form_a_tree(s):
    with Session(s.path) as client:
        uri = client.open("a.cfg", TEXT)
        symbols = client.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
        names = [x["name"] for x in symbols]
        assert names[:4] == ["hosts", "define_macro 'PORT'", "listen", "auth_method"], names
        assert "acl admin" in names and "access c2s" in names and 'host_config "example.org"' in names
        listen = symbols[2]
        assert [x["name"] for x in listen["children"]] == ["'PORT' ejabberd_c2s", "8888 ejabberd_service"]
        assert [x["name"] for x in listen["children"][0]["children"]] == ["access", "shaper", "max_stanza_size"]
        assert client.text_of(uri, listen["range"]).startswith("{listen, [") and client.text_of(uri, listen["selectionRange"]) == "listen"

        def check(nodes, outer):
            for node in nodes:
                start, end = (client.offset(uri, node["range"][k]) for k in ("start", "end"))
                selected = [client.offset(uri, node["selectionRange"][k]) for k in ("start", "end")]
                assert outer[0] <= start <= selected[0] <= selected[1] <= end <= outer[1], node
                check(node["children"], (start, end))
        check(symbols, (0, len(TEXT)))
    with Session(s.path, capabilities={"textDocument": {}}) as client:
        uri = client.open("a.cfg", TEXT)
        flat = client.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
        assert all(x["location"]["uri"] == uri for x in flat) and "8888 ejabberd_service" in [x["name"] for x in flat]


def claim_ranges_fold(s):
    with Session(s.path) as client:
        uri = client.open("a.cfg", "%% one\n%% two\n" + TEXT)
        folds = client.request("textDocument/foldingRange", {"textDocument": {"uri": uri}})
        assert {"startLine": 0, "endLine": 2, "kind": "comment"} in folds
        assert {"startLine": 5, "endLine": 11} in folds and {"startLine": 6, "endLine": 9} in folds, folds
        assert all(f["startLine"] < f["endLine"] for f in folds)


def claim_tokens_cover_the_text_in_order(s):
    for encodings in (["utf-16"], ["utf-8"]):
        with Session(s.path, encodings=encodings) as client:
            uri = client.open("a.cfg", "%% \u00e4\U0001f600\n{language, \"\u00e4\U0001f600\"}. {acl, 'x \u00e4', all}.\n" + TEXT)
            legend = client.capabilities["semanticTokensProvider"]["legend"]["tokenTypes"]
            data = client.request("textDocument/semanticTokens/full", {"textDocument": {"uri": uri}})["data"]
            line = column = 0
            found = []
            for i in range(0, len(data), 5):
                line += data[i]
                column = column + data[i + 1] if data[i] == 0 else data[i + 1]
                at = {"start": {"line": line, "character": column}, "end": {"line": line, "character": column + data[i + 2]}}
                found.append((client.text_of(uri, at), legend[data[i + 3]]))
            for token in (("%% \u00e4\U0001f600", "comment"), ("language", "property"), ("\"\u00e4\U0001f600\"", "string"), ("'x \u00e4'", "type"),
                          ("ejabberd_c2s", "namespace"), ("c2s", "function"), ("'PORT'", "macro"), ("65536", "number"),
                          ("blocked", "type"), ("mod_roster", "namespace"), ("allow", "enumMember")):
                assert token in found or (token[0] == "allow" and ("allow", "property") in found), (token, found)


support.main(globals())
