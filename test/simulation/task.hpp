// SPDX-License-Identifier: Apache-2.0
// One thing that a client wants: the request for it, what the answers must look like, and when to ask again.
#pragma once

#include "events/base/role.hpp"
#include "test/simulation/model.hpp"
#include "test/simulation/reply.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace sandbase::sim {

struct http_request {
  std::string_view method = "GET";
  std::string path;
  /// Whole lines.
  std::string headers;
  /// Of a POST.
  std::string body;
};

/// Who asks.
struct caller {
  std::string name;
  std::string secret;
  role may = role::viewer;
  api_key_id key_id = 0;
  /// Of another workspace: sees nothing of this one.
  bool foreign = false;
  /// Others have the same key.
  bool shares_key = false;
  bool revocation_asked = false;
  /// Certainly by then.
  std::chrono::milliseconds revoked_at = std::chrono::milliseconds::max();
};

class task {
 public:
  enum class next : std::uint8_t { done, again };

  task(context& run, model& facts, const caller& who) : run_(run), facts_(facts), who_(who) {}
  task(const task&) = delete;
  task& operator=(const task&) = delete;
  virtual ~task() = default;

  virtual std::string_view name() const = 0;
  /// The request to send now.
  virtual http_request request() = 0;
  /// A part of the body has come; streams take it.
  virtual void part(reply&) {}
  virtual next answered(const reply& r) = 0;
  /// The connection ended before the whole answer was here.
  virtual next lost() = 0;
  /// An answer may take for ever: nobody waits for it.
  virtual bool is_endless() const { return false; }
  /// In calm times: everything that has to come has come.
  virtual bool is_satisfied() const { return true; }
  /// Nothing more will come, and time for all of it has passed: is it as it should be?
  virtual void close_books() {}

  /// When its request was begun.
  std::chrono::milliseconds asked_at{0};
  /// The same, as a step.
  std::uint64_t asked_step = 0;
  /// How many failovers there had been by then.
  std::size_t asked_failovers = 0;

 protected:
  /// Whether the answer says nothing because something failed; fails the run if nothing could have.
  bool is_excused(const reply& r, const session_facts* s = nullptr);
  /// Whether time may have leapt over the request's deadline.
  bool may_be_late() const { return run_.rough_time_since(asked_at) >= shortest_request_timeout; }
  /// Since its request was begun: what was promised by then may be lost.
  bool has_failed_over() const { return facts_.failovers() != asked_failovers; }
  std::string label() const { return who_.name + " " + std::string{name()}; }

  context& run_;
  model& facts_;
  const caller& who_;
};

using task_ptr = std::unique_ptr<task>;

// append_tasks.cpp
task_ptr make_append(context& run, model& facts, const caller& who, session_facts& s, bool large);
/// Sends an earlier request with its Idempotency-Key once more. Null if there is none.
task_ptr make_repetition(context& run, model& facts, const caller& who);
// retry_tasks.cpp; something that was said before perhaps, and is meant anew
task_ptr make_saying(context& run, model& facts, const caller& who, session_facts& s);
// session_tasks.cpp
task_ptr make_creation(context& run, model& facts, const caller& who);
task_ptr make_archiving(context& run, model& facts, const caller& who, session_facts& s);
/// Erases the payload of an event that was seen. Null if there is none.
task_ptr make_redaction(context& run, model& facts, const caller& who, session_facts& s);
task_ptr make_deletion(context& run, model& facts, const caller& who, session_facts& s);
/// Asks for what belongs to others.
task_ptr make_trespass(context& run, model& facts, const caller& who, session_facts& s);
// view_tasks.cpp
/// `streams`: what a runtime must be told of the session's live streams now.
task_ptr make_view(context& run, model& facts, const caller& who, session_facts& s,
                   std::optional<std::size_t> streams = std::nullopt);
task_ptr make_update(context& run, model& facts, const caller& who, session_facts& s);
task_ptr make_session_list(context& run, model& facts, const caller& who);
// list_task.cpp; `whole`: from the first event to the last
task_ptr make_event_list(context& run, model& facts, const caller& who, session_facts& s, bool whole = false);
// replay_task.cpp, follow_task.cpp
task_ptr make_replay(context& run, model& facts, const caller& who, session_facts& s, bool whole = false);
task_ptr make_follow(context& run, model& facts, const caller& who, session_facts& s);

}  // namespace sandbase::sim
