"""test_install.py CMAKE BUILD: install into an empty root, build a server with what lies there, read the manual.

The build folder must be complete. Nothing of it is used after the installation, apart from libraries of a sanitizer.
"""
import os
import re
import subprocess
import sys
import tempfile

CMAKE, BUILD = sys.argv[1:3]
MANDOC = "mandoc"
PREFIX = "/opt/cfgc"

CONFIGURATION = """{hosts, ["example.org"]}.
{sm_backend, {mnesia, []}}.
{auth_method, internal}.
{listen, [{{5222, "127.0.0.1"}, ejabberd_c2s, [{access, all}]}]}.
{modules, [{mod_roster, []}]}.
"""


def run(*argv, cwd=None, env=None, status=0):
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, timeout=240)
    assert done.returncode == status, f"{' '.join(argv)}: status {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def plain(page):
    """The page as text on lines of any length, without overstriking and soft hyphens."""
    text = run(MANDOC, "-T", "utf8", "-O", "width=500", page)
    return re.sub(r".\x08", "", text)


def words_of_help(text):
    """Options and commands that a help text lists at the start of its lines."""
    return re.findall(r"^ {2,3}(--?[A-Za-z-]+|[a-z_]+)\b", text, re.M)


def check_words(page, text, words):
    for word in words:
        assert re.search(rf"^ +{re.escape(word)}\b", text, re.M), f"{page} does not explain {word}"


def check_statuses(page, text, sentence):
    statuses = re.findall(r"\b([0-9]) [a-z]", sentence)
    assert len(statuses) == 4, sentence
    for status in statuses:
        assert re.search(rf"^ +{status} ", text.split("EXIT STATUS")[1], re.M), f"{page} does not explain status {status}"


def check_pages(root):
    pages = [os.path.join(folder, name) for folder, _, names in os.walk(os.path.join(root, "share/man")) for name in names]
    assert {"cfgc.1", "xmppd.8", "mongooseim.cfg.5"} <= {os.path.basename(p) for p in pages}, pages
    for page in pages:
        done = subprocess.run([MANDOC, "-T", "lint", "-W", "warning", page], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and done.stdout == "", f"{page}: {done.stdout}{done.stderr}"


def check_server_page(root, server):
    text, help_text = plain(os.path.join(root, "share/man/man8/xmppd.8")), run(server, "--help")
    options, commands = words_of_help(help_text), words_of_help(run(server, "ctl", "help"))
    assert len(options) >= 9 and len(commands) >= 10
    check_words("xmppd.8", text, options + commands)
    check_statuses("xmppd.8", text, help_text.split("Exit status:")[1])


def check_compiler_page(root, cfgc):
    text, help_text = plain(os.path.join(root, "share/man/man1/cfgc.1")), run(cfgc, "--help")
    words = words_of_help(help_text)
    assert len(words) >= 38 and {"check", "-W", "--vars", "-h"} <= set(words), words
    check_words("cfgc.1", text, words)
    check_statuses("cfgc.1", text, help_text.split("exit status:")[1])


def check_reference_page(root, cfgc):
    text = plain(os.path.join(root, "share/man/man5/mongooseim.cfg.5"))
    for section in re.findall(r"^[a-z]+(?: type)? (\S+): ", run(cfgc, "options"), re.M):
        assert re.search(rf"^ +{re.escape(section)}$", text, re.M), f"mongooseim.cfg.5 does not explain {section}"


def check(folder):
    root = folder + PREFIX
    run(CMAKE, "--install", BUILD, "--prefix", PREFIX, env={**os.environ, "DESTDIR": folder})
    cfgc = os.path.join(root, "bin/cfgc")
    work = os.path.join(folder, "work")
    os.mkdir(work)
    with open(os.path.join(work, "mongooseim.cfg"), "w") as f:
        f.write(CONFIGURATION)
    run(cfgc, "mongooseim.cfg", cwd=work)
    server = os.path.join(work, "xmppd")
    assert "compiled by cfgc" in run(server, "--version")
    assert "ok" in run(server, "--check", cwd=work)
    assert '"example.org"' in run(server, "--manifest")
    # The runtime is its own: without the installed one there is no server.
    os.rename(os.path.join(root, "lib/cfgc"), os.path.join(root, "lib/moved"))
    run(cfgc, "mongooseim.cfg", cwd=work, status=3)
    for script in ("bash-completion/completions/cfgc", "zsh/site-functions/_cfgc", "fish/vendor_completions.d/cfgc.fish"):
        with open(os.path.join(root, "share", script)) as f:
            assert "completion of cfgc" in f.readline().lower() + f.readline().lower(), script
    check_pages(root)
    check_compiler_page(root, cfgc)
    check_server_page(root, server)
    check_reference_page(root, cfgc)


with tempfile.TemporaryDirectory() as scratch:
    check(scratch)
