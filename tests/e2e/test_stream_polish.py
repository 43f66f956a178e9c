"""ST-24: the default language of the server is the configured one."""
from raw import header

CONFIG = """
{hosts, ["localhost"]}. {sm_backend, {mnesia, []}}. {auth_method, internal}. {language, "pl"}.
{listen, [{{0, "127.0.0.1"}, ejabberd_c2s, []}]}.
"""
ACCOUNTS = []


def test_ST_24_language(connect):
    c = connect()
    c.send(header())
    c.expect(r"xml:lang='pl'")
