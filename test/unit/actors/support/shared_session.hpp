// SPDX-License-Identifier: Apache-2.0
// A session that two servers serve at once, and somebody who follows it.
#pragma once

#include "test/unit/actors/support/cluster_fixture.hpp"
#include "test/unit/actors/support/listening_thread.hpp"
// The framework's header comes first.
#include "actors/session/session.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sandbase::test {

struct shared_fixture : cluster_fixture {
  std::string id = a.create();
  session_actor at_a = a.look_up(id);
  session_actor at_b = b.look_up(id);
  std::shared_ptr<heard_by_thread> heard = std::make_shared<heard_by_thread>();
  fan_out_actor thread;

  ~shared_fixture() {
    if (thread) caf::anon_send_exit(thread, caf::exit_reason::user_shutdown);
    a.run();
  }

  session_key key() const { return database->rows().session_ids.at({a.workspace, id}); }
  epoch_t epoch() const { return database->rows().tips.at(key()).epoch; }
  std::string body(const std::string& text) { return a.events({a.message(text)}); }
  /// Somebody follows the session at `server`.
  pull_answer follow(cluster_member& server, const session_actor& session) {
    if (!thread) thread = sys.spawn(listening_thread, heard);
    auto r = a.opening(256 * 1024);
    r.follower = thread;
    auto first = server.must<pull_answer>(session, r);
    heard->events.clear();  // of what came before the answer
    return first;
  }
  std::vector<seq_t> heard_ends() const {
    std::vector<seq_t> ends;
    for (const auto& p : heard->events) ends.push_back(p.end);
    return ends;
  }
  /// Both show one log, and the store is sound.
  void must_be_sound() {
    CAF_CHECK_EQUAL(a.faults_found(), std::vector<std::string>{});
    CAF_CHECK_EQUAL(a.replay(at_a), b.replay(at_b));
  }
};

inline std::string json_of(const log_slice& slice) {
  const auto& span = slice.spans.front();
  return std::string{span.block->json(span.first)};
}

}  // namespace sandbase::test
