// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE log_tail
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "actors/log/log_tail.hpp"
#include "test/unit/support/time_ranges.hpp"

#include <numeric>

using namespace sandbase;
using namespace sandbase::test;

namespace {

/// Blocks of consecutive events with payloads of the given sizes; `sizes` holds one list a block.
struct blocks {
  log_block_builder builder{1, {}};
  log_block_ptr next(const std::vector<std::size_t>& sizes) {
    for (const auto size : sizes) {
      const auto id = make_event_id(timestamp{}, builder.next_seq(), 7);
      builder.add(event_type::agent_message, id, timestamp{},
                  "{\"id\":\"" + id + "\",\"x\":\"" + std::string(size, 'x') + "\"}");
    }
    return builder.finish();
  }
};

/// The seqs in a slice, which must be consecutive.
std::vector<seq_t> seqs(const log_slice& slice) {
  std::vector<seq_t> out;
  for (const auto& span : slice.spans)
    for (auto seq = span.first; seq <= span.last; ++seq) {
      if (!out.empty()) CAF_REQUIRE_EQUAL(seq, out.back() + 1);
      out.push_back(seq);
    }
  return out;
}

std::vector<seq_t> range(seq_t first, seq_t last) {
  std::vector<seq_t> out(last + 1 - first);
  std::iota(out.begin(), out.end(), first);
  return out;
}

}  // namespace

CAF_TEST(an erased event is shown to nobody from then on) {
  blocks b;
  log_tail tail;
  for (const auto& sizes : {std::vector<std::size_t>{500, 600}, {700}, {800, 900}}) tail.push(b.next(sizes));
  tail.blocks_to_seal();
  tail.mark_sealed(5);
  tail.push(b.next({1000, 50}));
  for (const seq_t seq : {2u, 6u}) {
    const auto before = tail.unsealed_bytes();
    const auto held = tail.slice(0, 7, 1 << 20);
    tail.erase(seq, "{}");
    CAF_CHECK_EQUAL(std::string{tail.block_of(seq).json(seq)}, "{}");
    CAF_CHECK_EQUAL(seqs(tail.slice(0, 7, 1 << 20)), range(1, 7));
    CAF_CHECK_EQUAL(tail.slice(0, 7, 1 << 20).bytes(), tail.cached_bytes() + tail.unsealed_bytes());
    CAF_CHECK_EQUAL(tail.unsealed_bytes() < before, seq == 6);
    CAF_CHECK_GREATER(held.bytes(), tail.slice(0, 7, 1 << 20).bytes());
  }
  tail.trim(0);
  tail.erase(2, "{}");
  CAF_CHECK_EQUAL(tail.first_seq(), 6u);
  tail.blocks_to_seal();
  tail.mark_sealed(7);
  CAF_CHECK_EQUAL(tail.unsealed_bytes(), 0u);
}

CAF_TEST(searches meet every event that is looked for) {
  // Places 1 to 4 are sealed and not held.
  log_tail tail{4};
  log_block_builder behind{5, {}};
  for (seq_t seq = 5; seq <= 20; ++seq) {
    behind.add(seq % 3 == 0 ? event_type::session_error : event_type::agent_message, "x_1",
               timestamp{std::chrono::milliseconds{seq}}, "{}");
    if (seq % 4 == 0) tail.push(behind.finish());
  }
  const auto at = [](int ms) { return exact_time{timestamp{std::chrono::milliseconds{ms}}}; };
  const event_selection errors{{"session.error"}, between(at(7), at(17))};
  const auto check = [&](const search_range& range, seq_t reached, bool found, bool through) {
    const auto r = tail.search(range, errors);
    CAF_CHECK_EQUAL(r.reached, reached);
    CAF_CHECK_EQUAL(r.found, found);
    CAF_CHECK_EQUAL(r.through, through);
  };
  check({4, 20}, 8, true, false);
  check({8, 20}, 8, true, false);
  check({9, 20}, 11, true, false);
  check({15, 20}, 16, false, true);
  check({15, 16}, 16, false, false);
  check({20, 20}, 20, false, false);
  check({4, 20, true}, 15, true, false);
  check({0, 15, true}, 15, true, false);
  check({0, 8, true}, 6, false, true);
  check({7, 8, true}, 7, false, false);
  CAF_CHECK_EQUAL(tail.search({0, 8, true}, {{"session.usage"}, {}}).reached, 4u);
}

CAF_TEST(slices cut at every place and size) {
  blocks make;
  log_tail tail;
  for (int i = 0; i < 7; ++i) tail.push(make.next({10, 200, 30}));
  for (seq_t after = 0; after <= 21; ++after)
    for (seq_t up_to = after; up_to <= 21; ++up_to) {
      CAF_CHECK(seqs(tail.slice(after, up_to, SIZE_MAX)) ==
                (after == up_to ? std::vector<seq_t>{} : range(after + 1, up_to)));
      CAF_CHECK(seqs(tail.slice_back(after, up_to, SIZE_MAX)) ==
                (after == up_to ? std::vector<seq_t>{} : range(after + 1, up_to)));
    }
  for (std::size_t max_bytes :
       {std::size_t{0}, std::size_t{1}, std::size_t{200}, std::size_t{300}, std::size_t{1000}}) {
    CAF_MESSAGE("walking in steps of at most " << max_bytes << " bytes meets every event once");
    seq_t at = 0;
    while (at < 21) {
      const auto slice = tail.slice(at, 21, max_bytes);
      CAF_REQUIRE(!slice.empty());
      CAF_REQUIRE_EQUAL(slice.first_seq(), at + 1);
      CAF_CHECK(slice.bytes() <= max_bytes || slice.first_seq() == slice.last_seq());
      at = slice.last_seq();
    }
    at = 21;
    while (at > 0) {
      const auto slice = tail.slice_back(0, at, max_bytes);
      CAF_REQUIRE(!slice.empty());
      CAF_REQUIRE_EQUAL(slice.last_seq(), at);
      CAF_CHECK(slice.bytes() <= max_bytes || slice.first_seq() == slice.last_seq());
      at = slice.first_seq() - 1;
    }
  }
}

