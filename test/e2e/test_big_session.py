# SPDX-License-Identifier: Apache-2.0
"""100,000 events in one session: the same bytes in List and Stream, and a server whose memory does not grow with
them."""
import concurrent.futures
import hashlib

import harness
import logs
import sse

EVENTS = 100_000
BATCH = 1_000
GROWTH = 64 << 20  # bytes the server may grow by, with 4 replays at once


class BigSession(harness.E2eTest):
    def digest_of_replay(self, api, session):
        """(size, SHA-256) of a replay, read as it comes."""
        digest, size = hashlib.sha256(), 0
        with api.http.stream("GET", f"/v1/sessions/{session}/events/stream") as answer:
            self.assertEqual(answer.status_code, 200)
            for part in answer.iter_raw():
                digest.update(part)
                size += len(part)
        return size, digest.hexdigest()

    def test_list_and_stream_agree_and_memory_is_bounded(self):
        session = self.client.create()
        idle = self.server.memory()
        sent = []
        for start in range(0, EVENTS, BATCH):
            batch = [harness.agent_message(f"{n} " + "lorem ipsum " * 15) for n in range(start, start + BATCH)]
            sent += harness.raw_items(harness.ok(self.runtime.send(session, batch)).content)
        appended = self.server.memory()

        stream = harness.ok(self.client.stream(session)).content
        self.assertEqual(len(sent), EVENTS)
        self.assertEqual(sse.json_lines(stream), sent)
        self.assertEqual(self.client.events(session), sent)
        logs.assert_whole(self.client.session(session), sent)

        expected = (len(stream), hashlib.sha256(stream).hexdigest())
        before = self.server.memory()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            self.assertEqual(set(pool.map(self.digest_of_replay, [self.client] * 4, [session] * 4)), {expected})
        replayed = self.server.memory()
        peak = self.server.memory("VmHWM")
        mib = {k: round(v / (1 << 20), 1) for k, v in dict(idle=idle, appended=appended, replayed=replayed, peak=peak,
                                                           log=len(stream)).items()}
        print(f"MiB: {mib}", flush=True)
        self.assertLess(replayed - before, GROWTH, mib)

    def test_a_cold_replay_costs_little(self):
        """The same from a server that has never seen the session: nothing is kept for each event."""
        store = harness.Store()
        self.addCleanup(store.close)
        key = store.key("runtime")
        first = store.serve()
        with harness.Api(first, key) as api:
            session = api.create()
            for start in range(0, EVENTS, BATCH):
                api.sent(session, [harness.agent_message(f"{n} " + "lorem ipsum " * 15)
                                   for n in range(start, start + BATCH)])
            expected = self.digest_of_replay(api, session)
        self.assertEqual(first.stop(), 0)
        server = store.serve()
        with harness.Api(server, key) as api:
            harness.ok(api.get("/v1/sessions"))
            idle = server.memory()
            self.assertEqual(self.digest_of_replay(api, session), expected)
            grown = server.memory("VmHWM") - idle
        print(f"cold replay of {expected[0] >> 20} MiB: +{grown / (1 << 20):.1f} MiB", flush=True)
        self.assertLess(grown, GROWTH)


if __name__ == "__main__":
    harness.main()
