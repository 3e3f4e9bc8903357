// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/backend.hpp"

#include "persistence/sqlite/file/database_file.hpp"
#include "persistence/sqlite/file/lock_file.hpp"
#include "persistence/sqlite/roles/admin.hpp"
#include "persistence/sqlite/roles/backup.hpp"
#include "persistence/sqlite/roles/reader.hpp"
#include "persistence/sqlite/roles/writer.hpp"
#include "persistence/sqlite/sql/connection.hpp"
#include "persistence/sqlite/sql/log_renewal.hpp"
#include "persistence/sqlite/tables/schema.hpp"

#include <atomic>
#include <filesystem>
#include <fmt/core.h>
#include <mutex>

namespace sandbase::sqlite {

namespace {

class backend final : public store_backend {
 public:
  explicit backend(std::string path) : path_(std::move(path)), lock_path_(path_ + ".lock") {}

  result<std::unique_ptr<exclusive_lock>> lock(std::string_view purpose) override {
    auto lock = lock_file(lock_path_, purpose);
    if (lock) holds_lock_ = true;
    return lock;
  }
  result<std::unique_ptr<event_store>> open_writer(std::int64_t max_unsealed_bytes) override {
    writer_options options;
    options.max_journal_bytes = max_unsealed_bytes;
    auto known = std::make_shared<ledger>(max_unsealed_bytes);
    auto writer = sqlite::open_writer(path_, options, known);
    const std::scoped_lock lock{mutex_};
    ledger_ = writer ? std::move(known) : nullptr;
    return writer;
  }
  result<std::unique_ptr<event_reader>> open_reader() override {
    const std::scoped_lock lock{mutex_};
    return sqlite::open_reader(path_, ledger_);
  }
  result<std::unique_ptr<store_admin>> open_admin() override { return sqlite::open_admin(path_, is_alone()); }
  result<std::unique_ptr<end_reader>> open_end_reader() override { return std::unique_ptr<end_reader>{}; }
  result<backup_report> backup(const std::string& target, const copy_progress& progress) override {
    return attempt([&] {
      const bool takes_log_in = is_alone();
      if (takes_log_in) renew_log(path_);
      const connection closes_last{path_, {side::writing, 256, false, takes_log_in}};
      return unwrap(backup_database(path_, target, progress));
    });
  }

 private:
  /// Whether no other process serves the store or imports into it.
  bool is_alone() const { return holds_lock_ || !is_locked(lock_path_); }

  const std::string path_;
  const std::string lock_path_;
  std::atomic<bool> holds_lock_ = false;
  std::mutex mutex_;
  /// Of the last writer; null: there was none.
  std::shared_ptr<const ledger> ledger_;
};

failure missing(const std::string& path) {
  return {errc::not_found, fmt::format("there is no database at {}", path)};
}

std::unique_ptr<store_backend> open(const std::string& path, bool create) {
  const bool is_there = has_content(path) && unwrap(inspect_database(path)) > 0;
  if (!is_there && !create) throw error(missing(path));
  if (!is_there) unwrap(create_database(path));
  return std::make_unique<backend>(path);
}

}  // namespace

result<std::unique_ptr<store_backend>> open_backend(std::string_view path, bool create) {
  if (path.empty() || path == ":memory:")
    return {errc::invalid, "store.url: sqlite: needs the path of a file, as in sqlite:./data/sandbase.db"};
  set_up_library();
  // Absolute, so that a later change of the working directory means the
  // same file and no path reads as a `file:` URI.
  return attempt([&] { return open(std::filesystem::absolute(path).lexically_normal().string(), create); });
}

}  // namespace sandbase::sqlite
