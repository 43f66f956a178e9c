"""The pipelines of README.md: each of their commands works as it stands there, and leaves a report of its form."""
import json
import os
import re
import subprocess

import support
from support import MINIMAL, SOURCE_DIR

WRONG = MINIMAL + "{loglevl, 3}.\n"


def commands():
    with open(os.path.join(SOURCE_DIR, "README.md"), encoding="utf-8") as f:
        section = f.read().split("\n## In a pipeline\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```yaml\n(.*?)```", section, re.S)
    assert len(blocks) == 3
    return [c for block in blocks for c in re.findall(r"(?:run: |entry: |- )(cfgc [^}\n]*)", block)]


def run(s, command):
    path = os.path.dirname(support.CFGC) + os.pathsep + os.environ["PATH"]
    return subprocess.run(["sh", "-c", command], cwd=s.path, capture_output=True, text=True, timeout=60,
                          env={**os.environ, "PATH": path})


def claim_a_good_file_passes_all_of_them(s):
    s.write("mongooseim.cfg", MINIMAL)
    assert len(commands()) == 5
    for command in commands():
        done = run(s, command)
        assert done.returncode == 0, (command, done.stderr)


def claim_a_change_that_gives_access_is_refused(s):
    s.write("old.cfg", MINIMAL)
    command = "cfgc diff --no-new-access old.cfg mongooseim.cfg"
    with open(os.path.join(SOURCE_DIR, "README.md"), encoding="utf-8") as f:
        assert command in f.read()
    for text, status in ((MINIMAL, 0), (MINIMAL.replace("{deny, blocked}, ", ""), 1)):
        s.write("mongooseim.cfg", text)
        assert run(s, command).returncode == status


def claim_a_mistake_fails_every_check(s):
    s.write("mongooseim.cfg", WRONG)
    for command in commands():
        done = run(s, command)
        assert done.returncode == (0 if " fmt " in command else 1), (command, done.stderr)
        if "github" in command:
            assert done.stderr.startswith("::error file=mongooseim.cfg,line="), done.stderr
        if "gcc" in command:
            assert re.match(r"mongooseim.cfg:\d+:\d+: error: ", done.stderr), done.stderr
    assert json.loads(s.read("cfgc.sarif"))["version"] == "2.1.0"
    assert json.loads(s.read("code-quality.json"))[0]["check_name"] == "E0203"


support.main(globals())
