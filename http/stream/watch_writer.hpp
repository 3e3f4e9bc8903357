// SPDX-License-Identifier: Apache-2.0
// The protocol of a stream that watches a workspace: its newest sessions, then each as it changes. A view,
// not a log: no frame has an id, and who comes again begins with the present.
//
//   listed() ──► live ──next changes: changed()──► live …
//      └──► [closing() or failed()] ──► finished
#pragma once

#include "actors/messages/all.hpp"
#include "http/stream/stream_writer.hpp"
#include "http/stream/watch_filter.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sandbase {

/// The list that such a stream begins with.
struct watch_list {
  /// render_summary(), oldest first.
  std::vector<std::shared_ptr<const std::string>> items;
  /// Of these, in any order.
  std::vector<std::string> ids;
  /// Where it was cut: there may be sessions as old or older that pass.
  std::optional<timestamp> cut_at;
  /// Changes behind this are to be told.
  change_number number = 0;
};

/// Bytes of summaries that one pull asks for.
inline constexpr std::size_t watch_slice_bytes = 64 * 1024;

class watch_writer final : public stream_writer {
 public:
  watch_writer(stream_plan wire, session_query query)
      : stream_writer(std::move(wire)), filter_(std::move(query)) {}

  void listed(const watch_list& list) override;
  void changed(const board_page& page) override;

  std::size_t slice_bytes() const override { return watch_slice_bytes; }
  bool follows() const override { return true; }
  bool is_live() const override { return true; }

 private:
  void add_frame(std::string_view json, std::shared_ptr<const void> owner);

  watch_filter filter_;
};

}  // namespace sandbase
