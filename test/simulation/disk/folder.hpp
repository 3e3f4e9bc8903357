// SPDX-License-Identifier: Apache-2.0
// The names of files: as programs see them, and as a power cut leaves them.
#pragma once

#include "test/simulation/disk/open_file.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase::sim {

class folder {
 public:
  using node_ptr = std::shared_ptr<file_node>;

  /// Null if there is none of this name.
  node_ptr find(std::string_view name) const;
  /// @pre there is none of this name
  node_ptr create(std::string_view name);
  /// Durable at once if `synced`, else whenever the disk likes. @pre there is one
  void remove(std::string_view name, bool synced);
  /// The name of this file, if it still has it, is durable from now on.
  void sync_name(std::string_view name, const node_ptr& node);
  /// All names are as they are seen.
  void sync();
  std::vector<std::string> names() const;

  /// The process died: its files are nobody's.
  void forget_users();
  /// So did the machine: of each name's unsynced changes the first few hold, of each file's any part.
  void cut_power(random_source& random);

 private:
  struct entry {
    /// Null: none.
    node_ptr durable;
    /// What the name stood for after each change that may be lost.
    std::vector<node_ptr> since;
    const node_ptr& seen() const { return since.empty() ? durable : since.back(); }
  };
  std::map<std::string, entry, std::less<>> entries_;
};

}  // namespace sandbase::sim
