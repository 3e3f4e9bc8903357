// SPDX-License-Identifier: Apache-2.0
// Rows for people (a table) or for programs (JSON lines), from the same cells.
#pragma once

#include "config/commands/output.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace sandbase {

class listing {
 public:
  using cell = std::variant<std::int64_t, std::string>;

  listing(std::vector<std::string> titles, bool as_json) : titles_(std::move(titles)), as_json_(as_json) {}

  /// @pre as many cells as titles
  void add(std::vector<cell> cells) { rows_.push_back(std::move(cells)); }
  /// In JSON each row is an object of its own line: titles are its keys, an empty text is null.
  std::string render() const;
  /// Prints it on stdout. @returns the process's exit code
  int print() const;

 private:
  std::vector<std::string> titles_;
  bool as_json_;
  std::vector<std::vector<cell>> rows_;
};

}  // namespace sandbase
