// SPDX-License-Identifier: Apache-2.0
// Store contract: keys, listing, export slices, import, check.
#pragma once

#include "persistence/api_keys.hpp"
#include "test/unit/persistence/support/store_fixture.hpp"

namespace operators_contract {

using namespace sandbase;
using namespace sandbase::test;

// Another type in each suite that includes this.
namespace {
struct operators_fixture : store_fixture<store_factory> {
  std::unique_ptr<store_admin> admin = must(factory.backend().open_admin());

  /// Imports a log in blocks of two events.
  result<void> import(const std::string& into, test_log& log, std::size_t events) {
    for (std::size_t i = 0; i < events; ++i) log.make();
    auto target = admin->begin_import(into, log.header.definition->id);
    if (!target) return std::move(target).error();
    for (seq_t seq = 1; seq <= log.last(); seq += 2)
      if (auto added = (*target)->add(log.block(seq, std::min(seq + 1, log.last()))); !added) return added;
    return (*target)->finish(log.header);
  }
};
}  // namespace

CAF_TEST_FIXTURE_SCOPE(operators_contract, operators_fixture)

CAF_TEST(keys are made and found by their hash) {
  const auto made_key = must(admin->create_key("main", role::runtime, "laptop", at_ms(1)));
  CAF_CHECK(is_api_key(made_key.secret));
  CAF_CHECK(made_key.secret.ends_with(made_key.key.hint));
  const auto found = must(reader->find_key(hash_api_key(made_key.secret)));
  CAF_REQUIRE(found.has_value());
  CAF_CHECK_EQUAL(found->id, made_key.key.id);
  CAF_CHECK_EQUAL(found->workspace, workspace);
  CAF_CHECK_EQUAL(found->workspace_name, "main");
  CAF_CHECK(found->may == role::runtime);
  CAF_CHECK_EQUAL(found->name, "laptop");
  CAF_CHECK(found->created_at == at_ms(1));
  CAF_CHECK(!found->revoked_at);
  CAF_CHECK(!must(reader->find_key(hash_api_key(made_key.secret + "x"))));
}

CAF_TEST(a key makes its workspace) {
  const auto key = must(admin->create_key("new one", role::viewer, "k", at_ms(1))).key;
  CAF_CHECK_EQUAL(must(writer->workspace("new one", false)), key.workspace);
  const auto all = must(admin->list_workspaces());
  CAF_REQUIRE_EQUAL(all.size(), 2u);
  CAF_CHECK_EQUAL(all[1].name, "new one");
  CAF_CHECK_EQUAL(all[1].sessions, 0);
}

CAF_TEST(names of keys and workspaces are checked) {
  const std::string too_long(200, 'n');
  for (const auto& name : {std::string{}, too_long, std::string{"a\nb"}}) {
    CAF_CHECK(code_of(admin->create_key("main", role::client, name, at_ms(1))) == errc::invalid);
    CAF_CHECK(code_of(admin->create_key(name, role::client, "k", at_ms(1))) == errc::invalid);
  }
  CAF_CHECK(must(admin->list_keys()).empty());
  CAF_CHECK_EQUAL(must(admin->list_workspaces()).size(), 1u);
}

CAF_TEST(revoking twice keeps the first time) {
  const auto first = must(admin->create_key("main", role::client, "one", at_ms(1)));
  const auto second = must(admin->create_key("main", role::client, "two", at_ms(2)));
  CAF_CHECK(must(admin->revoke_key(first.key.id, at_ms(3))).revoked_at == at_ms(3));
  CAF_CHECK(must(admin->revoke_key(first.key.id, at_ms(4))).revoked_at == at_ms(3));
  CAF_CHECK(code_of(admin->revoke_key(4711, at_ms(4))) == errc::not_found);
  CAF_CHECK(must(reader->find_key(hash_api_key(first.secret)))->revoked_at == at_ms(3));
  const auto keys = must(admin->list_keys());
  CAF_REQUIRE_EQUAL(keys.size(), 2u);
  CAF_CHECK(keys[0].revoked_at.has_value());
  CAF_CHECK_EQUAL(keys[1].id, second.key.id);
  CAF_CHECK(!keys[1].revoked_at);
}

CAF_TEST(operators see sessions with what the journal knows beyond their rows) {
  auto log = made("sess_a", 2);
  made("sess_b", 0, at_ms(5));
  auto elsewhere = test_log{"sess_a"};
  elsewhere.workspace = must(writer->workspace("other", true));
  commit_one(elsewhere.create(1));
  commit_one(log.append(3));
  std::vector<std::string> seen;
  must(admin->each_session(std::nullopt, [&](const session_row& row, std::string_view in) {
    seen.push_back(std::string{in} + "/" + row.header.definition->id + "/" +
                   std::to_string(row.header.progress.tip.last_seq));
    return true;
  }));
  CAF_CHECK_EQUAL(seen, (std::vector<std::string>{"main/sess_a/5", "main/sess_b/0", "other/sess_a/1"}));
  seen.clear();
  must(admin->each_session("main", [&](const session_row& row, std::string_view) {
    seen.push_back(row.header.definition->id);
    return false;
  }));
  CAF_CHECK_EQUAL(seen, (std::vector<std::string>{"sess_a"}));
  const auto found = must(admin->find_sessions("sess_a"));
  CAF_REQUIRE_EQUAL(found.size(), 2u);
  CAF_CHECK(found[0].header.progress == log.header.progress);
  CAF_CHECK_EQUAL(found[1].workspace, elsewhere.workspace);
  CAF_CHECK(must(admin->find_sessions("sess_none")).empty());
}

CAF_TEST(slices run over sealed and unsealed events) {
  auto log = made("sess_a", 9);
  commit_one(log.seal({{1, 2}, {3, 5}}));
  for (const std::size_t max_bytes : {1u, 600u, 1u << 20})
    for (seq_t after = 0; after <= 9; ++after) {
      std::vector<std::string> all;
      must(admin->each_slice(log.key, after, max_bytes, [&](const log_slice& slice) {
        CAF_CHECK_EQUAL(slice.first_seq(), after + all.size() + 1);
        for (auto& json : jsons_of(slice)) all.push_back(std::move(json));
        return true;
      }));
      CAF_CHECK_EQUAL(all, after == 9 ? std::vector<std::string>{} : log.range(after + 1, 9));
    }
  int calls = 0;
  must(admin->each_slice(log.key, 0, 1, [&](const log_slice&) { return ++calls < 2; }));
  CAF_CHECK_EQUAL(calls, 2);
  must(admin->each_slice(4711, 0, 1, [&](const log_slice&) { return ++calls < 2; }));
  CAF_CHECK_EQUAL(calls, 2);
}

CAF_TEST(an imported session is a session like any other) {
  test_log log{"sess_in"};
  must(import("main", log, 5));
  must(admin->flush());
  const auto end = must(reader->find_session(workspace, "sess_in"));
  const auto row = end ? std::optional{end->row} : std::nullopt;
  CAF_REQUIRE(row.has_value());
  CAF_CHECK(row->header.progress == log.header.progress);
  CAF_CHECK_EQUAL(row->sealed_seq, 5u);
  log.key = row->key;
  log.workspace = workspace;
  CAF_CHECK_EQUAL(read_all(log), log.jsons);
  CAF_CHECK_EQUAL(must(reader->find_event(log.key, log.id_of(3))).value_or(0), 3u);
  claim(log);
  commit_one(log.append(2));
  must_be_sound();
}

CAF_TEST(an import that is given up leaves nothing) {
  test_log whole{"sess_whole"};
  must(import("main", whole, 3));
  test_log cut{"sess_cut"};
  cut.make();
  {
    auto target = must(admin->begin_import("made for it", "sess_cut"));
    must(target->add(cut.block(1, 1)));
    must(target->add_foreign_ids({{"evt_x", 1}}));
  }
  must(admin->flush());
  CAF_CHECK(must(admin->find_sessions("sess_cut")).empty());
  CAF_CHECK_EQUAL(must(admin->list_workspaces()).size(), 1u);
  CAF_CHECK_EQUAL(must(admin->find_sessions("sess_whole")).size(), 1u);
  must_be_sound();
}

CAF_TEST(an import needs an id that is new in the workspace) {
  made("sess_a");
  test_log log{"sess_a"};
  CAF_CHECK(code_of(import("main", log, 1)) == errc::conflict);
  log = test_log{"sess_a"};
  must(import("other", log, 1));
  CAF_CHECK_EQUAL(must(admin->find_sessions("sess_a")).size(), 2u);
}

CAF_TEST(an import is told of ids that stand twice) {
  test_log log{"sess_in"};
  for (int i = 0; i < 2; ++i) log.make();
  log.make("agent.message", 200, "evt_own");
  auto target = must(admin->begin_import("main", "sess_in"));
  must(target->add(log.block(1, 3)));
  must(target->add_foreign_ids({{"evt_own", 3}}));
  CAF_CHECK(code_of(target->add_foreign_ids({{"evt_own", 4}})) == errc::invalid);
  CAF_CHECK(code_of(target->add_foreign_ids({{log.id_of(2), 4}})) == errc::invalid);
}

CAF_TEST(an import whose parts do not fit is refused) {
  test_log log{"sess_in"};
  for (int i = 0; i < 4; ++i) log.make();
  auto target = must(admin->begin_import("main", "sess_in"));
  CAF_CHECK(code_of(target->add(log.block(2, 3))) == errc::internal);
  must(target->add(log.block(1, 2)));
  CAF_CHECK(code_of(target->add(log.block(4, 4))) == errc::internal);
  CAF_CHECK(code_of(target->finish(log.header)) == errc::internal);
}

CAF_TEST(many imports stand in one store) {
  for (int i = 0; i < 2500; ++i) {
    test_log log{"sess_" + std::to_string(i)};
    must(import("bulk", log, 1));
  }
  must(admin->flush());
  CAF_CHECK_EQUAL(copied(must(admin->list_workspaces()).back().sessions), 2500);
  const auto report = must(admin->check([](const std::string& p) { CAF_FAIL("not sound: " << p); }));
  CAF_CHECK_EQUAL(report.sessions, 2500);
  CAF_CHECK_EQUAL(report.events, 2500);
}

CAF_TEST_FIXTURE_SCOPE_END()

}  // namespace operators_contract
