// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/disk/disk_core.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <thread>

namespace sandbase::sim {

namespace {

constexpr int logs_and_journals = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;

}  // namespace

std::unique_ptr<open_file> disk_core::open(std::string_view path, int flags) {
  const bool create = (flags & SQLITE_OPEN_CREATE) != 0;
  const bool exclusive = (flags & SQLITE_OPEN_EXCLUSIVE) != 0;
  const std::lock_guard guard{mutex_};
  auto node = path.empty() ? std::make_shared<file_node>() : folder_.find(path);
  if (node != nullptr && exclusive && !path.empty()) {
    last_errno_ = EEXIST;
    return nullptr;
  }
  if (node == nullptr && (!create || frozen_)) {
    last_errno_ = create ? EIO : ENOENT;
    return nullptr;
  }
  auto file = std::make_unique<open_file>();
  if (node == nullptr) {
    node = folder_.create(path);
    file->syncs_folder = (flags & logs_and_journals) != 0;
  }
  file->node = std::move(node);
  file->path = path;
  file->life = life_;
  file->is_read_only = (flags & SQLITE_OPEN_READONLY) != 0;
  file->removed_at_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  file->node->users.push_back(file.get());
  return file;
}

void disk_core::close(open_file& file) {
  const std::lock_guard guard{mutex_};
  if (file.has_shared_memory) file.unmap();
  std::erase(file.node->users, &file);
  if (file.removed_at_close && !file.path.empty() && !is_cut_off(file) &&
      folder_.find(file.path) == file.node)
    folder_.remove(file.path, false);
}

int disk_core::read(open_file& file, char* to, std::size_t size, std::uint64_t offset) {
  const auto fault = ask(disk_request::read, file.path, offset, size);
  const std::lock_guard guard{mutex_};
  if (fault != disk_fault::none || file.life != life_)
    return fail(file.last_errno, disk_fault::io_error, SQLITE_IOERR_READ);
  const auto n = file.node->content.read(offset, to, size);
  std::fill(to + n, to + size, '\0');
  return n == size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int disk_core::write(open_file& file, std::string_view bytes, std::uint64_t offset) {
  const auto fault = ask(disk_request::write, file.path, offset, bytes.size());
  const std::lock_guard guard{mutex_};
  if (is_cut_off(file)) return fail(file.last_errno, disk_fault::io_error, SQLITE_IOERR_WRITE);
  switch (fault) {
    case disk_fault::none:
      file.node->content.write(offset, bytes);
      return SQLITE_OK;
    case disk_fault::io_error:
      return fail(file.last_errno, fault, SQLITE_IOERR_WRITE);
    case disk_fault::short_write:
      file.node->content.write(offset, bytes.substr(0, random_.below(bytes.size())));
      [[fallthrough]];
    default:
      return fail(file.last_errno, disk_fault::full, SQLITE_FULL);
  }
}

int disk_core::truncate(open_file& file, std::uint64_t size) {
  const auto fault = ask(disk_request::truncate, file.path, size, 0);
  const std::lock_guard guard{mutex_};
  if (is_cut_off(file)) return fail(file.last_errno, disk_fault::io_error, SQLITE_IOERR_TRUNCATE);
  if (fault != disk_fault::none) return fail(file.last_errno, fault, SQLITE_IOERR_TRUNCATE);
  file.node->content.truncate(size);
  return SQLITE_OK;
}

int disk_core::sync(open_file& file) {
  const auto fault = ask(disk_request::sync, file.path, 0, 0);
  const std::lock_guard guard{mutex_};
  if (is_cut_off(file)) return fail(file.last_errno, disk_fault::io_error, SQLITE_IOERR_FSYNC);
  if (fault == disk_fault::lie) return SQLITE_OK;
  if (fault != disk_fault::none) {
    file.node->content.fail_sync(random_);
    return fail(file.last_errno, fault, SQLITE_IOERR_FSYNC);
  }
  file.node->content.sync();
  // As the Unix layer does: it syncs the folder with each log and journal that it made. That of the database
  // is synced by the store.
  if (file.syncs_folder) folder_.sync();
  folder_.sync_name(file.path, file.node);
  file.syncs_folder = false;
  return SQLITE_OK;
}

std::uint64_t disk_core::size(const open_file& file) const {
  const std::lock_guard guard{mutex_};
  return file.node->content.size();
}

int disk_core::remove(std::string_view path, bool synced) {
  const auto fault = ask(disk_request::remove, path, 0, 0);
  const std::lock_guard guard{mutex_};
  if (frozen_) return fail(last_errno_, disk_fault::io_error, SQLITE_IOERR_DELETE);
  if (fault != disk_fault::none) return fail(last_errno_, fault, SQLITE_IOERR_DELETE);
  if (folder_.find(path) == nullptr) return SQLITE_IOERR_DELETE_NOENT;
  folder_.remove(path, synced);
  return SQLITE_OK;
}

bool disk_core::has_content(std::string_view path) const {
  const std::lock_guard guard{mutex_};
  const auto node = folder_.find(path);
  return node != nullptr && node->content.size() > 0;
}

void disk_core::fill_random(char* to, std::size_t size) {
  const std::lock_guard guard{mutex_};
  std::generate(to, to + size, [&] { return static_cast<char>(random_.next()); });
}

std::int64_t disk_core::now_ms() const {
  const std::lock_guard guard{mutex_};
  return now_us_ / 1000;
}

void disk_core::sleep(std::int64_t us) {
  alone([&] { now_us_ += us; });
  std::this_thread::yield();
}

int disk_core::last_errno() const {
  const std::lock_guard guard{mutex_};
  return last_errno_;
}

void disk_core::freeze() {
  const std::lock_guard guard{mutex_};
  frozen_ = true;
}

void disk_core::restart() {
  const std::lock_guard guard{mutex_};
  folder_.forget_users();
  frozen_ = false;
  ++life_;
}

void disk_core::cut_power() {
  const std::lock_guard guard{mutex_};
  folder_.cut_power(random_);
  frozen_ = false;
  ++life_;
}

disk_counts disk_core::counts() const {
  const std::lock_guard guard{mutex_};
  return counts_;
}

std::vector<std::string> disk_core::files() const {
  const std::lock_guard guard{mutex_};
  return folder_.names();
}

std::string disk_core::bytes(std::string_view path) const {
  const std::lock_guard guard{mutex_};
  const auto node = folder_.find(path);
  return node == nullptr ? std::string{} : node->content.bytes();
}

bool disk_core::flip(std::string_view path, std::size_t offset, unsigned char bits) {
  const std::lock_guard guard{mutex_};
  const auto node = folder_.find(path);
  if (node == nullptr || offset >= node->content.size()) return false;
  node->content.flip(offset, bits);
  return true;
}

disk_fault disk_core::ask(disk_request kind, std::string_view path, std::uint64_t offset, std::size_t size) {
  disk_operation operation{kind, path, offset, size, 0};
  {
    const std::lock_guard guard{mutex_};
    if (frozen_) return disk_fault::none;  // the caller sees to it
    operation.number = counts_.add(kind);
  }
  // Without the lock: it may freeze the disk.
  const auto fault = fault_ ? fault_(operation) : disk_fault::none;
  return fault == disk_fault::lie && kind != disk_request::sync ? disk_fault::none : fault;
}

int disk_core::fail(int& file_errno, disk_fault fault, int code) {
  file_errno = last_errno_ = fault == disk_fault::full ? ENOSPC : EIO;
  return code;
}

}  // namespace sandbase::sim
