// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE log_block
#include "events/log/log_block.hpp"

#include "events/base/hex.hpp"
#include "events/log/frame.hpp"
#include "test/unit/events/expect.hpp"
#include "test/unit/support/test.hpp"

#include <random>
#include <string>
#include <vector>

namespace {

using namespace sandbase;
using testing::outcome_of;

timestamp at(std::int64_t ms) { return timestamp{std::chrono::milliseconds{ms}}; }

struct entry {
  event_type type;
  std::string id;
  timestamp time;
  std::string json;
  event_proof proof = event_proof::make_salt();
};

std::string json_of(std::string_view id, std::string_view type) {
  return R"({"id":")" + std::string{id} + R"(","type":")" + std::string{type} +
         R"(","n":1,"processed_at":"x"})";
}

struct fixture {
  std::vector<entry> entries{
      {event_type::user_message, "sevt_1", at(1'000), json_of("sevt_1", "user.message")},
      {event_type::custom, "x_2", at(1'000), json_of("x_2", "vendor.thing")},
      {event_type::session_status_idle, "sevt_" + std::string(60, 'A'), at(-5),
       json_of("sevt_" + std::string(60, 'A'), "session.status_idle")},
  };

  log_block_ptr build(seq_t first_seq, std::size_t from, std::size_t count, const digest& head = {}) {
    log_block_builder builder{first_seq, head};
    for (auto i = from; i < from + count; ++i)
      builder.add(entries[i].type, entries[i].id, entries[i].time, entries[i].json, entries[i].proof);
    return builder.finish();
  }

  void check_same(const log_block& a, const log_block& b) {
    CAF_CHECK_EQUAL(a.first_seq(), b.first_seq());
    CAF_REQUIRE_EQUAL(a.count(), b.count());
    CAF_CHECK_EQUAL(std::string{a.frames()}, std::string{b.frames()});
    CAF_CHECK(a.head() == b.head());
    for (auto seq = a.first_seq(); seq <= a.last_seq(); ++seq) {
      CAF_CHECK_EQUAL(a.mark(seq).end, b.mark(seq).end);
      CAF_CHECK(a.mark(seq).type == b.mark(seq).type);
      CAF_CHECK_EQUAL(a.mark(seq).id_size, b.mark(seq).id_size);
      CAF_CHECK(a.mark(seq).time == b.mark(seq).time);
      CAF_CHECK(a.proof(seq) == b.proof(seq));
    }
  }
};

CAF_TEST_FIXTURE_SCOPE(log_block_tests, fixture)

CAF_TEST(a block shows its events) {
  const auto block = build(41, 0, 3);
  CAF_CHECK_EQUAL(block->first_seq(), seq_t{41});
  CAF_CHECK_EQUAL(block->last_seq(), seq_t{43});
  CAF_CHECK_EQUAL(block->count(), std::size_t{3});
  std::string all;
  digest head{};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto seq = 41 + i;
    CAF_CHECK_EQUAL(std::string{block->id(seq)}, entries[i].id);
    CAF_CHECK_EQUAL(std::string{block->json(seq)}, entries[i].json);
    CAF_CHECK(block->mark(seq).time == entries[i].time);
    const auto frame = "event: message\nid: " + entries[i].id + "\ndata: " + entries[i].json + "\n\n";
    CAF_CHECK_EQUAL(std::string{block->frame(seq)}, frame);
    all += frame;
    CAF_CHECK(block->proof(seq) == entries[i].proof);
    head = next_head(head, entries[i].proof.leaf_of(entries[i].json));
  }
  CAF_CHECK_EQUAL(std::string{block->frames()}, all);
  CAF_CHECK_EQUAL(std::string{block->frames(41, 43)}, all);
  CAF_CHECK_EQUAL(std::string{block->frames(42, 43)}, all.substr(block->mark(41).end));
  CAF_CHECK(block->head() == head);
  CAF_CHECK(block->footprint() >= sizeof(log_block) + all.size() + 3 * sizeof(event_mark));
}

CAF_TEST(type names come from the catalog or from the event) {
  const auto block = build(1, 0, 3);
  CAF_CHECK_EQUAL(std::string{block->type_name(1)}, "user.message");
  CAF_CHECK_EQUAL(std::string{block->type_name(2)}, "vendor.thing");
  CAF_CHECK_EQUAL(std::string{block->type_name(3)}, "session.status_idle");
}

CAF_TEST(type names of custom events that are not in the stored form are empty) {
  for (const std::string json :
       {"{}", R"({"id":"x_3","type":"a.b"})", R"({"id":"x_2")", R"({"id":"x_2","kind":"a.b"})"}) {
    log_block_builder builder{1, {}};
    builder.add(event_type::custom, "x_2", at(0), json);
    CAF_CHECK_EQUAL(std::string{builder.finish()->type_name(1)}, "");
  }
}

CAF_TEST(a builder goes on behind what it finished) {
  log_block_builder builder{1, {}};
  CAF_CHECK(builder.empty());
  builder.add(entries[0].type, entries[0].id, entries[0].time, entries[0].json, entries[0].proof);
  CAF_CHECK(!builder.empty());
  CAF_CHECK_EQUAL(builder.next_seq(), seq_t{2});
  CAF_CHECK_EQUAL(builder.bytes(), frame_size(entries[0].id.size(), entries[0].json.size()));
  const auto first = builder.finish();
  CAF_CHECK(builder.empty());
  CAF_CHECK_EQUAL(builder.next_seq(), seq_t{2});
  CAF_CHECK_EQUAL(builder.bytes(), std::size_t{0});
  CAF_CHECK(builder.head() == first->head());
  const auto known = next_head(builder.head(), entries[1].proof.leaf_of(entries[1].json));
  builder.add_with_head(entries[1].type, entries[1].id, entries[1].time, entries[1].json, entries[1].proof,
                        known);
  builder.add(entries[2].type, entries[2].id, entries[2].time, entries[2].json, entries[2].proof);
  const auto second = builder.finish();
  CAF_CHECK_EQUAL(second->first_seq(), seq_t{2});
  check_same(*log_block::join({first, second}), *build(1, 0, 3));
}

CAF_TEST(decode is the inverse of encode) {
  for (std::size_t count = 1; count <= 3; ++count) {
    const auto block = build(7, 0, count);
    auto decoded = log_block::decode(7, block->encode_marks(), std::string{block->frames()});
    CAF_REQUIRE(decoded);
    check_same(**decoded, *block);
  }
}

CAF_TEST(the encoding is fixed) {
  log_block_builder builder{1, {}};
  builder.add(event_type::agent_message, "a_b", at(0x0102030405), "{}",
              *event_proof::parse("0123456789abcdef"));
  builder.add(event_type::custom, "a_c", at(0x0102030406), R"({"id":"a_c","type":"acme.step"})",
              *event_proof::parse(std::string(32, 'L')));
  const auto block = builder.finish();
  std::string expected =
      "03" + to_hex({reinterpret_cast<const char*>(block->head().data()), 32}) + "02000000";
  expected +=
      "21000000"
      "0800"
      "03"
      "0504030201000000";
  expected +=
      "5f000000"
      "34a7"
      "03"
      "0604030201000000";
  expected += "10" + to_hex("0123456789abcdef") + "20" + to_hex(std::string(32, 'L'));
  CAF_CHECK_EQUAL(block->frames().size(), std::size_t{0x5f});
  CAF_CHECK_EQUAL(to_hex(block->encode_marks()), expected);
}

CAF_TEST(joining keeps every event) {
  const auto a = build(5, 0, 1);
  const auto b = build(6, 1, 1, a->head());
  const auto c = build(7, 2, 1, b->head());
  CAF_CHECK(log_block::join({a}) == a);
  check_same(*log_block::join({a, b, c}), *build(5, 0, 3));
  check_same(*log_block::join({log_block::join({a, b}), c}), *build(5, 0, 3));
}

CAF_TEST(a tombstone takes the place of one event) {
  const auto block = build(5, 0, 3);
  for (seq_t seq = 5; seq <= 7; ++seq) {
    const auto erased = block->with_tombstone(seq, R"({"erased":true})");
    CAF_REQUIRE_EQUAL(erased->count(), block->count());
    CAF_CHECK(erased->head() == block->head());
    for (seq_t at = 5; at <= 7; ++at) {
      CAF_CHECK_EQUAL(std::string{erased->id(at)}, std::string{block->id(at)});
      CAF_CHECK(erased->mark(at).type == block->mark(at).type);
      CAF_CHECK(erased->mark(at).time == block->mark(at).time);
      const auto leaf = block->proof(at).leaf_of(block->json(at));
      CAF_CHECK(erased->proof(at).leaf_of(erased->json(at)) == leaf);
      CAF_CHECK_EQUAL(erased->proof(at).is_leaf(), at == seq);
      CAF_CHECK_EQUAL(std::string{erased->json(at)},
                      at == seq ? R"({"erased":true})" : std::string{block->json(at)});
    }
    check_same(**log_block::decode(5, erased->encode_marks(), std::string{erased->frames()}), *erased);
  }
}

CAF_TEST(parts that do not fit each other are corrupt) {
  const auto block = build(1, 0, 3);
  const std::string marks = block->encode_marks();
  const std::string frames{block->frames()};
  constexpr std::size_t first_mark = 37;
  const auto changed = [](std::string text, std::size_t pos, char c) {
    text[pos] = c;
    return text;
  };
  struct row {
    std::string what;
    std::string marks;
    std::string frames;
    std::string error;
  };
  const row rows[] = {
      {"no marks", "", frames, "the marks are cut off"},
      {"half a header", marks.substr(0, 36), frames, "the marks are cut off"},
      {"another version", changed(marks, 0, 4), frames, "the marks have an unknown format version"},
      {"an earlier version", changed(marks, 0, 2), frames, "the marks have an unknown format version"},
      {"no events", changed(marks.substr(0, first_mark), 33, 0), "", "no events"},
      {"a mark cut off", marks.substr(0, first_mark + 3 * 15 - 1), frames,
       "the marks do not fit their count"},
      {"a salt cut off", marks.substr(0, marks.size() - 1), frames, "the salts do not fit the events"},
      {"a salt too few", marks.substr(0, marks.size() - 17), frames, "the salts do not fit the events"},
      {"a salt of another size", changed(marks, first_mark + 3 * 15, 17), frames,
       "the salts do not fit the events"},
      {"a byte more", marks + '\0', frames, "the salts do not fit the events"},
      {"a count too low", changed(marks, 33, 2), frames, "the salts do not fit the events"},
      {"a count too high", changed(marks, 33, 4), frames, "the salts do not fit the events"},
      {"a huge count", changed(marks, 36, '\xff'), frames, "the marks do not fit their count"},
      {"an end of 0", changed(changed(marks, first_mark, 0), first_mark + 1, 0), frames,
       "a mark points outside of the frames"},
      {"an end far behind", changed(marks, first_mark + 3, '\x7f'), frames,
       "a mark points outside of the frames"},
      {"an end one off", changed(marks, first_mark, static_cast<char>(marks[first_mark] + 1)), frames,
       "a mark does not match its frame"},
      {"an unknown type", changed(marks, first_mark + 5, 1), frames, "a mark has an unknown event type"},
      {"no type", changed(marks, first_mark + 4, 0), frames, "a mark has an unknown event type"},
      {"an id size one off", changed(marks, first_mark + 6, 5), frames, "a mark does not match its frame"},
      {"an id size of 0", changed(marks, first_mark + 6, 0), frames, "a mark does not match its frame"},
      {"an id size beyond the frame", changed(marks, first_mark + 6, '\xff'), frames,
       "a mark does not match its frame"},
      {"frames cut off", marks, frames.substr(0, frames.size() - 1), "a mark points outside of the frames"},
      {"no frames", marks, "", "a mark points outside of the frames"},
      {"bytes behind the frames", marks, frames + "x", "there are bytes behind the last frame"},
      {"another first line", marks, changed(frames, 0, 'E'), "a mark does not match its frame"},
      {"another last line", marks, changed(frames, frames.size() - 1, ' '),
       "a mark does not match its frame"},
  };
  for (const auto& r : rows) {
    CAF_MESSAGE(r.what);
    CAF_CHECK_EQUAL(outcome_of(log_block::decode(1, r.marks, r.frames)), "corrupt: log block: " + r.error);
  }
}

CAF_TEST(no bytes make decode fail in another way) {
  const auto block = build(1, 0, 3);
  const std::string marks = block->encode_marks();
  std::minstd_rand random{20261122};
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto bytes = marks;
    for (auto flips = 1 + random() % 4; flips != 0; --flips)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    if (random() % 8 == 0) bytes.resize(random() % bytes.size());
    auto decoded = log_block::decode(1, bytes, std::string{block->frames()});
    if (!decoded) {
      CAF_REQUIRE(decoded.error().code == errc::corrupt);
      continue;
    }
    // A changed head, time or type cannot be seen here, but everything must stay within the frames.
    ++accepted;
    std::size_t bytes_seen = 0;
    for (auto seq = (*decoded)->first_seq(); seq <= (*decoded)->last_seq(); ++seq) {
      bytes_seen += frame_size((*decoded)->id(seq).size(), (*decoded)->json(seq).size());
      CAF_REQUIRE((*decoded)->type_name(seq).size() < 200);
    }
    CAF_REQUIRE_EQUAL(bytes_seen, block->frames().size());
  }
  CAF_CHECK(accepted > 0);
}

CAF_TEST_FIXTURE_SCOPE_END()

}  // namespace
