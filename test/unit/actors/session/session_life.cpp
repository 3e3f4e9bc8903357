// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE session_life
#include "test/unit/actors/support/service_fixture.hpp"
// The framework's header comes first.
#include "actors/store/log_reader.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

/// About `kib` KiB of payload in one event.
std::string big(std::size_t kib) { return service_fixture::message(std::string(kib * 1024, 'x')); }

/// Whoever was asked has said what it found.
template <class T>
bool is_heard(const outcome<T>& answer) {
  return answer.answered && answer.error.code != errc::unavailable;
}

/// The last event that stands in a segment.
seq_t sealed_seq(service_fixture& f, const std::string& id) {
  return f.must<found_session>(f.reader, find_session{f.workspace, id}).log->sealed_seq;
}

}  // namespace

CAF_TEST_FIXTURE_SCOPE(session_life_tests, service_fixture)

CAF_TEST(a tail of 64 KiB is sealed and its journal rows go) {
  const auto id = create();
  const auto s = look_up(id);
  for (int i = 0; i < 10; ++i) append(s, events({big(10)}));
  const auto row = must<found_session>(reader, find_session{workspace, id}).log;
  CAF_REQUIRE(row);
  CAF_CHECK(row->sealed_seq >= 6);
  CAF_CHECK(row->sealed_seq < 10);
  CAF_CHECK_EQUAL(replay(s, 16 * 1024).size(), 10u);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(retirement seals everything and the next actor goes on) {
  const auto id = create();
  const auto s = look_up(id);
  append(s, events({message("a"), R"({"type":"session.status_running"})"}));
  caf::anon_send(s, retire_now{});
  run();
  CAF_CHECK_EQUAL(sealed_seq(*this, id), 2u);
  CAF_MESSAGE("the old handle is down, the directory gives a new one");
  CAF_CHECK_EQUAL(static_cast<int>(must_fail<pull_answer>(s, opening(1000)).code),
                  static_cast<int>(errc::unavailable));
  const auto next = look_up(id);
  CAF_CHECK(next != s);
  CAF_CHECK_EQUAL(replay(next).size(), 2u);
  append_text(next, "b");
  CAF_CHECK_EQUAL(replay(next).size(), 3u);
  CAF_CHECK(must<session_view>(next, describe_request{}).header->progress.status == session_status::running);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(an idle session retires through the directory) {
  const auto id = create();
  const auto s = look_up(id);
  append_text(s, "a");
  sched.advance_time(environment->idle_timeout);
  run();
  CAF_MESSAGE("it was active since the last tick");
  must<session_view>(s, describe_request{});
  sched.advance_time(environment->idle_timeout);
  run();
  CAF_MESSAGE("then it seals, and goes when there is nothing left to seal");
  sched.advance_time(environment->idle_timeout);
  run();
  CAF_CHECK_EQUAL(sealed_seq(*this, id), 1u);
  must<session_view>(s, describe_request{});
  sched.advance_time(environment->idle_timeout);
  run();
  sched.advance_time(environment->idle_timeout);
  run();
  CAF_CHECK_EQUAL(static_cast<int>(must_fail<session_view>(s, describe_request{}).code),
                  static_cast<int>(errc::unavailable));
  CAF_CHECK_EQUAL(replay(look_up(id)).size(), 1u);
}

CAF_TEST(a lookup while the session retires gets the next actor) {
  const auto id = create();
  const auto s = look_up(id);
  append_text(s, "a");
  caf::anon_send(directory, session_goes{must<found_session>(reader, find_session{workspace, id}).log->key});
  auto looking = ask<lookup_answer>(directory, lookup_request{workspace, id});
  run();
  CAF_REQUIRE(*looking);
  sessions.push_back((*looking)->session);
  CAF_CHECK_EQUAL(replay((*looking)->session).size(), 1u);
}

CAF_TEST(a session retires behind whatever it looks up) {
  const auto id = create();
  struct row {
    std::string_view what;
    /// Gives back whether it is answered.
    std::function<std::function<bool()>(const session_actor&)> begin;
  };
  const auto opening_at = [&](const session_actor& s, const std::string& event) {
    auto request = opening(1000);
    request.after = {{"after", event}};
    if (event.empty()) request.after.clear();
    request.tell_cursor = true;
    auto answer = ask<pull_answer>(s, request);
    return [answer] { return is_heard(*answer); };
  };
  const auto storing = [&](const session_actor& s, const std::string& body, const std::string& key) {
    auto request = appending(body);
    request.idempotency_key = key;
    auto answer = ask<append_answer>(s, request);
    return [answer] { return is_heard(*answer); };
  };
  const auto with_id = [](const std::string& event) {
    return R"({"type":"agent.thinking","id":")" + event + "\"}";
  };
  append(look_up(id), events({with_id("sevt_known")}));
  must<append_answer>(look_up(id), [&] {
    auto request = appending(events({message("k")}));
    request.idempotency_key = "known";
    return request;
  }());
  const row rows[] = {
      {"an event that there is", [&](const auto& s) { return opening_at(s, "sevt_known"); }},
      {"the events", [&](const auto& s) { return opening_at(s, ""); }},
      {"an event that there is not", [&](const auto& s) { return opening_at(s, "sevt_unknown"); }},
      {"a key that is new", [&](const auto& s) { return storing(s, events({message("n")}), "new"); }},
      {"a key that is known", [&](const auto& s) { return storing(s, events({message("k")}), "known"); }},
      {"a key with another body", [&](const auto& s) { return storing(s, events({message("z")}), "known"); }},
      {"an id that is new", [&](const auto& s) { return storing(s, events({with_id("sevt_new")}), ""); }},
      {"an id that is known", [&](const auto& s) { return storing(s, events({with_id("sevt_known")}), ""); }},
  };
  const auto key = must<found_session>(reader, find_session{workspace, id}).log->key;
  caf::anon_send(directory, session_goes{key});
  run();
  for (const auto& r : rows) {
    CAF_MESSAGE(r.what);
    const auto s = look_up(id);
    run();
    const auto has_answer = r.begin(s);
    sched.run_once();  // who asks
    CAF_CHECK(sched.prioritize(s));
    sched.run_once();
    caf::anon_send(directory, session_goes{key});
    for (const bool at_session : {false, true}) {
      CAF_CHECK(at_session ? sched.prioritize(s) : sched.prioritize(directory));
      sched.run_once();
    }
    CAF_CHECK(!has_answer());
    run();
    CAF_CHECK(has_answer());
    CAF_CHECK_EQUAL(static_cast<int>(must_fail<session_view>(s, describe_request{}).code),
                    static_cast<int>(errc::unavailable));
  }
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(a session that cannot seal retires behind whatever it looks up) {
  const auto id = create();
  const auto s = look_up(id);
  append_text(s, "a");
  auto unknown = opening(1000);
  unknown.after = {{"after", "sevt_unknown"}};
  auto looking = ask<pull_answer>(s, unknown);
  run_without(each<log_reader>());
  faults->every_seal = {errc::unavailable, "disk full"};
  caf::anon_send(s, seal_wanted{});  // which is out when it is to go
  caf::anon_send(s, retire_now{});
  run_without(each<log_reader>());
  CAF_CHECK(!looking->answered);
  run();
  CAF_REQUIRE(looking->answered);
  CAF_CHECK_EQUAL(static_cast<int>(looking->error.code), static_cast<int>(errc::invalid));
  CAF_MESSAGE("and goes then");
  CAF_CHECK_EQUAL(static_cast<int>(must_fail<session_view>(s, describe_request{}).code),
                  static_cast<int>(errc::unavailable));
  CAF_CHECK_EQUAL(sealed_seq(*this, id), 0u);
  CAF_CHECK_EQUAL(replay(look_up(id)).size(), 1u);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(an append that meets the retirement is stored and answered) {
  const auto id = create();
  const auto s = look_up(id);
  append_text(s, "a");
  CAF_MESSAGE("both reach the journal in one batch: the seal first, then the append");
  caf::anon_send(s, retire_now{});
  auto meeting = ask<append_answer>(s, appending(events({message("b")})));
  run();
  CAF_REQUIRE(meeting->answered);
  CAF_CHECK(*meeting);
  CAF_CHECK_EQUAL(sealed_seq(*this, id), 2u);
  CAF_CHECK_EQUAL(replay(look_up(id)).size(), 2u);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(what waits is told as of the last durable event) {
  const auto id = create();
  const auto s = look_up(id);
  const auto waiting = [&] {
    std::string out;
    const auto header = must<session_view>(s, describe_request{}).header;
    for (const auto& use : header->progress.pending) out += use.id + "=" + use.name + " ";
    return out;
  };
  append(s, events({R"({"type":"agent.custom_tool_use","id":"tu_1","name":"look_up","input":{}})"}));
  CAF_CHECK_EQUAL(waiting(), "tu_1=look_up ");
  CAF_MESSAGE("not of one that fails");
  faults->next_commit = {errc::unavailable, "disk full"};
  must_fail<append_answer>(s, appending(events({R"({"type":"agent.tool_use","id":"tu_2","name":"bash"})"})));
  CAF_CHECK_EQUAL(waiting(), "tu_1=look_up ");
  append(s, events({R"({"type":"agent.tool_use","id":"tu_3","name":"bash"})"}));
  auto answered = ask<append_answer>(
      s, appending(events({R"({"type":"user.custom_tool_result","custom_tool_use_id":"tu_1"})"})));
  auto seen = ask<session_view>(s, describe_request{});
  run();
  CAF_REQUIRE(*answered && *seen);
  CAF_CHECK_EQUAL((*seen)->header->progress.pending.size(),
                  (*seen)->header->progress.tip.last_seq == 2 ? 2u : 1u);
  CAF_CHECK_EQUAL(waiting(), "tu_3=bash ");
  append(s, events({R"({"type":"session.status_idle","stop_reason":{"type":"end_turn"}})"}));
  CAF_CHECK_EQUAL(waiting(), "");
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(a session object has a bound) {
  const std::string note(100'000, 'x');
  const auto with = [&](int resources) {
    std::string body = R"({"agent":"a","environment_id":"e","resources":[)";
    for (int i = 0; i < resources; ++i)
      body += (i == 0 ? "" : ",") + std::string{R"({"type":"file","file_id":"f","note":")"} + note + "\"}";
    return body + "]}";
  };
  const auto refused = must_fail<session_created>(directory, creation(with(3)));
  CAF_CHECK(refused.code == errc::too_large);
  CAF_CHECK(refused.message.find("262144") != std::string::npos);
  const auto s = look_up(create(with(2)));
  const auto before = must<session_view>(s, describe_request{}).header;
  CAF_CHECK(before->definition->resources.find("\"mount_path\":\"/mnt/session/uploads/f\"") !=
            std::string::npos);
  const auto update = [&](const std::string& body) {
    return update_session{std::make_shared<const update_request>(*parse_update_request(body))};
  };
  const auto grown = update(R"({"agent":{"tools":[{"type":"custom","name":")" + note + "\"}]}}");
  CAF_CHECK(must_fail<session_view>(s, grown).code == errc::too_large);
  const auto after = must<session_view>(s, describe_request{}).header;
  CAF_CHECK_EQUAL(after->definition->encode(), before->definition->encode());
  CAF_CHECK_EQUAL(replay(s).size(), 0u);
  must<session_view>(s, update(R"({"title":"t"})"));
}

CAF_TEST(a change of status writes little however large the definition is) {
  const std::string note(100'000, 'x');
  const auto resource = R"({"type":"file","file_id":"f","note":")" + note + "\"}";
  const auto s = look_up(
      create(R"({"agent":"a","environment_id":"e","resources":[)" + resource + "," + resource + "]}"));
  append_text(s, "a");
  const auto written = [&] { return std::filesystem::file_size(dir.file("test.db-wal")); };
  for (const auto* status : {R"({"type":"session.status_running"})",
                             R"({"type":"session.status_idle","stop_reason":{"type":"end_turn"}})",
                             R"({"type":"session.status_rescheduled"})"}) {
    const auto before = written();
    append(s, events({status}));
    CAF_CHECK_GREATER(written(), before);
    CAF_CHECK_LESS_OR_EQUAL(written() - before, std::uintmax_t{30} * 1024);
  }
}

CAF_TEST(a crash leaves what was acknowledged and the status is its fold) {
  const auto id = create();
  const auto s = look_up(id);
  append(s, events({R"({"type":"session.status_running"})", message("a")}));
  append(s, events({R"({"type":"agent.tool_use","id":"tu_1","name":"t","input":{}})"}));
  append(s,
         events({R"({"type":"span.model_request_end","model_usage":{"input_tokens":7,"output_tokens":3}})"}));
  const auto before = must<session_view>(s, describe_request{}).header->progress.tip;
  const auto log = replay(s);
  restart();
  const auto reborn = look_up(id);
  const auto header = must<session_view>(reborn, describe_request{}).header;
  CAF_CHECK(header->progress.tip == before);
  CAF_CHECK(header->progress.status == session_status::running);
  CAF_CHECK_EQUAL(header->progress.tip.usage.input_tokens, 7);
  CAF_CHECK(replay(reborn) == log);
  CAF_MESSAGE("the pending tool use is still known");
  append(reborn, events({R"({"type":"user.tool_result","tool_use_id":"tu_1"})"}));
  CAF_MESSAGE("and that it has its answer: another is refused, the same is told again");
  must_fail<append_answer>(
      reborn, appending(events({R"({"type":"user.tool_result","tool_use_id":"tu_1","is_error":true})"})));
  CAF_CHECK(
      must<append_answer>(reborn, appending(events({R"({"type":"user.tool_result","tool_use_id":"tu_1"})"})))
          .replayed);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(a seal whose answer was lost is found by a claim and sealing goes on) {
  const auto id = create();
  const auto s = look_up(id);
  faults->loses_seal_answer = true;
  std::vector<std::shared_ptr<outcome<append_answer>>> appended;
  for (int i = 0; i < 20; ++i) appended.push_back(ask<append_answer>(s, appending(events({big(10)}))));
  run();
  CAF_CHECK(!faults->loses_seal_answer);
  for (const auto& a : appended) CAF_CHECK(*a);
  append(s, events({big(70)}));
  CAF_CHECK_EQUAL(sealed_seq(*this, id), 21u);
  CAF_CHECK_EQUAL(replay(s).size(), 21u);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(a session claims anew behind a seal that is refused for more than want of room) {
  const auto s = look_up(create());
  const auto epoch = [&] { return must<actor_status>(s, describe_actor{}).of("epoch"); };
  append_text(s, "a");
  const auto first = epoch();
  faults->every_seal = {errc::unavailable, "disk full"};
  append(s, events({big(70)}));
  CAF_CHECK_EQUAL(epoch(), first);
  faults->every_seal = {errc::conflict, "these events are sealed already"};
  append(s, events({big(70)}));
  CAF_CHECK_GREATER(epoch(), first);
  faults->every_seal = {};
  append_text(s, "b");
  CAF_CHECK_EQUAL(replay(s).size(), 4u);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(rows without a writer are sealed by housekeeping) {
  const auto id = create();
  append_text(look_up(id), "a");
  restart();
  sched.advance_time(std::chrono::seconds{2});
  run();
  CAF_CHECK_EQUAL(sealed_seq(*this, id), 1u);
  CAF_CHECK_EQUAL(replay(look_up(id)).size(), 1u);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(a failed session is restarted by claim and nobody else notices) {
  const auto id = create();
  const auto s = look_up(id);
  const auto other = look_up(create());
  append_text(s, "a");
  auto waiting = ask<append_answer>(s, appending(events({message("b")})));
  caf::anon_send_exit(s, caf::exit_reason::unhandled_exception);
  run();
  CAF_CHECK(waiting->answered);
  append_text(other, "x");
  const auto reborn = look_up(id);
  CAF_CHECK_EQUAL(replay(reborn).size(), *waiting || waiting->error.code == errc::unknown_outcome ? 2u : 1u);
  append_text(reborn, "c");
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(the directory hears of a deletion before the caller does) {
  // So whoever asks again waits for the actor's end: its handle is not given out any more.
  const auto id = create();
  const auto s = look_up(id);
  auto deleted = ask<session_deleted>(s, delete_session{true});
  run_without(the(directory));
  CAF_REQUIRE(deleted->answered);
  expect((session_goes), to(directory));
  const auto why = must_fail<lookup_answer>(directory, lookup_request{workspace, id});
  CAF_CHECK_EQUAL(static_cast<int>(why.code), static_cast<int>(errc::not_found));
}

CAF_TEST(a deleted session is gone at once and for good) {
  const auto id = create();
  const auto s = look_up(id);
  append(s, events({R"({"type":"session.status_running"})"}));
  CAF_CHECK_EQUAL(static_cast<int>(must_fail<session_deleted>(s, delete_session{false}).code),
                  static_cast<int>(errc::invalid));
  must<session_deleted>(s, delete_session{true});
  const auto why = must_fail<lookup_answer>(directory, lookup_request{workspace, id});
  CAF_CHECK_EQUAL(static_cast<int>(why.code), static_cast<int>(errc::not_found));
  restart();
  CAF_CHECK_EQUAL(static_cast<int>(must_fail<lookup_answer>(directory, lookup_request{workspace, id}).code),
                  static_cast<int>(errc::not_found));
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(unknown and foreign sessions are the same) {
  const std::string unknown_id = "sess_01ARZ3NDEKTSV4RRFFQ69G5FAV";
  const auto foreign_id = create();
  auto foreign = must_fail<lookup_answer>(directory, lookup_request{workspace + 1, foreign_id});
  const auto unknown = must_fail<lookup_answer>(directory, lookup_request{workspace, unknown_id});
  if (const auto at = foreign.message.find(foreign_id); at != std::string::npos)
    foreign.message.replace(at, foreign_id.size(), unknown_id);
  CAF_CHECK_EQUAL(foreign.message, unknown.message);
  CAF_CHECK_EQUAL(static_cast<int>(foreign.code), static_cast<int>(unknown.code));
  CAF_CHECK_EQUAL(static_cast<int>(foreign.code), static_cast<int>(errc::not_found));
}

CAF_TEST(creation with initial events and an idempotency key) {
  const std::string body =
      R"({"agent":"a","environment_id":"e","initial_events":[{"type":"user.message","content":[{"type":"text","text":"hi"}]}]})";
  const auto id = create(body, "k");
  CAF_CHECK_EQUAL(create(body, "k"), id);
  CAF_CHECK_EQUAL(replay(look_up(id)).size(), 1u);
  CAF_CHECK_EQUAL(
      static_cast<int>(
          must_fail<session_created>(directory, creation(R"({"agent":"b","environment_id":"e"})", "k")).code),
      static_cast<int>(errc::conflict));
  CAF_CHECK_EQUAL(all_sessions().size(), 1u);
}

CAF_TEST(a creation that is repeated while its session retires is answered) {
  const std::string body = R"({"agent":"a","environment_id":"e"})";
  const auto id = create(body, "k");
  const auto s = look_up(id);
  caf::anon_send(s, retire_now{});
  auto again = ask<session_created>(directory, creation(body, "k"));
  run_without(the(s));  // it is asked, behind what makes it go
  CAF_CHECK(!again->answered);
  run();
  CAF_REQUIRE(again->answered && *again);
  CAF_CHECK_EQUAL((*again)->header->definition->id, id);
}

CAF_TEST(a list of sessions shows what was acknowledged) {
  const auto id = create();
  const auto s = look_up(id);
  for (int i = 0; i < 3; ++i) {
    append_text(s, "a");
    const auto rows = all_sessions();
    CAF_REQUIRE_EQUAL(rows.size(), 1u);
    CAF_CHECK(rows[0] == shown(s));
  }
  caf::anon_send(s, retire_now{});
  run();
  CAF_CHECK(all_sessions().at(0) == shown(look_up(id)));
}

CAF_TEST(what waits for a claim behind a deletion waits for that too) {
  const auto s = look_up(create());
  append_text(s, "a");
  faults->next_commit = {errc::unavailable, "disk full"};
  auto refused = ask<append_answer>(s, appending(events({message("b")})));
  sched.run_once();  // who asks
  for (const bool at_journal : {false, true, true}) {
    CAF_CHECK(at_journal ? sched.prioritize(journal) : sched.prioritize(s));
    sched.run_once();
  }
  CAF_MESSAGE("the failed commit makes the session claim anew; these come before the claim's answer");
  auto deleted = ask<session_deleted>(s, delete_session{true});
  auto change = std::make_shared<update_request>();
  change->has_title = true;
  change->title = "too late";
  auto updated = ask<session_view>(s, update_session{change});
  auto archived = ask<session_view>(s, archive_session{});
  auto appended = ask<append_answer>(s, appending(events({message("c")})));
  run();
  CAF_CHECK_EQUAL(static_cast<int>(refused->error.code), static_cast<int>(errc::unavailable));
  CAF_CHECK(*deleted);
  for (const auto code : {updated->error.code, archived->error.code, appended->error.code})
    CAF_CHECK_EQUAL(static_cast<int>(code), static_cast<int>(errc::not_found));
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(a deletion that waits for an append is carried out when that fails) {
  const auto id = create();
  const auto s = look_up(id);
  append_text(s, "a");
  faults->next_commit = {errc::unavailable, "disk full"};
  auto refused = ask<append_answer>(s, appending(events({message("b")})));
  auto deleted = ask<session_deleted>(s, delete_session{true});
  auto deleted_too = ask<session_deleted>(s, delete_session{true});
  for (int i = 0; i < 3; ++i) sched.run_once();  // who asks
  for (int i = 0; i < 3; ++i) {
    CAF_CHECK(sched.prioritize(s));
    sched.run_once();
  }
  CAF_CHECK(!refused->answered);
  run();
  CAF_CHECK_EQUAL(static_cast<int>(refused->error.code), static_cast<int>(errc::unavailable));
  CAF_CHECK(*deleted);
  CAF_CHECK_EQUAL(static_cast<int>(deleted_too->error.code), static_cast<int>(errc::not_found));
  CAF_CHECK_EQUAL(static_cast<int>(must_fail<lookup_answer>(directory, lookup_request{workspace, id}).code),
                  static_cast<int>(errc::not_found));
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(a second deletion is tried when the first fails) {
  const auto s = look_up(create());
  append_text(s, "a");
  auto deleted = ask<session_deleted>(s, delete_session{true});
  auto deleted_too = ask<session_deleted>(s, delete_session{true});
  for (int i = 0; i < 2; ++i) sched.run_once();  // who asks
  faults->next_commit = {errc::unavailable, "disk full"};
  run();
  CAF_CHECK_EQUAL(static_cast<int>(deleted->error.code), static_cast<int>(errc::unavailable));
  CAF_CHECK(*deleted_too);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(a full disk answers 503 and comes back by itself) {
  const auto s = look_up(create());
  append_text(s, "a");
  faults->every_commit = {errc::unavailable, "disk full"};
  for (int i = 0; i < 3; ++i)
    CAF_CHECK_EQUAL(static_cast<int>(must_fail<append_answer>(s, appending(events({message("b")}))).code),
                    static_cast<int>(errc::unavailable));
  CAF_CHECK_EQUAL(replay(s).size(), 1u);
  faults->every_commit = {};
  append_text(s, "c");
  CAF_CHECK_EQUAL(replay(s).size(), 2u);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(closing seals every session) {
  const auto id = create();
  append_text(look_up(id), "a");
  must<done_answer>(directory, retire_all{});
  CAF_CHECK_EQUAL(sealed_seq(*this, id), 1u);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
