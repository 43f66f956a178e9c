"""Fixtures: one server per test module, built from the module's CONFIG (or the default one), and clients that are closed."""
import pytest

from raw import ONE_BYTE, Raw, component
from xmppd import Server, build, certificate

DEFAULT = """
{hosts, ["localhost", "other.example"]}.
{sm_backend, {mnesia, []}}.
{auth_method, internal}.
{loglevel, 4}.
{registration_timeout, infinity}.
{acl, blocked, {user, "blocked"}}.
{acl, admin, {user, "admin"}}.
{access, c2s, [{deny, blocked}, {allow, all}]}.
{access, register, [{allow, all}]}.
{access, max_user_sessions, [{10, all}]}.
{access, max_user_offline_messages, [{5000, admin}, {100, all}]}.
{listen, [
  {{0, "127.0.0.1"}, ejabberd_c2s, [
    {certfile, "%(cert)s"}, starttls, {access, c2s}, {max_stanza_size, 65536}]},
  {{0, "127.0.0.1"}, ejabberd_service, [{password, "secret"}, {access, all}]}
]}.
{modules, [
  {mod_adhoc, [{report_commands_node, true}]}, {mod_disco, [{users_can_see_hidden_services, false}]}, {mod_last, []},
  {mod_offline, [{access_max_user_messages, max_user_offline_messages}]}, {mod_ping, []}, {mod_private, []},
  {mod_register, [{access, register}, {ip_access, [{allow, "127.0.0.0/8"}, {deny, "0.0.0.0/0"}]}]},
  {mod_roster, [{versioning, true}]}, {mod_sic, []}, {mod_time, []}, {mod_vcard, [{host, "vjud.@HOST@"}]},
  {mod_version, [{os_info, true}]}
]}.
"""


def pytest_configure(config):
    config.addinivalue_line("markers", "whole(reason): says why a case is not also run byte by byte")


def pytest_collection_modifyitems(items):
    if ONE_BYTE:
        for item in items:
            mark = item.get_closest_marker("whole")
            if mark:
                item.add_marker(pytest.mark.skip(reason=mark.args[0]))


@pytest.fixture(scope="module")
def config(request):
    cert = certificate("localhost", "localhost", "other.example")
    text = getattr(request.module, "CONFIG", DEFAULT)
    return text % {"cert": cert} if "%(cert)s" in text else text


@pytest.fixture(scope="module")
def server(request, config):
    s = Server(build(config), shards=getattr(request.module, "SHARDS", 2))
    try:
        s.wait_ready()
        for user, host in getattr(request.module, "ACCOUNTS", [("alice", "localhost"), ("bob", "localhost"), ("carol", "localhost")]):
            s.register(user, "secret", host)
        yield s
    finally:
        s.stop(expect=None)
    assert s.process.returncode == 0, s.log[-8000:]


@pytest.fixture
def clients():
    """Remembers what was opened and closes it."""
    opened = []
    yield opened
    for c in opened:
        c.close()


@pytest.fixture
def connect(server, clients):
    def make(kind="c2s", index=0, **kw):
        c = Raw(server.port(kind, index), **kw)
        clients.append(c)
        return c
    return make


@pytest.fixture
def login(connect):
    def make(user, resource="r", **kw):
        return connect().login(user, resource=resource, **kw)
    return make


@pytest.fixture
def join_component(server, clients):
    def make(name, index=0, **kw):
        c = component(server.port("service", index), name, **kw)
        clients.append(c)
        return c
    return make
