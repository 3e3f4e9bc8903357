// SPDX-License-Identifier: Apache-2.0
#include "test/unit/actors/support/service_bench.hpp"

#include "actors/store/checkpointer.hpp"
#include "actors/store/log_reader.hpp"
#include "events/json/json_text.hpp"

namespace sandbase::test {

service_bench::service_bench(caf::actor_system& system, const std::filesystem::path& parent)
    : dir(parent),
      system_(system),
      jobs_(dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler())) {
  start();
}

service_bench::~service_bench() { stop(); }

void service_bench::start() {
  auto opened = open_backend("sqlite:" + (dir.path() / "test.db").string(), true);
  if (!opened) CAF_FAIL(opened.error().message);
  backend = std::move(*opened);
  auto locked = backend->lock("test");
  if (!locked) CAF_FAIL(locked.error().message);
  lock = std::move(*locked);
  auto writer = backend->open_writer();
  if (!writer) CAF_FAIL(writer.error().message);
  if (auto key = (*writer)->workspace("default", true)) workspace = *key;
  auto unsealed = (*writer)->scan();
  if (!unsealed) CAF_FAIL(unsealed.error().message);
  journal_options options;
  options.now = now_for_tests;
  options.fatal = [this](const failure& f) { fatal = f; };
  if (tune_journal) tune_journal(options);
  const auto store = std::make_shared<faulty_store>(std::move(*writer), faults);
  checkpointer = system_.spawn<sandbase::checkpointer>(store);
  options.checkpointer = checkpointer;
  journal = system_.spawn<sandbase::journal>(store, std::move(*unsealed), std::move(options));
  auto connection = backend->open_reader();
  if (!connection) CAF_FAIL(connection.error().message);
  reader = system_.spawn<log_reader>(std::move(*connection), journal);
  auto shared = std::make_shared<session_environment>();
  shared->journal = journal;
  shared->readers = {reader};
  shared->cache = std::make_shared<byte_account>(cache_limit);
  shared->now = now_for_tests;
  environment = shared;
  directory = system_.spawn<session_directory>(environment);
  run();
}

void service_bench::stop() {
  for (auto& s : sessions) caf::anon_send_exit(s, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(directory, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
  run();
  caf::anon_send_exit(journal, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(checkpointer, caf::exit_reason::user_shutdown);
  run();
  sessions.clear();
  environment.reset();
  journal = nullptr;
  checkpointer = nullptr;
  reader = nullptr;
  directory = nullptr;
  lock.reset();
  backend.reset();
}

create_session service_bench::creation(const std::string& body, std::string key) {
  auto parsed = parse_create_request(body, role::runtime, {});
  if (!parsed) CAF_FAIL(parsed.error().message);
  create_session message;
  message.workspace = workspace;
  message.author = 1;
  message.request = std::make_shared<const create_request>(std::move(*parsed));
  message.idempotency_key = std::move(key);
  message.body = sha256(body);
  return message;
}

std::string service_bench::create(const std::string& body, std::string key) {
  return must<session_created>(directory, creation(body, std::move(key))).header->definition.id;
}

session_actor service_bench::look_up(const std::string& id) {
  auto handle = must<lookup_answer>(directory, lookup_request{workspace, id}).session;
  sessions.push_back(handle);
  return handle;
}

append_request service_bench::appending(const std::string& body, std::string key, bool is_retry,
                                        api_key_id author) {
  auto parsed = parse_send_request(body, role::runtime, {});
  if (!parsed) CAF_FAIL(parsed.error().message);
  append_request r;
  r.request = std::make_shared<send_request>(std::move(*parsed));
  r.author = author;
  r.is_retry = is_retry;
  r.idempotency_key = std::move(key);
  r.body = sha256(body);
  return r;
}

std::string service_bench::message(const std::string& text) {
  return R"({"type":"agent.message","content":[{"type":"text","text":")" + text + R"("}]})";
}

std::string service_bench::events(const std::vector<std::string>& list) {
  std::string body = R"({"events":[)";
  for (const auto& e : list) body += (&e == &list.front() ? "" : ",") + e;
  return body + "]}";
}

log_slice service_bench::append(const session_actor& s, const std::string& body) {
  return must<append_answer>(s, appending(body)).stored;
}

log_slice service_bench::append_text(const session_actor& s, const std::string& text) {
  return append(s, events({message(text)}));
}

std::vector<std::string> service_bench::replay(const session_actor& s, std::size_t max_bytes) {
  std::vector<std::string> out;
  auto answer = must<pull_answer>(s, opening(max_bytes));
  const auto end = answer.end;
  seq_t at = 0;
  for (;;) {
    for (const auto& span : answer.slice.spans)
      for (auto seq = span.first; seq <= span.last; ++seq) {
        if (seq != at + 1) CAF_FAIL("gap after " << at);
        at = seq;
        out.emplace_back(span.block->json(seq));
      }
    if (at >= end) return out;
    if (answer.slice.empty()) CAF_FAIL("empty slice before the end");
    answer = must<pull_answer>(s, pull_request{at, end, max_bytes});
  }
}

list_sessions service_bench::listing() const {
  list_sessions ask;
  ask.query.workspace = workspace;
  ask.now = now_for_tests();
  return ask;
}

std::vector<std::string> service_bench::all_sessions() {
  std::vector<std::string> all;
  for (const auto& item : must<session_list>(reader, listing()).items) all.push_back(*item);
  return all;
}

std::string service_bench::id_in(const std::string& session) {
  return json::value{session}.find("id")->as_string();
}

std::string service_bench::shown(const session_actor& s) {
  return render_session(*must<session_view>(s, describe_request{}).header, now_for_tests(), secrets::hidden);
}

std::vector<std::string> service_bench::faults_found() {
  std::vector<std::string> found;
  auto admin = backend->open_admin();
  if (!admin) CAF_FAIL(admin.error().message);
  auto report = (*admin)->check([&](const std::string& problem) { found.push_back(problem); });
  if (!report) CAF_FAIL(report.error().message);
  return found;
}

}  // namespace sandbase::test
