# SPDX-License-Identifier: Apache-2.0
"""Sessions to look at: agents at work, with tools, images, errors and people who are asked."""
import datetime
import json
import random
import struct
import zlib
from base64 import b64encode

NOW = datetime.datetime.now(datetime.timezone.utc)


def text(words):
    return [{"type": "text", "text": words}]


def user(words):
    return {"type": "user.message", "content": text(words)}


def agent(words):
    return {"type": "agent.message", "content": text(words)}


RUNNING = {"type": "session.status_running"}


def idle(reason="end_turn"):
    return {"type": "session.status_idle", "stop_reason": {"type": reason}}


def chart_image():
    """A bar chart, as a tool would draw one."""
    width, height = 480, 280
    bars = [90, 120, 104, 150, 171, 166, 213]
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            bar = (x - 30) // 60
            inside = 0 <= bar < len(bars) and (x - 30) % 60 < 40 and height - 30 - bars[bar] <= y < height - 30
            line = y == height - 30 and 20 <= x < width - 20
            rows += bytes((58, 87, 208) if inside and bar < 6 else (190, 70, 60) if inside else
                          (120, 124, 132) if line else (255, 255, 255))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b64encode(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
                     chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b"")).decode()


class Log:
    """Events with times, each so many seconds behind the one before it."""

    def __init__(self, name, title, agent_id, minutes_ago):
        self.header = {"id": name, "title": title, "agent": {"type": "agent", "id": agent_id, "version": 3},
                       "environment_id": "env_prod"}
        self.time = NOW - datetime.timedelta(minutes=minutes_ago)
        self.header["created_at"] = self.stamp()
        self.events, self.number, self.cost = [], 0, 0

    def stamp(self):
        return self.time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self.time.microsecond // 1000:03}Z"

    def add(self, event, seconds=0.05):
        self.time += datetime.timedelta(seconds=seconds)
        self.number += 1
        number = f"evt_{self.header['id'].split('_')[1]}{self.number:04}"
        self.events.append({"id": number, **event, "processed_at": self.stamp()})
        return number

    def model(self, tokens_in, tokens_out, seconds, event):
        start = self.add({"type": "span.model_request_start"})
        made = self.add(event, seconds)
        self.add({"type": "span.model_request_end", "model_request_start_id": start, "is_error": False, "model_usage": {
            "input_tokens": tokens_in // 6, "cache_read_input_tokens": tokens_in - tokens_in // 6,
            "cache_creation_input_tokens": 0, "output_tokens": tokens_out}})
        self.cost += tokens_in * 0.0003 + tokens_out * 0.0015
        return made

    def tool(self, name, given, result, seconds, tokens=(4200, 160), failed=False):
        use = self.model(*tokens, 1.4, {"type": "agent.tool_use", "name": name, "input": given,
                                        "evaluated_permission": "allow"})
        content = text(result) if isinstance(result, str) else result
        self.add({"type": "agent.tool_result", "tool_use_id": use, "is_error": failed, "content": content}, seconds)

    def end(self, reason="end_turn"):
        cost = {"amount": str(round(self.cost) + 1), "currency": "usd"}
        self.add({"type": "session.usage", "usage": {"list_cost": cost}})
        self.add(idle(reason))

    def lines(self):
        yield json.dumps({"session": self.header, "workspace": "default"})
        for event in self.events:
            yield json.dumps({"event": event})


