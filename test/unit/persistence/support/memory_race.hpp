// SPDX-License-Identifier: Apache-2.0
// Nodes that write the same sessions at random, while connections, nodes and the database fail. What is
// stored is held against what callers were told.
#pragma once

#include "test/simulation/random.hpp"
#include "test/unit/persistence/support/memory_nodes.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

namespace sandbase::test {

class memory_race {
 public:
  /// How often what was drawn, so that a suite can tell that everything was.
  struct tally {
    int stored = 0, unknown = 0, landed_later = 0, fenced = 0, lost = 0;
  };

  memory_race(std::uint64_t seed, bool with_failovers) : random_(seed), with_failovers_(with_failovers) {
    database_->at_claim = [this] { return static_cast<fate>(random_.below(3)); };
    for (auto& node : nodes_) node = std::make_unique<memory_node>(database_);
    const auto workspace = must(nodes_.front()->writer->workspace("main", true));
    for (const std::string id : {"sess_a", "sess_b"}) {
      test_log log{id};
      log.workspace = workspace;
      log.key = nodes_.front()->commit_one(log.create()).session;
      watched_.push_back({log, {}, {}, {}, {{digest{}, log}}});
    }
    database_->copy_all();
  }

  /// @returns what is wrong; empty: nothing
  std::string run(int steps) {
    for (int i = 0; i < steps && wrong_.empty(); ++i) {
      step();
      for (auto& session : watched_) look_at(session);
    }
    if (wrong_.empty()) check();
    return wrong_;
  }
  const tally& seen() const { return seen_; }

 private:
  /// What is known of one session.
  struct watched {
    test_log base;
    /// As stored, after the last step.
    std::vector<std::string> stored;
    /// In order.
    std::vector<std::string> acknowledged;
    /// They may be stored, or land yet.
    std::set<std::string> unknown;
    /// A log as of each head that it may have had.
    std::map<digest, test_log> versions;
    /// They must never be there.
    std::set<std::string> refused = {};
    /// By node: the log as this one goes on with it.
    std::map<std::size_t, test_log> views = {};
  };

  void step() {
    const auto n = random_.below(nodes_.size());
    auto& session = random_.pick(watched_);
    const auto what = random_.below(100);
    nodes_[n]->backend.link().fault = nullptr;
    if (what < 50)
      append(n, session);
    else if (what < 70)
      claim(n, session);
    else if (what < 78)
      seal(n, session);
    else if (what < 82)
      nodes_[n]->keep_house();
    else if (what < 86)
      restart(n);
    else if (what < 96 || !with_failovers_)
      settle_one();
    else
      fail_over();
  }

  void append(std::size_t n, watched& session) {
    if (!session.views.contains(n)) claim(n, session);
    if (!session.views.contains(n)) return;
    auto& log = session.views.at(n);
    auto op = log.append_nothing();
    const auto seq = log.last() + 1;
    log.add(op, log.make("agent.message", 200,
                         make_event_id(at_ms(static_cast<std::int64_t>(seq)), seq, ++events_)));
    session.versions.insert_or_assign(log.header.progress.tip.head, log);
    const auto json = log.jsons.back();

    auto& node = *nodes_[n];
    node.fail_next(store_call::commit, draw_fault());
    const store_op sent{op};
    const auto done = node.writer->commit({&sent, 1});
    node.backend.link().is_up = true;
    if (done && done->front().error.code == errc::none) {
      session.acknowledged.push_back(json);
      ++seen_.stored;
      return;
    }
    session.views.erase(n);
    if (!done && done.error().code == errc::unknown_outcome) {
      session.unknown.insert(json);
      ++seen_.unknown;
    } else {
      session.refused.insert(json);
      seen_.fenced += done ? 1 : 0;
    }
  }

  link_fault draw_fault() {
    constexpr std::array all{link_fault::refused, link_fault::answer_lost, link_fault::late, link_fault::late,
                             link_fault::cut};
    return random_.chance(1, 2) ? link_fault::none : all[random_.below(all.size())];
  }

