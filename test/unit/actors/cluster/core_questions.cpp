// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE core_questions
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "actors/cluster/core_questions.hpp"
#include "test/unit/actors/support/block_of.hpp"

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

template <class T>
T there_and_back(const T& question) {
  const auto found = peer::decode_question(peer::encode(core_question{question}));
  CAF_REQUIRE(found);
  return std::get<T>(*found);
}
template <class T>
T back_and_there(const T& answer) {
  const auto found = peer::decode_answer(peer::encode(core_answer{answer}));
  CAF_REQUIRE(found);
  return std::get<T>(*found);
}

}  // namespace

CAF_TEST(questions come as they were) {
  const auto session = there_and_back(find_session{3, "sesn_1"});
  CAF_CHECK(session.workspace == 3 && session.id == "sesn_1");
  CAF_CHECK_EQUAL(there_and_back(find_log{9}).session, 9);
  const auto read = there_and_back(read_request{7, {5, 90, 4096, true}, 100});
  CAF_CHECK(read.session == 7 && read.pull.after == 5 && read.pull.up_to == 90 &&
            read.pull.max_bytes == 4096);
  CAF_CHECK(read.pull.backwards && read.end == 100);
  const auto event = there_and_back(find_event{7, {"evt_1", "evt_2"}});
  CAF_CHECK(event.session == 7 && event.ids == (std::vector<std::string>{"evt_1", "evt_2"}));
  CAF_CHECK_EQUAL(there_and_back(find_deletion{3, "sesn_1"}).id, "sesn_1");
  CAF_CHECK_EQUAL(there_and_back(find_idempotency{3, 7, "key"}).key, "key");
  CAF_CHECK(there_and_back(find_key{sha256("x"), 12}).hash == sha256("x"));
  CAF_CHECK_EQUAL(there_and_back(find_key{digest{}, 12}).id, 12);
  CAF_CHECK(there_and_back(find_ends{{4, 5, 6}}).sessions == (std::vector<session_key>{4, 5, 6}));
}

CAF_TEST(a filter selects the same) {
  time_range times;
  times.gte = exact_time{timestamp{2s}, 5};
  search_segments ask;
  ask.session = 7;
  ask.search.range = {1, 50, true};
  ask.search.what = std::make_shared<const event_selection>(
      std::vector<std::string>{"user.message", "agent.tool_use", "my.own"}, times);
  const auto came = there_and_back(ask);
  CAF_CHECK(came.search.range.after == 1 && came.search.range.up_to == 50 && came.search.range.backwards);
  auto types = came.search.what->types();
  std::ranges::sort(types);
  CAF_CHECK(types == (std::vector<std::string>{"agent.tool_use", "my.own", "user.message"}));
  CAF_CHECK(came.search.what->times().gte == times.gte && !came.search.what->times().lt);
  ask.search.what = std::make_shared<const event_selection>();
  CAF_CHECK(there_and_back(ask).search.what->is_everything());
}

CAF_TEST(a list asks for the same) {
  list_sessions ask;
  ask.query.workspace = 3;
  ask.query.limit = 7;
  ask.query.ascending = true;
  ask.query.after = session_place{timestamp{9s}, 11};
  ask.query.statuses = {session_status::running, session_status::terminated};
  ask.query.agent_id = "agent_1";
  ask.query.agent_version = 4;
  ask.query.deployment_id = "dep_1";
  ask.query.memory_store_id = "mem_1";
  ask.query.include_archived = true;
  ask.query.created_lt = timestamp{99s};
  ask.now = timestamp{5s};
  ask.shows = secrets::shown;
  ask.max_bytes = 1234;
  ask.as = listed_as::summary;
  const auto came = there_and_back(ask);
  const auto& q = came.query;
  CAF_CHECK(q.workspace == 3 && q.limit == 7 && q.ascending && q.after == ask.query.after);
  CAF_CHECK(q.statuses == ask.query.statuses && q.agent_id == "agent_1" && q.agent_version == 4);
  CAF_CHECK(q.deployment_id == "dep_1" && q.memory_store_id == "mem_1" && q.include_archived);
  CAF_CHECK(q.created_lt == ask.query.created_lt && !q.created_gt);
  CAF_CHECK(came.now == ask.now && came.shows == secrets::shown && came.max_bytes == 1234);
  CAF_CHECK_EQUAL(q.max_bytes, ask.query.max_bytes);
  CAF_CHECK(came.as == listed_as::summary);
  CAF_MESSAGE("as of a program that does not know of summaries");
  auto older = peer::encode(core_question{ask});
  older.pop_back();
  const auto without = peer::decode_question(older);
  CAF_REQUIRE(without);
  CAF_CHECK(std::get<list_sessions>(*without).as == listed_as::session);
}

