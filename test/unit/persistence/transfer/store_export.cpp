// SPDX-License-Identifier: Apache-2.0
// Exports beside a server that deletes meanwhile.
#define CAF_SUITE store_export
#include "test/unit/persistence/support/transfer_fixture.hpp"
// The framework's header comes first.
#include "test/unit/persistence/support/raw_database.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct fixture : transfer_fixture {
  std::string text;
  /// Deletes sess_b, its rows too, when the line of this number has been written.
  std::size_t deletes_behind = 0;
  bool with_row = true;

  fixture() {
    std::string big = second_header;
    for (int i = 0; i < 4; ++i) big += event(R"(,"text":")" + std::string(900'000, 'x') + '"');
    CAF_REQUIRE(import(first_header + event("") + big + third_header + event("")));
  }

  store_export make_export() {
    return {*admin,
            [this](std::string_view lines) -> result<void> {
              text += lines;
              if (lines_of(text).size() == deletes_behind) delete_second();
              return {};
            },
            now};
  }
  void delete_second() {
    raw_database db{folder.file("store.db")};
    const std::string rows = "(SELECT key FROM sessions WHERE id='sess_b')";
    CAF_REQUIRE_EQUAL(db.exec("DELETE FROM segments WHERE session=" + rows), SQLITE_OK);
    if (with_row) CAF_REQUIRE_EQUAL(db.exec("DELETE FROM sessions WHERE id='sess_b'"), SQLITE_OK);
  }
  /// The sessions whose headers are in `text`.
  std::string exported() const {
    std::string ids;
    for (const auto& line : lines_of(text))
      if (const auto session = json::value{line}.find("session")) ids += text_of(*session, "id") + ' ';
    return ids;
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(store_export_tests, fixture)

CAF_TEST(a session that was deleted in the meantime is left out) {
  deletes_behind = 2;
  auto work = make_export();
  CAF_CHECK(work.all({}));
  CAF_CHECK_EQUAL(exported(), "sess_a sess_c ");
  CAF_CHECK_EQUAL(work.sessions(), 2u);
  CAF_CHECK_EQUAL(work.cut_short(), 0u);
  use("other.db");
  CAF_CHECK(import(text));
}

CAF_TEST(one that is deleted while it is written is named and the next follow) {
  deletes_behind = 4;  // its first event
  auto work = make_export();
  CAF_CHECK(work.all({}));
  CAF_CHECK_EQUAL(exported(), "sess_a sess_b sess_c ");
  CAF_CHECK_EQUAL(work.sessions(), 2u);
  CAF_CHECK_EQUAL(work.cut_short(), 1u);
  CAF_CHECK_EQUAL(work.cut_short_sessions(), std::vector<std::string>{"sess_b"});
  CAF_MESSAGE("and no import takes it for whole");
  use("other.db");
  const auto found = errors(text);
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK(found[0].starts_with("line 3, session sess_b: session.log.events: says 4, but "));
  CAF_CHECK_EQUAL(sessions(), (std::vector<std::string>{"sess_a", "sess_c"}));
}

CAF_TEST(one alone that is deleted meanwhile is a failure) {
  deletes_behind = 2;
  auto work = make_export();
  const auto done = work.one("sess_b", {});
  CAF_REQUIRE(!done);
  CAF_CHECK(done.error().code == errc::not_found);
}

CAF_TEST(a log with a hole is not taken for a deleted one) {
  deletes_behind = 4;
  with_row = false;
  auto work = make_export();
  const auto done = work.all({});
  CAF_REQUIRE(!done);
  CAF_CHECK(done.error().code == errc::corrupt);
}

CAF_TEST_FIXTURE_SCOPE_END()
