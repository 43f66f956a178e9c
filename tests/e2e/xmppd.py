"""Build an image from a configuration with cfgc, run it on free ports, stop it by pid: what every end-to-end test stands on."""
import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

BUILD = os.environ["CFGC_BUILD"]  # the build tree: bin/cfgc, lib/cfgc
CFGC = os.path.join(BUILD, "bin", "cfgc")
IMAGES = os.path.join(BUILD, "e2e-images")
PATIENCE = float(os.environ.get("CFGC_TEST_PATIENCE", "20"))  # s; an upper bound on waiting for one event, never a pause

CERTS = os.path.join(BUILD, "e2e-certs")


@contextlib.contextmanager
def alone(path):
    """Files in the build tree are made once, also when several test files run at the same time."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(f"{path}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(*argv, check=True, **kw):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=300, **kw)
    if check and done.returncode != 0:
        raise AssertionError(f"{argv} exited {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


KEYS = {"ec": ("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), "rsa": ("rsa:2048",)}


def certificate(name, *domains, key="ec"):
    """A self-signed certificate with its key in one PEM file, made once per build tree. Returns the path."""
    path = os.path.join(CERTS, f"{name}.pem")
    with alone(path):
        if os.path.exists(path):
            return path
        with tempfile.TemporaryDirectory(dir=CERTS) as d:
            secret, crt = os.path.join(d, "key"), os.path.join(d, "crt")
            names = ",".join(f"DNS:{x}" for x in domains)
            run("openssl", "req", "-x509", "-newkey", *KEYS[key], "-nodes", "-keyout", secret, "-out", crt, "-days", "30",
                "-subj", f"/CN={domains[0]}", "-addext", f"subjectAltName={names}")
            _join(path, crt, secret)
    return path


def chained_certificate(name, domain):
    """The same, signed by an intermediate authority whose certificate stands behind it. Returns the path, and that of the root."""
    path, root = os.path.join(CERTS, f"{name}.pem"), os.path.join(CERTS, f"{name}-root.pem")
    with alone(path):
        if os.path.exists(path):
            return path, root
        with tempfile.TemporaryDirectory(dir=CERTS) as d:
            def at(file):
                return os.path.join(d, file)

            def make(who, signer=None, authority=True):
                run("openssl", "req", "-new", "-newkey", *KEYS["ec"], "-nodes", "-keyout", at(f"{who}.key"), "-out", at(f"{who}.csr"),
                    "-subj", f"/CN={who}")
                with open(at("ext"), "w") as f:
                    f.write("basicConstraints=critical,CA:true" if authority else f"subjectAltName=DNS:{domain}")
                by = ["-signkey", at(f"{who}.key")] if signer is None else \
                    ["-CA", at(f"{signer}.crt"), "-CAkey", at(f"{signer}.key"), "-CAcreateserial"]
                run("openssl", "x509", "-req", "-in", at(f"{who}.csr"), *by, "-days", "30", "-extfile", at("ext"), "-out", at(f"{who}.crt"))

            make("root")
            make("middle", "root")
            make(domain, "middle", authority=False)
            shutil.copy(at("root.crt"), root)
            _join(path, at(f"{domain}.crt"), at("middle.crt"), at(f"{domain}.key"))
    return path, root


def dh_parameters(group):
    """A PEM file with a well-known group, for option dhfile. Returns the path."""
    path = os.path.join(CERTS, f"{group}.pem")
    with alone(path):
        if not os.path.exists(path):
            run("openssl", "genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", f"group:{group}", "-out", path)
    return path


def _join(path, *parts):
    with open(f"{path}.new", "w") as out:
        for part in parts:
            with open(part) as f:
                out.write(f.read())
    os.rename(f"{path}.new", path)


def build(config_text, allow_unsupported=False):
    """Compile a configuration; the same text is compiled once per build tree. Returns the binary's path."""
    cfgc_stat = os.stat(CFGC)
    runtime_stat = os.stat(os.path.join(BUILD, "lib", "cfgc", "libcfgc_rt.a"))
    key = hashlib.sha256(
        f"{config_text}{cfgc_stat.st_mtime_ns}{runtime_stat.st_mtime_ns}{allow_unsupported}".encode()).hexdigest()[:20]
    folder = os.path.join(IMAGES, key)
    binary = os.path.join(folder, "xmppd")
    with alone(folder):
        if os.path.exists(binary):
            return binary
        os.makedirs(folder, exist_ok=True)
        config = os.path.join(folder, "mongooseim.cfg")
        with open(config, "w") as f:
            f.write(config_text)
        flags = ["--allow-unsupported"] if allow_unsupported else []
        # Certificates that the server must refuse are tests of the server; cfgc has its own.
        done = run(CFGC, "build", "--no-files", *flags, "-o", binary, config, check=False)
        if done.returncode != 0 or not os.path.exists(binary):
            raise AssertionError(f"cfgc exited {done.returncode}\n{done.stdout}\n{done.stderr}")
    return binary


