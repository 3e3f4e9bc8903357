// SPDX-License-Identifier: Apache-2.0
// A store on a disk that may fail, and beside it what it acknowledged: after its process ended, in whatever
// way, what is found is held against that.
#pragma once

#include "test/unit/persistence/support/store_state.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sandbase::test {

/// An operation, and what it changes if it works.
struct planned_op {
  store_op op;
  std::function<void(store_state&, const op_outcome&)> then;
};

class witnessed_store {
 public:
  explicit witnessed_store(std::string path) : url_("sqlite:" + std::move(path)) {}

  // --- a process ----------------------------------------------------------------

  /// Opens everything, as `serve` does. It may fail: then nothing is alive.
  void start() {
    forget_claims();
    if (const auto opened = open(); !opened) {
      end();
      refusal_ = opened.error().message;
    }
  }
  /// The process ends: by itself, or because the store told it to.
  void end() {
    admin_.reset();
    reader_.reset();
    writer_.reset();
    operators_.reset();
    lock_.reset();
    backend_.reset();
  }
  bool is_alive() const { return writer_ != nullptr; }
  /// Whether a failure of the disk was told as one that must end the process.
  bool was_told_to_end() const { return told_to_end_; }

  // --- what it does -----------------------------------------------------------------

  /// Commits what `plan` makes of the state; once more if the store says that it may be tried again.
  void commit(const std::function<std::vector<planned_op>(const store_state&)>& plan) {
    for (int attempt = 0; attempt < 2 && is_alive(); ++attempt) {
      claim_all();
      if (!is_alive()) return;
      const auto planned = plan(acknowledged_);
      std::vector<store_op> ops;
      for (const auto& p : planned) ops.push_back(p.op);
      auto outcomes = writer_->commit(ops);
      if (outcomes) return take(planned, *outcomes);
      if (outcomes.error().code == errc::io_failed) {
        possible_ = acknowledged_;
        for (const auto& p : planned) p.then(*possible_, {});
      }
      forget_claims();
      judge(outcomes, "commit");
    }
  }
  /// A change of keys, and what it changes if it works.
  void administrate(const std::function<result<void>(store_admin&)>& call,
                    const std::function<void(store_state&)>& then) {
    if (!is_alive()) return;
    const auto done = call(*admin_);
    if (done) return then(acknowledged_);
    if (done.error().code == errc::io_failed) {
      possible_ = acknowledged_;
      then(*possible_);
    }
    judge(done, "keys");
  }
  /// What the writer does without a change that anybody sees.
  template <class F>
  void keep_house(F&& call) {
    claim_all();  // else it would seal what has no writer
    if (is_alive()) judge(call(*writer_), "housekeeping");
  }
  template <class F>
  void read(F&& call) {
    if (!is_alive()) return;
    const auto r = call(*reader_);
    if (!r && r.error().code != errc::unavailable && r.error().code != errc::corrupt)
      offend("reading", r.error());
  }
  workspace_key workspace() const { return workspace_; }
  const store_state& acknowledged() const { return acknowledged_; }

  // --- afterwards -----------------------------------------------------------------

  /// On a sound disk: opens, compares, checks, writes on, and compares again. @returns what is wrong; empty:
  /// nothing, and no caller got an answer that it may not get
  std::string verify() {
    if (auto wrong = look_back(); !wrong.empty()) return wrong;
    for (const auto& [id, s] : store_state{acknowledged_}.sessions) commit(append_to(id, 1));
    if (!is_alive()) return "it cannot be written";
    end();
    start();
    return is_alive() ? compare() : "it does not open again: " + refusal_;
  }

  /// The beginning of that: on a sound disk opens and compares, and leaves it alive.
  std::string look_back() {
    end();
    if (!offence_.empty()) return offence_;
    start();
    return is_alive() ? compare() : "it does not open: " + refusal_;
  }

