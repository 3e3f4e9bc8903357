// SPDX-License-Identifier: Apache-2.0
// The actors of the service over a real SQLite store in a directory of the test's own, on CAF's deterministic
// scheduler. Nothing runs but what run() runs; the clock stands still unless a test moves it.
#pragma once

#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "actors/caf/errors.hpp"
#include "actors/node/node.hpp"
#include "persistence/backend.hpp"
#include "test/unit/support/faulty_store.hpp"
#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test_clock.hpp"

#include <algorithm>

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

/// The service of a fixture, whose system is one of CAF's test coordinator.
class service_bench {
 public:
  void run() { jobs_.run(); }
  /// Runs all that can run but for actors of which held(job) holds: these stand for whoever hangs.
  template <class Held>
  void run_without(Held held) {
    for (;;) {
      const auto next = std::ranges::find_if_not(jobs_.jobs, held);
      if (next == jobs_.jobs.end()) return;
      std::iter_swap(jobs_.jobs.begin(), next);
      jobs_.run_once();
    }
  }
  /// For run_without(): the actor behind a handle.
  template <class Handle>
  static auto the(const Handle& who) {
    const auto* const its = dynamic_cast<caf::resumable*>(caf::actor_cast<caf::abstract_actor*>(who));
    return [its](const caf::resumable* job) { return job == its; };
  }
  /// Every actor of a type.
  template <class Actor>
  static auto each() {
    return [](const caf::resumable* job) { return dynamic_cast<const Actor*>(job) != nullptr; };
  }
  /// Runs until an actor of this type has something to do. @returns it
  template <class Actor>
  caf::strong_actor_ptr run_up_to() {
    for (;;) {
      const auto next = std::ranges::find_if(jobs_.jobs, each<Actor>());
      if (next != jobs_.jobs.end()) return dynamic_cast<Actor*>(*next)->ctrl();
      if (!jobs_.try_run_once()) CAF_FAIL("no such actor has anything to do");
    }
  }
  /// As if it had thrown.
  void let_fail(const caf::strong_actor_ptr& who) {
    caf::anon_send_exit(who, caf::exit_reason::unhandled_exception);
    run();
  }

  // --- start, stop, crash -----------------------------------------------------------

  void start();
  /// What the next start() opens; for tests of other stores.
  std::function<result<node_store>()> open = [this] { return open_store(); };

  /// Everything ends without sealing or answering, as in a crash; what is committed stays.
  void stop();
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
    system_.spawn(asks, std::move(message));
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
                     std::string key = {});
  create_session creation(const std::string& body, std::string key = {});
  session_actor look_up(const std::string& id);
  append_request appending(const std::string& body, std::string key = {}, bool is_retry = false,
                           api_key_id author = 1);
  static std::string message(const std::string& text);
  static std::string events(const std::vector<std::string>& list);
  log_slice append(const session_actor& s, const std::string& body);
  log_slice append_text(const session_actor& s, const std::string& text);

  static open_request opening(std::size_t max_bytes) {
    open_request r;
    r.max_bytes = max_bytes;
    return r;
  }
  /// The JSON of every event, by pulls of `max_bytes`.
  std::vector<std::string> replay(const session_actor& s, std::size_t max_bytes = 256 * 1024);
  list_sessions listing() const;
  /// As List Sessions shows them.
  std::vector<std::string> all_sessions();
  static std::string id_in(const std::string& session);
  /// As GET shows it.
  std::string shown(const session_actor& s);
  /// What `check` says of the store: nothing if all is well.
  std::vector<std::string> faults_found();

  temp_dir dir;
  std::shared_ptr<store_faults> faults = std::make_shared<store_faults>();
  std::function<void(node_options&)> tune;
  /// What other servers are told.
  announcement own;
  std::size_t cache_limit = 64 * 1024 * 1024;
  std::int64_t max_unsealed_bytes = default_max_unsealed_bytes;
  failure fatal;
  /// Essential actors that have ended by themselves.
  std::vector<std::string> ended;
  workspace_key workspace = 0;
  std::unique_ptr<node> actors;
  store_backend* backend = nullptr;
  checkpointer_actor checkpointer;
  journal_actor journal;
  reader_actor reader;
  reader_actor lister;
  directory_actor directory;
  std::shared_ptr<const session_environment> environment;
  std::vector<session_actor> sessions;

 protected:
  /// `parent`: the folder for the store's folder.
  service_bench(caf::actor_system& system, const std::filesystem::path& parent);
  /// Over another store than SQLite's.
  service_bench(caf::actor_system& system, std::function<std::unique_ptr<store_backend>()> make_backend);
  ~service_bench();

 private:
  result<node_store> open_store();

  const std::function<std::unique_ptr<store_backend>()> make_backend_;
  caf::actor_system& system_;
  caf::scheduler::test_coordinator& jobs_;
};

}  // namespace sandbase::test
