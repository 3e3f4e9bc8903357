// SPDX-License-Identifier: Apache-2.0
// The bytes of an export: the lines of persistence/transfer/transfer_line.hpp, up to where the header says.
#pragma once

#include "http/stream/bounded_writer.hpp"

#include <string>

namespace sandbase {

/// One session, as its header line says it is.
struct export_plan {
  /// With its line end.
  std::string header_line;
  /// Last event of the log that it tells of.
  seq_t end = 0;
};

/// No line tells of a failure: what is cut short ends without the last chunk, and has fewer events than its
/// header says.
class export_writer final : public bounded_writer {
 public:
  export_writer(stream_plan plan, export_plan what)
      : bounded_writer(std::move(plan)), what_(std::move(what)) {}

  void failed(const failure&) override { cut(); }
  void closing(std::string_view, std::chrono::milliseconds) override { cut(); }
  void heartbeat() override {}

 private:
  seq_t end_of(const pull_answer&) const override { return what_.end; }
  /// More may have come since the header was made.
  log_slice slice_of(const pull_answer& first) const override { return first.slice.part(0, what_.end); }
  bool begin(const pull_answer&) override { return false; }
  std::string head(body_end end, std::uint64_t length, bool keep_alive) const override;
  void add_start() override { add(what_.header_line); }
  void add_span(const block_span& events) override;

  export_plan what_;
};

}  // namespace sandbase
