"""The servers that are measured side by side: xmppd, Prosody, ejabberd, each on free loopback ports with a configuration of its own."""
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_port(port, process, log):
    """Until somebody listens there; connecting is the event we wait for."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"a server did not start:\n{open(log).read()[-3000:]}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                pass
    raise SystemExit(f"nothing listens on port {port}:\n{open(log).read()[-3000:]}")


class Peer:
    name = ""

    def __init__(self, certificate):
        self.dir = tempfile.mkdtemp(prefix=f"perf-{self.name}-")
        os.chmod(self.dir, 0o755)
        self.certificate = os.path.join(self.dir, "cert.pem")
        shutil.copy(certificate, self.certificate)
        os.chmod(self.certificate, 0o644)
        self.port = free_port()
        self.log = os.path.join(self.dir, "log")

    def spawn(self, *argv, **kw):
        self.command = argv, kw
        self.process = subprocess.Popen(argv, stdout=open(self.log, "a"), stderr=subprocess.STDOUT,
                                        start_new_session=True, **kw)
        wait_for_port(self.port, self.process, self.log)
        return self

    def pids(self):
        return str(self.process.pid)

    def end(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def restart(self):
        """A fresh process on the same data: what earlier load left in its heap is gone."""
        self.end()
        argv, kw = self.command
        self.spawn(*argv, **kw)

    def stop(self):
        self.end()
        shutil.rmtree(self.dir, ignore_errors=True)


class Xmppd(Peer):
    name = "xmppd"
    config = """
{hosts, ["localhost"]}.
{sm_backend, {mnesia, []}}.
{auth_method, internal}.
{auth_opts, [{password_format, scram}, {scram_iterations, 4096}]}.
{registration_timeout, infinity}.
{loglevel, 2}.
{listen, [{{%d, "127.0.0.1"}, ejabberd_c2s, [{certfile, "%s"}, starttls, {backlog, 1024}]}]}.
{modules, [{mod_roster, []}, {mod_disco, []}, {mod_offline, []}, {mod_last, []}, {mod_private, []}, {mod_vcard, []},
           {mod_register, [{access, all}]}]}.
"""

    def start(self, cfgc):
        path = os.path.join(self.dir, "mongooseim.cfg")
        with open(path, "w") as f:
            f.write(self.config % (self.port, self.certificate))
        self.binary = os.path.join(self.dir, "xmppd")
        subprocess.run([cfgc, "build", "-o", self.binary, path], check=True, capture_output=True)
        return self.spawn(self.binary, "--data", os.path.join(self.dir, "data"))

    def heap(self):
        """Bytes of heap in use, by the server's own count."""
        out = subprocess.run([self.binary, "ctl", "--data", os.path.join(self.dir, "data"), "stats"],
                             capture_output=True, text=True, check=True).stdout
        return int(re.search(r"heap_bytes\"?[=: ]+(\d+)", out).group(1))


class Prosody(Peer):
    name = "prosody"

    def start(self, cfgc):
        path = os.path.join(self.dir, "prosody.cfg.lua")
        with open(path, "w") as f:
            f.write(f"""
daemonize = false
run_as_root = true
pidfile = "{self.dir}/pid"
data_path = "{self.dir}/data"
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {self.port} }}
s2s_ports = {{ }}
network_backend = "epoll"
network_settings = {{ tcp_backlog = 1024 }}
gc = {{ mode = "generational", minor_threshold = 20, major_threshold = 100 }}
modules_enabled = {{ "roster", "saslauth", "tls", "disco", "private", "vcard_legacy", "register_ibr", "offline" }}
modules_disabled = {{ "s2s", "admin_shell", "admin_adhoc" }}
authentication = "internal_hashed"
default_iteration_count = 4096
allow_registration = true
c2s_require_encryption = false
s2s_require_encryption = false
allow_unencrypted_plain_auth = true
log = {{ {{ levels = {{ min = "warn" }}, to = "console" }} }}
VirtualHost "localhost"
  ssl = {{ certificate = "{self.certificate}", key = "{self.certificate}" }}
""")
        return self.spawn("prosody", "--config", path)


class Ejabberd(Peer):
    name = "ejabberd"

    def start(self, cfgc):
        conf = os.path.join(self.dir, "ejabberd.yml")
        with open(conf, "w") as f:
            f.write(f"""
hosts: [localhost]
loglevel: 2
certfiles: [{self.certificate}]
auth_method: internal
auth_password_format: scram
auth_scram_hash: sha
disable_sasl_mechanisms: []
registration_timeout: infinity
shaper_rules:
  max_user_sessions: 10
listen:
  - {{port: {self.port}, ip: "127.0.0.1", module: ejabberd_c2s, starttls: true, access: all, backlog: 1024}}
modules:
  mod_roster: {{}}
  mod_disco: {{}}
  mod_offline: {{}}
  mod_last: {{}}
  mod_private: {{}}
  mod_vcard: {{search: false}}
  mod_register: {{access: all, ip_access: all, access_from: all}}
""")
        control = os.path.join(self.dir, "ejabberdctl.cfg")
        with open(control, "w") as f:
            f.write(f"ERLANG_NODE=perf{os.getpid()}@localhost\nERL_MAX_PORTS=65536\nERL_PROCESSES=500000\n")
        user = pwd.getpwnam("ejabberd")
        for sub in ("", "spool", "logs"):
            os.makedirs(os.path.join(self.dir, sub), exist_ok=True)
            os.chown(os.path.join(self.dir, sub), user.pw_uid, user.pw_gid)
        self.control = ["ejabberdctl", "--config-dir", self.dir, "--config", conf, "--ctl-config", control,
                        "--logs", os.path.join(self.dir, "logs"), "--spool", os.path.join(self.dir, "spool"),
                        "--node", f"perf{os.getpid()}@localhost"]
        # As its own user from the start: the script's `su` would bring the limit of open files back to 1024.
        return self.spawn("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
                          *self.control, "foreground", env=dict(os.environ, HOME=self.dir))

    def pids(self):
        """beam runs below the script (and another user): find it by its process group."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                stat = open(f"/proc/{pid}/stat").read()
                line = open(f"/proc/{pid}/cmdline").read()
            except OSError:
                continue
            if "beam" in stat.split(")")[0] and self.dir in line:
                found.append(pid)
        return ",".join(found)

    def end(self):
        subprocess.run([*self.command[0][:-1], "stop"], env=self.command[1]["env"], capture_output=True)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            for pid in filter(None, self.pids().split(",")):
                os.kill(int(pid), signal.SIGKILL)
            super().end()
