# SPDX-License-Identifier: Apache-2.0
"""The program of docs/verifying.md, as it stands there, tells sound exports from others."""
import hashlib
import json
import os
import re
import subprocess

import harness
import logs

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "verifying.md")


def program():
    with open(DOCUMENT, encoding="utf-8") as file:
        return re.search(r"<!-- example: verify.py -->\n```python\n(.*?)```", file.read(), re.S)[1]


class Verifying(harness.E2eTest):
    def setUp(self):
        self.session = self.client.create(title="Proved")
        self.heads = [self.log()["head"]]
        for turn in range(3):
            self.runtime.sent(self.session, harness.turn())
            self.heads.append(self.log()["head"])
        self.runtime.sent(self.client.create(), [harness.agent_message("\u00e4 \\u2028 }\",\"salt\":\"00\"}")])
        self.lines = self.store.export("--all")
        self.source = program()

    def log(self):
        return self.client.session(self.session)["log"]

    def verify(self, lines, *kept):
        path = os.path.join(self.store.directory, "export.jsonl")
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(line + "\n" for line in lines)
        return subprocess.run(["/usr/bin/python3", "-c", self.source, path, *kept], capture_output=True, text=True,
                              timeout=60, check=False)

    def place(self):
        """Of the first event of self.session in self.lines."""
        return next(i for i, line in enumerate(self.lines) if self.session in line[:60]) + 1

    def changed(self, at, change):
        lines = list(self.lines)
        lines[at] = change(lines[at])
        self.assertNotEqual(lines, self.lines)
        return lines

    def test_is_short(self):
        self.assertLessEqual(len(self.source.splitlines()), 25)

    def test_a_sound_export(self):
        done = self.verify(self.lines, *self.heads)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        self.assertEqual(done.stdout.count(" verified\n"), sum(line.startswith('{"session":') for line in self.lines))
        self.assertIn(f"{self.session} {self.log()['events']} events {self.heads[-1]} verified", done.stdout)

    def test_any_change_is_found(self):
        at = self.place()
        header, event = json.loads(self.lines[at - 1]), self.lines[at]
        header["session"]["log"]["events"] += 1
        rows = [("a payload", self.changed(at, lambda line: line.replace("processed_at", "processed_It"))),
                ("a space", self.changed(at, lambda line: line.replace('","type"', '", "type"'))),
                ("a salt", self.changed(at, lambda line: line[:-3] + ("0" if line[-3] != "0" else "1") + line[-2:])),
                ("no salt", self.changed(at, lambda line: line[:line.rindex(',"salt"')] + "}")),
                ("an event left out", self.lines[:at] + self.lines[at + 1:]),
                ("an event doubled", self.lines[:at] + [event] + self.lines[at:]),
                ("two events exchanged", self.lines[:at] + [self.lines[at + 1], event] + self.lines[at + 2:]),
                ("another number", self.changed(at - 1, lambda line: json.dumps(header))),
                ("a leaf beside a payload", self.changed(at, self.with_leaf))]
        for what, lines in rows:
            with self.subTest(what):
                done = self.verify(lines)
                self.assertEqual(done.returncode, 1, done)

    def with_leaf(self, line):
        event, proof = logs.parts(line)
        return line[:line.rindex(',"salt"')] + f',"leaf":"{logs.leaf(event, proof).hex()}"}}'

    def test_bytes_do_not_move_between_an_event_and_its_proof(self):
        """Each of these has the head that its header tells."""
        header = json.loads(self.lines[self.place() - 1])
        salt = bytes(range(16))
        event = b'{"id":"sevt_1","type":"user.message","content":[{"type":"text","text":"a secret"}]}'
        inner = event.index(b"{", 1)
        erased = b'{"id":"sevt_1","type":"user.message","redacted":{"at":"2026-06-01T00:00:00.000Z","reason":null}' \
                 b',"processed_at":"2026-06-01T00:00:00.000Z"}'
        rows = [("a longer salt", event[inner:], "salt", salt + event[:inner]),
                ("a longer salt of a whole event", event, "salt", salt + b"\0"),
                ("a shorter salt", event, "salt", salt[1:]),
                ("no bytes of salt", event, "salt", b""),
                ("a longer leaf", erased, "leaf", event),
                ("a shorter leaf", erased, "leaf", salt),
                ("more than an event", event + b',"salt":{}', "salt", salt),
                ("half an event", event[:-2] + b"}", "salt", salt)]
        for what, payload, kind, proof in rows:
            with self.subTest(what):
                leaf = proof if kind == "leaf" else hashlib.sha256(proof + payload).digest()
                header["session"]["log"] = {"events": 1, "head": logs.unsalted_head([leaf])}
                line = f'{{"event":{payload.decode()},"{kind}":"{proof.hex()}"}}'
                done = self.verify([json.dumps(header), line])
                self.assertEqual(done.returncode, 1, done)

    def test_a_head_that_is_not_met_is_named(self):
        other = "sha256:" + 64 * "1"
        done = self.verify(self.lines, self.heads[0], other)
        said = f"not verified; heads that were not met: ['{other}']\n"
        self.assertEqual((done.returncode, done.stderr), (1, said), done)

    def test_an_erased_event_keeps_the_head(self):
        at = self.place() + 1
        event, proof = logs.parts(self.lines[at])
        known = json.loads(event)
        shown = {"id": known["id"], "type": known["type"],
                 "redacted": {"at": "2026-06-01T00:00:00.000Z", "reason": None},
                 "processed_at": known["processed_at"]}
        lines = list(self.lines)
        lines[at] = json.dumps({"event": shown, "leaf": logs.leaf(event, proof).hex()}, separators=(",", ":"))
        done = self.verify(lines, *self.heads)
        self.assertEqual(done.returncode, 0, done)
        copy = harness.Store()
        self.addCleanup(copy.close)
        copy.must("import", "-", stdin="\n".join(lines) + "\n")
        self.assertEqual(copy.export(self.session)[1:], lines[self.place():][:self.log()["events"]])
        self.assertEqual(copy.run("check").returncode, 0)

    def test_a_file_without_salts(self):
        at, count = self.place(), self.log()["events"]
        bare = [logs.parts(line)[0] for line in self.lines[at:at + count]]
        header = json.loads(self.lines[at - 1])
        header["session"]["log"]["head"] = logs.unsalted_head(bare)
        lines = [json.dumps(header)] + [f'{{"event":{e.decode()}}}' for e in bare]
        self.assertEqual(self.verify(lines, logs.unsalted_head(bare[:2])).returncode, 0)
        self.assertEqual(self.verify(lines[:1] + lines[2:]).returncode, 1)
        copy = harness.Store()
        self.addCleanup(copy.close)
        copy.must("import", "-", stdin="\n".join(lines) + "\n")
        exported = copy.export(self.session)
        self.assertEqual([logs.parts(line)[0] for line in exported[1:]], bare)
        self.assertEqual(self.verify(exported).returncode, 0)


if __name__ == "__main__":
    harness.main()
