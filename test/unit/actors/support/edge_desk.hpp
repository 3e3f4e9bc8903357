// SPDX-License-Identifier: Apache-2.0
// What clients of an edge ask for, as the HTTP layer hands it on.
#pragma once

#include "test/unit/actors/support/edge_member.hpp"
#include "test/unit/actors/support/listening_thread.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sandbase::test {

/// `core`: whose scheduler and workspace they have in common.
class edge_desk {
 public:
  edge_desk(caf::actor_system& system, service_bench& core, edge_member& edge)
      : system_(system), core_(core), edge_(edge) {}
  ~edge_desk() { stop(); }
  void stop() {
    if (thread) caf::anon_send_exit(thread, caf::exit_reason::user_shutdown);
    thread = nullptr;
    core_.run();
  }

  create_session creation(const std::string& body, const std::string& key = {}) {
    auto r = core_.creation(body, key);
    r.text = std::make_shared<const std::string>(body);
    r.may = role::runtime;
    return r;
  }
  std::string create(const std::string& key = {}) {
    const auto r = creation(R"({"agent":"agent_a","environment_id":"env_a"})", key);
    return core_.must<session_created>(directory(), r).header->definition->id;
  }
  session_actor look_up(const std::string& id) {
    return core_.must<lookup_answer>(directory(), lookup_request{core_.workspace, id}).session;
  }
  append_request sent(const std::string& text, const std::string& key = {}) {
    const auto body = core_.events({core_.message(text)});
    auto r = core_.appending(body, key);
    r.text = std::make_shared<const std::string>(body);
    r.may = role::runtime;
    return r;
  }
  std::string append(const session_actor& at, const std::string& text, const std::string& key = {}) {
    const auto answer = core_.must<append_answer>(at, sent(text, key));
    const auto& span = answer.stored.spans.front();
    return std::string{span.block->json(span.first)};
  }
  update_session update(const std::string& body) {
    return {std::make_shared<const update_request>(*parse_update_request(body)), nullptr,
            std::make_shared<const std::string>(body)};
  }
  void follow(const session_actor& at) {
    if (!thread) thread = system_.spawn(listening_thread, heard);
    auto r = core_.opening(256 * 1024);
    r.follower = thread;
    core_.must<pull_answer>(at, r);
    heard->events.clear();
  }
  const directory_actor& directory() const { return edge_.actors->directory(); }

  std::shared_ptr<heard_by_thread> heard = std::make_shared<heard_by_thread>();
  fan_out_actor thread;

 private:
  caf::actor_system& system_;
  service_bench& core_;
  edge_member& edge_;
};

}  // namespace sandbase::test
