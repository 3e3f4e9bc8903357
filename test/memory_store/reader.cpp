// SPDX-License-Identifier: Apache-2.0
#include "test/memory_store/reader.hpp"

#include "test/memory_store/log_reading.hpp"
#include "test/memory_store/rows.hpp"

#include <utility>

namespace sandbase::memory {

namespace {

class reader final : public event_reader {
 public:
  reader(std::shared_ptr<const memory_database> database, std::shared_ptr<node_link> link)
      : database_(std::move(database)), link_(std::move(link)) {}

  result<std::optional<log_end>> find_session(workspace_key workspace, std::string_view id) override {
    return look([&](const tables& rows) -> result<std::optional<log_end>> {
      const auto key = rows.session_ids.find({workspace, std::string{id}});
      return key == rows.session_ids.end() ? std::nullopt : find_end(rows, key->second);
    });
  }
  result<std::optional<log_end>> find_session(session_key session) override {
    return look(
        [&](const tables& rows) -> result<std::optional<log_end>> { return find_end(rows, session); });
  }
  result<session_page> list_sessions(const session_query& query,
                                     const std::function<bool()>& enough) override {
    return look([&](const tables& rows) -> result<session_page> {
      return memory::list_sessions(rows, query, enough);
    });
  }

  void forget_erased() override {}

  result<log_slice> read(session_key session, seq_t after, seq_t up_to, std::size_t max_bytes) override {
    return look([&](const tables& rows) { return read_segments(rows, session, after, up_to, max_bytes); });
  }
  result<log_slice> read_back(session_key session, seq_t from, seq_t before, std::size_t max_bytes) override {
    return look(
        [&](const tables& rows) { return read_segments_back(rows, session, from, before, max_bytes); });
  }
  result<search_result> search(session_key session, const search_range& range, const event_selection& what,
                               const std::function<bool()>& enough) override {
    return look([&](const tables& rows) { return search_segments(rows, session, range, what, enough); });
  }
  result<std::optional<seq_t>> find_event(session_key session, std::string_view id) override {
    return look([&](const tables& rows) { return find_place(rows, session, id); });
  }

  result<std::optional<idempotency_record>> find_idempotency(workspace_key workspace, session_key session,
                                                             std::string_view key) override {
    return look([&](const tables& rows) -> result<std::optional<idempotency_record>> {
      const auto kept = rows.requests.find({workspace, session, std::string{key}});
      return kept == rows.requests.end() ? std::nullopt : std::optional{kept->second.record};
    });
  }

  result<std::optional<deletion_record>> find_deletion(workspace_key workspace,
                                                       std::string_view id) override {
    return look([&](const tables& rows) -> result<std::optional<deletion_record>> {
      const auto kept = rows.deletions.find({workspace, std::string{id}});
      return kept == rows.deletions.end() ? std::nullopt : std::optional{kept->second};
    });
  }

  result<std::optional<api_key>> find_key(const digest& hash) override {
    return look([&](const tables& rows) -> result<std::optional<api_key>> {
      for (const auto& [id, row] : rows.keys)
        if (row.hash == hash) return std::optional{row.key};
      return std::optional<api_key>{};
    });
  }
  result<std::optional<api_key>> find_key(api_key_id id) override {
    return look([&](const tables& rows) -> result<std::optional<api_key>> {
      const auto row = rows.keys.find(id);
      return row == rows.keys.end() ? std::nullopt : std::optional{row->second.key};
    });
  }

 private:
  template <class F>
  std::invoke_result_t<F, const tables&> look(F&& f) {
    return link_->carry(store_call::read, [&] { return f(database_->rows()); });
  }

  const std::shared_ptr<const memory_database> database_;
  const std::shared_ptr<node_link> link_;
};

class ends final : public end_reader {
 public:
  ends(std::shared_ptr<const memory_database> database, std::shared_ptr<node_link> link)
      : database_(std::move(database)), link_(std::move(link)) {}

  result<std::vector<std::optional<written_end>>> find_ends(std::span<const session_key> sessions) override {
    return link_->carry(store_call::read, [&]() -> result<std::vector<std::optional<written_end>>> {
      std::vector<std::optional<written_end>> found;
      for (const auto session : sessions) {
        const auto tip = database_->rows().tips.find(session);
        if (tip == database_->rows().tips.end())
          found.emplace_back();
        else
          found.push_back(written_end{{tip->second.epoch, tip->second.end.last_seq, tip->second.end.head,
                                       find_row(database_->rows(), session)->sealed_seq},
                                      node_of(tip->second.writer)});
      }
      return found;
    });
  }
  result<timestamp> now() override {
    return link_->carry(store_call::read, [&]() -> result<timestamp> { return database_->clock(); });
  }

 private:
  const std::shared_ptr<const memory_database> database_;
  const std::shared_ptr<node_link> link_;
};

}  // namespace

std::unique_ptr<event_reader> open_reader(std::shared_ptr<const memory_database> database,
                                          std::shared_ptr<node_link> link) {
  return std::make_unique<reader>(std::move(database), std::move(link));
}

std::unique_ptr<end_reader> open_end_reader(std::shared_ptr<const memory_database> database,
                                            std::shared_ptr<node_link> link) {
  return std::make_unique<ends>(std::move(database), std::move(link));
}

}  // namespace sandbase::memory
