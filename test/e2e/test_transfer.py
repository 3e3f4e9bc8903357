# SPDX-License-Identifier: Apache-2.0
"""Import and export over HTTP, as runtimes use them."""
import json

import harness


class Export(harness.E2eTest):
    def export(self, session):
        return self.runtime.get(f"/v1/sessions/{session}/export")

    def test_it_is_what_the_command_writes(self):
        session = self.client.create(title="Exported")
        self.runtime.sent(session, [harness.agent_message("x" * n) for n in (1, 5000, 100_000)] + harness.turn())
        answer = harness.ok(self.export(session))
        self.assertEqual(answer.headers["content-type"], "application/x-ndjson")
        self.assertEqual(answer.headers["cache-control"], "no-store")
        lines = answer.text.splitlines()
        written = self.store.export(session)
        self.assertEqual(lines[1:], written[1:])
        header, other = json.loads(lines[0]), json.loads(written[0])
        for h in (header, other):
            del h["session"]["stats"]
        self.assertEqual(header, other)

    def test_a_large_one_comes_in_pieces(self):
        session = self.client.create()
        for _ in range(8):
            self.runtime.sent(session, [harness.agent_message("x" * 50_000) for _ in range(20)])
        answer = harness.ok(self.export(session))
        self.assertEqual(answer.headers.get("transfer-encoding"), "chunked")
        self.assertEqual(answer.text.splitlines()[1:], self.store.export(session)[1:])

    def test_an_empty_log_is_a_header(self):
        answer = harness.ok(self.export(self.client.create()))
        self.assertEqual(len(answer.text.splitlines()), 1)

    def test_refusals(self):
        session = self.client.create()
        for api in (self.client, self.viewer):
            self.assert_error(api.get(f"/v1/sessions/{session}/export"), 403, "permission_error", "runtime")
        self.assert_error(self.export("sess_none"), 404, "not_found")
        self.assert_error(self.runtime.post(f"/v1/sessions/{session}/export", {}), 405, "invalid_request_error")


if __name__ == "__main__":
    harness.main()
