// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE try_book
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "actors/session/try_book.hpp"

using namespace sandbase;
using namespace std::chrono_literals;

namespace {

using kind = try_book::finding::kind;

struct mute_source final : receipt::source {
  receipt::state look() override { return receipt::state::open; }
};

struct fixture {
  receipt_ptr client() { return std::make_shared<receipt>(fan_out_actor{}, source); }
  receipt_ptr lost_client() {
    auto c = client();
    c->settle(receipt::state::lost);
    return c;
  }
  try_ptr send(const std::string& body, receipt_ptr c, api_key_id key = 1) {
    auto t = book.remember(key, fingerprint_of(body), std::move(c), now);
    try_book::answered(*t, now);
    return t;
  }
  try_book::finding find(const std::string& body, api_key_id key = 1) {
    return book.find(key, fingerprint_of(body), now);
  }

  mute_source source;
  std::shared_ptr<try_account> all = std::make_shared<try_account>(1000);
  try_book book{all};
  try_book::time_point now{1h};
};

}  // namespace

CAF_TEST(fingerprints of other texts are others) {
  CAF_CHECK(fingerprint_of("a") == fingerprint_of("a"));
  CAF_CHECK(fingerprint_of("a") != fingerprint_of("b"));
  CAF_CHECK(fingerprint_of("") != fingerprint_of(std::string_view{"\0", 1}));
}

CAF_TEST_FIXTURE_SCOPE(try_book_tests, fixture)

CAF_TEST(the oldest one that was lost is the match) {
  const auto first = send("a", lost_client());
  const auto second = send("a", lost_client());
  send("b", lost_client());
  CAF_CHECK(find("a").match == first);
  book.forget(first);
  CAF_CHECK(find("a").match == second);
  CAF_CHECK(find("c").what == kind::none);
  CAF_CHECK(find("a", 2).what == kind::none);
}

CAF_TEST(an answer that was given is asked for and one in work is waited for) {
  const auto in_work = book.remember(1, fingerprint_of("a"), client(), now);
  CAF_CHECK(find("a").what == kind::wait && !find("a").soon);
  const auto given = send("b", client());
  const auto asks = find("b");
  CAF_CHECK(asks.what == kind::look && asks.look == std::vector{given->attempts[0].client});
  const std::vector told{std::pair{asks.look[0], receipt::state::open}};
  CAF_CHECK(book.find(1, fingerprint_of("b"), now, told).soon);
  now += try_book::patience;
  CAF_CHECK(book.find(1, fingerprint_of("b"), now, told).match == given);
}

CAF_TEST(two minutes and taken answers end it) {
  send("a", lost_client());
  const auto taken = client();
  send("b", taken);
  now += 2min;
  CAF_CHECK(find("a").what == kind::match);
  taken->settle(receipt::state::taken);
  CAF_CHECK(find("b").what == kind::none);
  now += 1ms;
  CAF_CHECK(find("a").what == kind::none);
  CAF_CHECK(book.empty());
  CAF_CHECK_EQUAL(all->used(), 0);
}

CAF_TEST(what is in work is not forgotten with time) {
  const auto t = book.remember(1, fingerprint_of("a"), lost_client(), now);
  now += 3min;
  book.sweep(now);
  CAF_CHECK(find("a").match == t);
}

CAF_TEST(a key has so many and loses the oldest) {
  for (std::size_t i = 0; i <= try_book::most_per_key; ++i) send(std::to_string(i), lost_client());
  send("other", lost_client(), 2);
  CAF_CHECK(find("0").what == kind::none);
  CAF_CHECK(find("1").what == kind::match);
  CAF_CHECK(find(std::to_string(try_book::most_per_key)).what == kind::match);
  CAF_CHECK(find("other", 2).what == kind::match);
  CAF_CHECK_EQUAL(all->used(), static_cast<std::int64_t>(try_book::most_per_key) + 1);
}

CAF_TEST(what is taken goes while others come) {
  std::vector<receipt_ptr> clients;
  for (int i = 0; i < 500; ++i) {
    clients.push_back(client());
    send(std::to_string(i), clients.back());
    if (i >= 3) clients[static_cast<std::size_t>(i) - 3]->settle(receipt::state::taken);
  }
  CAF_CHECK(all->used() < 16);
}

CAF_TEST(all books together have so many and lose the oldest) {
  std::vector<std::unique_ptr<try_book>> books;
  for (int i = 0; i < 1500; ++i) {
    books.push_back(std::make_unique<try_book>(all));
    try_book::answered(*books.back()->remember(1, fingerprint_of("a"), lost_client(), now), now);
    now += 50ms;
  }
  CAF_CHECK(all->used() <= 1000 && all->used() > 990);
  const auto has = [&](std::size_t i) {
    return books[i]->find(1, fingerprint_of("a"), now).what == kind::match;
  };
  CAF_CHECK(!has(0) && !has(490));
  CAF_CHECK(has(510) && has(1499));
  CAF_MESSAGE("each gives back what is its own");
  for (auto& b : books) b->sweep(now);
  CAF_CHECK(all->used() <= 1000 && all->used() > 900);
  books.clear();
  CAF_CHECK_EQUAL(all->used(), 0);
}

CAF_TEST(many in the same moment leave the newest moment) {
  for (int i = 0; i < 1001; ++i) send(std::to_string(i), lost_client(), i);
  CAF_CHECK_EQUAL(all->used(), 0);
  now += 1s;
  send("x", lost_client());
  CAF_CHECK(find("x").what == kind::match);
}

CAF_TEST_FIXTURE_SCOPE_END()
