// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE listed_workspace
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "actors/board/listed_workspace.hpp"

using namespace sandbase;
using namespace std::chrono_literals;

namespace {

/// Made at `created`, changed last at `updated`.
listed_summary one(const std::string& id, session_key key, int created, int updated) {
  session_summary s;
  s.id = id;
  s.created_at = timestamp{std::chrono::seconds{created}};
  s.updated_at = timestamp{std::chrono::seconds{updated}};
  return {key, s};
}

struct fixture {
  listed_workspace listed;

  std::string compare(std::vector<listed_summary> newest_first, bool more = false) {
    session_list list;
    list.summaries = std::move(newest_first);
    list.more = more;
    std::vector<std::string> names;
    for (const auto& n : listed.compare(1, list)) names.push_back(n.summary.id + (n.is_deleted ? "-" : ""));
    std::ranges::sort(names);
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : " ") + name;
    return text;
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(listed_workspace_tests, fixture)

CAF_TEST(the first list is what others are compared with) {
  CAF_CHECK_EQUAL(compare({one("b", 2, 20, 20), one("a", 1, 10, 10)}), "");
  CAF_CHECK_EQUAL(compare({one("b", 2, 20, 20), one("a", 1, 10, 10)}), "");
  CAF_CHECK_EQUAL(compare({one("c", 3, 30, 30), one("b", 2, 20, 25), one("a", 1, 10, 10)}), "b c");
  CAF_CHECK_EQUAL(compare({one("c", 3, 30, 30), one("b", 2, 20, 25), one("a", 1, 10, 10)}), "");
}

CAF_TEST(an empty workspace has a first list too) {
  CAF_CHECK_EQUAL(compare({}), "");
  CAF_CHECK_EQUAL(compare({one("a", 1, 10, 10)}), "a");
}

CAF_TEST(what is not listed any more is deleted) {
  compare({one("c", 3, 30, 30), one("b", 2, 20, 20), one("a", 1, 10, 10)});
  CAF_CHECK_EQUAL(compare({one("c", 3, 30, 30), one("a", 1, 10, 10)}), "b-");
  CAF_CHECK_EQUAL(compare({}), "a- c-");
}

CAF_TEST(what younger ones have pushed out of the list is not ) {
  compare({one("c", 3, 30, 30), one("b", 2, 20, 20)}, true);
  CAF_CHECK_EQUAL(compare({one("d", 4, 40, 40), one("c", 3, 30, 30)}, true), "d");
  CAF_CHECK_EQUAL(compare({one("e", 5, 50, 50), one("c", 3, 30, 30)}, true), "d- e");
}

CAF_TEST(an id that was given away again is news) {
  compare({one("a", 1, 10, 10)});
  CAF_CHECK_EQUAL(compare({one("a", 2, 10, 10)}), "a");
}

CAF_TEST_FIXTURE_SCOPE_END()
