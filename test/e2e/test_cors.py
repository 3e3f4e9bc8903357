# SPDX-License-Identifier: Apache-2.0
"""Cross-origin requests: off unless origins are named, exact origins only, no credentials."""
import harness


class Cors(harness.E2eTest):
    ORIGIN = "https://app.example.com"
    ALLOWED = {"authorization", "x-api-key", "idempotency-key", "last-event-id", "content-type", "anthropic-version",
               "anthropic-beta",
               "x-stainless-retry-count", "x-stainless-lang"}
    ASKED = sorted(ALLOWED) + ["x-forwarded-for"]
    serve_options = ("--http.cors_origin", ORIGIN, "--http.cors_origin", "http://localhost:3000")

    def preflight(self, origin, path="/v1/sessions/sess_unknown"):
        return self.api(None).http.options(path, headers={"origin": origin, "access-control-request-method": "POST",
                                                          "access-control-request-headers": ", ".join(self.ASKED)})

    def names(self, answer, header):
        return {n.strip().lower() for n in answer.headers.get(header, "").split(",")}

    def test_preflight_is_answered_before_authentication(self):
        for origin in (self.ORIGIN, "http://localhost:3000"):
            answer = self.preflight(origin)
            self.assertIn(answer.status_code, (200, 204), answer.text)
            self.assertEqual(answer.headers.get("access-control-allow-origin"), origin)
            self.assertIn("origin", self.names(answer, "vary"))
            self.assertNotIn("access-control-allow-credentials", answer.headers)
            self.assertLessEqual({"GET", "POST", "DELETE"},
                                 {m.upper() for m in self.names(answer, "access-control-allow-methods")})
            allowed = self.names(answer, "access-control-allow-headers")
            self.assertLessEqual(self.ALLOWED, allowed)
            self.assertNotIn("x-forwarded-for", allowed)

    def test_answers_name_the_origin(self):
        session = self.client.create()
        for path in ("/v1/sessions", f"/v1/sessions/{session}/events/stream", "/v1/none"):
            answer = self.client.get(path, headers={"origin": self.ORIGIN})
            self.assertEqual(answer.headers.get("access-control-allow-origin"), self.ORIGIN, path)
            self.assertIn("origin", self.names(answer, "vary"))
            self.assertLessEqual({"request-id", "retry-after"}, self.names(answer, "access-control-expose-headers"))

    def test_other_origins_get_nothing(self):
        for origin in ("https://evil.example", self.ORIGIN + ".evil.example", "http://app.example.com", "null"):
            for answer in (self.preflight(origin), self.client.get("/v1/sessions", headers={"origin": origin})):
                self.assertNotIn("access-control-allow-origin", answer.headers, origin)
                self.assertIn("origin", self.names(answer, "vary"))


class CorsOff(harness.E2eTest):
    def test_no_header_is_sent(self):
        answer = self.client.get("/v1/sessions", headers={"origin": "https://app.example.com"})
        self.assertFalse([h for h in answer.headers if h.startswith("access-control-")], answer.headers)


if __name__ == "__main__":
    harness.main()
