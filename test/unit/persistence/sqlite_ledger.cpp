// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE sqlite_ledger
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "persistence/sqlite/roles/ledger.hpp"

using namespace sandbase;
using sandbase::sqlite::ledger;

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

/// Events first.. of 10 bytes, behind what tip_at() says of the one before.
append_op append_at(session_key session, epoch_t epoch, seq_t first, std::size_t count) {
  append_op op;
  op.session = session;
  op.epoch = epoch;
  op.first_seq = first;
  op.previous_head = head_of(static_cast<std::uint8_t>(first - 1));
  op.tip = tip_at(first + count - 1);
  op.events.assign(count, journal_event{{std::string(10, 'x')}, {}, 0});
  return op;
}

session_row row_of(session_key key) {
  session_row row;
  row.key = key;
  return row;
}

seal_op seal_at(session_key session, epoch_t epoch, seq_t first, seq_t last, seq_t log_end) {
  log_block_builder b{first, {}};
  for (auto seq = first; seq <= last; ++seq)
    b.add(event_type::agent_message, make_event_id(timestamp{}, seq, 1), timestamp{}, "{}");
  seal_op op;
  op.session = session;
  op.epoch = epoch;
  op.blocks = {b.finish()};
  auto header = std::make_shared<session_header>();
  header->progress.tip = tip_at(log_end);
  op.header = header;
  return op;
}

bool fits(const failure& f) { return f.code == errc::none; }

/// Committed: events of `bytes` each.
void store(ledger& l, session_key session, sqlite::journal_row first_row, seq_t last,
           const std::vector<std::size_t>& bytes) {
  std::vector<journal_event> events;
  for (const auto n : bytes) events.push_back({{std::string(n, 'x')}, {}, 0});
  l.appended(session, first_row, events, tip_at(last));
}

constexpr std::int64_t plenty = 1'000'000;

}  // namespace

CAF_TEST(appends of a commit continue each other and what is refused ends the epoch) {
  ledger l{plenty};
  const auto writer = l.claim(row_of(1));
  ledger::draft draft{l};
  CAF_CHECK(fits(draft.admit(append_at(1, writer, 1, 1))));
  CAF_CHECK(fits(draft.admit(append_at(1, writer, 2, 2))));
  CAF_CHECK(!fits(draft.admit(append_at(1, writer, 5, 1))));
  auto other_history = append_at(1, writer, 4, 1);
  other_history.previous_head = head_of(9);
  CAF_CHECK(!fits(draft.admit(other_history)));
  CAF_CHECK(fits(draft.admit(append_at(1, writer, 4, 1))));
  draft.fail(1);
  CAF_CHECK(!fits(draft.admit(append_at(1, writer, 5, 1))));
  CAF_MESSAGE("nothing is taken over before the store committed it");
  const auto unchanged = l.find(1);
  CAF_CHECK_EQUAL(unchanged->tip.last_seq, 0u);
  ledger::draft next{l};
  CAF_CHECK(fits(next.admit(append_at(1, writer, 1, 1))));
}

CAF_TEST(a claim voids the writer before) {
  ledger l{plenty};
  const auto first = l.claim(row_of(1));
  const auto second = l.claim(row_of(1));
  CAF_CHECK(first != second);
  ledger::draft draft{l};
  CAF_CHECK(!fits(draft.admit(append_at(1, first, 1, 1))));
  CAF_CHECK(!fits(draft.admit(append_at(1, 0, 1, 1))));
  CAF_CHECK(fits(draft.admit(append_at(1, second, 1, 1))));
  CAF_CHECK(!fits(draft.admit(seal_at(1, first, 1, 1, 1))));
  CAF_CHECK(!fits(draft.admit(delete_op{1, first})));
  CAF_CHECK(fits(draft.admit(delete_op{1, second})));
  CAF_CHECK(!fits(draft.admit(append_at(1, second, 2, 1))));
}

CAF_TEST(nothing of a writer counts behind what was not stored until it claims anew) {
  ledger l{plenty};
  const auto before = l.claim(row_of(1));
  const auto writer = l.claim(row_of(1));
  store(l, 1, 1, 1, {10});
  l.cut(1, before);
  l.cut(2, writer);
  CAF_CHECK(fits(ledger::draft{l}.admit(append_at(1, writer, 2, 1))));
  l.cut(1, writer);
  CAF_CHECK(!fits(ledger::draft{l}.admit(append_at(1, writer, 2, 1))));
  CAF_CHECK(!fits(ledger::draft{l}.admit(seal_at(1, writer, 1, 1, 1))));
  const auto next = l.claim(row_of(1));
  CAF_CHECK(fits(ledger::draft{l}.admit(append_at(1, next, 2, 1))));
}

