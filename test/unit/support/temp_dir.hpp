// SPDX-License-Identifier: Apache-2.0
// A directory of a test's own, removed with everything in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace sandbase::test {

/// The folder for what is written often and needs not last.
inline std::filesystem::path memory_or_disk() {
  const std::filesystem::path memory = "/dev/shm";
  std::error_code none_there;
  const auto room = std::filesystem::space(memory, none_there);
  const bool fits = !none_there && room.available >= 256u * 1024 * 1024;
  return fits ? memory : std::filesystem::temp_directory_path();
}

class temp_dir {
 public:
  explicit temp_dir(const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
    auto name = (parent / "sandbase-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"cannot make " + name};
    path_ = name;
  }
  temp_dir(const temp_dir&) = delete;
  temp_dir& operator=(const temp_dir&) = delete;
  ~temp_dir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

  /// Writes a file. @returns its path
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream{file(name), std::ios::binary} << text;
    return file(name);
  }
  std::string read(const std::string& name) const { return read_all(file(name)); }

  static std::string read_all(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    if (!in.is_open()) throw std::runtime_error{"cannot open " + path};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

 private:
  std::filesystem::path path_;
};

}  // namespace sandbase::test
