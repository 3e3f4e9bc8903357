// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE workspace_changes
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "actors/board/workspace_changes.hpp"
#include "actors/messages/all.hpp"

using namespace sandbase;
using namespace std::chrono_literals;

namespace {

struct fixture {
  workspace_changes changes;
  change_number number = 0;

  static session_news of(const std::string& id, int second, seq_t last_seq = 1, session_key key = 0) {
    session_news news;
    news.workspace = 1;
    news.session = key;
    news.summary.id = id;
    news.summary.updated_at = timestamp{std::chrono::seconds{second}};
    news.summary.last_seq = last_seq;
    return news;
  }
  bool add(const session_news& news) { return changes.add(news, ++number); }
  /// `b2 a4`: what a page has, with its numbers.
  std::string page(change_number after = 0, std::size_t bytes = 1'000'000, bool own_only = false) const {
    std::string text;
    for (const auto& e : changes.page(after, bytes, own_only).entries)
      text +=
          (text.empty() ? "" : " ") + e->summary.id + (e->is_deleted ? "-" : "") + std::to_string(e->number);
    return text;
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(workspace_changes_tests, fixture)

CAF_TEST(each session stands once and at its last change) {
  add(of("a", 1));
  add(of("b", 2));
  add(of("a", 3));
  CAF_CHECK_EQUAL(page(), "b2 a3");
  CAF_CHECK_EQUAL(page(2), "a3");
  CAF_CHECK_EQUAL(page(3), "");
  CAF_CHECK_EQUAL(changes.page(3, 1).reached, 3u);
  CAF_CHECK_EQUAL(changes.last(), 3u);
}

CAF_TEST(what is known or older is no news) {
  CAF_CHECK(add(of("a", 5, 9)));
  CAF_CHECK(!add(of("a", 5, 9)));
  CAF_CHECK(!add(of("a", 4, 10)));
  CAF_CHECK(!add(of("a", 5, 8)));
  auto other = of("a", 5, 9);
  other.summary.title = "as of a list";
  CAF_CHECK(!add(other));
  other.summary.archived_at = timestamp{5s};
  CAF_CHECK(add(other));
  CAF_CHECK(add(of("a", 5, 10)));
  CAF_MESSAGE("but whoever writes it here knows better: a failover may have lost events");
  auto own = of("a", 3, 2);
  own.is_own = true;
  CAF_CHECK(add(own));
  CAF_CHECK_EQUAL(changes.size(), 1u);
}

CAF_TEST(a deleted session stays deleted unless its id is given away again) {
  add(of("a", 1, 1, 7));
  auto gone = of("a", 1, 1, 7);
  gone.is_deleted = true;
  CAF_CHECK(add(gone));
  CAF_CHECK(!add(gone));
  CAF_CHECK(!add(of("a", 9, 9, 7)));
  CAF_CHECK_EQUAL(page(), "a-2");
  CAF_CHECK(add(of("a", 1, 1, 8)));
  CAF_CHECK_EQUAL(changes.size(), 1u);
}

CAF_TEST(a page has as much as fits but something) {
  for (const auto* id : {"a", "b", "c"}) add(of(id, 1));
  const auto one = render_summary(of("a", 1).summary).size();
  CAF_CHECK_EQUAL(page(0, 1), "a1");
  CAF_CHECK_EQUAL(page(0, 2 * one), "a1 b2");
  CAF_CHECK_EQUAL(changes.page(0, 2 * one).reached, 2u);
}

CAF_TEST(other nodes are told what this one has done) {
  add(of("a", 1));
  auto own = of("b", 2);
  own.is_own = true;
  add(own);
  add(of("c", 3));
  CAF_CHECK_EQUAL(page(0, 1'000'000, true), "b2");
  CAF_CHECK_EQUAL(changes.page(0, 1, true).reached, 3u);
}

CAF_TEST(the oldest changes are forgotten and who needs them is told) {
  for (std::size_t i = 0; i < workspace_changes::max_sessions + 2; ++i) add(of("s" + std::to_string(i), 1));
  CAF_CHECK_EQUAL(changes.size(), workspace_changes::max_sessions);
  CAF_CHECK(changes.page(1, 1).is_lost);
  CAF_CHECK_EQUAL(changes.page(1, 1).reached, changes.last());
  CAF_CHECK(!changes.page(2, 1).is_lost);
  CAF_MESSAGE("bytes are bounded too, whatever one takes");
  workspace_changes few;
  auto large = of("l", 1);
  large.summary.title = std::string(4 * 1024 * 1024, 'x');
  for (change_number n = 1; n < 9; ++n) {
    large.summary.id += 'l';
    few.add(large, n);
  }
  CAF_CHECK_EQUAL(few.size(), 1u);
  CAF_CHECK(few.bytes() > 4u * 1024 * 1024);
}

CAF_TEST_FIXTURE_SCOPE_END()
