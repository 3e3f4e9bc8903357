// SPDX-License-Identifier: Apache-2.0
// Store contract: slices are cut exactly, ids are found only where they are.
#pragma once

#include "test/unit/persistence/support/store_fixture.hpp"

namespace reading_contract {

using namespace sandbase;
using namespace sandbase::test;

constexpr std::size_t everything = std::size_t{1} << 30;

// Another type in each suite that includes this.
namespace {
struct reading_fixture : store_fixture<store_factory> {
  /// Segments 1, 2..4, 5..9, 10..10 and 11, 12 in the journal.
  test_log log = made("sess_a", 12);
  reading_fixture() { commit_one(log.seal({{1, 1}, {2, 4}, {5, 9}, {10, 10}})); }
};
}  // namespace

CAF_TEST_FIXTURE_SCOPE(reading_contract, reading_fixture)

CAF_TEST(a slice begins behind the cursor and ends where it must) {
  for (seq_t after = 0; after <= 12; ++after)
    for (seq_t up_to = after; up_to <= 13; ++up_to) {
      const auto slice = must(reader->read(log.key, after, up_to, everything));
      const auto end = std::min<seq_t>(up_to, 10);
      CAF_CHECK_EQUAL(jsons_of(slice), after < end ? log.range(after + 1, end) : std::vector<std::string>{});
    }
}

CAF_TEST(a slice towards the front is cut the same way) {
  for (seq_t from = 0; from <= 12; ++from)
    for (seq_t before = from; before <= 13; ++before) {
      const auto slice = must(reader->read_back(log.key, from, before, everything));
      const auto first = std::max<seq_t>(from, 1);
      const auto end = std::min<seq_t>(before, 11);
      CAF_CHECK_EQUAL(jsons_of(slice), first < end ? log.range(first, end - 1) : std::vector<std::string>{});
    }
}

CAF_TEST(reading stops when enough bytes are there) {
  for (const std::size_t least : {0u, 1u}) {
    CAF_CHECK_EQUAL(jsons_of(must(reader->read(log.key, 0, 10, least))), log.range(1, 1));
    CAF_CHECK_EQUAL(jsons_of(must(reader->read_back(log.key, 1, 11, least))), log.range(10, 10));
  }
  CAF_CHECK_EQUAL(jsons_of(must(reader->read(log.key, 1, 10, 1))), log.range(2, 4));
  CAF_CHECK_EQUAL(jsons_of(must(reader->read(log.key, 2, 10, 1))), log.range(3, 4));
  CAF_CHECK_EQUAL(jsons_of(must(reader->read_back(log.key, 1, 11, 1))), log.range(10, 10));
  CAF_CHECK_EQUAL(jsons_of(must(reader->read_back(log.key, 1, 10, 1))), log.range(5, 9));
  CAF_CHECK_EQUAL(jsons_of(must(reader->read_back(log.key, 1, 9, 1))), log.range(5, 8));
  const auto one_and_a_bit = log.block(1, 1)->frames().size() + 1;
  CAF_CHECK_EQUAL(jsons_of(must(reader->read(log.key, 0, 10, one_and_a_bit))), log.range(1, 4));
}

CAF_TEST(a whole log can be read in pieces) {
  std::vector<std::string> all;
  for (auto slice = must(reader->read(log.key, 0, 10, 500)); !slice.empty();
       slice = must(reader->read(log.key, slice.last_seq(), 10, 500)))
    for (auto& json : jsons_of(slice)) all.push_back(std::move(json));
  CAF_CHECK_EQUAL(all, log.range(1, 10));
}

CAF_TEST(an unknown session has nothing to read) {
  CAF_CHECK(code_of(reader->read(4711, 0, 10, everything)) == errc::not_found);
  CAF_CHECK(code_of(reader->read_back(4711, 0, 10, everything)) == errc::not_found);
  CAF_CHECK(!must(reader->find_event(4711, log.id_of(1))));
}

CAF_TEST(ids that tell their place are found where they are sealed) {
  for (seq_t seq = 1; seq <= 10; ++seq)
    CAF_CHECK_EQUAL(must(reader->find_event(log.key, log.id_of(seq))).value_or(0), seq);
  CAF_CHECK(!must(reader->find_event(log.key, log.id_of(11))));
  CAF_CHECK(!must(reader->find_event(log.key, make_event_id(at_ms(3), 3, 99))));
  CAF_CHECK(!must(reader->find_event(log.key, make_event_id(at_ms(3), 0, 0))));
  CAF_CHECK(!must(reader->find_event(log.key, "sevt_short")));
  CAF_CHECK(!must(reader->find_event(log.key, "")));
  const auto other = made("sess_b", 3);
  CAF_CHECK(!must(reader->find_event(other.key, log.id_of(2))));
}

CAF_TEST(ids from outside are found by the side table) {
  auto foreign = made("sess_b");
  auto op = foreign.append(1);
  const auto misleading = make_event_id(at_ms(1), 1, 77);  // tells place 1, stands at 3
  foreign.add(op, foreign.make("agent.message", 200, "evt_own"));
  foreign.add(op, foreign.make("agent.message", 200, misleading));
  op.foreign_ids = {{"evt_own", 2}, {misleading, 3}};
  commit_one(op);
  CAF_CHECK_EQUAL(must(reader->find_event(foreign.key, "evt_own")).value_or(0), 2u);
  commit_one(foreign.seal({{1, 3}}));
  CAF_CHECK_EQUAL(must(reader->find_event(foreign.key, "evt_own")).value_or(0), 2u);
  CAF_CHECK_EQUAL(must(reader->find_event(foreign.key, misleading)).value_or(0), 3u);
  CAF_CHECK_EQUAL(must(reader->find_event(foreign.key, foreign.id_of(1))).value_or(0), 1u);
  CAF_CHECK(!must(reader->find_event(log.key, "evt_own")));
  must_be_sound();
}

CAF_TEST(readers see what is committed while they are open) {
  auto second = must(factory.backend().open_reader());
  CAF_CHECK_EQUAL(jsons_of(must(second->read(log.key, 9, 20, everything))), log.range(10, 10));
  commit_one(log.seal({{11, 12}}));
  CAF_CHECK_EQUAL(jsons_of(must(second->read(log.key, 9, 20, everything))), log.range(10, 12));
  CAF_CHECK_EQUAL(jsons_of(must(reader->read(log.key, 10, 20, everything))), log.range(11, 12));
}

CAF_TEST_FIXTURE_SCOPE_END()

}  // namespace reading_contract
