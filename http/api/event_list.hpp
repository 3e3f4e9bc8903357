// SPDX-License-Identifier: Apache-2.0
// One page of List Events, without actors: what to ask the session for next, and which events the page shows.
// Without a filter it pulls slices; with one it searches for the next event, pulls from there, and so on.
#pragma once

#include "actors/messages/all.hpp"
#include "events/log/event_selection.hpp"
#include "http/wire/outbox.hpp"
#include "http/wire/page_token.hpp"
#include "http/wire/query.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace sandbase {

/// Bounds on the work for one page: behind them the page ends with what was found, if that is something.
struct walk_limits {
  /// Of frames looked at.
  std::size_t bytes = 4 * 1024 * 1024;
  /// Looked at, by their marks alone or whole.
  std::size_t events = 200'000;
  /// Of JSON shown (but one event always fits).
  std::size_t answer_bytes = 8 * 1024 * 1024;
};

/// What a client asked of a list.
struct event_list_plan {
  std::size_t limit = 1000;
  bool ascending = true;
  std::shared_ptr<const event_selection> what = std::make_shared<event_selection>();
  std::optional<std::string> after;
  std::optional<event_page> page;

  /// Failures are `invalid` and name the parameter.
  static result<event_list_plan> parse(const query& q);
};

class event_list {
 public:
  explicit event_list(event_list_plan plan, walk_limits limits = {});

  /// What to ask first.
  open_request first_request() const;
  /// The answer to it. `invalid` if the page token does not belong to this session.
  result<void> opened(const pull_answer& answer);

  bool finished() const { return finished_; }
  /// @pre opened() was successful, !finished()
  std::variant<pull_request, search_request> next_request() const;
  /// The answer to a pull_request of next_request().
  result<void> pulled(const pull_answer& answer);
  /// The answer to a search_request.
  result<void> searched(const search_result& found);
  /// `{"data":[…],"next_page":…}`. @pre finished(); once
  outbox take_body();

 private:
  bool filters() const { return !plan_.what->is_everything(); }
  result<void> walk(const log_slice& slice);
  /// @returns whether the walk goes on
  bool visit(const log_block_ptr& block, seq_t seq);
  bool has_enough() const;
  std::size_t slice_bytes() const;
  seq_t left() const { return high_ > low_ ? high_ - low_ : 0; }

  event_list_plan plan_;
  walk_limits limits_;
  outbox events_;
  std::size_t shown_ = 0;
  std::size_t seen_ = 0;
  std::size_t seen_bytes_ = 0;
  session_key log_ = 0;
  /// What is left to look at: (low_, high_].
  seq_t low_ = 0;
  seq_t high_ = 0;
  /// Read last, and its id.
  seq_t seq_ = 0;
  std::string id_;
  /// Where many events match, searching for each would cost more than it saves.
  bool dense_ = true;
  bool searching_ = false;
  bool finished_ = false;
  /// No event further along can match.
  bool nothing_left_ = false;
};

}  // namespace sandbase
