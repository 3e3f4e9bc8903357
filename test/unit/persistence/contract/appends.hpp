// SPDX-License-Identifier: Apache-2.0
// Store contract: what is appended is there, in order, and nothing else is.
#pragma once

#include "test/unit/persistence/support/store_fixture.hpp"

namespace appends_contract {

using namespace sandbase;
using namespace sandbase::test;

CAF_TEST_FIXTURE_SCOPE(appends_contract, store_fixture<store_factory>)

CAF_TEST(appended events come back after the store was closed) {
  auto log = made("sess_a", 2);
  commit_one(log.append(3));
  reopen();
  const auto ledger = must(writer->scan());
  CAF_REQUIRE_EQUAL(ledger.size(), 1u);
  const auto& found = ledger.front();
  CAF_CHECK_EQUAL(found.row.key, log.key);
  CAF_CHECK_EQUAL(found.row.header.progress.tip.last_seq, 2u);
  CAF_CHECK_EQUAL(found.progress.tip.last_seq, 5u);
  CAF_CHECK(found.progress.tip.head == log.header.progress.tip.head);
  CAF_CHECK_EQUAL(found.progress.tip.last_id, log.id_of(5));
  std::int64_t bytes = 0;
  for (const auto& json : log.jsons) bytes += static_cast<std::int64_t>(json.size());
  CAF_CHECK_EQUAL(found.bytes, bytes);
  const auto events = must(writer->unsealed(log.key, found.runs));
  CAF_CHECK_EQUAL(jsons_of(events), log.jsons);
  CAF_CHECK_EQUAL(events.back().author, 7);
  CAF_CHECK(events.back().head == log.header.progress.tip.head);
  must_be_sound();
}

CAF_TEST(sessions that append in turn keep their own order) {
  auto a = made("sess_a");
  auto b = made("sess_b");
  for (int i = 0; i < 5; ++i) commit({a.append(2), b.append(3), a.append(1)});
  reopen();
  const auto ledger = must(writer->scan());
  CAF_REQUIRE_EQUAL(ledger.size(), 2u);
  CAF_CHECK_EQUAL(ledger[0].row.key, a.key);
  CAF_CHECK_EQUAL(jsons_of(must(writer->unsealed(a.key, ledger[0].runs))), a.jsons);
  CAF_CHECK_EQUAL(jsons_of(must(writer->unsealed(b.key, ledger[1].runs))), b.jsons);
  CAF_CHECK_EQUAL(ledger[1].progress.tip.last_seq, 15u);
}

CAF_TEST(rows are numbered one by one over all operations) {
  auto a = made("sess_a");
  auto b = made("sess_b");
  const auto next = must(writer->next_row());
  const auto outcomes = commit({a.append(2), b.append(3), a.append(1)});
  CAF_CHECK_EQUAL(outcomes[0].first_row, next);
  CAF_CHECK_EQUAL(outcomes[1].first_row, next + 2);
  CAF_CHECK_EQUAL(outcomes[2].first_row, next + 5);
  CAF_CHECK_EQUAL(must(writer->next_row()), next + 6);
  const row_run run{next + 5, 1};
  reopen();
  CAF_CHECK_EQUAL(must(writer->next_row()), next + 6);
  const auto ledger = must(writer->scan());
  CAF_CHECK_EQUAL(ledger[0].runs.back().first, run.first);
  CAF_CHECK_EQUAL(ledger[0].runs.back().count, run.count);
}

CAF_TEST(an operation that fails alone leaves the others) {
  auto a = made("sess_a");
  auto b = made("sess_b");
  auto repeated = b;
  auto first = b.append(1);
  first.foreign_ids = {{"evt_own", 1}};
  repeated.append(1);
  auto second = repeated.append(1);
  second.foreign_ids = {{"evt_own", 2}};
  second.header = repeated.shared_header();
  test_log nobody{"sess_none"};
  nobody.key = 4711;
  const auto next = must(writer->next_row());
  const auto outcomes = commit({first, nobody.append(3), second, a.append(2)});
  CAF_CHECK(outcomes[0].error.code == errc::none);
  CAF_CHECK(outcomes[1].error.code == errc::not_found);
  CAF_CHECK(outcomes[2].error.code == errc::invalid);
  CAF_CHECK(outcomes[3].error.code == errc::none);
  CAF_CHECK_EQUAL(outcomes[3].first_row, next + 1);
  CAF_CHECK_EQUAL(row_of(b).header.progress.tip.last_seq, 0u);
  reopen();
  CAF_CHECK_EQUAL(must(writer->scan()).size(), 2u);
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
  CAF_CHECK(outcomes[1].error.code == errc::unavailable);
  CAF_CHECK(outcomes[2].error.code == errc::unavailable);
  CAF_CHECK(outcomes[3].error.code == errc::none);
  a = known;
  commit_one(a.append(1));
  reopen();
  const auto ledger = must(writer->scan());
  CAF_CHECK_EQUAL(ledger[0].progress.tip.last_seq, 2u);
  CAF_CHECK_EQUAL(ledger[0].row.sealed_seq, 0u);
}

CAF_TEST(a header is written with its append and read by others at once) {
  auto log = made("sess_a");
  auto op = log.append(1);
  op.events.push_back(log.make("session.status_running"));
  log.header.definition.title = "Ä title";
  log.header.definition.archived_at = at_ms(9);
  op.header = log.shared_header();
  commit_one(op);
  const auto row = must(reader->find_session(workspace, "sess_a"));
  CAF_REQUIRE(row.has_value());
  CAF_CHECK(row->header.progress == log.header.progress);
  CAF_CHECK(row->header.progress.status == session_status::running);
  CAF_CHECK_EQUAL(row->header.definition.title.value_or(""), "Ä title");
  CAF_CHECK(row->header.definition.archived_at == at_ms(9));
  must_be_sound();
}

CAF_TEST(an append without events may write a header) {
  auto log = made("sess_a", 1);
  auto op = log.append(0);
  log.header.definition.title = "later";
  op.header = log.shared_header();
  commit_one(op);
  CAF_CHECK_EQUAL(row_of(log).header.definition.title.value_or(""), "later");
}

CAF_TEST(bytes are kept as they are) {
  auto log = made("sess_a");
  auto op = log.append(0);
  const std::string odd = "\xf0\x9f\x92\xa9 \\u0000 12345678901234567890 1e400 \x7f";
  op.first_seq = 1;
  op.events.push_back({odd, next_head({}, odd), 0});
  commit_one(op);
  const row_run run{must(writer->next_row()) - 1, 1};
  CAF_CHECK_EQUAL(std::string{must(writer->unsealed(log.key, std::vector{run})).front().json.view()}, odd);
}

CAF_TEST(a commit of nothing is nothing) { CAF_CHECK(commit({}).empty()); }

CAF_TEST_FIXTURE_SCOPE_END()

}  // namespace appends_contract
