// The actors of the service on CAF's deterministic scheduler over a real SQLite store in a directory of the
// test's own. Nothing runs but what run() runs; the clock stands still unless a test moves it.
#pragma once

#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "actors/checkpointer.hpp"
#include "actors/errors.hpp"
#include "actors/journal.hpp"
#include "actors/log_reader.hpp"
#include "actors/session_directory.hpp"
#include "actors/system_config.hpp"
#include "events/json_text.hpp"
#include "persistence/backend.hpp"
#include "test/unit/support/faulty_store.hpp"
#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test_clock.hpp"

namespace sandbase::test {

/// An answer, or the failure.
template <class T>
struct outcome {
  std::optional<T> value;
  failure error;
  bool answered = false;
  explicit operator bool() const { return value.has_value(); }
  const T* operator->() const { return &*value; }
};

/// `Config`: system_config, or what adds the message types of further layers to it.
template <class Config>
class basic_service_fixture : public test_coordinator_fixture<Config> {
 public:
  using test_coordinator_fixture<Config>::sched;
  using test_coordinator_fixture<Config>::sys;

  /// `parent`: the folder for the store's folder.
  explicit basic_service_fixture(const std::filesystem::path& parent = std::filesystem::temp_directory_path())
      : dir(parent) {
    start();
  }
  ~basic_service_fixture() { stop(); }

  void run() { sched.run(); }

  // --- start, stop, crash -----------------------------------------------------------

  void start() {
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
    checkpointer = sys.template spawn<sandbase::checkpointer>(store);
    options.checkpointer = checkpointer;
    journal = sys.template spawn<sandbase::journal>(store, std::move(*unsealed), std::move(options));
    auto connection = backend->open_reader();
    if (!connection) CAF_FAIL(connection.error().message);
    reader = sys.template spawn<log_reader>(std::move(*connection), journal);
    auto shared = std::make_shared<session_environment>();
    shared->journal = journal;
    shared->readers = {reader};
    shared->cache = std::make_shared<byte_account>(cache_limit);
    shared->now = now_for_tests;
    environment = shared;
    directory = sys.template spawn<session_directory>(environment);
    run();
  }

  /// Everything ends without sealing or answering, as in a crash; what is committed stays.
  void stop() {
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
  void restart() {
    stop();
    start();
  }

  // --- asking -----------------------------------------------------------------------------

  /// Sends a request whose answer is kept; it is there after run().
  template <class T, class Handle, class Message>
  std::shared_ptr<outcome<T>> ask(const Handle& to, Message message) {
    auto answer = std::make_shared<outcome<T>>();
    // What it asks for is an argument: CAF 0.17 dereferences a null pointer to start a function without any.
    const auto asks = [to, answer](caf::event_based_actor* me, const Message& m) {
      me->request(to, caf::infinite, m)
          .then(
              [answer](const T& value) {
                answer->value = value;
                answer->answered = true;
              },
              [answer](const caf::error& e) {
                answer->error = to_failure(e);
                answer->answered = true;
              });
    };
    sys.spawn(asks, std::move(message));
    return answer;
  }
  template <class T, class Handle, class Message>
  T must(const Handle& to, Message message) {
    auto answer = ask<T>(to, std::move(message));
    run();
    if (!answer->answered) CAF_FAIL("no answer");
    if (!*answer) CAF_FAIL("refused: " << answer->error.message);
    return *answer->value;
  }
  template <class T, class Handle, class Message>
  failure must_fail(const Handle& to, Message message) {
    auto answer = ask<T>(to, std::move(message));
    run();
    if (!answer->answered) CAF_FAIL("no answer");
    if (*answer) CAF_FAIL("not refused");
    return answer->error;
  }

  // --- the service's verbs ------------------------------------------------------------------

  std::string create(const std::string& body = R"({"agent":"agent_a","environment_id":"env_a"})",
                     std::string key = {}) {
    return must<session_created>(directory, creation(body, std::move(key))).header->definition.id;
  }
  create_session creation(const std::string& body, std::string key = {}) {
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
  session_actor look_up(const std::string& id) {
    auto handle = must<lookup_answer>(directory, lookup_request{workspace, id}).session;
    sessions.push_back(handle);
    return handle;
  }
  append_request appending(const std::string& body, std::string key = {}, bool is_retry = false,
                           api_key_id author = 1) {
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
  static std::string message(const std::string& text) {
    return R"({"type":"agent.message","content":[{"type":"text","text":")" + text + R"("}]})";
  }
  static std::string events(const std::vector<std::string>& list) {
    std::string body = R"({"events":[)";
    for (const auto& e : list) body += (&e == &list.front() ? "" : ",") + e;
    return body + "]}";
  }
  log_slice append(const session_actor& s, const std::string& body) {
    return must<append_answer>(s, appending(body)).stored;
  }
  log_slice append_text(const session_actor& s, const std::string& text) {
    return append(s, events({message(text)}));
  }

  static open_request opening(std::size_t max_bytes) {
    open_request r;
    r.max_bytes = max_bytes;
    return r;
  }
  /// The JSON of every event, by pulls of `max_bytes`.
  std::vector<std::string> replay(const session_actor& s, std::size_t max_bytes = 256 * 1024) {
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
  list_sessions listing() const {
    list_sessions ask;
    ask.query.workspace = workspace;
    ask.now = now_for_tests();
    return ask;
  }
  /// As List Sessions shows them.
  std::vector<std::string> all_sessions() {
    std::vector<std::string> all;
    for (const auto& item : must<session_list>(reader, listing()).items) all.push_back(*item);
    return all;
  }
  static std::string id_in(const std::string& session) {
    return json::value{session}.find("id")->as_string();
  }
  /// As GET shows it.
  std::string shown(const session_actor& s) {
    return render_session(*must<session_view>(s, describe_request{}).header, now_for_tests(),
                          secrets::hidden);
  }
  /// What `check` says of the store: nothing if all is well.
  std::vector<std::string> faults_found() {
    std::vector<std::string> found;
    auto admin = backend->open_admin();
    if (!admin) CAF_FAIL(admin.error().message);
    auto report = (*admin)->check([&](const std::string& problem) { found.push_back(problem); });
    if (!report) CAF_FAIL(report.error().message);
    return found;
  }

  temp_dir dir;
  std::shared_ptr<store_faults> faults = std::make_shared<store_faults>();
  std::function<void(journal_options&)> tune_journal;
  std::int64_t cache_limit = 64 * 1024 * 1024;
  failure fatal;
  workspace_key workspace = 0;
  std::unique_ptr<store_backend> backend;
  std::unique_ptr<exclusive_lock> lock;
  checkpointer_actor checkpointer;
  journal_actor journal;
  reader_actor reader;
  directory_actor directory;
  std::shared_ptr<const session_environment> environment;
  std::vector<session_actor> sessions;
};

using service_fixture = basic_service_fixture<system_config>;

}  // namespace sandbase::test
