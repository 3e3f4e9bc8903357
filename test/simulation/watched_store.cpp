// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/watched_store.hpp"

#include "test/simulation/model.hpp"
#include "test/unit/support/refused_commit.hpp"

#include <algorithm>
#include <new>

namespace sandbase::sim {

namespace {

/// The times of a log are those of several servers, each of which may be corrected.
constexpr std::chrono::seconds clocks_differ{15};

const failure disk_full{errc::unavailable, "simulated: the disk is full"};
const failure disk_broken{errc::io_failed, "simulated: the disk fails"};
const failure unreadable{errc::unavailable, "simulated: the read fails"};

class watched_writer final : public event_store {
 public:
  watched_writer(std::unique_ptr<event_store> real, context& run, durable_state& durable)
      : real_(std::move(real)), run_(run), durable_(durable) {}

  result<std::vector<op_outcome>> commit(std::span<const store_op> ops) override {
    return noted(try_commit(ops));
  }
  result<claimed_session> claim(session_key session) override {
    if (run_.strikes(fault::read_failed)) return unreadable;
    auto claimed = noted(real_->claim(session));
    if (claimed) durable_.opened(claimed->log);
    return claimed;
  }
  void release(session_key session, epoch_t epoch) override { real_->release(session, epoch); }
  std::vector<session_key> wants_sealed(std::chrono::steady_clock::time_point now) override {
    return real_->wants_sealed(now);
  }
  result<bool> housekeep(const house_budget& budget) override { return noted(real_->housekeep(budget)); }
  result<void> checkpoint() override { return real_->checkpoint(); }
  bool wants_checkpoint(bool idle) override { return real_->wants_checkpoint(idle); }
  result<void> finish_checkpoint() override { return real_->finish_checkpoint(); }
  std::vector<failure> take_damage() override {
    auto damage = real_->take_damage();
    for (const auto& d : damage) run_.fail("the journal is damaged: " + d.message);
    return damage;
  }
  unsealed_report unsealed() const override { return real_->unsealed(); }
  result<std::string> secret(std::string_view name) override { return real_->secret(name); }
  result<workspace_key> workspace(std::string_view name, bool create) override {
    return real_->workspace(name, create);
  }

 private:
  result<std::vector<op_outcome>> try_commit(std::span<const store_op> ops) {
    if (run_.strikes(fault::actor_thrown)) throw std::bad_alloc{};
    if (run_.strikes(fault::commit_refused)) {
      if (auto refused = test::refuse_commit(*real_, ops); !refused) return std::move(refused).error();
      return disk_full;
    }
    if (run_.strikes(fault::commit_lost)) return disk_broken;
    look_at_patience(ops);
    if (run_.strikes(fault::commit_slow)) {
      // A database may hang for longer than anybody waits.
      const bool hangs = run_.servers > 1 && run_.random.chance(200);
      run_.pass(std::chrono::milliseconds{run_.random.between(10, hangs ? 90'000 : 8'000)});
    }
    auto outcomes = real_->commit(ops);
    run_.note("commit of ", ops.size(), outcomes ? " operations" : " operations fails: ",
              outcomes ? std::string{} : outcomes.error().message);
    if (!outcomes) return outcomes;
    durable_.committed(ops, *outcomes);
    if (run_.strikes(fault::commit_silenced)) return disk_broken;
    return outcomes;
  }
  /// An append that is sent once is begun again only while its client waits.
  void look_at_patience(std::span<const store_op> ops) {
    for (const auto& op : ops) {
      const auto* append = std::get_if<append_op>(&op);
      if (append == nullptr || append->idempotency || append->events.empty()) continue;
      const auto mark = mark_of(append->events.front().json.view());
      if (!mark) continue;
      const auto begun = append->tip.updated_at;
      const auto first = durable_.first_begun(*mark, begun);
      if (begun - first > run_.request_timeout + clocks_differ)
        run_.fail("an append is begun again though nobody waits for it any more");
    }
  }
  template <class T>
  result<T> noted(result<T> outcome) {
    if (!outcome && outcome.error().code == errc::io_failed) run_.disk_has_failed = true;
    return outcome;
  }

  std::unique_ptr<event_store> real_;
  context& run_;
  durable_state& durable_;
};

class watched_reader final : public event_reader {
 public:
  watched_reader(std::unique_ptr<event_reader> real, context& run, durable_state& durable)
      : real_(std::move(real)), run_(run), durable_(durable) {}

