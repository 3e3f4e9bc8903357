// SPDX-License-Identifier: Apache-2.0
// Store contract: what is appended is there, in order, and nothing else is.
#pragma once

#include "test/unit/persistence/support/store_fixture.hpp"

#include <array>

namespace appends_contract {

using namespace sandbase;
using namespace sandbase::test;

CAF_TEST_FIXTURE_SCOPE(appends_contract, store_fixture<store_factory>)

CAF_TEST(appended events come back after the store was closed) {
  auto log = made("sess_a", 2);
  commit_one(log.append(3));
  reopen();
  const auto end = must(reader->find_session(workspace, "sess_a"));
  CAF_REQUIRE(end.has_value());
  CAF_CHECK_EQUAL(end->row.key, log.key);
  CAF_CHECK_EQUAL(end->row.header.progress.tip.last_seq, 2u);
  CAF_CHECK_EQUAL(jsons_of(end->unsealed), log.jsons);
  CAF_CHECK_EQUAL(end->unsealed.back().author, 7);
  CAF_CHECK(end->unsealed.back().head == log.header.progress.tip.head);
  const auto found = recovered(log).header.progress.tip;
  CAF_CHECK_EQUAL(found.last_seq, 5u);
  CAF_CHECK(found.head == log.header.progress.tip.head);
  CAF_CHECK_EQUAL(found.last_id, log.id_of(5));
  const auto claimed = claim(log);
  CAF_CHECK_EQUAL(claimed.row.key, log.key);
  CAF_CHECK_EQUAL(jsons_of(claimed.unsealed), log.jsons);
  std::int64_t bytes = 0;
  for (const auto& json : log.jsons) bytes += static_cast<std::int64_t>(json.size());
  CAF_CHECK_EQUAL(writer->unsealed().bytes, bytes);
  CAF_CHECK_EQUAL(writer->unsealed().sessions, 1u);
  must_be_sound();
}

CAF_TEST(sessions that append in turn keep their own order) {
  auto a = made("sess_a");
  auto b = made("sess_b");
  for (int i = 0; i < 5; ++i) commit({a.append(2), b.append(3), a.append(1)});
  CAF_CHECK_EQUAL(last_of(b), 15u);
  reopen();
  CAF_CHECK_EQUAL(unsealed_of(a), a.jsons);
  CAF_CHECK_EQUAL(unsealed_of(b), b.jsons);
  CAF_CHECK_EQUAL(last_of(b), 15u);
}

// --- the fence ---------------------------------------------------------------------------

CAF_TEST(an append may end its epoch) {
  auto log = made("sess_a", 1);
  auto op = log.append(1);
  op.ends_epoch = true;
  const auto outcomes = commit({op, log.append(1)});
  CAF_CHECK(outcomes[0].error.code == errc::none);
  CAF_CHECK(outcomes[1].error.code != errc::none);
  auto behind = log;
  CAF_CHECK(error_of(behind.append(1)) != errc::none);
  reopen();
  CAF_CHECK_EQUAL(last_of(log), 2u);
}

CAF_TEST(every reader of ends tells each claim and each append from what was before) {
  const auto ends = must(factory.backend().open_end_reader());
  if (!ends) return;  // only one process writes this store
  auto log = made("sess_a", 1);
  const auto other = made("sess_b", 2);
  const auto mark = [&](session_key key) -> std::optional<log_mark> {
    const auto end = must(ends->find_ends(std::array{key})).front();
    return end ? std::optional{end->mark} : std::nullopt;
  };
  const auto at_first = mark(log.key);
  CAF_REQUIRE(at_first.has_value());
  CAF_CHECK_EQUAL(at_first->epoch, log.epoch);
  CAF_CHECK_EQUAL(at_first->last_seq, 1u);
  CAF_CHECK(at_first->head == log.header.progress.tip.head);
  commit_one(log.append(2));
  const auto grown = mark(log.key);
  CAF_CHECK(*grown == (log_mark{log.epoch, 3, log.header.progress.tip.head, 0}));
  commit_one(log.seal({{1, 2}}));
  CAF_CHECK(*mark(log.key) == (log_mark{log.epoch, 3, log.header.progress.tip.head, 2}));
  auto archived = log.append_nothing();
  archived.ends_epoch = true;
  commit_one(archived);
  CAF_CHECK_GREATER(copied(mark(log.key)->epoch), log.epoch);
  CAF_CHECK_EQUAL(copied(mark(log.key)->last_seq), 3u);
  const auto loaded = must(reader->find_session(log.key));
  CAF_REQUIRE(loaded.has_value());
  CAF_CHECK_EQUAL(loaded->epoch, copied(mark(log.key)->epoch));
  const auto claimed = claim(log);
  CAF_CHECK_EQUAL(claimed.epoch, log.epoch);
  CAF_CHECK_EQUAL(copied(mark(log.key)->epoch), log.epoch);
  const auto all = must(ends->find_ends(std::array{other.key, session_key{9'999}, log.key, other.key}));
  CAF_REQUIRE_EQUAL(all.size(), 4u);
  CAF_CHECK_EQUAL(all[0]->mark.last_seq, 2u);
  CAF_CHECK(!all[1].has_value());
  CAF_CHECK_EQUAL(all[2]->mark.last_seq, 3u);
  CAF_CHECK(all[3] == all[0]);
  CAF_CHECK(must(ends->find_ends({})).empty());
  commit_one(delete_op{log.key, log.epoch, 0, at_ms(1)});
  CAF_CHECK(!mark(log.key).has_value());
}

CAF_TEST(nobody appends without a claim) {
  auto log = made("sess_a");
  auto nobody = log;
  nobody.epoch = 0;
  CAF_CHECK(error_of(nobody.append(1)) == errc::fenced);
  nobody.epoch = log.epoch + 100;
  CAF_CHECK(error_of(nobody.append(1)) == errc::fenced);
  commit_one(log.append(1));
  CAF_CHECK_EQUAL(last_of(log), 1u);
}

CAF_TEST(a claim voids the writer before) {
  auto old = made("sess_a", 1);
  auto young = old;
  const auto end = claim(young);
  CAF_CHECK_GREATER(young.epoch, old.epoch);
  CAF_CHECK_EQUAL(jsons_of(end.unsealed), young.jsons);
  CAF_CHECK(error_of(old.append(1)) == errc::fenced);
  CAF_CHECK(error_of(delete_op{old.key, old.epoch}) == errc::fenced);
  commit_one(young.append(1));
  CAF_CHECK(error_of(old.seal({{1, 1}})) == errc::conflict);
  CAF_CHECK_EQUAL(last_of(young), 2u);
}

CAF_TEST(a writer that goes cannot append any more) {
  auto log = made("sess_a", 1);
  writer->release(log.key, log.epoch + 1);  // somebody else's
  commit_one(log.append(1));
  writer->release(log.key, log.epoch);
  CAF_CHECK(is_refused(error_of(log.append(1))));
}

CAF_TEST(what does not stand right behind the end is refused and ends the epoch) {
  auto log = made("sess_a", 2);
  const auto known = log;
  auto gap = log;
  gap.append(1);
  CAF_CHECK(is_refused(error_of(gap.append(1))));
  CAF_CHECK(is_refused(error_of(log.append(1))));  // it may have been sent behind that one
  log = known;
  claim(log);
  auto other = log.append(1);
  other.previous_head = digest{};
  CAF_CHECK(is_refused(error_of(other)));
  log = known;
  claim(log);
  commit_one(log.append(1));
  CAF_CHECK_EQUAL(last_of(log), 3u);
}

CAF_TEST(an operation without events leaves no gap where an append failed) {
  auto log = made("sess_a", 1);
  auto other = log.append(1);
  other.previous_head = digest{};
  auto silent = made("sess_b").append_nothing();
  silent.session = log.key;
  silent.epoch = log.epoch;
  silent.first_seq = 2;
  silent.previous_head = recovered(log).header.progress.tip.head;
  silent.header = log.shared_header();
  const auto outcomes = commit({other, silent});
  CAF_CHECK(is_refused(outcomes[1].error.code));
}

CAF_TEST(an unknown session cannot be claimed) { CAF_CHECK(code_of(writer->claim(4711)) == errc::not_found); }

CAF_TEST(appends are refused when too much is unsealed and taken again when it is not ) {
  const auto size = std::size_t{100'000};
  writer.reset();
  writer = must(factory.backend().open_writer(1'000'000));
  reader = must(factory.backend().open_reader());
  auto quiet = made("sess_quiet", 1);
  auto busy = made("sess_busy");
  int stored = 0;
  auto known = busy;
  for (; stored < 50; ++stored) {
    known = busy;
    if (error_of(busy.append(1, size)) != errc::none) break;
    commit_one(busy.seal({{busy.last(), busy.last()}}));  // only the quiet one stays unsealed
    if (stored == 6) CAF_CHECK(!writer->unsealed().is_pressed);
  }
  CAF_CHECK_EQUAL(stored, 9);
  CAF_CHECK(writer->unsealed().is_pressed);
  const auto wanted = writer->wants_sealed({});
  CAF_CHECK_EQUAL(wanted.size(), 1u);
  CAF_CHECK_EQUAL(wanted.front(), quiet.key);
  CAF_CHECK(writer->wants_sealed({}).empty());  // once
  commit_one(quiet.seal({{1, 1}}));
  busy = known;
  claim(busy);
  commit_one(busy.append(1, size));
  CAF_CHECK(!writer->unsealed().is_pressed);
}

CAF_TEST(room is made for what found none and for nothing else) {
  writer.reset();
  writer = must(factory.backend().open_writer(1'000'000));
  auto log = made("sess_a");
  for (int i = 0; i < 7; ++i) commit_one(log.append(1, 100'000));
  CAF_CHECK(!writer->unsealed().is_pressed);
  auto other = log;
  other.make();
  CAF_CHECK(is_refused(error_of(other.append(1, 250'000))));  // it does not follow
  CAF_CHECK(!writer->unsealed().is_pressed);
  claim(log);
  auto known = log;
  CAF_CHECK(is_refused(error_of(known.append(1, 400'000))));
  CAF_CHECK(writer->unsealed().is_pressed);
}

CAF_TEST(an operation that fails alone leaves the others) {
  auto a = made("sess_a");
  auto b = made("sess_b");
  auto first = b.append(1);
  first.foreign_ids = {{"evt_own", 1}};
  auto repeated = b;
  auto second = repeated.append(1);
  second.foreign_ids = {{"evt_own", 2}};
  second.header = repeated.shared_header();
  test_log nobody{"sess_none"};
  nobody.key = 4711;
  const auto outcomes = commit({first, nobody.append(3), second, a.append(2)});
  CAF_CHECK(outcomes[0].error.code == errc::none);
  CAF_CHECK(is_refused(outcomes[1].error.code));
  CAF_CHECK(outcomes[2].error.code == errc::invalid);
  CAF_CHECK(outcomes[3].error.code == errc::none);
  CAF_CHECK_EQUAL(row_of(b).header.progress.tip.last_seq, 0u);
  reopen();
  CAF_CHECK_EQUAL(last_of(a), 2u);
  CAF_CHECK_EQUAL(last_of(b), 1u);
}

CAF_TEST(nothing is stored behind an append that fails alone) {
  auto a = made("sess_a");
  auto b = made("sess_b");
  auto first = a.append(1);
  first.foreign_ids = {{"evt_own", 1}};
  commit_one(first);
  const auto known = a;
  auto repeated = a.append(1);
  repeated.foreign_ids = {{"evt_own", 2}};
  const auto behind = a.append(2);
  const auto outcomes = commit({repeated, behind, a.seal({{1, 1}}), b.append(1)});
  CAF_CHECK(outcomes[0].error.code == errc::invalid);
  CAF_CHECK(is_refused(outcomes[1].error.code));
  CAF_CHECK(outcomes[2].error.code == errc::conflict);
  CAF_CHECK(outcomes[3].error.code == errc::none);
  a = known;
  claim(a);
  commit_one(a.append(1));
  reopen();
  CAF_CHECK_EQUAL(last_of(a), 2u);
  CAF_CHECK_EQUAL(row_of(a).sealed_seq, 0u);
}

CAF_TEST(a header is written with its append and read by others at once) {
  auto log = made("sess_a");
  auto op = log.append(1);
  log.add(op, log.make("session.status_running"));
  op.redefines = true;
  auto& changed = log.header.definition.edit();
  changed.title = "Ä title";
  changed.archived_at = at_ms(9);
  op.header = log.shared_header();
  commit_one(op);
  const auto end = must(reader->find_session(workspace, "sess_a"));
  CAF_REQUIRE(end.has_value());
  const auto* row = &end->row;
  CAF_CHECK(row->header.progress == log.header.progress);
  CAF_CHECK(row->header.progress.status == session_status::running);
  CAF_CHECK_EQUAL(row->header.definition->title.value_or(""), "Ä title");
  CAF_CHECK(row->header.definition->archived_at == at_ms(9));
  must_be_sound();
}

CAF_TEST(an append without events may write a header) {
  auto log = made("sess_a", 1);
  auto op = log.append_nothing();
  log.header.definition.edit().title = "later";
  op.header = log.shared_header();
  op.redefines = true;
  commit_one(op);
  CAF_CHECK_EQUAL(row_of(log).header.definition->title.value_or(""), "later");
}

CAF_TEST(a definition is written only where it has changed) {
  auto log = made("sess_a", 1);
  auto op = log.append_nothing();
  log.header.definition.edit().title = "not told";
  log.header.progress.status = session_status::running;
  op.header = log.shared_header();
  commit_one(op);
  CAF_CHECK(!row_of(log).header.definition->title);
  CAF_CHECK(row_of(log).header.progress.status == session_status::running);
}

CAF_TEST(bytes are kept as they are) {
  auto log = made("sess_a");
  auto op = log.append_nothing();
  const std::string odd = "\xf0\x9f\x92\xa9 \\u0000 12345678901234567890 1e400 \x7f";
  const auto proof = event_proof::make_salt();
  op.events.push_back({odd, next_head({}, proof.leaf_of(odd)), 0, proof});
  op.tip.last_seq = 1;
  op.tip.head = op.events.front().head;
  commit_one(op);
  CAF_CHECK_EQUAL(std::string{claim(log).unsealed.front().json.view()}, odd);
}

CAF_TEST(a commit of nothing is nothing) { CAF_CHECK(commit({}).empty()); }

CAF_TEST_FIXTURE_SCOPE_END()

}  // namespace appends_contract
