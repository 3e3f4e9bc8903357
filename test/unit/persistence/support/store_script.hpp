// SPDX-License-Identifier: Apache-2.0
// What the service and its operators do with a store, step by step, and a life of a few dozen such steps.
#pragma once

#include "test/unit/persistence/support/witnessed_store.hpp"

namespace sandbase::test {

class store_script {
 public:
  explicit store_script(witnessed_store& store) : store_(store) {}

  /// From opening to the end of the process, which comes early if the store demands it.
  void run() {
    store_.start();
    create("sess_a", 3);
    create("sess_b", 0);
    append("sess_a", 5);
    append_with_request("sess_b", "key-1");
    make_key("laptop");
    for (int i = 0; i < 8; ++i) append_and_seal("sess_a");  // the last one merges what the others sealed
    read_everything();
    keep_house();
    checkpoint();
    append("sess_b", 1, 30'000);
    seal("sess_b");
    append_with_foreign_id("sess_b", "evt_foreign");
    revoke_key("laptop");
    make_key("phone");
    create("sess_c", 40);
    seal("sess_c");
    remove("sess_a");
    keep_house();
    append("sess_c", 2);
    keep_house();
    checkpoint();
    append_with_request("sess_c", "key-2");
    read_everything();
    append("sess_b", 1);
    store_.end();
  }

  // --- steps; those for a session that is not there do nothing ---------------------

  void create(const std::string& id, std::size_t events) {
    store_.commit([&](const store_state&) {
      test_log log{id};
      log.workspace = store_.workspace();
      store_op op = log.create(events);
      return std::vector<planned_op>{
          {std::move(op), [=](store_state& after, const op_outcome& outcome) mutable {
             log.key = outcome.session;
             after.sessions[id].log = log;
           }}};
    });
  }

  void append_with_request(const std::string& id, const std::string& key) {
    store_.commit([&](const store_state& s) {
      auto plan = store_.append_to(id, 2)(s);
      for (auto& p : plan) {
        auto& op = std::get<append_op>(p.op);
        op.header = s.sessions.at(id).log.shared_header();
        op.idempotency = idempotency_record{key, sha256(key), op.first_seq, op.first_seq + 1, at_ms(1)};
        p.then = [=, request = *op.idempotency, note = p.then](store_state& after,
                                                               const op_outcome& outcome) {
          note(after, outcome);
          after.sessions.at(id).requests.insert_or_assign(key, request);
        };
      }
      return plan;
    });
  }

  void append_with_foreign_id(const std::string& id, const std::string& event) {
    store_.commit([&](const store_state& s) {
      std::vector<planned_op> plan;
      if (!s.sessions.contains(id)) return plan;
      auto log = s.sessions.at(id).log;
      auto op = log.append_nothing();
      log.add(op, log.make("agent.message", 200, event));
      op.foreign_ids = {{event, log.last()}};
      plan.push_back(
          {std::move(op), [=](store_state& after, const op_outcome&) { after.sessions.at(id).log = log; }});
      return plan;
    });
  }

  void seal(const std::string& id) {
    store_.commit([&](const store_state& s) {
      std::vector<planned_op> plan;
      const auto it = s.sessions.find(id);
      if (it != s.sessions.end() && it->second.sealed < it->second.log.last())
        plan.push_back(sealing(id, it->second));
      return plan;
    });
  }

  void append_and_seal(const std::string& id) {
    store_.commit([&](const store_state& s) {
      auto plan = store_.append_to(id, 1)(s);
      if (plan.empty()) return plan;
      auto after = s;
      plan.front().then(after, {});
      plan.push_back(sealing(id, after.sessions.at(id)));
      return plan;
    });
  }

  void remove(const std::string& id) {
    store_.commit([&](const store_state& s) {
      std::vector<planned_op> plan;
      if (const auto it = s.sessions.find(id); it != s.sessions.end())
        plan.push_back({delete_op{it->second.log.key, it->second.log.epoch},
                        [=](store_state& after, const op_outcome&) { after.sessions.erase(id); }});
      return plan;
    });
  }

  void make_key(const std::string& name) {
    store_.administrate(
        [&](store_admin& a) -> result<void> {
          const auto made = a.create_key("main", role::client, name, at_ms(1));
          return made ? result<void>{} : made.error();
        },
        [=](store_state& after) { after.keys[name] = false; });
  }

  void revoke_key(const std::string& name) {
    if (!store_.acknowledged().keys.contains(name)) return;
    store_.administrate(
        [&](store_admin& a) -> result<void> {
          const auto all = a.list_keys();
          if (!all) return all.error();
          for (const auto& key : *all)
            if (key.name == name)
              if (const auto revoked = a.revoke_key(key.id, at_ms(2)); !revoked) return revoked.error();
          return {};
        },
        [=](store_state& after) { after.keys[name] = true; });
  }

  void append(const std::string& id, std::size_t events, std::size_t size = 200) {
    store_.commit(store_.append_to(id, events, size));
  }

  void checkpoint() {
    store_.keep_house([](event_store& s) { return s.checkpoint(); });
  }

  /// Trims, sweeps and expires.
  void keep_house() {
    store_.keep_house([](event_store& s) -> result<void> {
      for (bool more = true; more;) {
        const auto left = s.housekeep({at_ms(3), true, [] { return true; }});
        if (!left) return left.error();
        more = *left;
      }
      return {};
    });
  }

  void read_everything() {
    for (const auto& [id, s] : store_state{store_.acknowledged()}.sessions) {
      const auto key = s.log.key;
      store_.read([&, id = id](event_reader& r) { return r.find_session(store_.workspace(), id); });
      store_.read([&](event_reader& r) { return r.read(key, 0, max_told_seq, 1 << 20); });
      store_.read([&](event_reader& r) { return r.read_back(key, 1, max_told_seq, 1 << 20); });
      store_.read([&](event_reader& r) {
        return r.search(key, {0, max_told_seq}, {{"no.such_type"}, {}}, [] { return false; });
      });
      if (s.log.last() > 0)
        store_.read([&, id = s.log.id_of(1)](event_reader& r) { return r.find_event(key, id); });
    }
  }

 private:
  static planned_op sealing(const std::string& id, const store_state::session& s) {
    const auto last = s.log.last();
    return {s.log.seal({{s.sealed + 1, last}}),
            [=](store_state& after, const op_outcome&) { after.sessions.at(id).sealed = last; }};
  }

  witnessed_store& store_;
};

}  // namespace sandbase::test