CAF_TEST(answers come as they were) {
  CAF_CHECK(!back_and_there(found_session{}).log);
  opened_log log;
  log.key = 7;
  log.workspace = 3;
  log.epoch = 4;
  log.sealed_seq = 20;
  log.writer = 5;
  log.log.header.definition.edit().id = "sesn_1";
  log.log.header.progress.tip.last_seq = 23;
  log.log.unsealed = {block_of(21, 2), block_of(23, 1)};
  const auto found = back_and_there(found_session{std::make_shared<const opened_log>(log)}).log;
  CAF_REQUIRE(found);
  CAF_CHECK(found->key == 7 && found->workspace == 3 && found->epoch == 4 && found->sealed_seq == 20);
  CAF_CHECK(found->writer == 5 && found->log.header.definition->id == "sesn_1");
  CAF_CHECK(found->log.header.progress == log.log.header.progress);
  CAF_REQUIRE_EQUAL(found->log.unsealed.size(), 2u);
  CAF_CHECK_EQUAL(found->log.unsealed.front()->frames(), log.log.unsealed.front()->frames());
  pull_answer pull;
  pull.slice.spans.push_back({block_of(4, 3), 5, 6});
  pull.after = 4;
  pull.log = 7;
  pull.end = 9;
  const auto pulled = back_and_there(pull);
  CAF_CHECK(pulled.after == 4 && pulled.log == 7 && pulled.end == 9 && pulled.slice.last_seq() == 6);
  CAF_CHECK_EQUAL(back_and_there(search_answer{{8, true, true}}).result.reached, 8u);
  CAF_CHECK(back_and_there(found_event{{1, 0, 3}}).seqs == (std::vector<seq_t>{1, 0, 3}));
  CAF_CHECK(back_and_there(found_deletion{true, {6, timestamp{3s}}}).record.author == 6);
  const auto key = back_and_there(found_idempotency{true, {"key", sha256("b"), 3, 4, timestamp{3s}}});
  CAF_CHECK(key.found && key.record.last_seq == 4 && key.record.body == sha256("b"));
  CAF_CHECK(!back_and_there(found_key{}).key);
  const api_key mine{1, 2, "default", role::client, "name", "hint", timestamp{4s}, timestamp{5s}};
  const auto theirs = back_and_there(found_key{std::make_shared<const api_key>(mine)}).key;
  CAF_CHECK(theirs && theirs->may == role::client && theirs->revoked_at == mine.revoked_at);
  session_list page;
  page.items = {std::make_shared<const std::string>("{}"), std::make_shared<const std::string>("[]")};
  page.last = {timestamp{1s}, 5};
  page.more = true;
  const auto listed = back_and_there(page);
  CAF_CHECK(listed.items.size() == 2 && *listed.items.back() == "[]" && listed.last == page.last &&
            listed.more);
  session_list summaries;
  summaries.summaries.push_back({7, {}});
  summaries.summaries.back().summary.id = "sess_1";
  const auto summed = back_and_there(summaries);
  CAF_REQUIRE_EQUAL(summed.summaries.size(), 1u);
  CAF_CHECK(summed.summaries.front().session == 7 && summed.summaries.front().summary.id == "sess_1");
  const written_end end{{3, 9, sha256("h"), 7}, 5};
  const auto ends = back_and_there(found_ends{{end, std::nullopt}}).ends;
  CAF_CHECK(ends.size() == 2 && ends.front() == end && !ends.back());
}

CAF_TEST(what is no question is refused) {
  for (const std::string bad : {"", "\x7f", "\x01", "\x09\xff\xff\xff\xff"})
    CAF_CHECK(peer::decode_question(bad).error().code == errc::invalid);
  // A list of more than there is.
  CAF_CHECK(!peer::decode_answer(std::string{"\x08\xff\xff\xff\x7f", 5}));
}
