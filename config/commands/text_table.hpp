// SPDX-License-Identifier: Apache-2.0
// A table for terminals: left-aligned columns as wide as their widest cell.
#pragma once

#include <string>
#include <vector>

namespace sandbase {

class text_table {
 public:
  explicit text_table(std::vector<std::string> titles) { rows_.push_back(std::move(titles)); }

  /// A title may hold anything: printable() is what is shown. @pre as many cells as titles
  void add(std::vector<std::string> cells);
  /// Title and rows, each ending in a line feed and without spaces before it.
  std::string render() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace sandbase
