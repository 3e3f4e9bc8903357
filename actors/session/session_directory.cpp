// SPDX-License-Identifier: Apache-2.0
#include "actors/session/session_directory.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"
#include "actors/caf/timeouts.hpp"
#include "actors/session/session_creations.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace sandbase {

namespace {

/// Sessions that failed and were not asked for since.
constexpr std::size_t max_failed = 10'000;
/// So many may be asked to go for one that comes: those that are followed stay, however crowded it is.
constexpr std::size_t questions_a_start = 4;

}  // namespace

session_directory::session_directory(caf::actor_config& cfg,
                                     std::shared_ptr<const session_environment> environment)
    : directory_actor::base(cfg), env_(std::move(environment)) {
  harden(this);
  set_down_handler([this](caf::scheduled_actor*, caf::down_msg& down) { went_down(down); });
}

directory_actor::behavior_type session_directory::make_behavior() {
  delayed_send(this, env_->idle_timeout / 4, directory_tick{});
  return {
      [this](const lookup_request& r) { return look_up(r); },
      [this](const create_session& r) { return create(r); },
      [this](const session_stays& r) { stay(r.session); },
      [this](const session_goes& r) { let_go(r.session); },
      [this](const directory_tick&) {
        check_idle();
        delayed_send(this, env_->idle_timeout / 4, directory_tick{});
      },
      [this](const retire_all&) { return retire_everyone(); },
      [this](const list_active& r) { return list(r); },
      [this](const describe_actor&) { return describe(); },
  };
}

void session_directory::on_exit() {
  // Who did not retire in time waits for a journal that is gone, and would for ever: it answers those who
  // wait.
  if (closing_)
    for (const auto& [where, e] : entries_)
      if (e.handle) caf::anon_send_exit(e.handle, caf::exit_reason::user_shutdown);
  if (creations_) caf::anon_send(creations_, retire_now{});
  creations_ = nullptr;
  by_key_.clear();
  by_address_.clear();
  turns_.clear();
  entries_.clear();
  closed_ = {};
  env_.reset();
}

// --- looking up ---------------------------------------------------------------------

caf::result<lookup_answer> session_directory::look_up(const lookup_request& r) {
  if (closing_) return to_error({errc::unavailable, "the server is shutting down"});
  const auto [i, is_new] = entries_.try_emplace(place{r.workspace, r.id});
  auto& e = i->second;
  if (e.now == state::active) {
    used(e);
    return lookup_answer{e.handle};
  }
  sure_promise<lookup_answer> promise{this};
  e.waiters.push_back(promise);
  if (is_new) {
    e.since = home_system().clock().now();
    find(i->first);
  }
  return promise;
}

void session_directory::find(const place& where) {
  const auto& reader = env_->readers[std::hash<std::string>{}(where.second) % env_->readers.size()];
  request(reader, read_timeout, find_session{where.first, where.second})
      .then([this, where](const found_session& answer) { found(where, answer); },
            [this, where](const caf::error& e) {
              const auto i = entries_.find(where);
              if (i == entries_.end()) return;
              for (auto& promise : i->second.waiters) promise.fail(of_read(e));
              entries_.erase(i);
              finish_if_empty();
            });
}

void session_directory::found(const place& where, const found_session& answer) {
  const auto i = entries_.find(where);
  if (i == entries_.end()) return;
  if (!answer.log || closing_) {
    for (auto& promise : i->second.waiters)
      promise.fail(closing_ ? failure{errc::unavailable, "the server is shutting down"}
                            : failure{errc::not_found, "no such session"});
    entries_.erase(i);
    return finish_if_empty();
  }
  start(i, answer.log);
}

void session_directory::start(entry_map::iterator i, std::shared_ptr<const opened_log> log) {
  auto& e = i->second;
  e.key = log->key;
  const bool has_failed = failed_.erase(e.key) > 0;
  const auto at_first = has_failed && !env_->core ? session::claims::at_first : session::claims::to_write;
  const auto sizes = std::make_shared<session_sizes>();
  e.sizes = sizes;
  e.handle = spawn<session>(std::move(log), directory_actor{this}, env_, at_first, sizes);
  monitor(e.handle);
  by_address_.emplace(e.handle.address(), i);
  by_key_[e.key] = i;
  e.now = state::active;
  e.turn = turns_.insert(turns_.end(), &i->first);
  e.used_at = home_system().clock().now();
  for (auto& promise : std::exchange(e.waiters, {})) promise.deliver({e.handle});
  questions_ = std::min(questions_ + questions_a_start, env_->max_retiring);
  check_if_crowded();
}