class Server:
    """One running server. Ports of the configuration are 0: the kernel chooses, the log tells."""

    def __init__(self, binary, data=None, shards=2, env=None, args=()):
        self.binary = binary
        self.own_data = data is None
        self.data = data or tempfile.mkdtemp(prefix="xmppd-")
        self.log, self.parsed, self.log_ended = "", [], False
        self.ports = {}
        environ = dict(os.environ, **(env or {}))
        self.process = subprocess.Popen(
            [binary, "--data", self.data, "--shards", str(shards), "--log=json", *args],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environ)
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self._read_log, daemon=True)
        self.reader.start()

    def _read_log(self):
        for line in self.process.stderr:
            with self.news:
                self.log += line.decode(errors="replace")
                with contextlib.suppress(ValueError):
                    self.parsed.append(json.loads(line))
                self.news.notify_all()
        with self.news:
            self.log_ended = True
            self.news.notify_all()

    def find(self, area, event, **fields):
        """All events of the log so far that have these fields."""
        with self.news:
            return [e for e in self.parsed if e.get("area") == area and e.get("event") == event
                    and all(str(e.get(k)) == str(v) for k, v in fields.items())]

    def wait_until(self, holds, what):
        """Ask again whenever the log has grown; returns what holds() returned at last."""
        end = time.monotonic() + PATIENCE
        with self.news:
            while True:
                found = holds()
                if found:
                    return found
                if self.log_ended:
                    raise AssertionError(f"the server exited {self.process.wait()}:\n{self.log[-6000:]}")
                if not self.news.wait(end - time.monotonic()):
                    raise AssertionError(f"{what} not seen in:\n{self.log[-6000:]}")

    def wait_event(self, area, event, count=1, **fields):
        """Wait until the log holds an event with these fields; returns it."""
        return self.wait_until(lambda: self.find(area, event, **fields)[count - 1:], f"{area} {event} {fields}")[0]

    def wait_closed(self, left=0):
        """Wait until all connections but `left` that were ever opened are gone."""
        self.wait_until(lambda: len(self.find("conn", "open")) - len(self.find("conn", "closed")) <= left,
                        f"the end of all connections but {left}")

    def wait_ready(self):
        self.wait_event("app", "ready")
        for e in self.find("listener", "open"):
            self.ports.setdefault(e["kind"], []).append(int(e["port"]))
        return self

    def port(self, kind="c2s", index=0):
        return self.ports[kind][index]

    def ctl(self, *argv, check=True, stdin=None):
        return run(self.binary, "ctl", "--data", self.data, *argv, check=check, input=stdin)

    def register(self, user, password, host="localhost"):
        self.ctl("register", user, host, password)

    def rss_kib(self):
        with open(f"/proc/{self.process.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self, expect=0):
        """SIGTERM and wait; a sanitizer report or a crash fails here."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not stop on SIGTERM:\n{self.log[-6000:]}")
        self.reader.join()
        if self.own_data:
            shutil.rmtree(self.data, ignore_errors=True)
        if expect is not None and self.process.returncode != expect:
            raise AssertionError(f"the server exited {self.process.returncode}:\n{self.log[-8000:]}")