  result<std::optional<log_end>> find_session(workspace_key workspace, std::string_view id) override {
    return maybe([&] {
      auto end = real_->find_session(workspace, id);
      if (end && *end) durable_.found(**end);
      return end;
    });
  }
  result<std::optional<log_end>> find_session(session_key session) override {
    return maybe([&] {
      auto end = real_->find_session(session);
      if (end && *end) durable_.found(**end);
      return end;
    });
  }
  result<session_page> list_sessions(const session_query& query,
                                     const std::function<bool()>& enough) override {
    return maybe([&] {
      auto page = real_->list_sessions(query, beside_others(enough));
      if (page)
        for (const auto& row : page->rows) durable_.found(row);
      return page;
    });
  }
  void forget_erased() override { real_->forget_erased(); }
  result<log_slice> read(session_key session, seq_t after, seq_t up_to, std::size_t max_bytes) override {
    return maybe([&] { return real_->read(session, after, up_to, max_bytes); });
  }
  result<log_slice> read_back(session_key session, seq_t from, seq_t before, std::size_t max_bytes) override {
    return maybe([&] { return real_->read_back(session, from, before, max_bytes); });
  }
  result<search_result> search(session_key session, const search_range& range, const event_selection& what,
                               const std::function<bool()>& enough) override {
    return maybe([&] { return real_->search(session, range, what, beside_others(enough)); });
  }
  result<std::optional<seq_t>> find_event(session_key session, std::string_view id) override {
    return maybe([&] { return real_->find_event(session, id); });
  }
  result<std::optional<deletion_record>> find_deletion(workspace_key workspace,
                                                       std::string_view id) override {
    return maybe([&] { return real_->find_deletion(workspace, id); });
  }
  result<std::optional<idempotency_record>> find_idempotency(workspace_key workspace, session_key session,
                                                             std::string_view key) override {
    return maybe([&] { return real_->find_idempotency(workspace, session, key); });
  }
  result<std::optional<api_key>> find_key(const digest& hash) override {
    return maybe([&] { return real_->find_key(hash); });
  }
  result<std::optional<api_key>> find_key(api_key_id id) override {
    return maybe([&] { return real_->find_key(id); });
  }

 private:
  template <class F>
  auto maybe(F&& call) -> decltype(call()) {
    if (run_.strikes(fault::actor_thrown)) throw std::bad_alloc{};
    if (run_.strikes(fault::read_failed)) return unreadable;
    run_.reads = true;
    auto answer = call();
    run_.reads = false;
    return answer;
  }
  std::function<bool()> beside_others(const std::function<bool()>& enough) {
    return [&] {
      run_.let_others_go_on(500);
      return enough();
    };
  }

  std::unique_ptr<event_reader> real_;
  context& run_;
  durable_state& durable_;
};

}  // namespace

seq_t durable_state::end_of(const std::string& session_id) const {
  const auto i = ends_.find(session_id);
  return i == ends_.end() ? 0 : i->second;
}

void durable_state::committed(std::span<const store_op> ops, const std::vector<op_outcome>& outcomes) {
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (outcomes[i].error.code != errc::none) continue;
    if (const auto* append = std::get_if<append_op>(&ops[i])) {
      if (append->events.empty()) continue;
      auto& end = ends_[ids_[append->session]];
      end = std::max(end, append->first_seq + append->events.size() - 1);
    } else if (const auto* create = std::get_if<create_op>(&ops[i])) {
      if (outcomes[i].existed) continue;
      ids_[outcomes[i].session] = create->header->definition->id;
      ends_[create->header->definition->id] = create->events.size();
    } else if (const auto* seal = std::get_if<seal_op>(&ops[i])) {
      for (const auto& block : seal->blocks) blocks_.push_back(block);
    }
  }
}

void durable_state::found(const log_end& log) {
  const auto& id = ids_[log.row.key] = log.row.header.definition->id;
  auto& end = ends_[id];
  end = std::max(end, log.row.sealed_seq + log.unsealed.size());
}

std::uint64_t durable_state::writers_of(const std::string& session_id) const {
  const auto in = [&](const auto& numbers) {
    const auto i = numbers.find(session_id);
    return i == numbers.end() ? 0 : static_cast<std::uint64_t>(i->second);
  };
  return in(writers_) + in(claims_);
}

void durable_state::opened(const log_end& log) {
  ++writers_[log.row.header.definition->id];
  found(log);
}

void durable_state::is_at(const std::string& session_id, seq_t last, epoch_t epoch) {
  auto& end = ends_[session_id];
  end = std::max(end, last);
  auto& claims = claims_[session_id];
  claims = std::max(claims, epoch);
}

void durable_state::went_back_to(const std::string& session_id, seq_t end, epoch_t epoch) {
  ends_[session_id] = end;
  auto& claims = claims_[session_id];
  writers_[session_id] += claims - std::min(claims, epoch) + 1;
  claims = epoch;
}

void durable_state::found(const session_row& row) {
  const auto& id = ids_[row.key] = row.header.definition->id;
  auto& end = ends_[id];
  end = std::max(end, row.header.progress.tip.last_seq);
}

std::size_t durable_state::live_blocks() const {
  return static_cast<std::size_t>(
      std::count_if(blocks_.begin(), blocks_.end(), [](const auto& b) { return !b.expired(); }));
}

std::unique_ptr<event_store> watch(std::unique_ptr<event_store> real, context& run, durable_state& durable) {
  return std::make_unique<watched_writer>(std::move(real), run, durable);
}

std::unique_ptr<event_reader> watch(std::unique_ptr<event_reader> real, context& run,
                                    durable_state& durable) {
  return std::make_unique<watched_reader>(std::move(real), run, durable);
}

}  // namespace sandbase::sim
