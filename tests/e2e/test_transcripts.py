"""Whole conversations, exact to the byte: tests/proto/*.xt, as they stand, byte by byte, and cut in two at every offset."""
import os

import pytest

from transcript import Player, read_all
from xmppd import certificate

CONFIG = """
{hosts, ["localhost", "second.example"]}. {sm_backend, {mnesia, []}}. {auth_method, internal}. {loglevel, 4}.
{registration_timeout, infinity}.
{acl, unwelcome, {user, "unwelcome"}}.
{access, guarded, [{deny, unwelcome}, {allow, all}]}.
{listen, [
  {{0, "127.0.0.1"}, ejabberd_c2s, []},
  {{0, "127.0.0.1"}, ejabberd_c2s, [{certfile, "%s"}, starttls]},
  {{0, "127.0.0.1"}, ejabberd_c2s, [{certfile, "%s"}, starttls_required]},
  {{0, "127.0.0.1"}, ejabberd_c2s, [{max_stanza_size, 1000}]},
  {{0, "127.0.0.1"}, ejabberd_c2s, [{access, guarded}]},
  {{0, "127.0.0.1"}, ejabberd_service, [{password, "secret"}]},
  {{0, "127.0.0.1"}, ejabberd_service, [{password, "secret"}, {hidden_components, true}, {access, guarded}]},
  {{0, "127.0.0.1"}, ejabberd_service, [{password, "secret"}, {service_check_from, false}, {max_stanza_size, 1000}]}
]}.
{modules, [
  {mod_adhoc, []}, {mod_disco, [{users_can_see_hidden_services, false}]}, {mod_last, []}, {mod_offline, []}, {mod_ping, []},
  {mod_private, []}, {mod_register, [{access, all}]}, {mod_roster, []}, {mod_sic, []}, {mod_time, []},
  {mod_vcard, [{host, "vjud.@HOST@"}]}, {mod_version, []}
]}.
""" % ((certificate("localhost", "localhost", "other.example"),) * 2)
LISTENERS = ["c2s", "starttls", "required", "sized", "guarded"], ["service", "hidden", "free"]
SHARDS = 1  # what one connection causes on another is then in a fixed order
ACCOUNTS = [(u, "localhost") for u in ("ada", "ben", "cyd", "dot", "eve", "unwelcome")] + [("ada", "second.example")]
CONVERSATIONS = read_all(os.path.join(os.path.dirname(__file__), "..", "proto"))


@pytest.fixture
def player(server):
    players = []

    def make(conversation):
        ports = dict(zip(LISTENERS[0], server.ports["c2s"])) | dict(zip(LISTENERS[1], server.ports["service"]))
        players.append(Player(conversation, ports, "secret"))
        return players[-1]
    yield make
    for p in players:
        p.close()


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=str)
def test_conversation(player, conversation):
    p = player(conversation)
    longest = p.play()
    p.play(one_byte=True)
    for cut in range(1, longest, conversation.every):
        p.play(cut=cut)
