// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE log_walk
#include "events/log/log_walk.hpp"

#include "test/unit/events/expect.hpp"
#include "test/unit/support/test.hpp"

namespace {

using namespace sandbase;
using testing::outcome_of;

constexpr std::string_view first_json = R"({"id":"sevt_1"})";
constexpr std::string_view second_json = R"({"id":"sevt_2"})";
const event_proof first_salt = event_proof::make_salt();
const event_proof second_salt = event_proof::make_salt();
const digest first_head = next_head({}, first_salt.leaf_of(first_json));
const digest second_head = next_head(first_head, second_salt.leaf_of(second_json));

CAF_TEST(events with heads of their own are followed one by one) {
  log_walk walk;
  CAF_CHECK_EQUAL(walk.last_seq(), 0u);
  CAF_CHECK(walk.head() == digest{});
  CAF_CHECK_EQUAL(outcome_of(walk.step(1, first_json, first_salt, first_head)), "ok");
  CAF_CHECK_EQUAL(outcome_of(walk.step(2, second_json, second_salt, second_head)), "ok");
  CAF_CHECK_EQUAL(walk.last_seq(), 2u);
  CAF_CHECK(walk.head() == second_head);
}

CAF_TEST(heads are computed where none are kept) {
  log_walk walk;
  CAF_CHECK_EQUAL(outcome_of(walk.step(1, first_json, first_salt)), "ok");
  CAF_CHECK(walk.head() == first_head);
  CAF_CHECK_EQUAL(outcome_of(walk.step(2, second_json, second_salt)), "ok");
  CAF_CHECK(walk.head() == second_head);
}

CAF_TEST(gaps and repetitions are named and the walk stays where it is) {
  log_walk walk;
  CAF_CHECK_EQUAL(outcome_of(walk.step(2, second_json, second_salt, second_head)),
                  "corrupt: event 2 stands behind event 0");
  CAF_CHECK_EQUAL(outcome_of(walk.step(1, first_json, first_salt, first_head)), "ok");
  CAF_CHECK_EQUAL(outcome_of(walk.step(1, first_json, first_salt)), "corrupt: event 1 stands behind event 1");
  CAF_CHECK_EQUAL(outcome_of(walk.step(3, second_json, second_salt)),
                  "corrupt: event 3 stands behind event 1");
  CAF_CHECK_EQUAL(walk.last_seq(), 1u);
  CAF_CHECK(walk.head() == first_head);
}

CAF_TEST(what does not fit the chain is refused) {
  log_walk walk{1, first_head};
  const std::string broken = "corrupt: event 2 does not fit the hash chain";
  CAF_CHECK_EQUAL(outcome_of(walk.step(2, R"({"id":"sevt_3"})", second_salt, second_head)), broken);
  CAF_CHECK_EQUAL(outcome_of(walk.step(2, second_json, second_salt, first_head)), broken);
  CAF_CHECK_EQUAL(outcome_of(walk.step(2, second_json, first_salt, second_head)), broken);
  CAF_CHECK_EQUAL(outcome_of(walk.step(2, second_json, second_salt, second_head)), "ok");
}

CAF_TEST(an erased event fits by its leaf) {
  const auto leaf = event_proof::from_leaf(second_salt.leaf_of(second_json));
  log_walk walk{1, first_head};
  CAF_CHECK_EQUAL(outcome_of(walk.step(2, "what it was is gone", leaf, second_head)), "ok");
}

CAF_TEST(behind an unknown head the first stored one is believed and no other) {
  log_walk walk{1, std::nullopt};
  CAF_CHECK_EQUAL(outcome_of(walk.step(2, "anything", first_salt, first_head)), "ok");
  CAF_CHECK_EQUAL(outcome_of(walk.step(3, "anything", second_salt, second_head)),
                  "corrupt: event 3 does not fit the hash chain");
  CAF_CHECK_EQUAL(outcome_of(walk.step(3, second_json, second_salt, second_head)), "ok");
}

}  // namespace
