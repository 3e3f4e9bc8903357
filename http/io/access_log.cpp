// SPDX-License-Identifier: Apache-2.0
#include "http/io/access_log.hpp"

#include "actors/diagnostics/log_event.hpp"

namespace sandbase {

namespace {

spdlog::level::level_enum level_of(bool admin) { return admin ? spdlog::level::debug : spdlog::level::info; }

std::string_view name_of(http_method method) {
  switch (method) {
    case http_method::get:
      return "GET";
    case http_method::head:
      return "HEAD";
    case http_method::post:
      return "POST";
    case http_method::delete_:
      return "DELETE";
    case http_method::options:
      return "OPTIONS";
    case http_method::other:
      break;
  }
  return "other";
}

double ms_between(access_entry::clock::time_point from, access_entry::clock::time_point to) {
  return std::chrono::duration<double, std::milli>{to - from}.count();
}

}  // namespace

std::shared_ptr<access_entry> begin_access(const http_options& options, bool admin) {
  if (options.access == access_log::off || !spdlog::should_log(level_of(admin))) return nullptr;
  auto entry = std::make_shared<access_entry>();
  entry->begun = access_entry::clock::now();
  entry->admin = admin;
  return entry;
}

void log_access(const access_entry& e, std::string_view end) {
  const auto now = access_entry::clock::now();
  const bool is_answered = e.answered != access_entry::clock::time_point{};
  log_event(level_of(e.admin), "request", field("id", e.id), field("method", name_of(e.method)),
            field("route", e.route), field("session", e.session), field("status", e.status),
            field("bytes_in", e.bytes_in), field("bytes_out", e.bytes_out),
            field("answer_ms", ms_between(e.begun, is_answered ? e.answered : now)),
            field("total_ms", ms_between(e.begun, now)), field("end", end));
}

}  // namespace sandbase
