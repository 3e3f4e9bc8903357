// The `types` parameter of lists and streams.
#pragma once

#include "events/log_block.hpp"
#include "http/wire/query.hpp"

#include <array>
#include <string>
#include <vector>

namespace sandbase {

/// Which events a reader wants to see. By default all.
class type_filter {
 public:
  /// `invalid` for a name that no event can have.
  static result<type_filter> parse(const query& q);

  /// Whether anything is kept back.
  bool active() const { return active_; }
  /// @pre block->first_seq() <= seq && seq <= block->last_seq()
  bool passes(const log_block& block, seq_t seq) const;

 private:
  bool active_ = false;
  std::array<bool, event_type_count> listed_{};
  std::vector<std::string> custom_;
};

}  // namespace sandbase
