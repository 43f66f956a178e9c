"""support.py - what the tests of the tools share: a scratch folder, a run of cfgc, claims that are checked one by one.

Each test file is run as `test_X.py CFGC SOURCE_DIR`; its functions named claim_* are run in the order of the file.
"""
import os
import subprocess
import sys
import tempfile
import traceback

CFGC = os.path.abspath(sys.argv[1])
SOURCE_DIR = os.path.abspath(sys.argv[2])

MINIMAL = """{hosts, ["example.com"]}.
{listen, [{{5222, "127.0.0.1"}, ejabberd_c2s, [{access, c2s}]}]}.
{auth_method, internal}.
{sm_backend, {mnesia, []}}.
{access, c2s, [{deny, blocked}, {allow, all}]}.
{acl, blocked, {user, "eve"}}.
{modules, [{mod_roster, []}]}.
"""


class Scratch:
    """A folder of its own for one claim."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = self.folder.name

    def write(self, name, text):
        path = os.path.join(self.path, name)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return path

    def read(self, name):
        with open(os.path.join(self.path, name), "rb") as f:
            return f.read().decode("utf-8", "surrogateescape")

    def run(self, *args, stdin=None, status=0):
        """Run cfgc in the folder. status None: any but a crash."""
        done = subprocess.run([CFGC, *args], cwd=self.path, input=stdin, capture_output=True, timeout=120)
        done.out = done.stdout.decode("utf-8", "replace")
        done.err = done.stderr.decode("utf-8", "replace")
        wanted = (0, 1, 2, 3) if status is None else (status,)
        assert done.returncode in wanted, f"cfgc {' '.join(args)}: status {done.returncode}\n{done.out}\n{done.err}"
        return done

    def terms(self, name):
        return self.run("terms", name).out


def main(claims):
    failed = 0
    for name, claim in list(claims.items()):
        if not name.startswith("claim_"):
            continue
        try:
            claim(Scratch())
        except Exception:  # every claim is tried
            failed += 1
            print(f"{name}:")
            traceback.print_exc(file=sys.stdout)
    sys.exit(1 if failed else 0)
