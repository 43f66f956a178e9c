"""Clients that others have written: slixmpp and aioxmpp log in over STARTTLS and do what their users would do."""
import asyncio
import contextlib

import aioxmpp
import aioxmpp.ibr
import pytest
import slixmpp
from slixmpp.exceptions import IqError

from xmppd import PATIENCE, certificate

CERT = certificate("localhost", "localhost", "other.example")
ACCOUNTS = [(u, "localhost") for u in ("sly", "sam", "aio", "ann")]
PLUGINS = ("xep_0012", "xep_0030", "xep_0049", "xep_0050", "xep_0054", "xep_0055", "xep_0077", "xep_0092", "xep_0199", "xep_0202")


class Client(slixmpp.ClientXMPP):
    """slixmpp as an application would set it up; what happens is put into queues."""

    def __init__(self, jid, password, plugins=PLUGINS):
        super().__init__(jid, password)
        self.ca_certs = CERT
        for plugin in plugins:
            self.register_plugin(plugin)
        self.started, self.refused, self.gone = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.queues = {}
        self.add_event_handler("session_start", lambda _: self.started.set())
        self.add_event_handler("failed_all_auth", lambda _: self.refused.set())
        self.add_event_handler("disconnected", lambda _: self.gone.set())
        for event in ("message", "got_online", "got_offline", "changed_status", "presence_subscribe", "presence_subscribed", "roster_update"):
            self.queues[event] = asyncio.Queue()
            self.add_event_handler(event, self.queues[event].put_nowait)

    async def get(self, event, wanted=lambda _: True):
        while True:
            got = await asyncio.wait_for(self.queues[event].get(), PATIENCE)
            if wanted(got):
                return got


def starttls(server):
    """For aioxmpp: where to connect, and how."""
    return "127.0.0.1", server.port(), aioxmpp.connector.STARTTLSConnector()