// --- creating -----------------------------------------------------------------------

caf::result<session_created> session_directory::create(const create_session& r) {
  if (closing_) return to_error({errc::unavailable, "the server is shutting down"});
  if (env_->core) return create_at_core(r);
  if (!creations_) {
    creations_ = spawn<session_creations>(directory_actor{this}, env_);
    monitor(creations_);
  }
  return delegate(creations_, r);
}

/// Of an edge.
caf::result<session_created> session_directory::create_at_core(const create_session& r) {
  change_session what;
  what.workspace = r.workspace;
  what.author = r.author;
  what.may = r.may;
  what.text = r.text;
  what.is_retry = r.is_retry;
  what.idempotency_key = r.idempotency_key;
  what.patience = commit_timeout;
  what.lease = r.lease;
  what.client = r.client;
  sure_promise<session_created> promise{this};
  request(env_->core, caf::infinite, std::move(what))
      .then(
          [promise](const session_changed& made) {
            if (made.header) return promise.deliver({made.header});
            promise.fail(errc::unknown_outcome, "the server that has the store did not say what it made");
          },
          [promise](const caf::error& e) { promise.fail(to_failure(e)); });
  return promise;
}

// --- retiring -------------------------------------------------------------------------

void session_directory::used(entry& e) {
  turns_.splice(turns_.end(), turns_, e.turn);
  e.used_at = home_system().clock().now();
}

/// Asks whether it can go. What is looked up meanwhile waits for the answer: an active session or its end.
void session_directory::check(entry& e) {
  e.now = state::retiring;
  e.since = home_system().clock().now();
  ++retiring_;
  turns_.erase(e.turn);
  caf::anon_send(e.handle, idle_check{});
}

void session_directory::stay(session_key session) {
  const auto i = by_key_.find(session);
  if (i == by_key_.end() || i->second->second.now != state::retiring || closing_) return;
  auto& e = i->second->second;
  e.now = state::active;
  --retiring_;
  e.turn = turns_.insert(turns_.end(), &i->second->first);
  e.used_at = home_system().clock().now();
  for (auto& promise : std::exchange(e.waiters, {})) promise.deliver({e.handle});
  check_if_crowded();
}

void session_directory::let_go(session_key session) {
  const auto i = by_key_.find(session);
  if (i == by_key_.end() || i->second->second.now != state::active) return;
  i->second->second.now = state::retiring;
  i->second->second.since = home_system().clock().now();
  ++retiring_;
  turns_.erase(i->second->second.turn);
  caf::anon_send(i->second->second.handle, retire_now{});
}

/// One comes, one goes: whoever was used since it was last asked stays, and the next one is asked instead.
void session_directory::check_if_crowded() {
  for (; questions_ > 0 && turns_.size() > env_->max_active && retiring_ < env_->max_retiring; --questions_)
    check(entries_.at(*turns_.front()));
}

void session_directory::check_idle() {
  const auto before = home_system().clock().now() - env_->idle_timeout;
  while (!turns_.empty() && retiring_ < env_->max_retiring) {
    auto& e = entries_.at(*turns_.front());
    if (e.used_at > before) return;
    check(e);
  }
}

caf::result<done_answer> session_directory::retire_everyone() {
  closing_ = true;
  closed_ = sure_promise<done_answer>{this};
  for (auto& [where, e] : entries_) {
    if (e.now == state::finding) continue;
    if (e.now == state::active) turns_.erase(e.turn);
    e.now = state::retiring;
    e.since = home_system().clock().now();
    caf::anon_send(e.handle, retire_now{});
  }
  auto answer = closed_;
  finish_if_empty();
  return answer;
}

