"""The examples of docs/streaming.md are run as they stand there; page.js and nginx.conf by the browser's test."""
import os
import tempfile

import follow
import harness
import scripts
from examples import PAGE, examples
from test_live_previews import delta, final, start

RUN_HERE = {"follow.sh", "follow.py", "follow.mjs", "ask.sh", "filter.sh", "previews.mjs", "mint.sh"}
RUN_ELSEWHERE = {"page.js", "nginx.conf"}


class Examples(follow.FollowTest):
    def run_example(self, name, port=None):
        directory = tempfile.TemporaryDirectory(prefix="sandbase-docs-")
        self.addCleanup(directory.cleanup)
        path = os.path.join(directory.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(examples()[name])
        if name.endswith(".mjs"):
            scripts.installed("@anthropic-ai/sdk")
            modules = next(m for d in (scripts.HERE, os.path.dirname(scripts.HERE))
                           if os.path.isdir(os.path.join(m := os.path.join(d, "node_modules"), "@anthropic-ai")))
            os.symlink(modules, os.path.join(directory.name, "node_modules"))
        runner = {"sh": "sh", "py": "/usr/bin/python3", "mjs": "node"}[name.rsplit(".", 1)[1]]
        url = f"http://127.0.0.1:{port or self.server.port}"
        program = scripts.Program(runner, path, env={"URL": url, "KEY": self.keys["client"], "SESSION": self.session})
        self.addCleanup(program.close)
        return program

    def test_every_example_is_run(self):
        self.assertEqual(set(examples()), RUN_HERE | RUN_ELSEWHERE)
        with open(PAGE, encoding="utf-8") as page:
            self.assertEqual(page.read().count("<!-- example:"), len(examples()))

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


if __name__ == "__main__":
    harness.main()
