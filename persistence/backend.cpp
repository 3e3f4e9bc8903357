// SPDX-License-Identifier: Apache-2.0
#include "persistence/backend.hpp"

#include "persistence/sqlite/backend.hpp"

#include <fmt/core.h>

namespace sandbase {

result<std::unique_ptr<store_backend>> open_backend(std::string_view url, bool create) {
  constexpr std::string_view sqlite_scheme = "sqlite:";
  if (url.starts_with(sqlite_scheme)) return sqlite::open_backend(url.substr(sqlite_scheme.size()), create);
  return {errc::invalid,
          fmt::format("store.url: {} is not a store this program knows; use sqlite:PATH", url)};
}

}  // namespace sandbase
