// SPDX-License-Identifier: Apache-2.0
#include "test/unit/actors/support/service_bench.hpp"

#include "events/json/json_text.hpp"

namespace sandbase::test {

service_bench::service_bench(caf::actor_system& system, const std::filesystem::path& parent)
    : dir(parent),
      make_backend_([this] {
        auto made = open_backend("sqlite:" + (dir.path() / "test.db").string(), true);
        if (!made) CAF_FAIL(made.error().message);
        return *std::move(made);
      }),
      system_(system),
      jobs_(dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler())) {
  start();
}

service_bench::service_bench(caf::actor_system& system,
                             std::function<std::unique_ptr<store_backend>()> make_backend)
    : make_backend_(std::move(make_backend)),
      system_(system),
      jobs_(dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler())) {
  start();
}

service_bench::~service_bench() { stop(); }

result<node_store> service_bench::open_store() {
  node_store_options store_part;
  store_part.purpose = "test";
  store_part.max_unsealed_bytes = max_unsealed_bytes;
  store_part.writers = store_backend::max_writers;  // SQLite has one all the same
  store_part.own = own;
  return open_node_store(make_backend_(), "test", store_part);
}

void service_bench::start() {
  auto store = open();
  if (!store) CAF_FAIL(store.error().message);
  if (auto key = store->writers.front()->workspace("default", true)) workspace = *key;
  for (auto& writer : store->writers) writer = std::make_unique<faulty_store>(std::move(writer), faults);
  node_options options;
  options.detached = false;
  options.cache_bytes = cache_limit;
  options.clock = clock_for_tests();
  options.disk_failed = [this](const failure& f) { fatal = f; };
  options.essential_ended = [this](const std::string& name, const std::string&) { ended.push_back(name); };
  if (tune) tune(options);
  actors = std::make_unique<node>(system_, *std::move(store), std::move(options));
  backend = &actors->backend();
  checkpointer = actors->checkpointer();
  journal = actors->journals().front();
  reader = actors->readers().front();
  lister = actors->lister();
  environment = actors->environment();
  directory = actors->directory();
  run();
}

void service_bench::stop() {
  for (auto& s : sessions) caf::anon_send_exit(s, caf::exit_reason::user_shutdown);
  sessions.clear();
  environment.reset();
  journal = nullptr;
  checkpointer = nullptr;
  reader = nullptr;
  lister = nullptr;
  directory = nullptr;
  backend = nullptr;
  if (actors) actors->kill();
  run();
  actors.reset();
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
  message.print = fingerprint_of(*message.request);
  return message;
}

std::string service_bench::create(const std::string& body, std::string key) {
  return must<session_created>(directory, creation(body, std::move(key))).header->definition->id;
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
  r.print = fingerprint_of(*r.request);
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
  for (const auto& item : must<session_list>(lister, listing()).items) all.push_back(*item);
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
