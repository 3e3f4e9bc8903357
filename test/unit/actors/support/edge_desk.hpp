// SPDX-License-Identifier: Apache-2.0
// What clients of an edge ask for, as the HTTP layer hands it on.
#pragma once

#include "test/unit/actors/support/edge_member.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sandbase::test {

struct heard_at_edge {
  std::vector<published> events;
  std::size_t previews = 0;

  std::vector<std::string> jsons() const {
    std::vector<std::string> all;
    for (const auto& p : events)
      for (const auto& span : p.slice.spans)
        for (auto seq = span.first; seq <= span.last; ++seq) all.emplace_back(span.block->json(seq));
    return all;
  }
};

inline fan_out_actor::behavior_type edge_thread(fan_out_actor::pointer self,
                                                std::shared_ptr<heard_at_edge> heard) {
  const auto acknowledge = [self](bool of_previews) {
    caf::anon_send(caf::actor_cast<session_actor>(self->current_sender()),
                   published_ack{fan_out_actor{self}, of_previews});
  };
  return {
      [=](const published& p) {
        heard->events.push_back(p);
        acknowledge(false);
      },
      [=](const previewed& p) {
        heard->previews += p.what.size();
        acknowledge(true);
      },
      [](const describe_actor&) {
        return actor_status{"fake", {}};
      },
      [](const receipt_query& q) { return receipt_told{q.of->look()}; },
  };
}

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
    if (!thread) thread = system_.spawn(edge_thread, heard);
    auto r = core_.opening(256 * 1024);
    r.follower = thread;
    core_.must<pull_answer>(at, r);
    heard->events.clear();
  }
  const directory_actor& directory() const { return edge_.actors->directory(); }

  std::shared_ptr<heard_at_edge> heard = std::make_shared<heard_at_edge>();
  fan_out_actor thread;

 private:
  caf::actor_system& system_;
  service_bench& core_;
  edge_member& edge_;
};

}  // namespace sandbase::test
