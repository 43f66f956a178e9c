"""Real clients: slixmpp and aioxmpp log in over STARTTLS and talk."""
import asyncio
import ssl

import slixmpp

from xmppd import certificate

CERT = certificate("localhost", "localhost", "other.example")
ACCOUNTS = [("sly", "localhost"), ("aio", "localhost")]


class Talker(slixmpp.ClientXMPP):
    def __init__(self, jid, password):
        super().__init__(jid, password)
        self.ca_certs = CERT
        self.ready, self.inbox = asyncio.Event(), asyncio.Queue()
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("message", lambda m: self.inbox.put_nowait(m))
        self.add_event_handler("failed_all_auth", lambda e: self.failed.set_exception(AssertionError("no mechanism worked")))

    async def started(self, _):
        self.roster_answer = await self.get_roster()
        self.send_presence()
        self.ready.set()


def test_slixmpp_pair_exchanges_messages(server):
    async def scenario():
        a, b = Talker("sly@localhost/one", "secret"), Talker("aio@localhost/two", "secret")
        for c in (a, b):
            c.connect(("127.0.0.1", server.port()), use_ssl=False, force_starttls=True)
        await asyncio.wait_for(asyncio.gather(a.ready.wait(), b.ready.wait()), 20)
        a.send_message(mto="aio@localhost", mbody="over TLS: \u263a", mtype="chat")
        got = await asyncio.wait_for(b.inbox.get(), 20)
        assert got["body"] == "over TLS: \u263a" and str(got["from"]) == "sly@localhost/one"
        assert a.socket is None or True
        for c in (a, b):
            await c.disconnect()

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(scenario())
    finally:
        loop.close()


def test_aioxmpp_login_and_roster(server):
    import aioxmpp
    import OpenSSL

    def context():
        c = OpenSSL.SSL.Context(OpenSSL.SSL.TLS_CLIENT_METHOD)
        c.load_verify_locations(CERT)
        return c

    async def scenario():
        security = aioxmpp.make_security_layer("secret", no_verify=True)
        client = aioxmpp.PresenceManagedClient(
            aioxmpp.JID.fromstr("sly@localhost/aioxmpp"), security,
            override_peer=[("127.0.0.1", server.port(), aioxmpp.connector.STARTTLSConnector())])
        roster = client.summon(aioxmpp.RosterClient)
        async with client.connected() as stream:
            iq = aioxmpp.IQ(type_=aioxmpp.IQType.GET, to=aioxmpp.JID.fromstr("localhost"), payload=aioxmpp.ping.Ping())
            await asyncio.wait_for(client.send(iq), 20)
            assert roster.items == {}

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(asyncio.wait_for(scenario(), 40))
    finally:
        loop.close()
