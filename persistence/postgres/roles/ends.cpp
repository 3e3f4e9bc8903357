// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/ends.hpp"

#include "persistence/postgres/sql/connection.hpp"
#include "persistence/postgres/tables/session_table.hpp"

namespace sandbase::postgres {

namespace {

// Places begin at 1.
const statement find_marks{
    "find_ends",
    "SELECT a.place, t.epoch, t.last_seq, t.head, t.sealed_seq, t.writer FROM unnest($1::bigint[]) "
    "WITH ORDINALITY AS a(session, place) JOIN tips t ON t.session = a.session"};

const statement find_time{"find_time", "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"};

class ends final : public end_reader {
 public:
  explicit ends(const conninfo& where) : db_(where, "ends") {}

  result<std::vector<std::optional<written_end>>> find_ends(std::span<const session_key> sessions) override {
    return attempt([&] {
      std::vector<std::optional<written_end>> found(sessions.size());
      if (sessions.empty()) return found;
      auto keys = integers();
      for (const auto session : sessions) keys.add(session);
      const auto all = db_.run(find_marks, parameters{keys});
      for (int i = 0; i < all.count(); ++i)
        found.at(all.number(i, 0) - 1) = {
            {all.number(i, 1), all.number(i, 2), all.hash(i, 3), all.number(i, 4)},
            node_of(all.integer(i, 5))};
      return found;
    });
  }
  result<timestamp> now() override {
    return attempt([&] { return db_.run(find_time).time(0, 0); });
  }

 private:
  connection db_;
};

}  // namespace

result<std::unique_ptr<end_reader>> open_end_reader(const conninfo& where) {
  return attempt([&]() -> std::unique_ptr<end_reader> { return std::make_unique<ends>(where); });
}

}  // namespace sandbase::postgres
