// SPDX-License-Identifier: Apache-2.0
#include "actors/caf/errors.hpp"

#include <caf/deep_to_string.hpp>
#include <caf/exit_reason.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

namespace sandbase {

namespace {

caf::atom_value category() { return caf::make_error(errc::internal).category(); }

}  // namespace

caf::error to_error(const failure& f) { return caf::make_error(f.code, f.message); }

bool is_receiver_down(const caf::error& e) {
  if (!e) return false;
  if (e.category() == caf::make_error(caf::sec::request_receiver_down).category())
    return e.code() == static_cast<std::uint8_t>(caf::sec::request_receiver_down);
  // Not exit_reason::normal: its code is 0, and an error without a code has no category.
  return e.category() == caf::make_error(caf::exit_reason::user_shutdown).category();
}

bool leaves_open(const failure& second) {
  return second.code == errc::unavailable || second.code == errc::not_found;
}

caf::error not_handed_on() { return caf::make_error(caf::sec::request_receiver_down); }

caf::error of_read(const caf::error& e) {
  auto f = to_failure(e);
  return f.code == errc::unknown_outcome ? to_error({errc::unavailable, "the store does not answer in time"})
                                         : e;
}

failure to_failure(const caf::error& e) {
  if (e.category() == category()) {
    const auto& context = e.context();
    auto message = context.match_elements<std::string>() ? context.get_as<std::string>(0) : std::string{};
    return {static_cast<errc>(e.code()), std::move(message)};
  }
  if (is_receiver_down(e)) return {errc::unavailable, "the session is being restarted, try again"};
  return {errc::unknown_outcome, "no answer: " + caf::deep_to_string(e.code())};
}

}  // namespace sandbase
