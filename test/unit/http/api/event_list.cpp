// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE event_list
#include "test/unit/http/support/http_fixture.hpp"
// The framework's header comes first.
#include "http/api/event_list.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

/// What one page showed.
struct shown {
  std::vector<seq_t> seqs;
  /// Empty: the last page.
  std::string next;
};

struct fixture {
  fake_log log;
  walk_limits limits;
  /// Bytes the session gives at most.
  std::size_t slice = 1'000'000;
  std::size_t pulled_bytes = 0;
  int searches = 0;

  shown page(const std::string& raw) {
    auto q = query::parse(raw);
    auto plan = event_list_plan::parse(*q);
    if (!plan) CAF_FAIL(plan.error().message);
    event_list list{*plan, limits};
    auto first = list.first_request();
    first.max_bytes = std::min(first.max_bytes, slice);
    auto opened = log.open(first);
    if (!opened) CAF_FAIL(opened.error().message);
    if (auto good = list.opened(*opened); !good) CAF_FAIL(good.error().message);
    while (!list.finished()) {
      const auto next = list.next_request();
      const auto good = std::visit([&](const auto& r) { return answer(list, r); }, next);
      if (!good) CAF_FAIL(good.error().message);
    }
    return read(list.take_body().flatten());
  }

  result<void> answer(event_list& list, const pull_request& r) {
    CAF_CHECK_EQUAL(r.log, log.key);
    pulled_bytes += r.max_bytes;
    return list.pulled(
        pulled(log.slice(r.after, r.up_to, std::min(r.max_bytes, slice), r.backwards), r.after, r.up_to));
  }
  result<void> answer(event_list& list, const search_request& r) {
    CAF_CHECK_EQUAL(r.log, log.key);
    ++searches;
    return list.searched(log.search(r.range, *r.what));
  }

  shown read(const std::string& body) {
    shown s;
    std::string rest = body;
    CAF_REQUIRE(rest.starts_with(R"({"data":[)"));
    rest.erase(0, 9);
    while (rest[0] != ']') {
      if (!s.seqs.empty()) rest.erase(0, 1);
      seq_t seq = 1;
      while (seq <= log.end() && !rest.starts_with(log.json(seq))) ++seq;
      if (seq > log.end()) CAF_FAIL("not an event of the log: " << rest.substr(0, 100));
      s.seqs.push_back(seq);
      rest.erase(0, log.json(seq).size());
    }
    CAF_REQUIRE(rest.starts_with(R"(],"next_page":)"));
    rest.erase(0, 14);
    if (rest != "null}") s.next = rest.substr(1, rest.size() - 3);
    return s;
  }

  /// All pages of a query, one behind the other.
  std::vector<seq_t> all(const std::string& raw, int* pages = nullptr) {
    std::vector<seq_t> seqs;
    std::string token;
    int n = 0;
    do {
      const auto s = page(raw + (token.empty() ? "" : "&page=" + token));
      seqs.insert(seqs.end(), s.seqs.begin(), s.seqs.end());
      token = s.next;
      if (++n > 1000) CAF_FAIL("pages without an end");
    } while (!token.empty());
    if (pages) *pages = n;
    return seqs;
  }
};

std::vector<seq_t> up(seq_t first, seq_t last) {
  std::vector<seq_t> seqs;
  for (auto s = first; s <= last; ++s) seqs.push_back(s);
  return seqs;
}
std::vector<seq_t> down(seq_t first, seq_t last) {
  auto seqs = up(last, first);
  std::reverse(seqs.begin(), seqs.end());
  return seqs;
}

}  // namespace

CAF_TEST_FIXTURE_SCOPE(event_list_tests, fixture)

CAF_TEST(an empty log has one empty page) {
  CAF_CHECK(page("").seqs.empty());
  CAF_CHECK_EQUAL(page("").next, "");
  CAF_CHECK(page("order=desc").seqs.empty());
}

