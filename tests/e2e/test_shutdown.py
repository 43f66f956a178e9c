"""SZ-27: a stopping server says so to everybody; SIGHUP reloads certificates without dropping anyone."""
import os
import signal
import ssl
import shutil
import subprocess

from raw import Raw, header
from xmppd import Server, build, certificate


def config(cert):
    return f"""{{hosts, ["localhost"]}}. {{sm_backend, {{mnesia, []}}}}. {{auth_method, internal}}. {{loglevel, 4}}.
      {{listen, [{{{{0, "127.0.0.1"}}, ejabberd_c2s, [{{certfile, "{cert}"}}, tls]}},
                 {{{{0, "127.0.0.1"}}, ejabberd_c2s, []}}]}}."""


def test_SZ_27_system_shutdown():
    s = Server(build(config(certificate("localhost", "localhost", "other.example")))).wait_ready()
    s.register("alice", "secret")
    clients = [Raw(s.port(index=1)).login("alice", resource=f"r{i}", presence=False) for i in range(5)]
    early = Raw(s.port(index=1))
    early.send(header())
    early.next(), early.next()
    silent = Raw(s.port(index=1))
    s.wait_event("conn", "open", count=7)
    s.process.send_signal(signal.SIGTERM)
    silent.expect(r"^<\?xml version='1.0'\?><stream:stream [^>]*from='localhost'")
    for c in clients + [early, silent]:
        c.expect_stream_error("system-shutdown")
    s.stop()


def test_sighup_reloads_certificates(tmp_path):
    cert = str(tmp_path / "cert.pem")
    shutil.copy(certificate("localhost", "localhost", "other.example"), cert)
    s = Server(build(config(cert))).wait_ready()
    try:
        s.register("alice", "secret")
        old = Raw(s.port(index=0), tls="localhost").login("alice", resource="old")
        first = old.socket.getpeercert(binary_form=True)
        shutil.copy(certificate("other", "other.example"), cert)
        s.process.send_signal(signal.SIGHUP)
        s.wait_event("tls", "reloaded")
        new = Raw(s.port(index=0), tls="localhost")
        assert new.socket.getpeercert(binary_form=True) != first
        new.close()
        with open(cert, "w") as f:
            f.write("rubbish")
        s.process.send_signal(signal.SIGHUP)
        s.wait_event("tls", "reload-failed")
        again = Raw(s.port(index=0), tls="localhost")
        again.close()
        old.expect_nothing()
        old.close()
    finally:
        s.stop()