CAF_TEST(seals are of what stands in the log) {
  ledger l{plenty};
  const auto writer = l.claim(row_of(1));
  store(l, 1, 1, 2, {10, 10});
  CAF_CHECK(fits(ledger::draft{l}.admit(seal_at(1, writer, 1, 2, 2))));
  CAF_CHECK(fits(ledger::draft{l}.admit(seal_at(1, writer, 1, 1, 1))));
  CAF_CHECK(!fits(ledger::draft{l}.admit(seal_at(1, writer, 2, 2, 2))));
  CAF_CHECK(!fits(ledger::draft{l}.admit(seal_at(1, writer, 1, 2, 1))));
  CAF_CHECK(!fits(ledger::draft{l}.admit(seal_at(1, writer, 1, 3, 3))));
  ledger::draft draft{l};
  CAF_CHECK(fits(draft.admit(append_at(1, writer, 3, 1))));
  CAF_CHECK(fits(draft.admit(seal_at(1, writer, 1, 3, 3))));
}

CAF_TEST(rows stay until they are sealed and the oldest is known) {
  ledger l{plenty};
  const auto a = l.claim(row_of(1));
  const auto b = l.claim(row_of(2));
  store(l, 1, 10, 3, {100, 100, 100});
  store(l, 2, 13, 1, {50});
  store(l, 1, 14, 5, {50, 50});
  CAF_CHECK_EQUAL(l.unsealed_bytes(), 450);
  CAF_CHECK_EQUAL(l.extent(), 450);
  CAF_CHECK_EQUAL(l.oldest_row(16), 10);
  CAF_MESSAGE("a seal inside a run");
  l.sealed(1, 2);
  CAF_CHECK_EQUAL(l.oldest_row(16), 12);
  const auto left = l.find(1)->runs;
  CAF_CHECK_EQUAL(left.front().count, 1);
  CAF_CHECK_EQUAL(l.unsealed_bytes(), 250);
  CAF_CHECK_EQUAL(l.extent(), 250);
  CAF_MESSAGE("a seal over the end of a run");
  l.sealed(1, 4);
  CAF_CHECK_EQUAL(l.oldest_row(16), 13);
  CAF_CHECK_EQUAL(l.unsealed_bytes(), 100);
  CAF_CHECK_EQUAL(l.extent(), 150);  // what is sealed between two that are not counts too
  l.sealed(1, 5);
  l.sealed(2, 1);
  CAF_CHECK_EQUAL(l.oldest_row(16), 16);
  CAF_CHECK_EQUAL(l.unsealed_bytes(), 0);
  CAF_CHECK_EQUAL(l.extent(), 0);
  CAF_MESSAGE("an entry goes when it has neither rows nor a writer");
  l.release(1, a);
  CAF_CHECK(!l.find(1));
  CAF_CHECK(l.find(2));
  l.release(2, a);
  CAF_CHECK(l.find(2));
  l.release(2, b);
  CAF_CHECK(!l.find(2));
}

CAF_TEST(those whose rows take too much room are asked once) {
  ledger l{1000};
  for (session_key s = 1; s <= 4; ++s) l.claim(row_of(s));
  for (session_key s = 1; s <= 4; ++s) store(l, s, s, 1, {180});
  CAF_CHECK(!l.is_pressed());
  CAF_CHECK(l.ask_for_seals({}).empty());
  store(l, 4, 5, 2, {100});
  CAF_CHECK(l.is_pressed());
  CAF_CHECK_EQUAL(l.ask_for_seals({}), (std::vector<session_key>{1}));
  CAF_CHECK(l.ask_for_seals({}).empty());
  CAF_MESSAGE("as many as the excess needs");
  store(l, 4, 6, 3, {150});
  CAF_CHECK_EQUAL(l.ask_for_seals({}), (std::vector<session_key>{2}));
  CAF_MESSAGE("again when it is claimed anew");
  l.claim(row_of(1));
  CAF_CHECK_EQUAL(l.ask_for_seals({}), (std::vector<session_key>{1}));
  l.sealed(1, 1);
  l.sealed(2, 1);
  CAF_CHECK(!l.is_pressed());
}

CAF_TEST(beyond the bound nothing is appended and room is made for what was refused) {
  ledger l{100};
  const auto a = l.claim(row_of(1));
  const auto b = l.claim(row_of(2));
  store(l, 1, 1, 1, {10});
  store(l, 2, 2, 7, {10, 10, 10, 10, 10, 10, 10});
  ledger::draft draft{l};
  CAF_CHECK(fits(draft.admit(append_at(1, a, 2, 2))));
  CAF_CHECK(!fits(draft.admit(append_at(2, b, 8, 1))));
  CAF_CHECK(!fits(draft.admit(create_op{0, nullptr, {journal_event{{"0123456789"}, {}, 0}}, {}, {}})));
  CAF_CHECK(fits(draft.admit(create_op{})));
  CAF_CHECK_EQUAL(l.ask_for_seals({}), (std::vector<session_key>{1}));
  l.refused(20);
  CAF_CHECK_EQUAL(l.ask_for_seals({}), (std::vector<session_key>{2}));
}

