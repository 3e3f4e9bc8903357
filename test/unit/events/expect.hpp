// SPDX-License-Identifier: Apache-2.0
// Checks that the suites of events/ share. Include behind test/unit/support/test.hpp.
#pragma once

#include "events/base/result.hpp"

#include <string>
#include <string_view>

namespace sandbase::testing {

inline std::string_view name_of(errc code) {
  switch (code) {
    case errc::none:
      return "none";
    case errc::invalid:
      return "invalid";
    case errc::forbidden:
      return "forbidden";
    case errc::too_large:
      return "too_large";
    case errc::corrupt:
      return "corrupt";
    default:
      return "another code";
  }
}

/// `ok`, or `code: message`: makes the outcomes of a table comparable as text.
template <class T>
std::string outcome_of(const result<T>& r) {
  if (r) return "ok";
  return std::string{name_of(r.error().code)} + ": " + r.error().message;
}

}  // namespace sandbase::testing
