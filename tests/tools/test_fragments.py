"""cfgc check --as: a file that holds what would stand inside one section."""
import json

import support


def found(s, place, text, *args, status=0):
    s.write("part", text)
    done = s.run("check", "--diagnostics=json", "-W", "W08=off", "--as", place, *args, "part", status=status)
    source = text if isinstance(text, bytes) else text.encode()
    answers = []
    for d in map(json.loads, done.err.splitlines()):
        span = d["spans"][0]
        assert span["file"] == d["file"] == "part", d
        answers.append((d["code"], span["line"], source[span["start"]:span["end"]].decode("utf-8", "replace")))
    return answers


def claim_a_list_elements_and_one_element_are_all_fine(s):
    one = '{5222, ejabberd_c2s, [{access, some_rule}, {shaper, some_shaper}]}'
    two = '{5223, ejabberd_c2s, [{access, c2s}]}'
    for text in (one, f"{one},\n{two}", f"[{one}, {two}]", f"[{one}].\n", f"%% c\n{one} %% c", f"{one}.\n%% c\n", "[]", ""):
        assert found(s, "listen", text) == [], text
    for place, text in (
            ("modules", "{mod_ping, []}, {mod_roster, []}"),
            ("access", "{deny, blocked}, {allow, all}"), ("access", "[{allow, a}]."),
            ("acl", '{user, "eve"}'), ("acl", "all."), ("shaper", "{maxrate, 1000}"),
            ("ejabberd_c2s", "{access, c2s},\n{max_stanza_size, 65536}"), ("mod_ping", "[{send_pings, true}]"),
            ("mod_roster", "")):
        assert found(s, place, text) == [], (place, text)


def claim_mistakes_have_their_place_in_the_fragment(s):
    assert found(s, "listen", '\n{5222, ejabberd_c2s, [{acess, c2s}]}', "-W", "W05=off", status=1) == [("E0203", 2, "acess")]
    assert found(s, "listen", "{5222, ejabberd_c2, []}", status=1) == [("E0202", 1, "ejabberd_c2")]
    assert found(s, "modules", "{mod_ping, []},\n{mod_rooster, []}.", status=1) == [("E0202", 2, "mod_rooster")]
    assert found(s, "ejabberd_c2s", "{access, c2s},\n{max_stanza_size, many}", status=1) == [("E0207", 2, "many")]
    assert found(s, "acl", '{usr, "eve"}', status=1)[0][0] == "E0226"
    assert found(s, "shaper", "{maxrate, -1}", status=1) == [("E0206", 1, "-1")]
    assert found(s, "listen", "{5222, ejabberd_c2s, [{access, c2s}]},\n{5222, ejabberd_c2s, [{access, c2s}]}", status=1)[0][:2] == \
        ("E0305", 2)
    latin1 = "%% coding: latin-1\n%% \xe9\xe9\xe9\n{5222, ejabberd_c2, []}".encode("latin-1")
    assert found(s, "listen", latin1, status=1) == [("E0202", 3, "ejabberd_c2")]


def claim_syntax_errors_stay_inside(s):
    for text in ("{5222, ejabberd_c2s, [}", "{5222 ejabberd_c2s, []}", "[{5222, ejabberd_c2s, []}", '"', "{a}. {b}.", "]",
                 "{5222, ejabberd_c2s, []}}"):
        codes = [code for code, _, _ in found(s, "listen", text, status=1)]
        assert codes and all(code[:3] in ("E01", "E02") for code in codes), (text, codes)


def claim_placeholders_and_waivers_work(s):
    s.write("vars", '{rule, "c2s"}.\n{port, "5222"}.\n')
    assert found(s, "listen", "{ {{{port}}}, ejabberd_c2s, [{access, {{{rule}}}}]}", "--vars=vars") == []
    waiver = "%% cfgc: allow(W0522) a test\n"
    text = "{0, ejabberd_c2s, [{access, c2s}]}"
    assert [f[0] for f in found(s, "listen", text)] == ["W0522"]
    assert found(s, "listen", waiver + text) == []
    assert found(s, "listen", "%% cfgc: allow(W0504) of the rest nothing is known\n{5222, ejabberd_c2s, [{access, c2s}]}") == []


def claim_a_fragment_is_mended_in_place(s):
    text = "%% mine\n{5222, ejabberd_c2s, [{acess, c2s}]}\n"
    s.write("part", text)
    s.run("check", "--as=listen", "--fix", "part")
    assert s.read("part") == text.replace("acess", "access")


def claim_standard_input_and_several_files_can_be_fragments(s):
    s.write("a", "{mod_ping, []}")
    s.write("b", "{mod_pong, []}")
    done = s.run("check", "--as", "modules", "--diagnostics=gcc", "a", "-", "b", "absent", stdin=b"{mod_pang, []}", status=3)
    assert [line.split(":")[0] for line in done.err.splitlines()] == ["<stdin>", "b", "absent"], done.err


def claim_a_place_that_is_none_is_refused(s):
    s.write("a", "[]")
    done = s.run("check", "--as=modul", "--diagnostics=json", "a", "a", status=2)
    report = json.loads(done.err)
    assert report["code"] == "E0018" and report["file"] is None, report
    done = s.run("check", "--as=mod_pong", "a", status=2)
    assert "did you mean 'mod_ping'?" in done.err, done.err


support.main(globals())