CAF_TEST(pages of any size show the log in either order) {
  log.add(10);
  log.add(1);
  log.add(14, "agent.message", 500);
  for (const std::size_t max : {1u, 300u, 1000u, 100'000u}) {
    slice = max;
    for (const std::string limit : {"1", "2", "7", "24", "25", "26", "1000"}) {
      CAF_CHECK_EQUAL(all("limit=" + limit), up(1, 25));
      CAF_CHECK_EQUAL(all("order=desc&limit=" + limit), down(25, 1));
    }
  }
}

CAF_TEST(a list can start behind an event) {
  log.add(10);
  CAF_CHECK_EQUAL(all("limit=3&after=" + log.id(4)), up(5, 10));
  CAF_CHECK_EQUAL(all("limit=3&order=desc&after=" + log.id(4)), down(10, 5));
  CAF_CHECK(all("after=" + log.id(10)).empty());
  CAF_CHECK(all("order=desc&after=" + log.id(10)).empty());
}

CAF_TEST(the start and what is empty are as if nothing were given) {
  log.add(10);
  for (const std::string raw : {"after=start", "after=", "order=asc&after="})
    CAF_CHECK_EQUAL(all(raw + "&limit=3"), up(1, 10));
  for (const std::string raw : {"page=", "after=start&page="}) CAF_CHECK_EQUAL(page(raw).seqs, up(1, 10));
  CAF_CHECK_EQUAL(all("order=desc&after=start&limit=3"), down(10, 1));
}

CAF_TEST(pages are stable while events are appended) {
  log.add(6);
  const auto up_page = page("limit=4");
  const auto down_page = page("order=desc&limit=4");
  log.add(3);
  CAF_CHECK_EQUAL(page("limit=4&page=" + up_page.next).seqs, up(5, 8));
  const auto last = page("limit=4&page=" + down_page.next);
  CAF_CHECK_EQUAL(last.seqs, down(2, 1));
  CAF_CHECK_EQUAL(last.next, "");
}

CAF_TEST(no page is empty while more may come) {
  log.add(50, "agent.thinking");
  log.add(2, "agent.message");
  log.add(48, "agent.thinking");
  for (const seq_t steps : {seq_t{1}, seq_t{7}, seq_t{100}}) {
    limits.events = 10;
    log.search_steps = steps;
    for (const std::string order : {"asc", "desc"}) {
      const auto first = page("types=agent.message&limit=1&order=" + order);
      CAF_CHECK_EQUAL(first.seqs, order == "asc" ? up(51, 51) : down(52, 52));
      CAF_REQUIRE(!first.next.empty());
      const auto second = page("types=agent.message&limit=1&order=" + order + "&page=" + first.next);
      CAF_CHECK_EQUAL(second.seqs, order == "asc" ? up(52, 52) : down(51, 51));
      const auto none = page("types=user.message&order=" + order);
      CAF_CHECK(none.seqs.empty());
      CAF_CHECK_EQUAL(none.next, "");
    }
  }
}

CAF_TEST(what a filter keeps back is not pulled) {
  log.add(5000, "agent.thinking", 1000);
  log.add(1, "agent.message");
  log.add(5000, "agent.thinking", 1000);
  CAF_CHECK_EQUAL(page("types=agent.message").seqs, up(5001, 5001));
  CAF_CHECK_EQUAL(page("types=agent.message&order=desc").seqs, down(5001, 5001));
  CAF_CHECK_LESS_OR_EQUAL(pulled_bytes, 2u * 16 * 1024);
}

CAF_TEST(where many events match none is searched for) {
  for (int i = 0; i < 500; ++i) {
    log.add(1, "agent.thinking", 1000);
    log.add(1, "agent.message", 1000);
  }
  CAF_CHECK_EQUAL(page("types=agent.message").seqs.size(), 500u);
  CAF_CHECK_EQUAL(searches, 1);
}

CAF_TEST(searches that do not get ahead are refused) {
  log.add(9);
  const auto refused = [&](const std::string& order, const search_result& found) {
    event_list list{*event_list_plan::parse(*query::parse("types=agent.thinking&order=" + order))};
    CAF_REQUIRE(bool{list.opened(pulled({}, 0, 9))});
    return !list.searched(found);
  };
  CAF_CHECK(refused("asc", {0, false, false}));
  CAF_CHECK(refused("asc", {10, false, false}));
  CAF_CHECK(refused("asc", {9, true, false}));
  CAF_CHECK(!refused("asc", {0, true, false}));
  CAF_CHECK(refused("desc", {9, false, false}));
  CAF_CHECK(refused("desc", {0, true, false}));
  CAF_CHECK(!refused("desc", {9, true, false}));
}

CAF_TEST(a page that shows something does not walk the whole log) {
  log.add(1, "agent.message");
  log.add(100, "agent.thinking");
  log.add(1, "agent.message");
  limits.events = 10;
  int pages = 0;
  CAF_CHECK_EQUAL(all("types=agent.message", &pages), (std::vector<seq_t>{1, 102}));
  CAF_CHECK_EQUAL(pages, 2);
  CAF_CHECK_EQUAL(all("types=agent.message&order=desc", &pages), (std::vector<seq_t>{102, 1}));
  CAF_CHECK_EQUAL(pages, 2);
}

CAF_TEST(an answer is bounded but shows at least one event) {
  log.add(5, "agent.message", 5000);
  limits.answer_bytes = 100;
  int pages = 0;
  CAF_CHECK_EQUAL(all("", &pages), up(1, 5));
  CAF_CHECK_EQUAL(pages, 5);
  CAF_CHECK_EQUAL(all("order=desc", &pages), down(5, 1));
}

CAF_TEST(times bound the list and end it early) {
  log.add(20);  // one second apart, the first at test_time + 1 s
  const auto at = [](int s) {
    auto text = format_timestamp(test_time + std::chrono::seconds{s});
    return text;
  };
  CAF_CHECK_EQUAL(all("created_at[gte]=" + at(5) + "&created_at[lt]=" + at(8)), up(5, 7));
  CAF_CHECK_EQUAL(all("order=desc&created_at_gt=" + at(5) + "&created_at_lte=" + at(8)), down(8, 6));
  limits.events = 3;
  int pages = 0;
  CAF_CHECK_EQUAL(all("created_at[lt]=" + at(3), &pages), up(1, 2));
  CAF_CHECK_EQUAL(pages, 1);
}

CAF_TEST(a page of another log is refused) {
  log.add(6);
  const auto token = page("limit=2").next;
  fake_log other;
  other.add(1, "agent.thinking");
  other.add(5);
  auto q = query::parse("page=" + token);
  event_list list{*event_list_plan::parse(*q)};
  CAF_CHECK(!list.opened(pulled(other.slice(3, 6, 1000), 3, 6)));  // the id stands at another place there
}

CAF_TEST(bad parameters are named) {
  const auto token = [&] {
    log.add(6);
    return page("limit=2").next;
  }();
  const std::vector<std::pair<std::string, std::string>> table = {
      {"limit=0", "limit: "},
      {"limit=1001", "limit: "},
      {"order=x", "order: "},
      {"after=a%20b", "after: "},
      {"page=x", "page: "},
      {"types=UPPER", "types: "},
      {"created_at[lt]=x", "created_at[lt]: "},
      {"order=desc&page=" + token, "order: "},
  };
  for (const auto& [raw, part] : table) {
    const auto plan = event_list_plan::parse(*query::parse(raw));
    CAF_REQUIRE(!plan);
    CAF_CHECK(plan.error().message.starts_with(part));
  }
}

CAF_TEST(slices that do not fit are refused) {
  log.add(9);
  event_list list{*event_list_plan::parse(*query::parse(""))};
  CAF_CHECK(bool{list.opened(pulled(log.slice(0, 3, 1'000'000), 0, 9))});
  const auto gap = list.pulled(pulled(log.slice(4, 9, 1'000'000), 3, 9));
  CAF_CHECK(!gap);
  CAF_CHECK(gap.error().code == errc::corrupt);
  event_list empty{*event_list_plan::parse(*query::parse(""))};
  CAF_CHECK(!empty.opened(pulled({}, 0, 9)));
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST_FIXTURE_SCOPE(event_list_calls, http_fixture)

CAF_TEST(lists over http) {
  auto log = add_session("sess_a");
  for (int i = 0; i < 5; ++i) log->add(20, "agent.message", 3000);
  auto client = connect();
  std::string all_json;
  for (seq_t seq = 1; seq <= 100; ++seq) all_json += (seq > 1 ? "," : "") + log->json(seq);
  const auto answer = get(client, "/v1/sessions/sess_a/events");
  CAF_CHECK_EQUAL(status_of(answer), 200);
  CAF_CHECK(body_of(answer) == R"({"data":[)" + all_json + R"(],"next_page":null})");
  CAF_CHECK(log->pulls.size() >= 1);
  CAF_CHECK_EQUAL(all->bytes_out.used(), 0);
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_a/events?after=sevt_unknown")), 400);
  CAF_CHECK(contains(get(client, "/v1/sessions/sess_a/events?page=x"), "page: "));
  const auto foreign = event_page{true, 3, 0, "sevt_unknown"}.encode();
  CAF_CHECK(contains(get(client, "/v1/sessions/sess_a/events?page=" + foreign),
                     "page: not a page of this session"));
  CAF_CHECK_EQUAL(status_of(get(client, "/v1/sessions/sess_none/events")), 404);
}

CAF_TEST_FIXTURE_SCOPE_END()
