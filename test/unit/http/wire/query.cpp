// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE query
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "http/wire/query.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

query parsed(std::string_view raw) {
  auto q = query::parse(raw);
  if (!q) CAF_FAIL(q.error().message);
  return *q;
}
using strings = std::vector<std::string>;

// By value: the framework's macros keep references, which would outlive the temporaries here.
template <class T>
T take(const result<T>& r) {
  if (!r) CAF_FAIL(r.error().message);
  return *r;
}
std::string one(const query& q, std::string_view name) { return take(q.single(name)).value(); }

template <class T>
std::string message_of(const result<T>& r) {
  return r ? "(no failure)" : r.error().message;
}

}  // namespace

CAF_TEST(decodes names and values) {
  const auto q = parsed("a=1&b%20c=d+e%2B&empty=&bare&&u=%C3%A4&eq=a=b");
  CAF_CHECK_EQUAL(one(q, "a"), "1");
  CAF_CHECK_EQUAL(one(q, "b c"), "d e+");
  CAF_CHECK_EQUAL(one(q, "empty"), "");
  CAF_CHECK_EQUAL(one(q, "bare"), "");
  CAF_CHECK_EQUAL(one(q, "u"), "\xc3\xa4");
  CAF_CHECK_EQUAL(one(q, "eq"), "a=b");
  CAF_CHECK(!(*q.single("none")).has_value());
}

CAF_TEST(refuses broken escapes and names the parameter) {
  for (const std::string bad :
       {"x=%", "x=%2", "x=%zz", "x=%C3", "x=%ED%A0%80", "x=%C0%80", "x=%F5%80%80%80", "x=a%FF"}) {
    const auto q = query::parse("ok=1&" + bad);
    CAF_CHECK(!q);
    CAF_CHECK(message_of(q).starts_with("x: "));
  }
  CAF_CHECK(message_of(query::parse("%zz=1")).starts_with("%zz: "));
}

CAF_TEST(a repeated value must be the same) {
  CAF_CHECK_EQUAL(one(parsed("limit=1&limit=1"), "limit"), "1");
  CAF_CHECK_EQUAL(message_of(parsed("limit=1&limit=2").single("limit")),
                  "limit: given twice with different values");
}

CAF_TEST(lists come in four spellings) {
  CAF_CHECK_EQUAL(parsed("types=a,b").list("types"), (strings{"a", "b"}));
  CAF_CHECK_EQUAL(parsed("types=a&types=b").list("types"), (strings{"a", "b"}));
  CAF_CHECK_EQUAL(parsed("types[]=a&types%5B%5D=b").list("types"), (strings{"a", "b"}));
  CAF_CHECK_EQUAL(parsed("types[]=a,b&types=c,,").list("types"), (strings{"a", "b", "c"}));
  CAF_CHECK_EQUAL(parsed("typesx=a&xtypes=b").list("types"), strings{});
}

CAF_TEST(numbers stay in their range) {
  CAF_CHECK_EQUAL(take(parsed("").number("limit", 1, 100, 20)), 20u);
  CAF_CHECK_EQUAL(take(parsed("limit=1").number("limit", 1, 100, 20)), 1u);
  CAF_CHECK_EQUAL(take(parsed("limit=100").number("limit", 1, 100, 20)), 100u);
  for (const std::string bad :
       {"", "0", "101", "-1", "1.5", "1e1", "+1", "0x1", "%201", "99999999999999999999"})
    CAF_CHECK_EQUAL(message_of(parsed("limit=" + bad).number("limit", 1, 100, 20)),
                    "limit: must be a whole number from 1 to 100");
}

CAF_TEST(flags and orders have two values) {
  CAF_CHECK_EQUAL(take(parsed("f=true").flag("f", false)), true);
  CAF_CHECK_EQUAL(take(parsed("f=false").flag("f", true)), false);
  CAF_CHECK_EQUAL(take(parsed("").flag("f", true)), true);
  CAF_CHECK(!parsed("f=1").flag("f", true));
  CAF_CHECK_EQUAL(take(parsed("order=asc").ascending(false)), true);
  CAF_CHECK_EQUAL(take(parsed("order=desc").ascending(true)), false);
  CAF_CHECK(!parsed("order=up").ascending(true));
}

CAF_TEST(what is empty is not filled) {
  CAF_CHECK(!take(parsed("page=").filled("page")));
  CAF_CHECK(!take(parsed("page").filled("page")));
  CAF_CHECK(!take(parsed("").filled("page")));
  CAF_CHECK_EQUAL(take(parsed("page=x").filled("page")).value_or(""), "x");
  CAF_CHECK(!parsed("page=x&page=y").filled("page"));
}

CAF_TEST(time ranges come in two spellings) {
  const auto t = [](std::string_view text) { return *parse_exact_time(text); };
  const auto range = parsed("created_at[gte]=2026-01-01T00:00:00Z&created_at_lt=2026-01-02T00:00:00%2B00:00")
                         .times("created_at");
  if (!range) CAF_FAIL(range.error().message);
  CAF_CHECK(range->contains(t("2026-01-01T00:00:00Z")));
  CAF_CHECK(!range->contains(t("2025-12-31T23:59:59.999Z")));
  CAF_CHECK(range->too_early(t("2025-12-31T23:59:59.999Z")));
  CAF_CHECK(range->contains(t("2026-01-01T23:59:59.999Z")));
  CAF_CHECK(range->too_late(t("2026-01-02T00:00:00Z")));
  const auto open =
      parsed("created_at[gt]=2026-01-01T00:00:00Z&created_at[lte]=2026-01-02T00:00:00Z").times("created_at");
  CAF_CHECK(!open->contains(t("2026-01-01T00:00:00Z")));
  CAF_CHECK(open->contains(t("2026-01-02T00:00:00Z")));
  CAF_CHECK_EQUAL(message_of(parsed("created_at[gt]=yesterday").times("created_at")),
                  "created_at[gt]: must be an RFC 3339 time");
  CAF_CHECK_EQUAL(message_of(parsed("created_at_lte=").times("created_at")),
                  "created_at_lte: must be an RFC 3339 time");
  CAF_CHECK(
      !parsed("created_at_gt=2026-01-01T00:00:00Z&created_at[gt]=2026-01-02T00:00:00Z").times("created_at"));
}
