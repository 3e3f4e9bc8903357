// SPDX-License-Identifier: Apache-2.0
#include "actors/session/session_directory.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"
#include "actors/session/session_creation.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

namespace sandbase {

session_directory::session_directory(caf::actor_config& cfg,
                                     std::shared_ptr<const session_environment> environment)
    : directory_actor::base(cfg), env_(std::move(environment)) {
  harden(this);
  set_down_handler([this](caf::scheduled_actor*, caf::down_msg& down) { went_down(down.source); });
}

directory_actor::behavior_type session_directory::make_behavior() {
  return {
      [this](const lookup_request& r) { return look_up(r); },
      [this](const create_session& r) { return create(r); },
      [this](const retire_me& r) { retire(r); },
      [this](const retire_all&) { return retire_everyone(); },
  };
}

void session_directory::on_exit() {
  entries_.clear();
  by_key_.clear();
  by_address_.clear();
  closed_ = {};
  env_.reset();
}

// --- looking up ---------------------------------------------------------------------

caf::result<lookup_answer> session_directory::look_up(const lookup_request& r) {
  if (closing_) return to_error({errc::unavailable, "the server is shutting down"});
  const place where{r.workspace, r.id};
  auto [i, is_new] = entries_.try_emplace(where);
  if (i->second.now == state::active) return lookup_answer{i->second.handle};
  sure_promise<lookup_answer> promise{this};
  i->second.waiters.push_back(promise);
  if (is_new) find(where);
  return promise;
}

void session_directory::find(const place& where) {
  const auto& reader = env_->readers[std::hash<std::string>{}(where.second) % env_->readers.size()];
  request(reader, caf::infinite, find_session{where.first, where.second})
      .then([this, where](const found_session& answer) { found(where, answer); },
            [this, where](const caf::error& e) {
              const auto i = entries_.find(where);
              if (i == entries_.end()) return;
              for (auto& promise : i->second.waiters) promise.fail(e);
              entries_.erase(i);
              finish_if_empty();
            });
}

void session_directory::found(const place& where, const found_session& answer) {
  const auto i = entries_.find(where);
  if (i == entries_.end()) return;
  if (!answer.row || closing_) {
    for (auto& promise : i->second.waiters)
      promise.fail(closing_ ? failure{errc::unavailable, "the server is shutting down"}
                            : failure{errc::not_found, "no such session: " + where.second});
    entries_.erase(i);
    return finish_if_empty();
  }
  i->second.key = answer.row->key;
  start(i->second, where);
}

void session_directory::start(entry& e, const place& where) {
  e.handle = spawn<session>(e.key, directory_actor{this}, env_);
  monitor(e.handle);
  by_address_.emplace(e.handle.address(), where);
  by_key_[e.key] = where;
  e.now = state::active;
  for (auto& promise : std::exchange(e.waiters, {})) promise.deliver({e.handle});
}

// --- creating -----------------------------------------------------------------------

caf::result<session_created> session_directory::create(const create_session& r) {
  if (closing_) return to_error({errc::unavailable, "the server is shutting down"});
  return delegate(creation_actor{spawn<session_creation>(directory_actor{this}, env_)}, r);
}

// --- retiring -------------------------------------------------------------------------

void session_directory::retire(const retire_me& r) {
  const auto where = by_key_.find(r.session);
  if (where == by_key_.end()) return;
  auto& e = entries_.at(where->second);
  if (e.now != state::active) return;
  e.now = state::retiring;
  caf::anon_send(e.handle, retire_now{});
}

caf::result<done_answer> session_directory::retire_everyone() {
  closing_ = true;
  closed_ = sure_promise<done_answer>{this};
  for (auto& [where, e] : entries_) {
    if (e.now != state::active) continue;
    e.now = state::retiring;
    caf::anon_send(e.handle, retire_now{});
  }
  auto answer = closed_;
  finish_if_empty();
  return answer;
}

void session_directory::went_down(const caf::actor_addr& who) {
  const auto address = by_address_.find(who);
  if (address == by_address_.end()) return;
  const auto where = std::move(address->second);
  by_address_.erase(address);
  const auto i = entries_.find(where);
  by_key_.erase(i->second.key);
  auto waiters = std::move(i->second.waiters);
  entries_.erase(i);
  if (!waiters.empty()) {
    // They came while it retired. The row is asked for again: the session may have been deleted.
    auto& next = entries_[where];
    next.waiters = std::move(waiters);
    find(where);
  }
  finish_if_empty();
}

void session_directory::finish_if_empty() {
  if (!closing_ || !entries_.empty()) return;
  closed_.deliver({});
  quit();
}

}  // namespace sandbase
