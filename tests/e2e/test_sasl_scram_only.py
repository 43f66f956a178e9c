"""SA-23: sasl_mechanisms decides what is offered."""
CONFIG = """
{hosts, ["localhost"]}. {sm_backend, {mnesia, []}}. {auth_method, internal}. {sasl_mechanisms, [cyrsasl_scram]}.
{listen, [{{0, "127.0.0.1"}, ejabberd_c2s, []}]}.
"""
ACCOUNTS = [("alice", "localhost")]


def test_SA_23_only_scram(connect):
    c = connect()
    features = c.open()
    assert "SCRAM-SHA-1" in features and "PLAIN" not in features
    got = c.auth_plain("alice", "secret")
    assert "<invalid-mechanism/>" in got