CAF_TEST(sessions without a writer are orphans) {
  ledger l{100};
  const auto a = l.claim(row_of(1));
  store(l, 1, 1, 2, {10, 10});
  CAF_CHECK(l.orphans(5, false).empty());
  l.release(1, a);
  CAF_CHECK_EQUAL(l.orphans(5, false), (std::vector<session_key>{1}));
  CAF_CHECK(l.orphans(5, true).empty());
  store(l, 2, 3, 1, {70});  // made with initial events
  CAF_CHECK_EQUAL(l.orphans(5, true), (std::vector<session_key>{1}));
  CAF_CHECK_EQUAL(l.orphans(5, false), (std::vector<session_key>{1, 2}));
  CAF_CHECK_EQUAL(l.orphans(1, false), (std::vector<session_key>{1}));
  CAF_CHECK(l.ask_for_seals({}).empty());  // there is nobody to ask
  l.claim(row_of(1));
  CAF_CHECK_EQUAL(l.orphans(5, false), (std::vector<session_key>{2}));
}

CAF_TEST(what cannot be sealed is set aside and told once) {
  ledger l{plenty};
  const auto a = l.claim(row_of(1));
  store(l, 1, 1, 1, {10});
  l.set_aside(1, "session 1 is damaged");
  CAF_CHECK_EQUAL(l.take_damage(), (std::vector<std::string>{"session 1 is damaged"}));
  CAF_CHECK(l.take_damage().empty());
  CAF_CHECK(ledger::draft{l}.admit(append_at(1, a, 2, 1)).code == errc::corrupt);
  CAF_CHECK(ledger::draft{l}.admit(seal_at(1, a, 1, 1, 1)).code == errc::corrupt);
  CAF_CHECK_EQUAL(l.extent(), 0);
  CAF_CHECK_EQUAL(l.unsealed_bytes(), 0);
  CAF_MESSAGE("it is read, and claimed as ever, and nobody is asked to seal it");
  CAF_CHECK(!l.damage_of(1));
  CAF_CHECK_EQUAL(l.find(1)->runs.size(), 1u);
  const auto b = l.claim(row_of(1));
  CAF_CHECK(ledger::draft{l}.admit(append_at(1, b, 2, 1)).code == errc::corrupt);
  l.release(1, b);
  CAF_CHECK(l.orphans(5, false).empty());
  CAF_CHECK(l.ask_for_seals({}).empty());
  const auto c = l.claim(row_of(1));
  CAF_CHECK_EQUAL(l.damaged_sessions(), "1");
  CAF_CHECK_EQUAL(l.damaged(), 1u);
  CAF_CHECK(fits(ledger::draft{l}.admit(delete_op{1, c})));
  l.erased(1);
  CAF_CHECK_EQUAL(l.damaged(), 0u);
  CAF_CHECK_EQUAL(l.unsealed_bytes(), 0);
}

CAF_TEST(what is set aside takes its own room until it is deleted) {
  ledger l{100};
  l.claim(row_of(1));
  const auto b = l.claim(row_of(2));
  store(l, 1, 1, 1, {60});
  l.set_aside(1, "session 1 cannot be sealed");
  const auto large = [&] {
    auto op = append_at(2, b, l.find(2)->tip.last_seq + 1, 1);
    op.events.front().json = {std::string(60, 'x')};
    return ledger::draft{l}.admit(op).code;
  };
  CAF_CHECK(large() == errc::unavailable);
  CAF_CHECK(!l.take_freed());
  CAF_MESSAGE("of what is left sessions are asked to seal as ever");
  CAF_CHECK(!l.is_pressed());
  store(l, 2, 2, 1, {31});
  CAF_CHECK(l.is_pressed());
  CAF_CHECK_EQUAL(l.ask_for_seals({}), (std::vector<session_key>{2}));
  l.sealed(2, 1);
  CAF_CHECK(!l.is_pressed());
  l.erased(1);
  CAF_CHECK(l.take_freed());
  CAF_CHECK(large() == errc::none);
}

CAF_TEST(a deleted session takes its rows along) {
  ledger l{plenty};
  const auto a = l.claim(row_of(1));
  store(l, 1, 1, 2, {10, 10});
  l.erased(1);
  CAF_CHECK_EQUAL(l.unsealed_bytes(), 0);
  CAF_CHECK_EQUAL(l.oldest_row(3), 3);
  CAF_CHECK(!fits(ledger::draft{l}.admit(append_at(1, a, 3, 1))));
}
