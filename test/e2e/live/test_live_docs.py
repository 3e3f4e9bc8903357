# SPDX-License-Identifier: Apache-2.0
"""The examples of docs/ are run as they stand there; page.js, nginx.conf and haproxy.cfg by the tests of browsers and
proxies."""
import importlib.util
import json
import os
import re
import tempfile

import follow
import harness
import scripts
from examples import PAGES, ROOT, examples, text
from test_live_previews import delta, final, start

RUN_HERE = {"follow.sh", "follow.py", "follow.mjs", "ask.sh", "filter.sh", "watch.sh", "previews.mjs", "mint.sh",
            "create.sh", "send.sh", "list.sh", "list.py",
            "list.mjs", "stream.sh", "replay.py", "sdk.py", "sdk.mjs", "redact.sh", "openapi.sh"}
RUN_ELSEWHERE = {"page.js", "nginx.conf", "haproxy.cfg", "nginx-cluster.conf", "haproxy-cluster.cfg", "verify.py"}
# Characters at which some readers end a line, and SSE does not; and one that takes four bytes.
AWKWARD = "a\u2028b\u2029c\u0085d\u001ce\u000cf\u2705\U0001f600"


class Examples(follow.FollowTest):
    def messages(self, count, session=None):
        """Appends messages with characters that tempt readers to cut lines, as they are and not as escapes where JSON
        allows it."""
        body = json.dumps({"events": [harness.agent_message(f"{i} {AWKWARD}") for i in range(count)]},
                          ensure_ascii=False)
        answer = self.runtime.post(f"/v1/sessions/{session or self.session}/events", body.encode("utf-8"))
        return [e["id"] for e in harness.ok(answer).json()["data"]]

    def run_example(self, name, port=None, source=None, **more):
        directory = tempfile.TemporaryDirectory(prefix="sandbase-docs-")
        self.addCleanup(directory.cleanup)
        path = os.path.join(directory.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(source or examples()[name])
        if name.endswith(".mjs"):
            scripts.installed("@anthropic-ai/sdk")
            modules = next(m for d in (scripts.HERE, os.path.dirname(scripts.HERE))
                           if os.path.isdir(os.path.join(m := os.path.join(d, "node_modules"), "@anthropic-ai")))
            os.symlink(modules, os.path.join(directory.name, "node_modules"))
        runner = {"sh": "sh", "py": "/usr/bin/python3", "mjs": "node"}[name.rsplit(".", 1)[1]]
        url = f"http://127.0.0.1:{port or self.server.port}"
        program = scripts.Program(runner, path, env={"URL": url, "KEY": self.keys["client"], "SESSION": self.session,
                                                    **more})
        self.addCleanup(program.close)
        return program

    def test_every_example_is_run(self):
        self.assertEqual(set(examples()), RUN_HERE | RUN_ELSEWHERE)
        self.assertEqual(sum(text(page).count("<!-- example:") for page in PAGES), len(examples()))

    def test_no_program_stands_there_untested(self):
        """Only what is marked as an example is written in a language that runs."""
        for page in PAGES:
            for before, language in re.findall(r"^(.*)\n```(sh|python|js|nginx|haproxy)$", text(page), re.M):
                self.assertRegex(before, "^<!-- example: ", f"{page}: a block of {language}")

    def test_follow_sh(self):
        log = self.messages(2)
        program = self.run_example("follow.sh")
        program.wait_for(lambda: 'data: {"type":"ping","caught_up":true}' in program.lines, 10, "the seam")
        log += self.append(harness.agent_message(), follow.TERMINATED)
        lines = program.end()
        self.assertEqual([line[4:] for line in lines if line.startswith("id: ")], log[:2] + [log[1]] + log[2:])
        self.assertEqual(lines[-2:], ["data: [DONE]", ""])

    def over_a_break(self, name):
        """The example prints every event once, over a broken connection, and ends by itself."""
        relay = scripts.Relay(self.server.port)
        self.addCleanup(relay.close)
        log = self.messages(5)
        program = self.run_example(name, relay.port)

        def seen():
            return [line.split()[0] for line in list(program.lines)]

        for _ in range(3):
            program.wait_for(lambda: len(seen()) >= len(log), 20, f"event {len(log)}")
            relay.cut()
            log += self.messages(3)
        program.wait_for(lambda: len(seen()) >= len(log), 20, f"event {len(log)}")
        log += self.append(follow.TERMINATED)
        program.end()
        self.assertEqual(seen(), log)

    def test_follow_py(self):
        self.over_a_break("follow.py")

    def test_follow_mjs(self):
        self.over_a_break("follow.mjs")

    def test_ask_sh(self):
        self.messages(2)
        program = self.run_example("ask.sh")
        program.wait_for(lambda: "event: ping" in program.lines, 10, "the seam")
        log = self.log_ids()
        sent = self.append(*harness.turn("It was shipped yesterday."))
        lines = program.end()
        self.assertEqual(lines[:4], ["event: ping", f"id: {log[-1]}", 'data: {"type":"ping","caught_up":true}', ""])
        self.assertEqual([line[4:] for line in lines[4:] if line.startswith("id: ")], sent)
        self.assertEqual(lines[-2:], ["data: [DONE]", ""])

    def test_filter_sh(self):
        program = self.run_example("filter.sh")
        program.wait_for(lambda: "event: ping" in program.lines, 10, "the seam")
        sent = self.append(*harness.turn(), follow.TERMINATED)
        self.assertEqual([line[4:] for line in program.end() if line.startswith("id: ")], ["start", sent[1], sent[-1]])

    def test_watch_sh(self):
        program = self.run_example("watch.sh")
        program.wait_for(lambda: 'data: {"type":"ping","caught_up":true}' in program.lines, 10, "the seam")
        made = self.client.create()
        program.wait_for(lambda: any(f'"session.summary","session":{{"id":"{made}"' in line for line in program.lines),
                         10, "the new session")

    def test_previews_mjs(self):
        program = self.run_example("previews.mjs")
        self.wait_for_streams(1)
        for event in (start("sevt_d"), delta("sevt_d", "Sun"), delta("sevt_d", "ny")):
            self.runtime.sent(self.session, [event])
        program.wait_for(lambda: len(program.lines) == 2, 10, "the previews")
        self.append(final("sevt_d", "Sunny"), follow.idle())
        self.assertEqual(program.end(), ["so far: Sun", "so far: Sunny", "final: Sunny"])

    def test_mint_sh(self):
        (line,) = self.run_example("mint.sh").end()
        token = scripts.json.loads(line)["token"]
        self.assertEqual(self.follow(key="", token=token).history(), [])

    def test_create_sh(self):
        session = json.loads("".join(self.run_example("create.sh").end()))
        self.assertEqual((session["title"], session["metadata"]), ("Order 1234", {"customer": "17"}))

    def test_send_sh(self):
        answer = json.loads("".join(self.run_example("send.sh").end()))
        self.assertEqual([e["id"] for e in answer["data"]], self.log_ids())

    def test_redact_sh(self):
        first, second = self.messages(2)
        answer = json.loads("".join(self.run_example("redact.sh", KEY=self.keys["runtime"], EVENT=first).end()))
        self.assertEqual((answer["id"], answer["redacted"]["reason"]), (first, "a customer's card number"))
        shown = [json.loads(event) for event in self.client.events(self.session)]
        self.assertEqual(shown[0], answer)
        self.assertEqual((shown[1]["id"], "redacted" in shown[1]), (second, False))

    def test_openapi_sh(self):
        described = json.loads("".join(self.run_example("openapi.sh").end()))
        self.assertIn("get", described["paths"]["/v1/sessions/{id}/events/stream"])

    def test_list_sh(self):
        sent = self.append(*harness.turn(AWKWARD))
        answer = json.loads("".join(self.run_example("list.sh").end()))
        self.assertEqual([e["id"] for e in answer["data"]], sent[1:])

    def test_list_py(self):
        log = self.messages(1000) + self.messages(7)  # more than a page
        self.assertEqual(self.run_example("list.py").end(), [f"{i} agent.message" for i in log])

    def test_list_mjs(self):
        sent = self.append(*harness.turn(), *harness.turn(AWKWARD))
        self.assertEqual(self.run_example("list.mjs").end(), [sent[1], sent[4]])

    def test_stream_sh(self):
        log = self.messages(3)
        lines = self.run_example("stream.sh").end()
        self.assertEqual([line[4:] for line in lines if line.startswith("id: ")], log)
        self.assertEqual([json.loads(line[6:])["content"][0]["text"] for line in lines if line.startswith("data: {")],
                         [f"{i} {AWKWARD}" for i in range(3)])
        self.assertEqual(lines[-2:], ["data: [DONE]", ""])

    def test_replay_py(self):
        log = self.messages(30)
        self.assertEqual(self.run_example("replay.py").end(), [f"{i} agent.message" for i in log])

    def sdk_example(self, name, **more):
        self.append(*harness.turn(AWKWARD))
        self.assertEqual("\n".join(self.run_example(name, **more).end()), f"{AWKWARD}\n[done: end_turn]")

    def test_sdk_mjs(self):
        self.sdk_example("sdk.mjs")

    def test_sdk_py(self):
        if not importlib.util.find_spec("anthropic"):
            self.skipTest("the Python SDK is not installed for this Python")
        self.sdk_example("sdk.py")

    def test_the_readme(self):
        (source,) = re.findall(r"^```js\n(.*?)^```$", text(os.path.join(ROOT, "README.md")), re.M | re.S)
        for here, there in (("'sk-sb-YOUR_KEY'", "process.env.KEY"), ("'http://127.0.0.1:8080'", "process.env.URL"),
                            ("'sess_01abc'", "process.env.SESSION")):
            self.assertEqual(source.count(here), 1, source)
            source = source.replace(here, there)
        self.sdk_example("readme.mjs", source=source)


if __name__ == "__main__":
    harness.main()