  void claim(std::size_t n, watched& session) {
    auto& node = *nodes_[n];
    if (random_.chance(1, 8))
      node.fail_next(store_call::claim, random_.chance(1, 2) ? link_fault::answer_lost : link_fault::refused);
    auto claimed = node.writer->claim(session.base.key);
    // Whoever wrote it before does not know yet.
    if (!claimed) {
      session.views.erase(n);
      return;
    }
    const auto& end = claimed->log;
    const auto& head = end.unsealed.empty() ? end.row.header.progress.tip.head : end.unsealed.back().head;
    const auto known = session.versions.find(head);
    if (known == session.versions.end()) return fail("a claim tells of a log that nobody made");
    auto log = known->second;
    log.epoch = claimed->epoch;
    session.views.insert_or_assign(n, log);
    // What was not stored by now never is.
    settle(session, log.jsons);
  }

  /// All unknown outcomes of a session are known by now.
  void settle(watched& session, const std::vector<std::string>& stored) {
    for (const auto& json : session.unknown)
      if (std::ranges::count(stored, json) == 0) session.refused.insert(json);
    session.unknown.clear();
  }

  void seal(std::size_t n, watched& session) {
    const auto view = session.views.find(n);
    const auto row = database_->rows().sessions.at(session.base.key);
    if (view == session.views.end() || view->second.last() <= row->sealed_seq) return;
    const store_op op = view->second.seal({{row->sealed_seq + 1, view->second.last()}});
    must(nodes_[n]->writer->commit({&op, 1}));
  }

  void restart(std::size_t n) {
    nodes_[n]->end();
    nodes_[n]->start();
    for (auto& session : watched_) session.views.erase(n);
  }

  void settle_one() {
    if (database_->under_way() == 0) return;
    const auto place = random_.below(database_->under_way());
    if (random_.chance(1, 4)) return database_->vanish(place);
    database_->land(place);
    ++seen_.landed_later;
  }

  /// What was lost counts for nobody any more.
  void fail_over() {
    seen_.lost += static_cast<int>(database_->lose_tail(random_.between(1, 4)));
    for (auto& session : watched_) {
      const auto stored = read(session);
      settle(session, stored);
      for (const auto& json : session.acknowledged)
        if (std::ranges::count(stored, json) == 0) session.refused.insert(json);
      std::erase_if(session.acknowledged,
                    [&](const auto& json) { return std::ranges::count(stored, json) == 0; });
      session.stored = stored;
    }
  }

  std::vector<std::string> read(const watched& session) { return nodes_.back()->read_all(session.base); }

  void look_at(watched& session) {
    const auto now = read(session);
    auto& before = session.stored;
    if (now.size() < before.size() || !std::equal(before.begin(), before.end(), now.begin()))
      return fail("a log does not go on where it was");
    for (const auto& json : session.refused)
      if (std::ranges::count(now, json) != 0) return fail("what was refused is stored");
    auto from = now.begin();
    for (const auto& json : session.acknowledged) {
      from = std::find(from, now.end(), json);
      if (from == now.end()) return fail("what was acknowledged is not stored, or not in order");
      ++from;
    }
    if (std::set(now.begin(), now.end()).size() != now.size()) return fail("an event is stored twice");
    before = now;
  }

  void check() {
    memory::memory_backend operators{database_};
    must(must(operators.open_admin())->check([&](const std::string& p) { fail(p); }));
  }
  void fail(const std::string& what) {
    if (wrong_.empty()) wrong_ = what;
  }

  sim::random_source random_;
  const bool with_failovers_;
  std::shared_ptr<memory::memory_database> database_ = std::make_shared<memory::memory_database>();
  std::array<std::unique_ptr<memory_node>, 3> nodes_;
  std::vector<watched> watched_;
  std::uint64_t events_ = 0;
  std::string wrong_;
  tally seen_;
};

}  // namespace sandbase::test
