// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/file/database_file.hpp"

#include "persistence/sqlite/file/error.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/core.h>
#include <memory>
#include <unistd.h>

namespace sandbase::sqlite {

namespace {

/// A file that is open in SQLite's file layer, without a connection.
class layer_file {
 public:
  /// Throws `unavailable`.
  layer_file(const std::string& path, int flags)
      : name_(sqlite3_create_filename(path.c_str(), "", "", 0, nullptr)),
        memory_(std::make_unique<std::byte[]>(static_cast<std::size_t>(vfs_->szOsFile))) {
    const int code = name_ == nullptr
                         ? SQLITE_NOMEM
                         : vfs_->xOpen(vfs_, name_.get(), file(), flags | SQLITE_OPEN_MAIN_DB, &flags);
    if (code != SQLITE_OK)
      throw error(errc::unavailable, fmt::format("cannot open {}: {}", path, last_error(code)));
  }
  layer_file(const layer_file&) = delete;
  layer_file& operator=(const layer_file&) = delete;
  ~layer_file() {
    if (file()->pMethods != nullptr) file()->pMethods->xClose(file());
  }

  std::string read_front(const std::string& path, std::size_t size) {
    sqlite3_int64 there = 0;
    int code = file()->pMethods->xFileSize(file(), &there);
    std::string front(std::min(size, static_cast<std::size_t>(there)), '\0');
    if (code == SQLITE_OK)
      code = file()->pMethods->xRead(file(), front.data(), static_cast<int>(front.size()), 0);
    if (code != SQLITE_OK)
      throw error(errc::unavailable, fmt::format("cannot read {}: {}", path, last_error(code)));
    return front;
  }

 private:
  struct name_closer {
    void operator()(const char* name) const { sqlite3_free_filename(const_cast<char*>(name)); }
  };

  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(memory_.get()); }
  const char* last_error(int code) const {
    const int number = vfs_->xGetLastError(vfs_, 0, nullptr);
    return number != 0 ? std::strerror(number) : sqlite3_errstr(code);
  }

  sqlite3_vfs* vfs_ = sqlite3_vfs_find(nullptr);
  /// Outlives the file.
  std::unique_ptr<const char, name_closer> name_;
  std::unique_ptr<std::byte[]> memory_;
};

bool exists_in_layer(const std::string& path) {
  auto* vfs = sqlite3_vfs_find(nullptr);
  int found = 0;  // an empty file does not count
  if (vfs->xAccess(vfs, path.c_str(), SQLITE_ACCESS_EXISTS, &found) != SQLITE_OK)
    throw error(errc::unavailable, fmt::format("cannot read {}", path));
  return found != 0;
}

constexpr std::string_view journal_magic = "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7";
constexpr std::string_view log_magic = "\x37\x7f\x06";  // and 82 or 83

bool begins_with(const std::string& path, std::string_view magic) {
  return exists_in_layer(path) && read_front(path, magic.size()) == magic;
}

/// Whether the journal of a transaction that began on an empty file lies beside it: its header tells to how
/// many pages to go back.
bool goes_back_to_nothing(const std::string& path) {
  constexpr std::size_t at_page_count = 16;
  const auto journal = path + "-journal";
  return begins_with(journal, journal_magic) &&
         read_front(journal, at_page_count + 4).substr(at_page_count) == std::string(4, '\0');
}

}  // namespace

bool has_content(const std::string& path) {
  std::error_code ec;
  const auto status = std::filesystem::status(path, ec);
  const bool is_missing = status.type() == std::filesystem::file_type::not_found;
  if (ec && !is_missing)
    throw error(errc::unavailable, fmt::format("cannot read {}: {}", path, ec.message()));
  if (!is_missing && !std::filesystem::is_regular_file(status))
    throw error(errc::invalid, fmt::format("{} is not a file", path));
  return exists_in_layer(path) && !goes_back_to_nothing(path);
}

bool has_write_ahead_log(const std::string& path) { return begins_with(path + "-wal", log_magic); }

bool has_log(const std::string& path) {
  return has_write_ahead_log(path) || begins_with(path + "-journal", journal_magic);
}

std::string read_front(const std::string& path, std::size_t size) {
  return layer_file{path, SQLITE_OPEN_READONLY}.read_front(path, size);
}

void create_file(const std::string& path) {
  // By hand, for its mode: the layer has no say in that.
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (fd < 0) throw error(errc::unavailable, fmt::format("cannot create {}: {}", path, std::strerror(errno)));
  ::close(fd);
  const layer_file known{path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
}

}  // namespace sandbase::sqlite
