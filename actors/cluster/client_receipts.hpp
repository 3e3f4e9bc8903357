// SPDX-License-Identifier: Apache-2.0
// Whether the clients of forwarded appends have taken their answers, known at the one end of a link and asked
// for at the other. Plain values of a gateway.
#pragma once

#include "actors/caf/sure_promise.hpp"
#include "actors/messages/all.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sandbase {

/// Where the clients are: those whose appends were answered lately.
class answered_clients {
 public:
  /// Of older ones nobody asks any more: their session has forgotten them.
  static constexpr std::size_t max_kept = 20'000;

  void keep(std::uint64_t number, receipt_ptr client) {
    if (!client || !clients_.emplace(number, std::move(client)).second) return;
    in_order_.push_back(number);
    if (in_order_.size() <= max_kept) return;
    clients_.erase(in_order_.front());
    in_order_.pop_front();
  }
  /// Null: it is not known any more.
  receipt_ptr find(std::uint64_t number) const {
    const auto i = clients_.find(number);
    return i == clients_.end() ? nullptr : i->second;
  }
  void clear() {
    clients_.clear();
    in_order_.clear();
  }

 private:
  std::unordered_map<std::uint64_t, receipt_ptr> clients_;
  /// The first was answered first.
  std::deque<std::uint64_t> in_order_;
};

/// Where their appends are carried out: one receipt each, which knows what the other end has told.
class remote_clients {
 public:
  /// For an append of the other end's. `thread`: the gateway.
  receipt_ptr make(std::uint64_t number, const fan_out_actor& thread);
  /// The number of the append; 0: the receipt is of none that is open.
  std::uint64_t number_of(const receipt_ptr& r) const;
  /// Somebody waits for what the other end knows of it.
  /// @returns whether it has to be asked: nobody else waits yet
  bool wait(std::uint64_t number, sure_promise<receipt_told> promise);
  void told(std::uint64_t number, receipt::state now);
  /// Those that somebody waits for.
  std::vector<std::uint64_t> awaited() const;
  /// Lets go of those that no session keeps.
  void sweep();
  /// The client of this append gets no answer.
  void lose(std::uint64_t number) { told(number, receipt::state::lost); }
  /// Whether the clients have taken their answers nobody will tell: they count as if they had not.
  void lose_all();
  std::size_t size() const { return open_.size(); }

 private:
  struct unknown_source final : receipt::source {
    receipt::state look() override { return receipt::state::open; }
  };
  struct open_receipt {
    receipt_ptr is;
    std::vector<sure_promise<receipt_told>> waiting;
  };
  void answer(open_receipt& r, receipt::state now);

  unknown_source nobody_knows_;
  std::unordered_map<std::uint64_t, open_receipt> open_;
  std::unordered_map<const receipt*, std::uint64_t> numbers_;
};

}  // namespace sandbase
