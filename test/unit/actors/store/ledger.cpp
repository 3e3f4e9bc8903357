// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE ledger
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "actors/store/ledger.hpp"

using namespace sandbase;

namespace {

digest head_of(std::uint8_t n) {
  digest d{};
  d[0] = n;
  return d;
}

log_tip tip_at(seq_t seq) {
  log_tip tip;
  tip.last_seq = seq;
  tip.head = head_of(static_cast<std::uint8_t>(seq));
  return tip;
}

append_op op_at(session_key session, seq_t first, std::size_t count) {
  append_op op;
  op.session = session;
  op.first_seq = first;
  op.events.resize(count);
  return op;
}

session_row row_of(session_key key) {
  session_row row;
  row.key = key;
  return row;
}

seal_op seal_at(session_key session, seq_t first, seq_t last, seq_t log_end) {
  log_block_builder b{first, {}};
  for (auto seq = first; seq <= last; ++seq)
    b.add(event_type::agent_message, make_event_id(timestamp{}, seq, 1), timestamp{}, "{}");
  seal_op op;
  op.session = session;
  op.blocks = {b.finish()};
  auto header = std::make_shared<session_header>();
  header->progress.tip = tip_at(log_end);
  op.header = header;
  return op;
}

bool fits(const result<void>& r) { return static_cast<bool>(r); }

}  // namespace

CAF_TEST(appends of a batch continue each other and a gap is refused alone) {
  ledger l;
  const auto writer = l.claim(1, row_of(1), session_actor{});
  auto batch = l.begin();
  CAF_CHECK(fits(batch.append(writer, head_of(0), op_at(1, 1, 1), tip_at(1))));
  CAF_CHECK(fits(batch.append(writer, head_of(1), op_at(1, 2, 2), tip_at(3))));
  CAF_CHECK(!fits(batch.append(writer, head_of(4), op_at(1, 5, 1), tip_at(5))));
  CAF_CHECK(!fits(batch.append(writer, head_of(9), op_at(1, 4, 1), tip_at(4))));
  CAF_CHECK(fits(batch.append(writer, head_of(3), op_at(1, 4, 1), tip_at(4))));
  CAF_MESSAGE("nothing is taken over before the store committed it");
  CAF_CHECK_EQUAL(l.find(1)->tip.last_seq, 0u);
  auto next = l.begin();
  CAF_CHECK(fits(next.append(writer, head_of(0), op_at(1, 1, 1), tip_at(1))));
}

CAF_TEST(a claim voids the writer before) {
  ledger l;
  const auto first = l.claim(1, row_of(1), session_actor{});
  const auto second = l.claim(1, row_of(1), session_actor{});
  CAF_CHECK(first != second);
  auto batch = l.begin();
  CAF_CHECK(!fits(batch.append(first, head_of(0), op_at(1, 1, 1), tip_at(1))));
  CAF_CHECK(!fits(batch.append(0, head_of(0), op_at(1, 1, 1), tip_at(1))));
  CAF_CHECK(fits(batch.append(second, head_of(0), op_at(1, 1, 1), tip_at(1))));
  CAF_CHECK(!fits(batch.seal(first, seal_at(1, 1, 1, 1))));
}

CAF_TEST(nothing of a writer counts behind what was not stored until it claims anew) {
  ledger l;
  const auto before = l.claim(1, row_of(1), session_actor{});
  const auto writer = l.claim(1, row_of(1), session_actor{});
  l.appended(1, 1, 1, 10, tip_at(1));
  l.cut(1, before);
  l.cut(2, writer);
  CAF_CHECK(fits(l.begin().append(writer, head_of(1), op_at(1, 2, 1), tip_at(2))));
  l.cut(1, writer);
  CAF_CHECK(!fits(l.begin().append(writer, head_of(1), op_at(1, 2, 1), tip_at(2))));
  CAF_CHECK(!fits(l.begin().seal(writer, seal_at(1, 1, 1, 1))));
  const auto next = l.claim(1, row_of(1), session_actor{});
  CAF_CHECK(fits(l.begin().append(next, head_of(1), op_at(1, 2, 1), tip_at(2))));
  l.cut(1, next);
  l.release(1, next);
  CAF_CHECK(fits(l.begin().seal(0, seal_at(1, 1, 1, 1))));
}

CAF_TEST(rows stay until they are sealed and the oldest is known) {
  ledger l;
  const auto a = l.claim(1, row_of(1), session_actor{});
  const auto b = l.claim(2, row_of(2), session_actor{});
  l.appended(1, 10, 3, 300, tip_at(3));
  l.appended(2, 13, 1, 50, tip_at(1));
  l.appended(1, 14, 2, 100, tip_at(5));
  CAF_CHECK_EQUAL(l.unsealed_bytes(), 450);
  CAF_CHECK_EQUAL(l.oldest_row(16), 10);
  CAF_CHECK(l.oldest_sessions(5) == (std::vector<session_key>{1, 2}));
  CAF_MESSAGE("a seal inside a run");
  l.sealed(1, 2);
  CAF_CHECK_EQUAL(l.oldest_row(16), 12);
  CAF_CHECK_EQUAL(l.find(1)->runs.front().count, 1);
  CAF_CHECK_EQUAL(l.unsealed_bytes(), 250);
  CAF_MESSAGE("a seal over the end of a run");
  l.sealed(1, 4);
  CAF_CHECK_EQUAL(l.oldest_row(16), 13);
  CAF_CHECK(l.oldest_sessions(5) == (std::vector<session_key>{2, 1}));
  l.sealed(1, 5);
  l.sealed(2, 1);
  CAF_CHECK_EQUAL(l.oldest_row(16), 16);
  CAF_CHECK_EQUAL(l.unsealed_bytes(), 0);
  CAF_MESSAGE("an entry goes when it has neither rows nor a writer");
  l.release(1, a);
  CAF_CHECK(l.find(1) == nullptr);
  CAF_CHECK(l.find(2) != nullptr);
  l.release(2, a);
  CAF_CHECK(l.find(2) != nullptr);
  l.release(2, b);
  CAF_CHECK_EQUAL(l.size(), 0u);
}

CAF_TEST(sessions without a writer are orphans and are sealed as such) {
  ledger l;
  const auto a = l.claim(1, row_of(1), session_actor{});
  l.appended(1, 1, 2, 10, tip_at(2));
  CAF_CHECK(l.orphans(5).empty());
  l.release(1, a);
  CAF_CHECK(l.orphans(5) == std::vector<session_key>{1});
  auto batch = l.begin();
  CAF_CHECK(fits(batch.seal(0, seal_at(1, 1, 2, 2))));
  CAF_CHECK(!fits(batch.seal(0, seal_at(1, 1, 2, 1))));
  CAF_CHECK(!fits(batch.seal(0, seal_at(1, 2, 2, 2))));
  CAF_MESSAGE("a claim in between makes the orphan's seal void");
  l.claim(1, row_of(1), session_actor{});
  auto later = l.begin();
  CAF_CHECK(!fits(later.seal(0, seal_at(1, 1, 2, 2))));
}

CAF_TEST(a deleted session takes its rows along) {
  ledger l;
  const auto a = l.claim(1, row_of(1), session_actor{});
  l.appended(1, 1, 2, 10, tip_at(2));
  l.erased(1);
  CAF_CHECK_EQUAL(l.unsealed_bytes(), 0);
  CAF_CHECK_EQUAL(l.oldest_row(3), 3);
  auto batch = l.begin();
  CAF_CHECK(!fits(batch.append(a, tip_at(2).head, op_at(1, 3, 1), tip_at(3))));
}
