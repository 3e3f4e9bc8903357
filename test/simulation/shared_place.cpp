// SPDX-License-Identifier: Apache-2.0
#include "test/memory_store/memory_backend.hpp"
#include "test/simulation/store_place.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace sandbase::sim {

namespace {

using std::chrono::milliseconds;

class shared_place final : public store_place {
 public:
  shared_place(context& run, durable_state& durable, std::size_t servers)
      : run_(run), durable_(durable), ways_(servers) {
    database_->clock = [] { return virtual_now(); };
    database_->at_claim = [this] { return decide_at_claim(); };
  }

  std::size_t servers() const override { return ways_.size(); }
  std::string name() const override { return "memory"; }
  result<std::unique_ptr<store_backend>> open(std::size_t server) override {
    auto backend = std::make_unique<memory::memory_backend>(database_);
    auto& way = ways_[server];
    way.is_up = true;
    backend->link().fault = [this, &way, life = ++way.life](memory::store_call call) {
      return life == way.life ? ask_link(way, call) : memory::link_fault::refused;
    };
    return std::unique_ptr<store_backend>{std::move(backend)};
  }
  result<std::unique_ptr<store_backend>> open_beside() override {
    return std::unique_ptr<store_backend>{std::make_unique<memory::memory_backend>(database_)};
  }
  void freeze(std::size_t server) override { ++ways_[server].life; }
  void thaw(std::size_t, bool) override {}

  void begin_chaos() override { database_->copy_all(); }
  void step() override {
    if (run_.strikes(fault::failover)) fail_over();
    for (auto& way : ways_)
      if (!way.is_up && run_.elapsed() >= way.down_until) {
        run_.note("server ", &way - ways_.data(), " has its database again");
        way.is_up = true;
      }
    if (database_->under_way() > 0 && run_.random.chance(20))
      decide(run_.random.below(database_->under_way()), run_.random.chance(700));
  }
  void begin_calm() override {
    for (auto& way : ways_) way.is_up = true;
    while (database_->under_way() > 0) decide(0, run_.random.chance(500));
    note_durable();
  }
  void note_durable() override {
    for (const auto& [key, tip] : database_->rows().tips)
      if (const auto row = database_->rows().sessions.find(key); row != database_->rows().sessions.end())
        durable_.is_at(row->second->header.definition->id, tip.end.last_seq, tip.epoch);
  }

  stored_logs everything() const override {
    stored_logs all;
    const auto take = [](stored_log& log, const log_slice& slice) {
      for (const auto& span : slice.spans)
        for (auto seq = span.first; seq <= span.last; ++seq) {
          const auto json = span.block->json(seq);
          log.heads.push_back(next_head(log.heads.back(), span.block->proof(seq).leaf_of(json)));
          log.events.emplace_back(json);
        }
    };
    memory::memory_backend beside{database_};
    const auto admin = beside.open_admin();
    const auto read = (*admin)->each_session(std::nullopt, [&](const session_row& row, std::string_view) {
      const auto& definition = *row.header.definition;
      auto& log = all[definition.id];
      log.epoch = database_->rows().tips.at(row.key).epoch;
      log.archived = definition.archived_at.has_value();
      log.heads.emplace_back();
      const auto walked = (*admin)->each_slice(row.key, 0, std::size_t{1} << 20, [&](const log_slice& slice) {
        take(log, slice);
        return true;
      });
      if (!walked) run_.fail(definition.id + " cannot be read: " + walked.error().message);
      return true;
    });
    if (!read) run_.fail("the sessions cannot be read: " + read.error().message);
    return all;
  }

 private:
  struct way {
    /// Of the process at its other end, by number: what others before it still call gets nowhere.
    std::uint64_t life = 0;
    bool is_up = true;
    milliseconds down_until{0};
  };

  memory::link_fault ask_link(way& w, memory::store_call call) {
    using memory::link_fault;
    if (!w.is_up) return link_fault::refused;
    if (call == memory::store_call::commit && run_.strikes(fault::commit_late)) return link_fault::late;
    if (run_.strikes(fault::answer_lost)) return link_fault::answer_lost;
    if (run_.strikes(fault::call_refused)) return link_fault::refused;
    if (!run_.strikes(fault::link_cut)) return link_fault::none;
    // Some are longer than a session trusts its memory.
    cut(w, run_.random.chance(200) ? 60'000 : 3'000);
    return link_fault::late;
  }
  void cut(way& w, std::size_t most_ms) {
    run_.note("server ", &w - ways_.data(), " is cut from its database");
    w.is_up = false;
    w.down_until = run_.elapsed() + milliseconds{run_.random.between(1, most_ms)};
  }
  memory::fate decide_at_claim() {
    constexpr memory::fate fates[] = {memory::fate::lands, memory::fate::vanishes, memory::fate::waits};
    const auto decided = fates[run_.random.below(3)];
    run_.note("a claim meets a commit under way, which ", decided == memory::fate::lands      ? "lands"
                                                          : decided == memory::fate::vanishes ? "vanishes"
                                                                                              : "waits");
    return decided;
  }
  /// Connections break, and each server finds the standby when it does.
  void fail_over() {
    auto& random = run_.random;
    note_durable();
    auto before = everything();
    const auto most = random.between(1, random.chance(200) ? 100 : 12);
    std::size_t lost = 0;
    // With those that come back, as they were when they were deleted.
    for (auto count = before.size(); lost < most && database_->lose_tail(1) > 0; ++lost)
      if (std::exchange(count, database_->rows().sessions.size()) < database_->rows().sessions.size())
        before.merge(everything());
    run_.note("a standby takes over that lacks ", lost, " commits");
    const auto now = everything();
    for (const auto& [id, log] : before)
      if (!now.contains(id)) durable_.lose(id);
    for (const auto& [id, log] : now) durable_.went_back_to(id, log.events.size(), log.epoch);
    for (auto& way : ways_)
      if (random.chance(500)) cut(way, 3'000);
    if (failed_over) failed_over(before, now);
  }
  void decide(std::size_t place, bool lands) {
    run_.note("commit ", place, " of those under way ", lands ? "lands" : "vanishes");
    if (lands)
      database_->land(place);
    else
      database_->vanish(place);
  }

  context& run_;
  durable_state& durable_;
  const std::shared_ptr<memory::memory_database> database_ = std::make_shared<memory::memory_database>();
  std::vector<way> ways_;
};

}  // namespace

std::unique_ptr<store_place> make_shared_place(context& run, durable_state& durable, std::size_t servers) {
  return std::make_unique<shared_place>(run, durable, servers);
}

}  // namespace sandbase::sim