CAF_TEST(many small blocks reach a reader as few) {
  blocks make;
  log_tail tail;
  for (int i = 0; i < 1000; ++i) tail.push(make.next({100}));
  const auto slice = tail.slice(0, 1000, SIZE_MAX);
  CAF_CHECK(slice.spans.size() < 10);
  CAF_CHECK(seqs(slice) == range(1, 1000));
}

CAF_TEST(sealing takes what is unsealed and keeps later events apart) {
  blocks make;
  log_tail tail;
  for (int i = 0; i < 5; ++i) tail.push(make.next({100}));
  const auto sealing = tail.blocks_to_seal();
  CAF_REQUIRE_EQUAL(sealing.size(), 1u);
  CAF_CHECK_EQUAL(sealing.front()->last_seq(), 5u);
  CAF_MESSAGE("events that come while the seal is out, and a reader that makes the tail join blocks");
  for (int i = 0; i < 50; ++i) tail.push(make.next({100}));
  CAF_CHECK(seqs(tail.slice(0, 55, SIZE_MAX)) == range(1, 55));
  tail.mark_sealed(5);
  CAF_CHECK_EQUAL(tail.sealed_seq(), 5u);
  std::size_t unsealed = 0;
  for (const auto& block : tail.blocks_to_seal()) {
    CAF_CHECK(block->first_seq() > 5);
    unsealed += block->frames().size();
  }
  CAF_CHECK_EQUAL(tail.unsealed_bytes(), unsealed);
}

CAF_TEST(big tails seal in blocks of about 64 KiB) {
  blocks make;
  log_tail tail;
  for (int i = 0; i < 40; ++i) tail.push(make.next({10'000}));
  const auto sealing = tail.blocks_to_seal();
  for (const auto& block : sealing) CAF_CHECK(block->frames().size() <= 2 * sealed_block_bytes);
  CAF_CHECK(sealing.size() >= 4);
  CAF_CHECK(sealing.size() <= 7);
  CAF_CHECK_EQUAL(sealing.back()->last_seq(), 40u);
}

CAF_TEST(trimming lets go of sealed blocks only) {
  blocks make;
  log_tail tail;
  tail.push(make.next({1000, 1000}));
  tail.push(make.next({1000}));
  tail.push(make.next({1000}));
  tail.trim(0);
  CAF_CHECK_EQUAL(tail.first_seq(), 1u);
  tail.mark_sealed(3);
  CAF_CHECK(tail.cached_bytes() > 3000);
  tail.trim(1500);
  CAF_CHECK_EQUAL(tail.first_seq(), 3u);
  tail.trim(0);
  CAF_CHECK_EQUAL(tail.first_seq(), 4u);
  CAF_CHECK_EQUAL(tail.cached_bytes(), 0u);
  CAF_MESSAGE("what a reader found joins in front, if it fits there");
  blocks again;
  const auto first = again.next({1000, 1000});
  const auto second = again.next({1000});
  CAF_CHECK(!tail.prepend({{{first, 1, 2}}}));
  CAF_CHECK(tail.prepend({{{first, 2, 2}, {second, 3, 3}}}));
  CAF_CHECK_EQUAL(tail.first_seq(), 3u);
  CAF_CHECK(tail.prepend({{{first, 1, 2}}}));
  CAF_CHECK(seqs(tail.slice(0, 4, SIZE_MAX)) == range(1, 4));
}

CAF_TEST(an event is found by its id) {
  log_block_builder make{1, {}};
  log_tail tail;
  std::vector<std::string> ids;
  const auto push = [&](std::initializer_list<std::string> some) {
    for (const auto& id : some) {
      make.add(event_type::agent_message, id, timestamp{}, "{\"id\":\"" + id + "\"}");
      ids.push_back(id);
    }
    tail.push(make.finish());
  };
  const auto places = [&] {
    std::vector<seq_t> found;
    for (const auto& id : ids) found.push_back(tail.find(id));
    return found;
  };
  const auto told = [](seq_t place) { return make_event_id(timestamp{}, place, 7); };
  CAF_CHECK_EQUAL(tail.find("msg_a"), 0u);
  push({told(1), "msg_a"});
  CAF_CHECK_EQUAL(places(), range(1, 2));
  CAF_MESSAGE("also one that tells another place");
  push({told(9), "msg_b", told(5)});
  CAF_CHECK_EQUAL(places(), range(1, 5));
  for (const auto& other : {std::string{"msg_c"}, told(2), make_event_id(timestamp{}, 1, 8), told(40)})
    CAF_CHECK_EQUAL(tail.find(other), 0u);
  CAF_MESSAGE("what is sealed and held only by a place that the id tells");
  tail.blocks_to_seal();
  push({"msg_c", told(7)});
  CAF_CHECK_EQUAL(places(), range(1, 7));
  tail.mark_sealed(5);
  CAF_CHECK_EQUAL(places(), (std::vector<seq_t>{1, 0, 0, 0, 5, 6, 7}));
  tail.trim(0);
  CAF_CHECK_EQUAL(places(), (std::vector<seq_t>{0, 0, 0, 0, 0, 6, 7}));
  tail.blocks_to_seal();
  tail.mark_sealed(7);
  push({"msg_d"});
  CAF_CHECK_EQUAL(places(), (std::vector<seq_t>{0, 0, 0, 0, 0, 0, 7, 8}));
}
