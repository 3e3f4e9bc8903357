"""kill -9 during a stream of appends from 16 connections, 20 rounds on one store: every acknowledged event is there
once, in its place, whatever moment the knife came."""
import json
import random

import appenders
import harness
import logs

ROUNDS = 20
CONNECTIONS = 16
SESSIONS = 5


class Durability(harness.E2eTest):
    serve_options = None

    def test_kill_9(self):
        seed = random.SystemRandom().randrange(1 << 32)
        print(f"seed {seed}", flush=True)
        chance = random.Random(seed)
        key = self.store.key("runtime")
        server = self.store.serve()
        with harness.Api(server, key) as api:
            sessions = [api.create() for _ in range(SESSIONS)]
        acknowledged, unknown = [], []
        for number in range(ROUNDS):
            work = appenders.Appenders(server, key, sessions, CONNECTIONS, f"r{number}")
            work.wait_for(chance.randrange(1, 300))
            server.kill()
            work.join()
            self.assertEqual(work.refused, [])
            acknowledged += work.acknowledged
            unknown += work.unknown
            check = self.store.run("check")
            self.assertEqual(check.returncode, 0, f"round {number}: {check.stdout}{check.stderr}")
            server = self.store.serve()
            with harness.Api(server, key) as api:
                texts_of = {}
                for session in sessions:
                    events = api.events(session)
                    logs.assert_whole(api.session(session), events)
                    texts_of[session] = [json.loads(e)["content"][0]["text"] for e in events]
            appenders.assert_kept(texts_of, acknowledged, unknown)
        stored = sum(len(t) for t in texts_of.values())
        print(f"{ROUNDS} rounds: {len(acknowledged)} appends acknowledged, {len(unknown)} cut off, {stored} events kept")
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.store.run("check").returncode, 0)


if __name__ == "__main__":
    harness.main()
