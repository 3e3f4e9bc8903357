// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE links_random
#include "test/unit/actors/support/edge_member.hpp"
#include "test/unit/actors/support/linked_fixture.hpp"

#include <cstdlib>
#include <random>
#include <set>

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

/// A stream that follows a session at one server, as those of the HTTP layer do: it writes what continues its
/// cursor and pulls what does not.
struct listener {
  session_actor session;
  seq_t cursor = 0;
  seq_t end = 0;
  bool pulls = false;
  std::vector<std::string> events;
  std::string fault;

  void take(const log_slice& slice) {
    for (const auto& span : slice.spans)
      for (auto seq = span.first; seq <= span.last; ++seq) {
        if (seq <= cursor) continue;
        if (seq != cursor + 1) fault = "skips to " + std::to_string(seq);
        cursor = seq;
        events.emplace_back(span.block->json(seq));
      }
  }
};

fan_out_actor::behavior_type listening(fan_out_actor::pointer self, std::shared_ptr<listener> me) {
  const auto pull = std::make_shared<std::function<void()>>();
  *pull = [=] {
    if (me->pulls || me->cursor >= me->end) return;
    me->pulls = true;
    self->request(me->session, caf::infinite, pull_request{me->cursor, me->end, 4096, false, 0})
        .then(
            [=](const pull_answer& a) {
              me->pulls = false;
              me->take(a.slice);
              (*pull)();
            },
            [=](const caf::error&) { me->pulls = false; });
  };
  self->attach_functor([pull] { *pull = nullptr; });
  return {
      [=](const published& p) {
        me->end = std::max(me->end, p.end);
        if (!p.slice.empty() && p.slice.first_seq() <= me->cursor + 1) me->take(p.slice);
        (*pull)();
        caf::anon_send(caf::actor_cast<session_actor>(self->current_sender()),
                       published_ack{fan_out_actor{self}, false});
      },
      [=](const previewed&) {
        caf::anon_send(caf::actor_cast<session_actor>(self->current_sender()),
                       published_ack{fan_out_actor{self}, true});
      },
      [](const board_moved&) {},
      [](const describe_actor&) {
        return actor_status{"fake", {}};
      },
      [](const receipt_query& q) { return receipt_told{q.of->look()}; },
  };
}

/// Appends at two servers, and at an edge of theirs, while their links are cut, swallow what they carry and
/// come back, in an order drawn from a seed: what is acknowledged stands in the log once, what is refused
/// does not, and who follows hears all of it in order.
struct fixture : linked_fixture {
  struct sent_text {
    std::string text;
    std::string key;
    bool is_at_edge = false;
    std::shared_ptr<outcome<append_answer>> answer;
  };

  ~fixture() {
    for (const auto& thread : threads) caf::anon_send_exit(thread, caf::exit_reason::user_shutdown);
    for (const auto& l : listeners) l->session = nullptr;
    sessions.clear();
    a.run();
    edge.stop();
  }

  std::size_t pick(std::size_t n) { return random() % n; }
  bool one_in(std::size_t n) { return pick(n) == 0; }

  bool step() {
    if (sched.jobs.empty()) return false;
    std::iter_swap(sched.jobs.begin(),
                   sched.jobs.begin() + static_cast<std::ptrdiff_t>(pick(sched.jobs.size())));
    sched.run_once();
    return true;
  }
  void settle() {
    while (step()) continue;
  }

  void begin_append() {
    const auto at = pick(sessions.size());
    const auto text = "text " + std::to_string(texts.size());
    const auto key = one_in(2) ? "key " + text : "";
    const auto body = a.events({a.message(text)});
    auto r = a.appending(body, key);
    r.text = std::make_shared<const std::string>(body);
    r.may = role::runtime;
    r.patience = 60s;
    texts.push_back({text, key, at == 2, a.ask<append_answer>(sessions[at], r)});
  }
  void do_something() {
    switch (pick(12)) {
      case 0:
        return cut_links();
      case 1:
        net->is_silent = true;
        return;
      case 2:
      case 3:
        net->is_cut = false;
        return net->let_go();
      case 4:
      case 5:
        return sched.advance_time(std::chrono::milliseconds{pick(700)}), void();
      default:
        return begin_append();
    }
  }
  void cut_links() {
    net->is_cut = true;
    for (const auto& end : std::exchange(net->ends, {}))
      caf::anon_send_exit(end, caf::exit_reason::remote_link_unreachable);
  }

  void play(unsigned seed) {
    random.seed(seed);
    const auto id = a.create();
    edge.start({"b"});
    for (int i = 0; i < 4; ++i) pass(500ms);
    const auto at_edge =
        a.must<lookup_answer>(edge.actors->directory(), lookup_request{a.workspace, id}).session;
    sessions = {a.look_up(id), b.look_up(id), at_edge};
    for (std::size_t at = 0; at < sessions.size(); ++at) {
      listeners.push_back(std::make_shared<listener>());
      listeners.back()->session = sessions[at];
      threads.push_back(sys.spawn(listening, listeners.back()));
      auto r = a.opening(4096);
      r.follower = threads.back();
      listeners.back()->take(a.must<pull_answer>(listeners.back()->session, r).slice);
    }
    for (int i = 0; i < 60; ++i) {
      do_something();
      for (auto n = pick(40); n > 0 && step(); --n) continue;
    }
    net->is_cut = false;
    net->let_go();
    for (int i = 0; i < 30; ++i) {
      settle();
      sched.advance_time(500ms);
    }
    settle();
    check(seed);
  }

  void check(unsigned seed) {
    const auto log = a.replay(sessions[0]);
    std::vector<std::string> faults = a.faults_found();
    for (std::size_t at = 1; at < sessions.size(); ++at)
      if (log != a.replay(sessions[at])) faults.emplace_back("the servers show other logs");
    for (const auto& [text, key, is_at_edge, answer] : texts) {
      const auto stored = std::ranges::count_if(
          log, [&](const std::string& json) { return json.find('"' + text + '"') != std::string::npos; });
      if (!answer->answered) {
        faults.push_back(text + " was not answered");
      } else if (*answer ? stored != 1 : stored > 1) {
        faults.push_back(text + " is stored " + std::to_string(stored) + " times");
      } else if (!*answer && answer->error.code != errc::unknown_outcome && stored != 0) {
        faults.push_back(text + " was refused and stored: " + answer->error.message);
      } else if (!*answer && !key.empty() && !is_at_edge && answer->error.code != errc::unavailable &&
                 stored != 0) {
        faults.push_back(text + " has a key and was refused: " + answer->error.message);
      }
    }
    for (const auto& l : listeners) {
      if (!l->fault.empty()) faults.push_back(l->fault);
      if (l->events != log) faults.emplace_back("a stream has not heard all");
    }
    if (!is_linked() || !edge.is_linked_to(a.environment->self) || !edge.is_linked_to(b.environment->self))
      faults.emplace_back("there is no link");
    if (!faults.empty()) CAF_FAIL("seed " << seed << ": " << faults.front());
  }

  edge_member edge{sys, net};
  std::mt19937 random;
  std::vector<session_actor> sessions;
  std::vector<std::shared_ptr<listener>> listeners;
  std::vector<fan_out_actor> threads;
  std::vector<sent_text> texts;
};

}  // namespace

CAF_TEST(whatever links do nothing is lost doubled or out of order) {
  const char* const from = std::getenv("SANDBASE_SEED");
  const auto first = from ? static_cast<unsigned>(std::atoi(from)) : 1U;
  for (auto seed = first; seed < first + (from ? 1U : 150U); ++seed) fixture{}.play(seed);
}