@pytest.fixture
def play(server):
    """Runs a scenario, whose clients are made by the function it gets, in an event loop of its own."""
    def run(scenario):
        async def whole():
            clients = []

            async def slix(jid, password="secret", **kw):
                c = Client(jid, password, **kw)
                clients.append(c)
                c.connect(("127.0.0.1", server.port()), use_ssl=False, force_starttls=True)
                await asyncio.wait({asyncio.ensure_future(c.started.wait()), asyncio.ensure_future(c.refused.wait())},
                                   timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
                return c
            try:
                await asyncio.wait_for(scenario(slix), 3 * PATIENCE)
            finally:
                for c in clients:
                    with contextlib.suppress(Exception):
                        await asyncio.wait_for(c.disconnect(), PATIENCE)
                rest = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
                for t in rest:
                    t.cancel()
                await asyncio.gather(*rest, return_exceptions=True)
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(whole())
        finally:
            loop.close()
    return run


def test_messages_both_ways(play):
    async def scenario(slix):
        a, b = await slix("sly@localhost/one"), await slix("sam@localhost/two")
        b.send_presence()
        await b.get_roster()
        a.send_message(mto="sam@localhost", mbody="over TLS: \u263a <&>", mtype="chat")
        got = await b.get("message")
        assert got["body"] == "over TLS: \u263a <&>" and str(got["from"]) == "sly@localhost/one"
        got.reply("and back").send()
        assert (await a.get("message"))["body"] == "and back"
    play(scenario)


def test_wrong_password(play):
    async def scenario(slix):
        c = await slix("sly@localhost/x", password="guess")
        assert c.refused.is_set() and not c.started.is_set()
    play(scenario)


def test_roster_and_subscription(play):
    async def scenario(slix):
        a, b = await slix("sly@localhost/r"), await slix("sam@localhost/r")
        for c in (a, b):
            c.auto_authorize = True  # grants, and asks back
            c.auto_subscribe = True
            await c.get_roster()
            c.send_presence()
        await a.update_roster("sam@localhost", name="Sam", groups=["Friends"])
        await a.get("roster_update", lambda iq: "sam@localhost" in map(str, iq["roster"]["items"]))
        a.send_presence_subscription(pto="sam@localhost", ptype="subscribe")
        await a.get("got_online", lambda p: str(p["from"]) == "sam@localhost/r")
        await b.get("got_online", lambda p: str(p["from"]) == "sly@localhost/r")
        contact = a.client_roster["sam@localhost"]  # kept by versions and pushes: slixmpp asks for the whole roster once
        while contact["subscription"] != "both":
            await a.get("roster_update")
        assert contact["name"] == "Sam" and contact["groups"] == ["Friends"]
        b.send_presence(pshow="dnd", pstatus="busy")
        got = await a.get("changed_status", lambda p: p["status"] == "busy")
        assert got["show"] == "dnd"
        await b.disconnect()
        await a.get("got_offline", lambda p: str(p["from"]) == "sam@localhost/r")
        await a.del_roster_item("sam@localhost")
        fresh = await slix("sly@localhost/fresh")
        assert list((await fresh.get_roster())["roster"]["items"]) == []
    play(scenario)


def test_offline_messages(play):
    async def scenario(slix):
        a = await slix("sly@localhost/o")
        for i in range(5):
            a.send_message(mto="ann@localhost", mbody=f"later {i}", mtype="chat")
        await a["xep_0199"].send_ping("localhost")
        b = await slix("ann@localhost/o", plugins=PLUGINS + ("xep_0203",))
        b.send_presence()
        got = [await b.get("message") for _ in range(5)]
        assert [m["body"] for m in got] == [f"later {i}" for i in range(5)]
        assert all(m["delay"]["text"] == "Offline Storage" and m["delay"]["stamp"] for m in got)
    play(scenario)


def test_discovery_and_services(play):
    async def scenario(slix):
        a, b = await slix("sly@localhost/d"), await slix("sam@localhost/d")
        a.send_presence()
        info = await a["xep_0030"].get_info(jid="localhost")
        assert ("server", "im") in {i[:2] for i in info["disco_info"]["identities"]}
        assert {"vcard-temp", "urn:xmpp:ping", "jabber:iq:register"} <= set(info["disco_info"]["features"])
        items = await a["xep_0030"].get_items(jid="localhost")
        assert ("vjud.localhost", None, None) in {i[:2] + (None,) for i in items["disco_items"]["items"]}
        with pytest.raises(IqError) as e:
            await a["xep_0030"].get_info(jid="localhost", node="nowhere")
        assert e.value.condition == "item-not-found"
        info = await a["xep_0030"].get_info(jid="sam@localhost/d")  # the other client answers
        assert "http://jabber.org/protocol/disco#info" in info["disco_info"]["features"]

        assert await a["xep_0199"].ping("localhost") < PATIENCE
        assert (await a["xep_0092"].get_version("localhost"))["software_version"]["name"]
        assert (await a["xep_0202"].get_entity_time("localhost")).xml.findtext(".//{urn:xmpp:time}utc").endswith("Z")
        assert int((await a["xep_0012"].get_last_activity("localhost"))["last_activity"]["seconds"]) >= 0
        done = await a["xep_0050"].send_command("localhost", "ping", action="execute")
        assert done["command"]["status"] == "completed" and ("info", "Pong") in done["command"]["notes"]
        await b.disconnect()
    play(scenario)


def test_vcard_and_search(play):
    async def scenario(slix):
        a, b = await slix("sly@localhost/v"), await slix("sam@localhost/v")
        card = a["xep_0054"].make_vcard()
        card["FN"], card["NICKNAME"] = "Sly S", "slyfox"
        await a["xep_0054"].publish_vcard(card)
        assert (await b["xep_0054"].get_vcard("sly@localhost", cached=False))["vcard_temp"]["FN"] == "Sly S"
        with pytest.raises(IqError) as e:
            await b["xep_0054"].get_vcard("ghost@localhost", cached=False)
        assert e.value.condition == "item-not-found"
        ask = b.make_iq_set(ito="vjud.localhost")
        form = b["xep_0004"].make_form(ftype="submit")
        form.add_field(var="FORM_TYPE", ftype="hidden", value="jabber:iq:search")
        form.add_field(var="nick", value="slyf*")
        ask["search"].append(form)
        found = (await ask.send())["search"]["form"]["items"]
        assert [i["jid"] for i in found] == ["sly@localhost"], found
    play(scenario)


def test_register_change_and_cancel(play, server):
    async def scenario(slix):
        # aioxmpp registers before it authenticates, which this slixmpp cannot; slixmpp does the rest.
        _, stream, _ = await aioxmpp.node.connect_xmlstream(
            aioxmpp.JID.fromstr("newcomer@localhost"), aioxmpp.make_security_layer(None, no_verify=True),
            override_peer=[starttls(server)])
        form = await aioxmpp.ibr.get_registration_fields(stream)
        assert form.instructions and form.username is not None and form.password is not None
        await aioxmpp.ibr.register(stream, aioxmpp.ibr.Query(username="newcomer", password="first"))
        stream.close()
        n = await slix("newcomer@localhost/x", password="first")
        assert n.started.is_set()
        await n["xep_0077"].change_password("second", jid="localhost")
        await n.disconnect()
        n = await slix("newcomer@localhost/x", password="second")
        assert n.started.is_set()
        await n["xep_0077"].cancel_registration(jid="localhost")
        await asyncio.wait_for(n.gone.wait(), PATIENCE)
        assert "newcomer" not in server.ctl("users", "localhost").stdout.split()
    play(scenario)


def test_aioxmpp(server):
    async def scenario():
        def client(jid):
            return aioxmpp.PresenceManagedClient(aioxmpp.JID.fromstr(jid), aioxmpp.make_security_layer("secret", no_verify=True),
                                                 override_peer=[starttls(server)])

        a, b = client("aio@localhost/one"), client("ann@localhost/two")
        roster = a.summon(aioxmpp.RosterClient)
        disco, inbox = a.summon(aioxmpp.DiscoClient), asyncio.Queue()
        b.summon(aioxmpp.dispatcher.SimpleMessageDispatcher).register_callback(aioxmpp.MessageType.CHAT, None, inbox.put_nowait)
        async with a.connected(), b.connected():
            await a.send(aioxmpp.IQ(type_=aioxmpp.IQType.GET, to=aioxmpp.JID.fromstr("localhost"), payload=aioxmpp.ping.Ping()))
            info = await disco.query_info(aioxmpp.JID.fromstr("localhost"))
            assert "vcard-temp" in info.features
            assert roster.items == {}
            await roster.set_entry(aioxmpp.JID.fromstr("ann@localhost"), name="Ann", add_to_groups={"G"})
            item = roster.items[aioxmpp.JID.fromstr("ann@localhost")]
            assert item.name == "Ann" and item.groups == {"G"} and item.subscription == "none"
            message = aioxmpp.Message(type_=aioxmpp.MessageType.CHAT, to=aioxmpp.JID.fromstr("ann@localhost/two"))
            message.body[None] = "typed"
            await a.send(message)
            got = await inbox.get()
            assert got.body.any() == "typed" and str(got.from_) == "aio@localhost/one"
            await roster.remove_entry(aioxmpp.JID.fromstr("ann@localhost"))

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(asyncio.wait_for(scenario(), 3 * PATIENCE))
    finally:
        loop.close()
