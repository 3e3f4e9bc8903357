# SPDX-License-Identifier: Apache-2.0
"""The timeline of a session: what it shows of real and of odd events, that it follows, and the ways through it."""
import base64
import json
import os
import struct
import zlib

import inspector  # first: it knows where the others are
import follow
import harness

REAL = os.path.join(harness.DATA, "agent-sessions.jsonl")
REAL_SESSION = "sess_014A3E751CFF9CBDD46A8D8BC4"


def png(width, height, colour):
    """An image of one colour, as base64."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = (b"\0" + bytes(colour) * width) * height
    data = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    return base64.b64encode(data).decode()


class RealLogs(inspector.InspectorTest):
    def test_a_real_session(self):
        """Every event of a log of a real agent: tools with their results in one row, and one turn."""
        with open(REAL, "rb") as file:
            harness.ok(self.runtime.post("/v1/sessions/import", file.read()))
        events = [json.loads(e) for e in self.client.events(REAL_SESSION)]
        self.open_session(REAL_SESSION)
        self.wait_for_text(".loaded", f"{len(events)} events")
        self.page.press("g")
        self.page.wait(".row.turn .stop:has-text('end_turn')")
        seen = {}
        while True:
            before = len(seen)
            for key, text in self.page.run("""() => [...document.querySelectorAll('.row.event')].map((r) =>
                    [r.querySelector('a.at').getAttribute('href').split('/').at(-1), r.innerText])"""):
                seen[key] = text
            self.page.wheel(500, 500, 300)
            self.page.frames(3)
            if len(seen) == before and self.page.run("() => document.querySelector('.to-end').hidden"):
                break
        alone = [e for e in events if e["type"] != "agent.tool_result"]
        self.assertEqual(sorted(seen), sorted(e["id"] for e in alone))
        for use, result in zip((e for e in events if e["type"] == "agent.tool_use"),
                               (e for e in events if e["type"] == "agent.tool_result")):
            self.assertIn(use["input"]["command"].split("\n")[0].strip()[:40], seen[use["id"]])
            self.assertIn(" ".join(result["content"][0]["text"].split())[:40], " ".join(seen[use["id"]].split()))
            self.assertRegex(seen[use["id"]], r"\d+ ms")

    def test_the_sample_session(self):
        with open(os.path.join(os.path.dirname(harness.DATA), "..", "config", "sample-session.jsonl"), "rb") as file:
            harness.ok(self.runtime.post("/v1/sessions/import", file.read()))
        self.open_session("sess_01abc")
        self.wait_for_text(".row.event", "Your order #1234 shipped yesterday.")
        self.wait_for_text(".row.event .name", "web_search")
        self.wait_for_text(".row.event", "order 1234")
        self.wait_for_text("h1", "Where is order #1234?")


class Live(inspector.InspectorTest):
    def test_what_is_appended_appears_and_previews_give_way(self):
        self.open_session()
        self.wait_for_text(".empty", "No events yet")
        self.append(harness.user_message("What is the time?"), {"type": "session.status_running"})
        self.wait_for_text(".row.turn .turn-title", "What is the time?")
        self.page.wait(".row.turn .stop:has-text('running')")
        self.page.wait(".title-line .pill:has-text('running')")
        event = "sevt_01ZZZZZZZZZZZZZZZZZZZZZZZZ"
        self.append({"type": "event_start", "event": {"id": event, "type": "agent.message"}})
        self.page.wait(".row.is-preview")
        for piece in ("It is", " almost", " noon."):
            self.append({"type": "event_delta", "event_id": event,
                         "delta": {"type": "content_delta", "content": {"type": "text", "text": piece}}})
        self.wait_for_text(".row.is-preview", "It is almost noon.")
        self.append({**harness.agent_message("It is noon."), "id": event})
        self.wait_for_text(".row.event:not(.is-preview)", "It is noon.")
        self.assertEqual(self.page.count(".row.is-preview"), 0)
        self.append({"type": "span.model_request_end", "model_usage": {
            "input_tokens": 1200, "output_tokens": 34, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}},
            {"type": "session.usage", "usage": {"list_cost": {"amount": "125", "currency": "usd"}}}, follow.idle())
        for text in ("end_turn", "1.2k → 34 tok", "$1.25"):
            self.wait_for_text(".row.turn", text)

    def test_it_stays_at_the_end_unless_somebody_reads_further_up(self):
        self.messages(60)
        self.open_session()
        self.wait_for_text(".row.event", "number 59")
        self.append(harness.agent_message("one more"))
        self.wait_for_text(".row.event", "one more")
        self.page.wheel(500, 500, -900)
        self.page.frames(5)
        top = self.page.run("() => document.querySelector('.scroller').scrollTop")
        self.append(*[harness.agent_message(f"unseen {i}") for i in range(3)])
        self.wait_for_text(".to-end", "3 new")
        self.assertEqual(self.page.run("() => document.querySelector('.scroller').scrollTop"), top)
        self.page.click(".to-end")
        self.wait_for_text(".row.event", "unseen 2")

    def test_an_erased_event_leaves_its_tombstone(self):
        secret, _ = self.append(harness.user_message("my card is 4000-1234"), follow.idle())
        self.open_session(event=secret)
        self.wait_for_text(".details", "4000-1234")
        harness.ok(self.runtime.post(f"/v1/sessions/{self.session}/events/{secret}/redact", {"reason": "a card"}))
        self.page.wait(".row .tombstone")
        self.page.until("() => !document.body.innerText.includes('4000')")
        self.page.reload()
        self.page.wait(".row .tombstone:has-text('a card')")

    def test_a_session_that_ends_and_one_that_is_deleted(self):
        self.append(harness.agent_message())
        self.open_session()
        self.append(follow.TERMINATED)
        self.page.wait(".connection:has-text('Ended')")
        self.wait_for_text(".actions-note", "terminated")
        gone = self.client.create()
        self.open_session(gone)
        harness.ok(self.client.http.delete(f"/v1/sessions/{gone}"))
        self.page.wait(".title-line .pill:has-text('deleted')")
        self.open(f"#/sessions/{gone}")
        self.wait_for_text("h1", "No such session")


class Ways(inspector.InspectorTest):
    def test_a_link_to_an_event_that_is_far_back(self):
        ids = self.messages(900)
        self.open_session(event=ids[10])
        self.wait_for_text(".details", ids[10])
        self.wait_for_text(".row.is-selected", "number 10")
        self.wait_for_text(".loaded", "900 events")
        self.page.click("text=Copy link")
        self.wait_for_text(".toast", "copied")
        copied = self.page.run("() => navigator.clipboard.readText()")
        self.assertEqual(copied, self.address(f"#/sessions/{self.session}/events/{ids[10]}"))
        self.page.press("/")
        self.page.type(ids[700])
        self.page.press("Enter")
        self.wait_for_text(".row.is-selected", "number 700")
        self.page.goto(self.address(f"#/sessions/{self.session}/events/sevt_0000"))
        self.wait_for_text(".toast", "no event sevt_0000")

    def test_older_events_come_as_one_scrolls_up_and_all_of_them_once(self):
        ids = self.messages(1000) + self.messages(100)
        self.open_session()
        self.wait_for_text(".loaded", "of 1,100 events loaded")
        self.page.click("text=Load all")
        self.wait_for_text('.loaded:not(:has-text("of"))', "1,100 events")
        self.page.press("g")
        self.wait_for_text(".row.is-selected", "number 0")
        self.assertEqual(self.page.run("() => document.querySelector('.row.event').getAttribute('aria-setsize')"),
                         str(len(ids) + 1))

    def test_search_and_the_filter_of_types(self):
        self.append(harness.user_message("find the needle"), {"type": "session.status_running"},
                    *[harness.agent_message(f"hay {i}") for i in range(30)], harness.agent_message("The NEEDLE. 1+1"),
                    follow.idle())
        self.open_session()
        self.page.press("/")
        self.page.type("needle")
        self.wait_for_text(".loaded", "2 shown")
        self.assertEqual(self.page.texts(".row.event mark"), ["needle", "NEEDLE"])
        self.page.press("Escape")
        self.wait_for_text(".row.event", "hay 29")
        self.page.click(".types summary")
        self.page.click(".types label:has-text('agent.message')")
        self.page.gone(".row.event:has-text('hay')")
        self.page.wait(".row.event:has-text('find the needle')")
        self.page.wait(".types summary:has-text('1 hidden')")
        self.append(harness.agent_message("hidden too"), harness.user_message("but not this"))
        self.wait_for_text(".row.event", "but not this")
        self.assertEqual(self.page.count(".row.event:has-text('hidden too')"), 0)

    def test_keys(self):
        ids = self.append(harness.user_message("first"), {"type": "session.status_running"},
                          {"type": "agent.tool_use", "name": "bash", "input": {"command": "false"}})
        ids += self.append({"type": "agent.tool_result", "tool_use_id": ids[2], "is_error": True, "content": "no"},
                           follow.idle())
        ids += self.append(harness.user_message("second"), {"type": "session.status_running"}, follow.idle())
        self.open_session()
        self.page.wait(".row.event:has-text('second')")

        def selected():
            return self.page.attribute(".row.is-selected a.at", "href").split("/")[-1]

        for key, expected in (("g", 0), ("j", 1), ("k", 0), ("e", 2), ("]", 5), ("[", 0), ("G", 7), ("E", 2)):
            self.page.press(key)
            self.page.until(f"() => document.querySelector('.row.is-selected a.at[href$={ids[expected]}]')")
            self.assertEqual(selected(), ids[expected], key)
        self.assertFalse(self.page.visible(".details"))
        self.page.press("Enter")
        self.wait_for_text(".details", ids[2])
        self.assertIn(ids[2], self.page.run("() => location.hash"))
        self.page.press("Escape")
        self.page.gone(".details")
        self.page.press("z")
        self.page.gone(".row.event")
        self.assertEqual(len(self.page.texts(".row.turn .turn-title")), 2)
        self.page.press("z")
        self.page.wait(".row.event")
        self.page.press("?")
        self.page.wait("dialog[open]")
        self.page.press("Escape")
        self.page.gone("dialog[open]")

    def test_the_chart_leads_to_its_events(self):
        self.append(harness.agent_message("the beginning"))
        for _ in range(3):
            self.messages(40)
        self.open_session()
        self.page.until("() => document.querySelector('.bar-message')?.getAttribute('d')")
        box = self.page.run("() => { const b = document.querySelector('.plot').getBoundingClientRect();"
                            " return [b.left, b.top + 20]; }")
        self.page.mouse(box[0] + 1, box[1])
        self.wait_for_text(".row.is-selected", "the beginning")
        self.page.run("() => document.querySelector('.chart').focus()")
        self.page.press("End")
        self.page.until("() => !document.querySelector('.row.is-selected')?.innerText.includes('beginning')")


class Odd(inspector.InspectorTest):
    def test_content_of_every_form(self):
        image = {"type": "image", "source": {"type": "base64", "media_type": "image/png",
                                             "data": png(8, 8, (9, 9, 200))}}
        use, *_ = self.append({"type": "agent.tool_use", "name": "draw", "input": "as a string"})
        ids = self.append(
            {"type": "agent.tool_result", "tool_use_id": use, "content": [image]},
            {"type": "agent.message", "content": []}, {"type": "agent.message"},
            {"type": "agent.message", "content": [{"type": "new_block", "value": 17}]},
            {"type": "acme.step_done", "step": "seven", "nested": {"deep": [1, 2]}, "content": "in words"},
            {"type": "acme.odd.kind"},
            {"type": "session.error", "error": {"type": "billing_error", "message": "No credit"}},
            {"type": "agent.thinking"}, {"type": "session.thread_created", "agent_name": "helper"},
            {"type": "agent.message", "content": [
                {"type": "image", "source": {"type": "url", "url": "http://x.test/a"}}]})
        self.open_session()
        self.wait_for_text(".row.event", "http://x.test/a")
        self.page.until("() => document.querySelector('.row img')?.naturalWidth === 8")
        for text in ("as a string", '"value":17', "acme.step_done", "in words", "acme.odd.kind", "billing_error",
                     "No credit", "Thinking"):
            self.wait_for_text(".row.event", text)
        self.assertEqual(self.page.count(".row.event.is-error"), 1)
        self.page.goto(self.address(f"#/sessions/{self.session}/events/{ids[4]}"))
        self.wait_for_text(".details h2", "acme.step_done")
        self.page.click(".details summary")
        raw = self.page.text(".details .raw pre")
        self.assertEqual(json.loads(raw), json.loads(self.client.events(self.session)[5]))

    def test_numbers_keep_their_digits_in_the_json(self):
        text = '{"events":[{"type":"acme.number","n":12345678901234567890,"m":1.10}]}'
        event = harness.ok(self.runtime.post(f"/v1/sessions/{self.session}/events", text)).json()["data"][0]["id"]
        self.open_session(event=event)
        self.page.click(".details summary")
        self.wait_for_text(".details .raw", '"n": 12345678901234567890')
        self.wait_for_text(".details .raw", '"m": 1.10')

    def test_a_long_text_comes_in_pieces(self):
        event, = self.append(harness.agent_message("word " * 20_000 + "the end"))
        self.open_session(event=event)
        self.page.wait(".details button:has-text('Show more')")
        self.assertNotIn("the end", self.page.text(".details"))
        self.page.click(".details button:has-text('Show more')")
        self.wait_for_text(".details pre", "the end")


if __name__ == "__main__":
    harness.main()
