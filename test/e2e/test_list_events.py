# SPDX-License-Identifier: Apache-2.0
"""List Events: pages in both directions, filters, pages that stay as they are while events are appended, and bytes."""
import json
import threading

import harness
import sse


class ListEvents(harness.E2eTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.session = cls.client.create()
        cls.texts = []
        for i in range(5):
            cls.client.sent(cls.session, [harness.user_message(f"question {i}")])
            cls.runtime.sent(cls.session, [*harness.turn(f"answer {i}"), {"type": "acme.progress", "step": i}])
        cls.all = cls.client.events(cls.session)

    def test_everything_in_one_page_by_default(self):
        answer = harness.ok(self.client.list(self.session))
        self.assertEqual(len(self.all), 25)
        self.assertEqual(harness.raw_items(answer.content), self.all)
        self.assertIsNone(answer.json()["next_page"])

    def test_pages_of_every_size(self):
        for limit in (1, 2, 7, 24, 25, 26, 1000):
            for order, expected in (("asc", self.all), ("desc", self.all[::-1])):
                with self.subTest(limit=limit, order=order):
                    self.assertEqual(self.client.events(self.session, limit=limit, order=order), expected)

    def test_no_page_is_longer_than_its_limit_and_the_last_says_so(self):
        page, count = None, 0
        while True:
            body = harness.ok(self.client.list(self.session, limit=7, **({"page": page} if page else {}))).json()
            self.assertLessEqual(len(body["data"]), 7)
            count += len(body["data"])
            page = body["next_page"]
            if not page:
                break
            self.assertLess(count, 25, "a next_page behind the last event")
        self.assertEqual(count, 25)

    def test_types(self):
        def of(*types):
            return [e for e in self.all if json.loads(e)["type"] in types]
        for types in (["agent.message"], ["user.message", "session.status_idle"], ["acme.progress"], ["agent.thinking"],
                      ["acme.progress", "user.message"], ["no.such_type"]):
            for limit in (2, 1000):
                for spelled in ({"types": ",".join(types)}, {"types": types}, {"types[]": types}):
                    with self.subTest(types=types, limit=limit, spelled=spelled):
                        self.assertEqual(self.client.events(self.session, limit=limit, **spelled), of(*types))
                with self.subTest(types=types, limit=limit, order="desc"):
                    self.assertEqual(self.client.events(self.session, limit=limit, order="desc", types=types),
                                     of(*types)[::-1])

    def test_created_at(self):
        times = [json.loads(e)["processed_at"] for e in self.all]
        middle = times[12]
        rules = {"gt": lambda t: t > middle, "gte": lambda t: t >= middle, "lt": lambda t: t < middle,
                 "lte": lambda t: t <= middle}
        for name, rule in rules.items():
            expected = [e for e, t in zip(self.all, times) if rule(t)]
            for key in (f"created_at[{name}]", f"created_at_{name}"):
                for limit in (3, 1000):
                    with self.subTest(key, limit=limit):
                        self.assertEqual(self.client.events(self.session, limit=limit, **{key: middle}), expected)
        with self.subTest("a range"):
            self.assertEqual(self.client.events(self.session,
                                                **{"created_at[gte]": times[5], "created_at[lt]": middle}),
                             [e for e, t in zip(self.all, times) if times[5] <= t < middle])
        with self.subTest("another zone"):
            shifted = middle.replace("T", " ").replace("Z", "+00:00").replace(" ", "T")
            self.assertEqual(self.client.events(self.session, **{"created_at[gte]": shifted}),
                             [e for e, t in zip(self.all, times) if t >= middle])

    def test_after(self):
        ids = [json.loads(e)["id"] for e in self.all]
        for place in (0, 1, 12, 23, 24):
            with self.subTest(place=place):
                self.assertEqual(self.client.events(self.session, after=ids[place]), self.all[place + 1:])
                self.assertEqual(self.client.events(self.session, after=ids[place], limit=2), self.all[place + 1:])

    def test_after_and_a_filter(self):
        ids = [json.loads(e)["id"] for e in self.all]
        expected = [e for e in self.all[8:] if json.loads(e)["type"] == "agent.message"]
        self.assertEqual(self.client.events(self.session, after=ids[7], types="agent.message", limit=1), expected)

    def test_what_is_empty_is_as_if_absent(self):
        for params in ({"page": ""}, {"after": ""}, {"after": "start"}, {"page": "", "after": "start", "limit": 1000}):
            with self.subTest(params=params):
                self.assertEqual(self.client.events(self.session, **params), self.all)

    def test_an_empty_log(self):
        session = self.client.create()
        for params in ({}, {"order": "desc"}, {"types": "agent.message"}, {"limit": 1}):
            self.assertEqual(harness.ok(self.client.list(session, **params)).json(), {"data": [], "next_page": None})


class SparseFilters(harness.E2eTest):
    def test_one_event_among_many_stands_in_the_first_page(self):
        session = self.client.create()
        self.runtime.sent(session, [{"type": "agent.thinking"}])
        for _ in range(30):
            self.runtime.sent(session, [{"type": "acme.step", "n": 1}] * 1000)
        self.runtime.sent(session, [{"type": "session.error", "error": {"type": "unknown_error", "message": "x"}}])
        for params in ({"types": "session.error"}, {"types": "agent.thinking", "order": "desc"}):
            for limit in (1, 1000):
                with self.subTest(params=params, limit=limit):
                    body = harness.ok(self.client.list(session, limit=limit, **params)).json()
                    self.assertEqual([e["type"] for e in body["data"]], [params["types"]])
                    self.assertIsNone(body["next_page"])
        body = harness.ok(self.client.list(session, types="acme.other")).json()
        self.assertEqual(body, {"data": [], "next_page": None})

    def test_times_are_compared_to_the_nanosecond(self):
        session = self.client.create()
        times = [f"2026-05-29T10:00:00.{fraction}Z" for fraction in ("1001", "1005001", "100500200", "1009", "101")]
        for n, at in enumerate(times):
            self.runtime.sent(session, [{"type": "acme.step", "n": n, "processed_at": at}])
        for name, expected in (("gt", times[3:]), ("gte", times[2:]), ("lt", times[:2]), ("lte", times[:3])):
            with self.subTest(name):
                found = self.client.events(session, **{f"created_at[{name}]": times[2]})
                self.assertEqual([json.loads(e)["processed_at"] for e in found], expected)


class StablePages(harness.E2eTest):
    def test_pages_stay_while_events_are_appended(self):
        session = self.client.create()
        total, start, done = 3000, 600, threading.Event()
        self.runtime.sent(session, [harness.agent_message(str(i)) for i in range(start)])
        failures = []

        def append():
            try:
                with harness.Api(self.server, self.keys["runtime"]) as api:
                    for i in range(start, total, 20):
                        api.sent(session, [harness.agent_message(str(n)) for n in range(i, i + 20)])
            except Exception as e:  # shown below
                failures.append(e)
            finally:
                done.set()

        writer = threading.Thread(target=append)
        writer.start()
        rounds = 0
        while not done.is_set() or rounds == 0:
            rounds += 1
            newest = self.client.events(session, limit=97, order="desc")
            first = int(json.loads(newest[0])["content"][0]["text"])
            self.assertEqual([int(json.loads(e)["content"][0]["text"]) for e in newest], list(range(first, -1, -1)))
            oldest = self.client.events(session, limit=97)
            self.assertEqual([int(json.loads(e)["content"][0]["text"]) for e in oldest], list(range(len(oldest))))
            self.assertGreaterEqual(len(oldest), len(newest))
            streamed = sse.json_lines(self.client.stream(session).content)
            self.assertEqual(streamed[:len(oldest)], oldest)
        writer.join()
        self.assertEqual(failures, [])
        self.assertEqual(len(self.client.events(session)), total)


class Bytes(harness.E2eTest):
    # What stands between type and processed_at comes back to the byte; only white space between tokens may go.
    PAYLOADS = [
        '"x":1.10', '"x":12345678901234567890', '"x":1e400', '"x":-0', '"x":-0.0', '"x":1E+2',
        '"x":0.1000000000000000055511151231257827', '"x":[1.0,1.00,100000000000000000000000000000000000000000000]',
        '"b":1,"a":2,"c":{"z":1,"y":2}', '"x":{}',
        '"x":[]', '"x":null', '"x":""', r'"x":"\u0041\/\b\f\n\r\t\\\""', r'"x":"\ud83c\udf0d"', '"x":"🌍 Zürich   "',
        '"":0', r'"\u0078":1',
        '"x":"a  b","y":"{ }"', '"text":"data: [DONE]"', '"x":"\x7f"', '"idx":"i","types":"t","processed":"p"',
    ]

    def test_payloads_come_back_to_the_byte(self):
        session = self.client.create()
        for payload in self.PAYLOADS:
            with self.subTest(payload):
                sent = '{"events":[{"type":"acme.note",' + payload + "}]}"
                answer = harness.ok(self.runtime.post(f"/v1/sessions/{session}/events", sent.encode()))
                (stored,) = harness.raw_items(answer.content)
                event = json.loads(stored)
                expected = (f'{{"id":"{event["id"]}","type":"acme.note",{payload},'
                            f'"processed_at":"{event["processed_at"]}"}}')
                self.assertEqual(stored.decode(), expected)
        listed = self.client.events(session)
        self.assertEqual(len(listed), len(self.PAYLOADS))
        for payload, event in zip(self.PAYLOADS, listed):
            self.assertIn(("," + payload + ",").encode(), event)
        self.assertEqual(sse.json_lines(self.client.stream(session).content), listed)

    def test_id_type_and_time_move_to_their_places(self):
        session = self.client.create()
        sent = (' { "events" : [ { "b" : [ 1 , { "c" : "d" } ] , "processed_at" : "2026-05-29T10:00:00.5+02:00" ,'
                ' "type" : "acme.note" ,\n\t"a" : 1.50 , "id" : "evt_x" } ] } ')
        answer = harness.ok(self.runtime.post(f"/v1/sessions/{session}/events", sent))
        expected = (b'{"id":"evt_x","type":"acme.note","b":[1,{"c":"d"}],"a":1.50,'
                    b'"processed_at":"2026-05-29T10:00:00.5+02:00"}')
        self.assertEqual(harness.raw_items(answer.content), [expected])
        self.assertEqual(self.client.events(session), [expected])
        self.assertEqual(sse.json_lines(self.client.stream(session).content), [expected])

    def test_an_event_without_payload(self):
        session = self.client.create()
        sent = harness.ok(self.runtime.send(session, [{"type": "session.status_running"}]))
        (stored,) = harness.raw_items(sent.content)
        event = json.loads(stored)
        self.assertEqual(stored.decode(),
                         f'{{"id":"{event["id"]}","type":"session.status_running",'
                         f'"processed_at":"{event["processed_at"]}"}}')

    def test_send_list_and_stream_show_the_same_bytes_across_segments(self):
        session = self.client.create()
        sent = []
        for i in range(40):
            batch = [harness.agent_message(f"{i}.{j} " + "ü" * (i * j)) for j in range(50)]
            sent += harness.raw_items(harness.ok(self.runtime.send(session, batch)).content)
        self.assertEqual(self.client.events(session, limit=333), sent)
        self.assertEqual(sse.json_lines(self.client.stream(session).content), sent)
        ids = [json.loads(e)["id"] for e in sent]
        self.assertEqual(ids, sorted(set(ids)), "ids must increase strictly")
        times = [json.loads(e)["processed_at"] for e in sent]
        self.assertEqual(times, sorted(times), "times must not decrease")


if __name__ == "__main__":
    harness.main()
