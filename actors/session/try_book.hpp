// SPDX-License-Identifier: Apache-2.0
// What was sent lately and may not have been answered as far as its client knows: the retries that SDKs make
// by themselves, without an Idempotency-Key, are matched with these. Plain class, without actors.
#pragma once

#include "actors/bounds/try_account.hpp"
#include "actors/messages/receipt.hpp"
#include "events/base/fingerprint.hpp"
#include "events/ids/event_id.hpp"
#include "persistence/event_store.hpp"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sandbase {

/// One request, or one and the retries that were matched with it.
struct remembered_try {
  using time_point = try_account::time_point;
  struct attempt {
    /// Null: nobody can tell.
    receipt_ptr client;
    /// When its answer was given to its connection.
    std::optional<time_point> answered_at;
  };

  remembered_try(api_key_id key, const fingerprint& sent, std::shared_ptr<try_account> all, time_point at)
      : author(key), body(sent), place(std::move(all), at) {}

  const api_key_id author;
  const fingerprint body;
  const try_place place;
  std::vector<attempt> attempts;

  /// What is answered: the events first..last, or the session that was made.
  bool is_answered = false;
  seq_t first = 0;
  seq_t last = 0;
  std::string session;
  /// A retry that matched nothing: what it repeats may still come, by a slower way.
  bool is_ahead = false;
  /// A client has its answer: it is kept for nothing but that.
  bool is_settled = false;
  /// Not in the book any more.
  bool is_forgotten = false;
};
using try_ptr = std::shared_ptr<remembered_try>;

/// The tries of one session, or the creations of sessions.
class try_book {
 public:
  using time_point = remembered_try::time_point;
  using told_receipts = std::span<const std::pair<receipt_ptr, receipt::state>>;

  static constexpr std::chrono::minutes lifetime{2};
  /// For how long an answer that was given may be on its way before it counts as not taken, if the connection
  /// stays open.
  static constexpr std::chrono::seconds patience{1};
  static constexpr std::size_t most_per_key = 64;

  /// `all`: what it shares with the other books of the node; null: nothing.
  explicit try_book(std::shared_ptr<try_account> all = nullptr) : all_(std::move(all)) {}

  /// A request was accepted that is no retry, or matches nothing.
  try_ptr remember(api_key_id author, const fingerprint& body, receipt_ptr client, time_point now);
  /// It is refused, or its answer was taken: nothing to match any more.
  void forget(const try_ptr& t);
  /// It is carried out; set its answer before.
  static void answered(remembered_try& t, time_point now);

  struct finding {
    enum class kind : std::uint8_t {
      none,
      /// `match`: its client has not got an answer and waits for none.
      match,
      /// Ask for `look` and come again with what they say.
      look,
      /// An equal one is in work, or its answer is on its way: come again when that is decided.
      wait
    };
    kind what = kind::none;
    try_ptr match;
    std::vector<receipt_ptr> look;
    /// Nothing but time decides.
    bool soon = false;
  };
  /// What a retry belongs to. `told`: what receipts have said just now.
  finding find(api_key_id author, const fingerprint& body, time_point now, told_receipts told = {});
  /// Whether something equal may be what one of these was ahead of: then it counts only if its client still
  /// waits.
  bool has_one_ahead(api_key_id author, const fingerprint& body, time_point now) const;
  /// The retry gets this one's answer. Until its own client has lost that, no other retry does.
  static void join(remembered_try& t, receipt_ptr client);
  static void joiner_answered(remembered_try& t, const receipt_ptr& client, time_point now);
  static void leave(remembered_try& t, const receipt_ptr& client);

  /// Lets go of what is too old, or taken.
  void sweep(time_point now);
  bool empty() const { return tries_.empty(); }
  void clear() { tries_.clear(); }

 private:
  /// Oldest first.
  using tries = std::vector<try_ptr>;
  enum class verdict : std::uint8_t { taken, in_work, on_its_way, unknown, lost };

  static verdict judge(const remembered_try& t, time_point now, told_receipts told);
  static bool is_old(const remembered_try& t, time_point now);
  static bool is_over(const remembered_try& t, time_point now);
  static void drop(tries& of, std::size_t index);

  std::shared_ptr<try_account> all_;
  std::map<api_key_id, tries> tries_;
  std::size_t next_look_ = 0;
};

}  // namespace sandbase
