// SPDX-License-Identifier: Apache-2.0
// Files with salts, with leaves and without either: what proves an imported log, and what does not.
#define CAF_SUITE salted_lines
#include "events/base/hex.hpp"
#include "events/event/tombstone.hpp"
#include "test/unit/persistence/support/transfer_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

std::string json_of(int n) {
  return R"({"id":"msg_)" + std::to_string(n) + R"(","type":"agent.message","text":"secret )" +
         std::to_string(n) + R"(","processed_at":"2026-01-01T00:00:0)" + std::to_string(n) + R"(.000Z"})";
}

/// A session of three events, each with what is to stand beside it.
struct file {
  std::vector<std::string> jsons{json_of(1), json_of(2), json_of(3)};
  std::vector<event_proof> proofs{event_proof::make_salt(), event_proof::make_salt(),
                                  event_proof::make_salt()};
  digest head = chain();

  digest chain() const {
    digest at{};
    for (std::size_t i = 0; i < jsons.size(); ++i) at = next_head(at, proofs[i].leaf_of(jsons[i]));
    return at;
  }
  digest unsalted() const {
    digest at{};
    for (const auto& json : jsons) at = next_unsalted_head(at, json);
    return at;
  }
  void erase(std::size_t i) {
    proofs[i] = event_proof::from_leaf(proofs[i].leaf_of(jsons[i]));
    jsons[i] = *render_tombstone(jsons[i], test_time, "a key");
  }
  static std::string header(const digest& head) {
    return R"({"session":{"id":"sess_a","agent":"agent_1","environment_id":"env_1","log":{"events":3,"head":")" +
           format_head(head) + "\"}}}\n";
  }
  std::string line(std::size_t i) const {
    return R"({"event":)" + jsons[i] + (proofs[i].is_leaf() ? R"(,"leaf":")" : R"(,"salt":")") +
           to_hex(proofs[i].bytes()) + "\"}\n";
  }
  std::string bare_line(std::size_t i) const { return R"({"event":)" + jsons[i] + "}\n"; }
  std::string text() const { return header(head) + line(0) + line(1) + line(2); }
  std::string bare_text() const { return header(unsalted()) + bare_line(0) + bare_line(1) + bare_line(2); }
};

struct fixture : transfer_fixture {
  file f;
  /// Lines of the one session, without its header.
  std::string exported() {
    const auto all = export_all();
    return all.substr(all.find('\n') + 1);
  }
  digest stored_head() { return (*admin->find_sessions("sess_a")).front().header.progress.tip.head; }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(salted_lines_tests, fixture)

CAF_TEST(salts are kept and the head with them) {
  CAF_REQUIRE(import(f.text()));
  CAF_CHECK(stored_head() == f.head);
  CAF_CHECK_EQUAL(exported(), f.line(0) + f.line(1) + f.line(2));
  CAF_CHECK(import(f.text()));
  check();
}

CAF_TEST(an erased event is proved by its leaf) {
  f.erase(1);
  CAF_REQUIRE(import(f.text()));
  CAF_CHECK(stored_head() == f.head);
  CAF_CHECK_EQUAL(exported(), f.line(0) + f.line(1) + f.line(2));
  CAF_CHECK(import(f.text()));
  check();
}

CAF_TEST(a file without salts is checked by the chain without them and gets some) {
  CAF_REQUIRE(import(f.bare_text()));
  CAF_CHECK(stored_head() != f.unsalted());
  CAF_CHECK(import(f.bare_text()));
  const auto lines = lines_of(exported());
  CAF_REQUIRE_EQUAL(lines.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i)
    CAF_CHECK(lines[i].starts_with(R"({"event":)" + f.jsons[i] + R"(,"salt":")"));
  CAF_CHECK_NOT_EQUAL(lines[0].substr(lines[0].size() - 34), lines[1].substr(lines[1].size() - 34));
  CAF_CHECK(import(export_all()));
  check();
}

CAF_TEST(what the head does not cover is refused) {
  const auto refused = [&](const std::string& text) {
    CAF_CHECK(
        refusal(text).starts_with("line 1: session.log.head: is not the head of the events that follow"));
  };
  auto other = f;
  other.jsons[1] = json_of(4);
  other.jsons[1].replace(other.jsons[1].find(":04"), 3, ":02");
  refused(other.text());
  other = f;
  other.proofs[1] = event_proof::make_salt();
  refused(other.text());
  other = f;
  other.erase(1);
  other.proofs[1] = event_proof::from_leaf(sha256("another"));
  refused(other.text());
  CAF_MESSAGE("each chain has its own files");
  refused(f.header(f.unsalted()) + f.line(0) + f.line(1) + f.line(2));
  refused(f.header(f.head) + f.bare_line(0) + f.bare_line(1) + f.bare_line(2));
}

CAF_TEST(a leaf proves no payload) {
  f.proofs[1] = event_proof::from_leaf(f.proofs[1].leaf_of(f.jsons[1]));
  CAF_CHECK_EQUAL(refusal(f.text()), "line 3: leaf: only an event that was redacted has one");
}

CAF_TEST(all events of a session have salts or none) {
  CAF_CHECK_EQUAL(refusal(f.header(f.head) + f.line(0) + f.bare_line(1)),
                  "line 3: salt: is missing, but the events before have theirs");
  CAF_CHECK_EQUAL(refusal(f.header(f.head) + f.bare_line(0) + f.line(1)),
                  "line 3: salt: the events before have none");
}

CAF_TEST(what differs from the stored proof is a conflict) {
  CAF_REQUIRE(import(f.text()));
  auto other = f;
  other.proofs[1] = event_proof::make_salt();
  CAF_CHECK_EQUAL(errors(other.text()),
                  std::vector<std::string>{"line 3, session sess_a: salt: differs from what is stored"});
  other = f;
  other.erase(1);
  CAF_CHECK_EQUAL(errors(other.text()),
                  std::vector<std::string>{"line 3, session sess_a: event: differs from what is stored"});
  CAF_CHECK_EQUAL(
      errors(f.header(f.unsalted()) + f.line(0) + f.line(1) + f.line(2)),
      std::vector<std::string>{"line 1, session sess_a: session.log.head: differs from what is stored"});
}

CAF_TEST_FIXTURE_SCOPE_END()