void session_directory::went_down(const caf::down_msg& down) {
  if (creations_ && down.source == creations_.address()) {
    creations_ = nullptr;  // after a fault, which is logged: the next creation gets another
    return;
  }
  const auto address = by_address_.find(down.source);
  if (address == by_address_.end()) return;
  const auto i = address->second;
  auto& e = i->second;
  by_address_.erase(address);
  by_key_.erase(e.key);
  if (down.reason) {
    if (failed_.size() >= max_failed) failed_.clear();
    failed_.insert(e.key);
  }
  if (e.now == state::active)
    turns_.erase(e.turn);
  else if (!closing_)
    --retiring_;
  if (e.waiters.empty() || closing_) {
    for (auto& promise : e.waiters) promise.fail(errc::unavailable, "the server is shutting down");
    entries_.erase(i);
    return finish_if_empty();
  }
  // They came while it retired. The store is asked again: the session may have been deleted.
  e.now = state::finding;
  e.since = home_system().clock().now();
  e.handle = nullptr;
  e.sizes = nullptr;
  find(i->first);
}

// --- telling ----------------------------------------------------------------------------

active_sessions session_directory::list(const list_active& r) const {
  active_sessions out;
  out.total = by_address_.size();
  std::unordered_set<session_key> listed;
  const auto add = [&](const place& where, const entry& e) {
    if (e.handle && out.sessions.size() < r.max && listed.insert(e.key).second)
      out.sessions.push_back({where.first, where.second, e.handle});
  };
  if (!r.id.empty()) {
    for (const auto& [where, e] : entries_)
      if (where.second == r.id) add(where, e);
    return out;
  }
  for (const auto& [where, e] : entries_)  // who goes and does not come to an end is looked for
    if (e.now == state::retiring) add(where, e);
  for (const auto by : {&session_sizes::events, &session_sizes::unsealed_bytes, &session_sizes::followers})
    for (const auto i : largest(r.largest, by)) add(i->first, i->second);
  for (auto i = turns_.rbegin(); i != turns_.rend() && out.sessions.size() < r.max; ++i)
    add(**i, entries_.at(**i));
  return out;
}

/// The most that are not 0, in no order.
std::vector<session_directory::entry_map::const_iterator> session_directory::largest(
    std::size_t most, std::atomic<std::int64_t> session_sizes::*by) const {
  using sized = std::pair<std::int64_t, entry_map::const_iterator>;
  const auto is_larger = [](const sized& a, const sized& b) { return a.first > b.first; };
  std::vector<sized> heap;  // its smallest in front
  for (auto i = entries_.begin(); i != entries_.end() && most > 0; ++i) {
    if (!i->second.handle) continue;
    const auto size = ((*i->second.sizes).*by).load(std::memory_order_relaxed);
    if (size == 0 || (heap.size() == most && size <= heap.front().first)) continue;
    if (heap.size() == most) {
      std::ranges::pop_heap(heap, is_larger);
      heap.pop_back();
    }
    heap.emplace_back(size, i);
    std::ranges::push_heap(heap, is_larger);
  }
  std::vector<entry_map::const_iterator> found;
  for (const auto& [size, i] : heap) found.push_back(i);
  return found;
}

actor_status session_directory::describe() const {
  const auto now = home_system().clock().now();
  std::int64_t finding = 0, waiting = 0;
  auto oldest = now;
  for (const auto& [where, e] : entries_) {
    if (e.now == state::active) continue;
    if (e.now == state::finding) ++finding;
    waiting += static_cast<std::int64_t>(e.waiters.size());
    oldest = std::min(oldest, e.since);
  }
  return {closing_ ? "closing" : "serving",
          {{"active", static_cast<std::int64_t>(turns_.size())},
           {"finding", finding},
           {"retiring", static_cast<std::int64_t>(entries_.size() - turns_.size()) - finding},
           {"failed", static_cast<std::int64_t>(failed_.size())},
           {"waiting", waiting},
           {"oldest_wait_ms", wait_ms(oldest, now)}}};
}

void session_directory::finish_if_empty() {
  if (!closing_ || !entries_.empty()) return;
  closed_.deliver({});
  quit();
}

}  // namespace sandbase
