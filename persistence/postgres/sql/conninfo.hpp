// SPDX-License-Identifier: Apache-2.0
// Where a database is and how it is reached: a libpq URI ("Connection URIs" of PostgreSQL's manual, chapter
// libpq), with what must hold whatever it says.
#pragma once

#include "events/base/result.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sandbase::postgres {

/// How long others may keep a statement waiting. One that is for many sessions waits less for the one of them
/// that is locked, but longer than the second (deadlock_timeout) after which the server looks whether two
/// wait for each other: that is told as such, and done again.
inline constexpr std::chrono::milliseconds lock_timeout{5'000};
inline constexpr std::chrono::milliseconds batch_lock_timeout{1'200};
/// Of a change of the tables, behind which whoever uses them waits: above that second too, as a vacuum gives
/// way only then.
inline constexpr std::chrono::milliseconds migration_lock_timeout{1'100};
/// How long a statement may take on the server, and how long its answer is waited for here, where the server
/// itself may stand still.
inline constexpr std::chrono::milliseconds statement_timeout{15'000};
inline constexpr std::chrono::milliseconds answer_timeout{20'000};
/// Of connections whose statements are for many sessions.
inline constexpr std::string_view writer_purpose = "writer";
inline constexpr std::string_view claims_purpose = "claims";
/// Of connections that walk whole tables, for as long as that takes.
inline constexpr std::string_view tool_purpose = "tool";
inline constexpr std::chrono::hours tool_patience{6};
/// For each host of the URL.
inline constexpr std::chrono::seconds connect_timeout{2};

/// Any thread.
class conninfo {
 public:
  /// `invalid`: no libpq URI, or one with a password in it, which whoever lists processes
  /// could read. `password`: empty if libpq finds it by itself (PGPASSFILE) or none is needed.
  static result<conninfo> parse(std::string_view url, std::string password = {});

  /// Names and values for PQconnectStartParams(). `purpose` is shown in `pg_stat_activity`.
  std::vector<std::pair<std::string, std::string>> parameters(std::string_view purpose) const;
  /// For messages: without anything secret.
  const std::string& shown() const noexcept { return shown_; }

 private:
  std::vector<std::pair<std::string, std::string>> given_;
  std::string password_;
  std::string shown_;
};

}  // namespace sandbase::postgres
