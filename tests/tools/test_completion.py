"""cfgc completion: bash and zsh complete in a terminal, fish answers what it would offer."""
import os
import pty
import re
import select
import shutil
import subprocess
import time

import support

WAIT = 30 * float(os.environ.get("CFGC_TEST_PATIENCE", "1"))

# In both shells cfgc is a function that shows what it is called with. bash reads the script as bash-completion would,
# and zsh finds it by itself, under the name that it is installed with.
SCRIPT = {"bash": "script", "zsh": "_cfgc"}
START = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
}
PREPARE = {
    "bash": "cfgc() { printf '<%s>\\n' \"$*\"; }; . ./script; PS1=''; bind 'set enable-bracketed-paste off'\n",
    "zsh": "cfgc() { print -r -- \"<$*>\" }; autoload -Uz compinit; fpath=($PWD $fpath); compinit -u -D; PS1=''\n",
}


class Terminal:
    """An interactive shell."""

    def __init__(self, s, shell):
        s.write(SCRIPT[shell], s.run("completion", shell).out)
        env = {"PATH": os.environ["PATH"], "HOME": s.path, "TERM": "dumb", "LC_ALL": "C"}
        self.shell, self.seen = shell, ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(s.path)
            os.execvpe(START[shell][0], START[shell], env)
        self.type(PREPARE[shell])
        self.answer_to("cfgc ready\n", "ready")

    def type(self, text):
        os.write(self.fd, text.encode())

    def answer_to(self, line, wanted):
        """Type a line; the function's answer must come."""
        self.type(line)
        end, pattern = time.monotonic() + WAIT, re.compile(r"<([^<>]*)>\r?\n")
        while (found := pattern.search(self.seen)) is None:
            left = end - time.monotonic()
            assert left > 0 and select.select([self.fd], [], [], left)[0], f"{line!r}: no answer, {self.seen!r}"
            self.seen += os.read(self.fd, 65536).decode("utf-8", "replace")
        self.seen = self.seen[found.end():]
        assert found.group(1).strip() == wanted, f"{self.shell}: {line!r} became {found.group(1)!r}, not {wanted!r}"

    def close(self):
        self.type("exit\n")
        os.waitpid(self.pid, 0)
        os.close(self.fd)


# What is typed before the tab, and what the shell makes of it.
LINES = [
    ("cfgc che", "check"),
    ("cfgc dum", "dump"),
    ("cfgc check --tar", "check --target="),
    ("cfgc check --target=mo", "check --target=mongooseim-3.2"),
    ("cfgc check --diagnostics=sa", "check --diagnostics=sarif"),
    ("cfgc check --allow-u", "check --allow-unsupported"),
    ("cfgc check -W W0521", "check -W W0521="),
    ("cfgc check -W W0521=no", "check -W W0521=note"),
    ("cfgc check -W W0521=off --wer", "check -W W0521=off --werror"),
    ("cfgc check mong", "check mongooseim.cfg"),
    ("cfgc mong", "mongooseim.cfg"),
    ("cfgc check --baseline=known-f", "check --baseline=known-findings"),
    ("cfgc check --baseline=known-findings mong", "check --baseline=known-findings mongooseim.cfg"),
    ("cfgc can a@b mong", "can a@b mongooseim.cfg"),
    ("cfgc emit -d fold", "emit -d folder/"),
    ("cfgc options max_stanza", "options max_stanza_size"),
    ("cfgc explain E0221", "explain E0221"),
    ("cfgc explain mod_vers", "explain mod_version"),
    ("cfgc options mod_vers", "options mod_version"),
    ("cfgc completion z", "completion zsh"),
    ("cfgc fmt --fix", "fmt --fix"),
    ("cfgc fmt mong", "fmt mongooseim.cfg"),
]


def play(s, shell):
    assert shutil.which(shell), f"no {shell} (.ci/install test)"
    s.write("mongooseim.cfg", "")
    s.write("known-findings", "")
    os.mkdir(os.path.join(s.path, "folder"))
    terminal = Terminal(s, shell)
    for typed, wanted in LINES:
        # zsh takes a "=" or "/" back that it added when the line ends there.
        terminal.answer_to(typed + "\t\n", wanted.rstrip("=/") if shell == "zsh" else wanted)
    terminal.close()


def claim_bash_completes_as_one_types(s):
    play(s, "bash")


def claim_zsh_completes_as_one_types(s):
    play(s, "zsh")


def offered_by_bash(s, *words):
    """All that bash would list; words are split as bash does it."""
    s.write("script", s.run("completion", "bash").out)
    done = subprocess.run(
        ["bash", "-c", 'compopt() { :; }; . ./script; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cfgc;'
         ' printf "%s\\n" "${COMPREPLY[@]}"', "bash", *words],
        cwd=s.path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return set(done.stdout.split())


def claim_bash_lists_what_fits_and_nothing_else(s):
    help_text = s.run("--help").out
    commands = set(re.findall(r"^  ([a-z]+) ", help_text.split("options:")[0], re.M))
    s.write("a.cfg", "")
    s.write("b.txt", "")
    assert offered_by_bash(s, "cfgc", "") == commands | {"a.cfg"}
    assert offered_by_bash(s, "cfgc", "check", "--color", "=") == {"auto", "always", "never"}
    assert offered_by_bash(s, "cfgc", "check", "--color", "=", "a") == {"auto", "always"}
    assert offered_by_bash(s, "cfgc", "check", "--baseline", "=", "") == {"a.cfg", "b.txt", "script"}
    assert offered_by_bash(s, "cfgc", "check", "-W", "W0521", "=") == {"error", "warning", "note", "off"}
    assert not any(w.startswith("E") for w in offered_by_bash(s, "cfgc", "check", "-W", ""))
    assert "--rule=" in offered_by_bash(s, "cfgc", "can", "-") and "--rule=" not in offered_by_bash(s, "cfgc", "fmt", "-")
    assert offered_by_bash(s, "cfgc", "can", "") == set()
    assert offered_by_bash(s, "cfgc", "terms", "a.cfg", "") == set()
    assert offered_by_bash(s, "cfgc", "--", "x") == set()


def claim_fish_offers_the_same(s):
    assert shutil.which("fish"), "no fish (.ci/install test)"
    for name in ("script", "mongooseim.cfg", "known-findings"):
        s.write(name, s.run("completion", "fish").out if name == "script" else "")
    env = {"PATH": os.environ["PATH"], "HOME": s.path, "LC_ALL": "C.UTF-8"}
    for typed, wanted in LINES:
        if "-d" in typed or "--fix" in typed:
            continue
        done = subprocess.run(["fish", "--no-config", "-c", f". ./script; complete -C '{typed}'"], cwd=s.path,
                              capture_output=True, text=True, timeout=60, env=env)
        offers = [line.split("\t")[0] for line in done.stdout.splitlines()]
        last = wanted.split()[-1].rstrip("=")
        assert any(o.rstrip("=").startswith(last) for o in offers), f"fish: {typed!r} offers {offers}\n{done.stderr}"


def claim_another_shell_is_refused(s):
    assert "'tcsh'" in s.run("completion", "tcsh", status=2).err
    s.run("completion", status=2)


support.main(globals())
