// SPDX-License-Identifier: Apache-2.0
#include "persistence/transfer/import_machine.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <utility>

namespace sandbase {

bool concerns_one_session(const failure& why) {
  switch (why.code) {
    case errc::invalid:
    case errc::conflict:
    case errc::too_large:
    case errc::not_found:
    case errc::corrupt:
      return true;
    default:
      return false;
  }
}

import_machine::import_machine(import_options options)
    : options_(std::move(options)), lines_(options_.max_line) {}

// --- what to do next ---------------------------------------------------------------------------------

import_action import_machine::next() {
  for (;;) {
    if (phase_ == phase::opening) return import_action::open;
    if (phase_ == phase::skipping && begun_) return import_action::drop;
    if (options_.stop_at_first && report_.failed > 0) return import_action::done;
    if (event_) {
      if (const auto action = compare_on()) return *action;
      continue;
    }
    if (ending_) {
      if (const auto action = end_session()) return *action;
      continue;
    }
    if (phase_ == phase::writing && builder_->bytes() >= options_.slice_bytes) return import_action::write;
    if (const auto line = lines_.next())
      take(*line);
    else if (!lines_.has_ended())
      return import_action::read;
    else if (phase_ == phase::outside)
      return import_action::done;
    else
      ending_ = true;
  }
}

/// The session's last steps, one a call; empty: it goes on at once.
std::optional<import_action> import_machine::end_session() {
  if (phase_ == phase::writing) {
    if (!std::exchange(finished_, true))
      if (auto good = builder_->finish(); !good) {
        fail(header_number_, good.error());
        return {};
      }
    return builder_->bytes() > 0 ? import_action::write : import_action::publish;
  }
  if (phase_ == phase::comparing) {
    const auto equal = comparison_->finish();
    if (!equal) {
      fail(header_number_, equal.error());
      return {};
    }
    ++report_.skipped_sessions;
    report_.skipped_events += comparison_->events();
  }
  close_session();
  return {};
}

std::optional<import_action> import_machine::compare_on() {
  if (comparison_->needs_events()) return import_action::load;
  const auto event = std::exchange(event_, std::nullopt);
  if (const auto equal = comparison_->compare(*event); !equal) fail(event_number_, equal.error());
  return {};
}

void import_machine::close_session() {
  let_go();
  session_.clear();
  begun_ = ending_ = finished_ = false;
  phase_ = phase::outside;
  auto next = std::exchange(upcoming_, {});
  header_number_ = upcoming_number_;
  if (auto* error = std::get_if<import_error>(&next)) {
    phase_ = phase::skipping;
    record(std::move(*error));
  } else if (auto* header = std::get_if<header_line>(&next)) {
    phase_ = phase::opening;
    session_ = header->header.definition.id;
    // Only the bytes as they are can have the head that the header tells.
    breaks_ = header->header.expected_head ? json::line_breaks::kept : json::line_breaks::escaped;
    header_ = std::move(*header);
  }
}

// --- lines -----------------------------------------------------------------------------------------------

void import_machine::take(const text_line& line) {
  if (line.too_long) {
    auto what = fmt::format("the line is longer than {}", line_limit());
    return take(bad_line{line_kind::neither, {errc::too_large, std::move(what)}, {}}, line.number);
  }
  // What follows a bad line of a session is not read, but for finding where the next begins.
  if (phase_ == phase::skipping && guess_kind(line.text) == line_kind::event) return;
  auto read = read_transfer_line(line.text, breaks_);
  if (auto* header = std::get_if<header_line>(&read)) return begin_behind(std::move(*header), line.number);
  if (auto* bad = std::get_if<bad_line>(&read)) return take(std::move(*bad), line.number);
  take(std::get<event_line>(std::move(read)), line.number);
}

void import_machine::take(event_line&& event, std::size_t number) {
  switch (phase_) {
    case phase::writing:
      if (const auto added = builder_->add(event, number); !added) {
        const auto& why = added.error();
        const bool is_too_long = why.code == errc::too_large;
        fail(number, is_too_long ? failure{why.code, fmt::format("{}: {}", why.message, line_limit())} : why);
      }
      return;
    case phase::comparing:
      event_ = std::move(event);
      event_number_ = number;
      return;
    case phase::outside:
      return fail(number, {errc::invalid, "an event without a session: a header line must stand before it"});
    case phase::opening:
    case phase::skipping:
      return;
  }
}

void import_machine::take(bad_line bad, std::size_t number) {
  // A session that has all of its events is not at fault for what follows.
  if (bad.meant == line_kind::header || (bad.meant == line_kind::neither && is_complete()))
    return begin_behind(import_error{number, std::move(bad.session), std::move(bad.why.message)}, number);
  if (phase_ != phase::skipping) fail(number, bad.why);
}

void import_machine::begin_behind(upcoming next, std::size_t number) {
  upcoming_ = std::move(next);
  upcoming_number_ = number;
  ending_ = true;
}

bool import_machine::is_complete() const {
  return (builder_ && builder_->is_complete()) || (comparison_ && comparison_->is_complete());
}

/// Nothing more is taken of the session at hand.
void import_machine::fail(std::size_t number, const failure& why) {
  record({number, session_, why.message});
  let_go();
  phase_ = phase::skipping;
}

void import_machine::let_go() {
  builder_.reset();
  slice_ = {};
  comparison_.reset();
  header_.reset();
  event_.reset();
}

void import_machine::broke_off(std::string_view why) {
  const auto line = has_session() ? header_number_ : lines_.number();
  ++report_.failed;
  // Told in any case: without it the report would be that of a whole import.
  report_.errors.push_back(
      {line, has_session() ? session_ : "",
       fmt::format("the import broke off here and took nothing more: {}; sent again, it skips what is there",
                   why)});
}

std::string import_machine::line_limit() const {
  return options_.max_line_name.empty()
             ? fmt::format("{} bytes", options_.max_line)
             : fmt::format("{} bytes ({})", options_.max_line, options_.max_line_name);
}

void import_machine::record(import_error error) {
  ++report_.failed;
  if (report_.errors.size() < options_.max_errors) report_.errors.push_back(std::move(error));
}

// --- the store -------------------------------------------------------------------------------------------

std::string import_machine::workspace() const {
  return options_.workspace ? *options_.workspace : header_->header.workspace;
}

void import_machine::opened(std::optional<session_header> stored, timestamp now) {
  if (!stored) {
    builder_.emplace(std::move(*header_), now, options_.max_line);
    header_.reset();
    begun_ = true;
    phase_ = phase::writing;
    if (const auto good = builder_->check_header(); !good) fail(header_number_, good.error());
    return;
  }
  comparison_.emplace(std::move(*header_), std::move(*stored));
  phase_ = phase::comparing;
  if (const auto equal = comparison_->compare_headers(); !equal) fail(header_number_, equal.error());
}

const session_slice& import_machine::slice() {
  if (slice_.empty()) slice_ = builder_->take_slice();
  return slice_;
}

void import_machine::written(const result<void>& done, std::string_view repeated) {
  const auto slice = std::exchange(slice_, {});
  // Of two in this slice the second is at fault.
  const auto& ids = slice.foreign_ids;
  const auto id = std::find_if(ids.rbegin(), ids.rend(), [&](const auto& f) { return f.id == repeated; });
  if (id != ids.rend())
    fail(id->line, {errc::invalid, "event.id: an earlier event of this session has this id"});
  else if (!done)
    fail(header_number_, done.error());
}

void import_machine::published(const result<void>& done) {
  if (!done) return fail(header_number_, done.error());
  ++report_.sessions;
  report_.events += builder_->events();
  close_session();
}

void import_machine::loaded(result<log_slice> stored) {
  auto good = stored ? comparison_->give(*std::move(stored)) : result<void>{stored.error()};
  if (!good) fail(header_number_, good.error());
}

// --- how far it is ---------------------------------------------------------------------------------------

std::uint64_t import_machine::events() const {
  return report_.events + report_.skipped_events + (builder_ ? builder_->events() : 0) +
         (comparison_ ? comparison_->events() : 0);
}

}  // namespace sandbase
