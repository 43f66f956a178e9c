"""cfgc report: the page is well-formed, complete, harmless, the same each time, and fits into a narrow window."""
import html.parser
import json
import os
import re
import shutil
import subprocess

import support
from support import MINIMAL

VOID = {"meta", "br", "hr", "img", "input", "link", "rect", "path"}


class Page(html.parser.HTMLParser):
    """Fails on tags that do not match and on everything that a browser would fetch or run."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.text, self.rows, self.sections = [], [], [], [], {}, []
        self.section, self.kept = None, {}
        self.feed(text)
        self.close()
        assert not self.open, self.open
        assert len(self.ids) == len(set(self.ids)), [i for i in self.ids if self.ids.count(i) > 1]
        for target in self.links:
            assert target in self.ids, target
        self.whole = "".join(self.text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        assert tag not in ("script", "iframe", "object", "embed", "link", "img", "form", "base"), tag
        for name, value in attributes.items():
            assert not name.startswith("on") and name not in ("src", "srcset", "style"), (tag, name)
            assert name != "href" or value.startswith("#"), value
        if "href" in attributes:
            self.links.append(attributes["href"][1:])
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "section":
            self.section = attributes["id"]
        if tag == "tr":
            self.rows[self.section] = self.rows.get(self.section, 0) + 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open, self.getpos())
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            assert "url(" not in data and "@import" not in data
            return
        self.text.append(data)
        self.kept[self.section] = self.kept.get(self.section, "") + data


def page_of(s, name, *args):
    out = s.run("report", "--no-files", *args, "-o", "-", name).out
    assert "\ufffd" not in out or "hostile" in name
    return Page(out), out


def claim_examples_are_shown_whole(s):
    shutil.copytree(os.path.join(support.SOURCE_DIR, "examples"), s.path, dirs_exist_ok=True)
    for name, *args in (["minimal.cfg"], ["c2s_tls.cfg"], ["components.cfg"], ["multi_host.cfg"], ["reference.cfg"],
                        ["quickstart/mongooseim.cfg", "--allow-unsupported"], ["quickstart/mongooseim.cfg", "--target=mongooseim-3.2"]):
        page, out = page_of(s, name, *args)
        for section in ("listeners", "hosts", "access", "modules", "findings", "inputs"):
            assert f"{section}-title" in page.ids, section
        found = s.run("check", "--no-files", "--diagnostics=json", *args, name).err
        for line in found.splitlines():
            d = json.loads(line)
            assert d["message"] in page.kept["findings"] and f"code-{d['code']}" in page.ids, d
            for span in d["spans"]:
                assert f"{span['file']}:{span['line']}:{span['column']}" in page.kept["findings"], span
        assert s.run("report", "--no-files", *args, "-o", "-", name).out == out


def claim_listeners_and_their_protection_are_named(s):
    shutil.copytree(os.path.join(support.SOURCE_DIR, "examples"), s.path, dirs_exist_ok=True)
    page, _ = page_of(s, "reference.cfg")
    listeners = page.kept["listeners"]
    assert page.rows["listeners"] == 7, page.rows
    for text in ("5222", "192.0.2.10", "[2001:db8::10]", "this machine only", "every IPv6 address", "STARTTLS offered", "STARTTLS required",
                 "TLS from the first byte", "no TLS", "TLS 1.2, TLS 1.3", "certs/example.org.pem", "ECDHE+AESGCM:ECDHE+CHACHA20", "admins_only",
                 "denied: blocked; denied: bots; allowed: everybody else", "64 KiB", "50000 bytes/s"):
        assert text in listeners, text
    assert "rule-c2s" in page.ids and "acl-service_hosts" in page.ids
    assert "for chat.example.com" in page.kept["access"] and "everybody whose name is 'root' and whose domain is 'example.org'" in page.kept["access"]
    assert "password_strength" in page.kept["modules"] and "32.5" in page.kept["modules"]
    assert page.kept["inputs"].count("acl.cfg") == 1 and len(re.findall(r"[0-9a-f]{64}", page.kept["inputs"])) == 2


def claim_hostile_names_stay_text(s):
    evil = "<script>alert(1)</script>&quot;'\\\"--><svg/onload=x>"
    erlang = evil.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"')
    s.write("hostile.cfg", MINIMAL.replace("{access, c2s}", "{access, '%s'}" % erlang).replace("{access, c2s,", "{access, '%s'," % erlang)
            .replace("blocked", "'%s'" % erlang).replace('{user, "eve"}', '{user_regexp, "(</title><b>|x)"}')
            .replace("{mod_roster, []}", "{mod_roster, []}, {mod_register, [{welcome_message, {\"<img src=x onerror=y>\", \"\u202e]]>\"}}]}"))
    page, out = page_of(s, "hostile.cfg")
    assert page.whole.count(evil) >= 4 and "<img src=x onerror=y>" in page.kept["modules"], page.whole
    assert "\u202e" not in out and "<script" not in out and "onerror=y>" not in out


def claim_secrets_are_masked(s):
    service = "{8888, ejabberd_service, [{password, \"hunter2\"}]}, {8889, ejabberd_service, [{password, {env, \"PW\"}}]}, "
    s.write("a.cfg", MINIMAL.replace("{listen, [", "{listen, [" + service))
    page, out = page_of(s, "a.cfg")
    assert "hunter2" not in out and "PW" in page.kept["listeners"] and "********" in page.kept["listeners"]
    s.write("b.cfg", MINIMAL + '{outgoing_pools, [{rdbms, global, default, [], [{server, {pgsql, "db", "base", "user", "hunter2"}}]}]}.\n')
    assert "hunter2" not in page_of(s, "b.cfg", "--target=mongooseim-3.2")[1]


def claim_the_file_is_written_or_left_alone(s):
    s.write("a.cfg", MINIMAL)
    assert s.run("report", "a.cfg", "-o", "r.html").out == ""
    page = s.read("r.html")
    assert page == s.run("report", "-o", "-", "a.cfg").out and page.startswith("<!DOCTYPE html>")
    s.write("wrong.cfg", MINIMAL.replace("mod_roster", "mod_rostr"))
    done = s.run("report", "wrong.cfg", "-o", "r.html", status=1)
    assert "E0202" in done.err and s.read("r.html") == page
    s.run("report", "a.cfg", "-o", "gone/r.html", status=3)
    s.run("report", "a.cfg", status=2)
    assert sorted(os.listdir(s.path)) == ["a.cfg", "r.html", "wrong.cfg"]


def claim_many_rules_are_drawn_apart(s):
    n = 30
    s.write("a.cfg", MINIMAL.replace("{listen, [", "{listen, [" + "".join("{%d, ejabberd_c2s, [{access, r%d}]}, " % (6000 + i, i) for i in range(n)))
            + "".join("{access, r%d, [{deny, s%d}, {allow, t%d}, {allow, s%d}]}.\n{acl, s%d, {user, \"u%d\"}}.\n{acl, t%d, {server, \"d.example\"}}.\n"
                      % (i, i, i % 3, (i + 1) % n, i, i, i % 3) for i in range(n)))
    _, out = page_of(s, "a.cfg")
    boxes = [tuple(map(int, b)) for b in re.findall(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"', out)]
    assert len(boxes) >= 3 * n, len(boxes)
    height = int(re.search(r'<svg[^>]* height="(\d+)"', out).group(1))
    by_column = {}
    for x, y, w, h in boxes:
        by_column.setdefault(x, []).append((y, y + h))
        assert y + h < height and x + w < 1082
    for column in by_column.values():
        column.sort()
        assert all(a[1] < b[0] for a, b in zip(column, column[1:]))
    assert len(re.findall(r'class="arrow bad"', out)) == n + 1 and len(re.findall(r'class="arrow good"', out)) == 2 * n


def claim_a_browser_shows_it_in_a_narrow_window(s):
    browser = shutil.which("chromium")
    assert browser, "chromium is not installed (.ci/packages)"
    shutil.copytree(os.path.join(support.SOURCE_DIR, "examples"), s.path, dirs_exist_ok=True)
    text = page_of(s, "reference.cfg")[1]
    probe = ("<script>document.title = [innerWidth, document.documentElement.scrollWidth, "
             "document.querySelectorAll('svg.graph rect').length].join(' ')</script></body>")
    s.write("page.html", text.replace("</body>", probe))
    done = subprocess.run([browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + os.path.join(s.path, "profile"),
                           "--window-size=390,800", "--enable-logging=stderr", "--dump-dom", "file://" + os.path.join(s.path, "page.html")],
                          capture_output=True, timeout=60)
    shown = done.stdout.decode()
    window, width, nboxes = map(int, re.search(r"<title>(\d+) (\d+) (\d+)</title>", shown).groups())
    assert width <= window <= 500 and nboxes > 20, (window, width, nboxes)
    assert "CONSOLE" not in done.stderr.decode(), done.stderr.decode()


support.main(globals())