  /// The plan to append so many events to a session, if there is one of that id.
  std::function<std::vector<planned_op>(const store_state&)> append_to(const std::string& id,
                                                                       std::size_t events,
                                                                       std::size_t size = 200) const {
    return [=](const store_state& s) {
      std::vector<planned_op> plan;
      if (const auto it = s.sessions.find(id); it != s.sessions.end()) {
        auto log = it->second.log;
        store_op op = log.append(events, size);
        plan.push_back(
            {std::move(op), [=](store_state& after, const op_outcome&) { after.sessions.at(id).log = log; }});
      }
      return plan;
    };
  }

 private:
  result<void> open() {
    auto backend = open_backend(url_, true);
    if (!backend) return backend.error();
    backend_ = std::move(*backend);
    auto lock = backend_->lock("serve");
    if (!lock) return lock.error();
    lock_ = std::move(*lock);
    auto writer = backend_->open_writer();
    if (!writer) return writer.error();
    auto reader = backend_->open_reader();
    if (!reader) return reader.error();
    auto operators = open_backend(url_, false);
    if (!operators) return operators.error();
    operators_ = std::move(*operators);
    auto admin = operators_->open_admin();
    if (!admin) return admin.error();
    const auto workspace = (*writer)->workspace("main", true);
    if (!workspace) return workspace.error();
    if (const auto secret = (*writer)->secret("tokens"); !secret) return secret.error();
    workspace_ = *workspace;
    writer_ = std::move(*writer);
    reader_ = std::move(*reader);
    admin_ = std::move(*admin);
    return {};
  }

  /// Whoever writes to a session is its writer first.
  void claim_all() {
    for (auto& [id, s] : acknowledged_.sessions) {
      if (!is_alive()) return;
      if (s.log.epoch != 0) continue;
      const auto claimed = writer_->claim(s.log.key);
      if (claimed) s.log.epoch = claimed->epoch;
      judge(claimed, "claim");
    }
  }
  void forget_claims() {
    for (auto& [id, s] : acknowledged_.sessions) s.log.epoch = 0;
  }

  void take(const std::vector<planned_op>& planned, const std::vector<op_outcome>& outcomes) {
    for (std::size_t i = 0; i < planned.size(); ++i) {
      if (outcomes[i].error.code == errc::none)
        planned[i].then(acknowledged_, outcomes[i]);
      else if (outcomes[i].error.code != errc::unavailable)
        offend("an operation", outcomes[i].error);
      else
        forget_claims();
    }
  }

  /// Ends the process if the store demands that.
  template <class T>
  void judge(const result<T>& r, const char* what) {
    if (r) return;
    if (r.error().code == errc::io_failed) {
      told_to_end_ = true;
      return end();
    }
    if (r.error().code != errc::unavailable) offend(what, r.error());
  }
  void offend(const char* what, const failure& f) {
    if (offence_.empty())
      offence_ =
          std::string{what} + " answered " + std::to_string(static_cast<int>(f.code)) + ": " + f.message;
  }

  /// With what was acknowledged or, where the last outcome is unknown, may
  /// have happened: from then on that is settled.
  std::string compare() {
    const auto found = find_state(*writer_, *reader_, *admin_, workspace_);
    if (!found) return found.error().message;
    auto wrong = difference(acknowledged_, *found);
    if (!wrong.empty() && possible_ && difference(*possible_, *found).empty()) {
      wrong.clear();
      acknowledged_ = std::move(*possible_);
    }
    possible_.reset();
    if (wrong.empty()) adopt_internals(acknowledged_, *found);
    return wrong;
  }

  const std::string url_;
  std::unique_ptr<store_backend> backend_;
  std::unique_ptr<exclusive_lock> lock_;
  /// Another process'.
  std::unique_ptr<store_backend> operators_;
  std::unique_ptr<event_store> writer_;
  std::unique_ptr<event_reader> reader_;
  std::unique_ptr<store_admin> admin_;
  workspace_key workspace_ = 0;

  store_state acknowledged_;
  /// If the last outcome is unknown.
  std::optional<store_state> possible_;
  bool told_to_end_ = false;
  std::string offence_;
  /// Why it did not open.
  std::string refusal_;
};

}  // namespace sandbase::test
