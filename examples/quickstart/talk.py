"""Two real clients: alice writes to bob over STARTTLS, bob answers."""
import asyncio
import sys

import slixmpp

CERTIFICATE = sys.argv[1]


class Client(slixmpp.ClientXMPP):
    def __init__(self, name):
        super().__init__(f"{name}@localhost/quickstart", f"{name}-secret")
        self.ca_certs = CERTIFICATE
        self.ready, self.inbox = asyncio.Event(), asyncio.Queue()
        self.add_event_handler("session_start", self.on_start)
        self.add_event_handler("message", self.inbox.put_nowait)

    async def on_start(self, _):
        await self.get_roster()
        self.send_presence()
        self.ready.set()


async def main():
    alice, bob = Client("alice"), Client("bob")
    for client in (alice, bob):
        client.connect(("127.0.0.1", 5222), force_starttls=True)
    await asyncio.wait_for(asyncio.gather(alice.ready.wait(), bob.ready.wait()), 20)
    tls = alice.transport.get_extra_info("ssl_object")
    print(f"    both are in: {tls.version()}, {tls.cipher()[0]}")
    alice.send_message(mto="bob@localhost", mbody="Is anybody there?", mtype="chat")
    question = await asyncio.wait_for(bob.inbox.get(), 20)
    print(f"    {question['from']} -> {question['to']}: {question['body']}")
    question.reply("Loud and clear.").send()
    answer = await asyncio.wait_for(alice.inbox.get(), 20)
    print(f"    {answer['from']} -> {answer['to']}: {answer['body']}")
    for client in (alice, bob):
        await client.disconnect()
    left = asyncio.all_tasks() - {asyncio.current_task()}  # slixmpp's filters wait for stanzas for ever
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
loop.run_until_complete(main())