def fix_test():
    """A coding agent that finds why a test fails, tries, fails, and mends it."""
    log = Log("sess_01FIXTEST", "Fix the flaky checkout test", "agent_coder", 42)
    log.add(user("The checkout test fails about every tenth run. Find out why, and mend it.\n\n"
                 "Do not touch the retry helper."))
    log.add(RUNNING, 0.01)
    log.model(3900, 92, 2.2, agent("I'll run the test a few times first, to see what the failure looks like."))
    log.tool("bash", {"command": "for i in $(seq 20); do pytest -q tests/test_checkout.py || break; done"},
             "....................\nFAILED tests/test_checkout.py::test_total_after_coupon - AssertionError: "
             "assert Decimal('17.99') == Decimal('18.00')\n1 failed, 19 passed in 31.20s", 31.2, failed=True)
    log.model(5100, 210, 3.1, agent("It fails in `test_total_after_coupon`, by one cent. That smells of rounding that "
                                    "depends on the order of items.\nLet me look at how the total is made."))
    log.tool("read", {"path": "shop/checkout.py"},
             "def total(items, coupon):\n    subtotal = sum(i.price * i.count for i in items)\n    ...", 0.02)
    log.tool("grep", {"pattern": "set\\(", "path": "shop/"}, "shop/cart.py:41:        return set(self._items)", 0.03)
    log.model(7800, 340, 4.6, agent("Found it: `Cart.items` gives a `set`, so the order in which prices are rounded "
                                    "changes from run to run. I will keep the items in a list, and round once."))
    log.tool("edit", {"path": "shop/cart.py", "old": "return set(self._items)",
                      "new": "return list(dict.fromkeys(self._items))"}, "1 replacement", 0.02)
    log.tool("bash", {"command": "for i in $(seq 50); do pytest -q tests/test_checkout.py || break; done"},
             "50 passed in 78.4s", 78.4)
    log.model(9100, 180, 2.9, agent("The test passed 50 times in a row. `Cart.items` returned a set, and its order "
                                    "decided how cents were rounded; it is a list now. The retry helper is as it was."))
    log.end()
    log.add(user("Thanks. Is there anything else in shop/ that relies on the order of a set?"), 420)
    log.add(RUNNING, 0.01)
    log.tool("grep", {"pattern": "for .* in .*set", "path": "shop/"}, "shop/report.py:88:    for tag in set(tags):",
             0.04)
    log.model(10400, 120, 2.0, agent("One place: `shop/report.py:88` prints tags in the order of a set. It only "
                                     "changes the layout of a report, but I would sort it."))
    log.end()
    return log


def report():
    """An agent that draws a chart, and meets an error."""
    log = Log("sess_01REPORT", "Weekly sales report", "agent_analyst", 18)
    log.add(user("How were last week's sales? A chart, please."))
    log.add(RUNNING, 0.01)
    log.tool("sql", {"query": "SELECT day, sum(total) FROM orders WHERE week = 21 GROUP BY day ORDER BY day"},
             "day | sum\nMon | 9034\nTue | 12011\nWed | 10442\nThu | 15040\nFri | 17155\nSat | 16630\nSun | 21384", 0.8)
    log.add({"type": "session.error", "error": {
        "type": "model_overloaded_error", "message": "The model is overloaded. The request is tried again.",
        "retry_status": {"type": "retrying"}}}, 12.5)
    log.tool("plot", {"kind": "bar", "title": "Sales, week 21"}, [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": chart_image()}}], 1.3)
    log.model(6200, 140, 2.4, agent("Sales grew through the week, from 9,034 on Monday to 21,384 on Sunday, the best "
                                    "day of the month. Only Wednesday and Saturday were below the day before."))
    log.end()
    return log


def background(count=40):
    """What else goes on in a workspace."""
    random.seed(5)
    titles = ["Where is order {}?", "Refund for order {}", "Invoice {} has a wrong address",
              "Cancel the delivery of {}", "Exchange item of order {}"]
    for n in range(count):
        title = random.choice(titles).format(1200 + n * 7)
        log = Log(f"sess_01SUPPORT{n:03}", title, "agent_support", 60 + n * n * 1.7 + n * 13)
        for turn in range(random.randint(1, 4)):
            log.add(user("Where is my order?"), 0 if turn == 0 else random.randint(30, 300))
            log.add(RUNNING, 0.01)
            log.tool("lookup_order", {"order": 1200 + n * 7}, "shipped", 0.3)
            log.model(2100, 60, 1.8, agent("It was shipped yesterday."))
            log.end()
        if n % 11 == 7:
            log.add({"type": "session.status_terminated"}, 3)
        yield log
