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

std::string lock_path_of(const std::string& path) { return path + ".lock"; }

class backend final : public store_backend {
 public:
  explicit backend(std::string path) : path_(std::move(path)), lock_path_(lock_path_of(path_)) {}

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
  result<std::unique_ptr<node_registry>> open_node_registry(announcement) override {
    return std::unique_ptr<node_registry>{};
  }
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

/// 0: there is none, or its making was interrupted.
std::int64_t version_at(const std::string& path) {
  return has_content(path) ? unwrap(inspect_database(path)) : 0;
}

std::unique_ptr<store_backend> open(const std::string& path, bool create) {
  const bool is_there = version_at(path) > 0;
  if (!is_there && !create) throw error(missing(path));
  if (!is_there) unwrap(create_database(path));
  return std::make_unique<backend>(path);
}

migration_report migrate_file(const std::string& path, bool create) {
  const auto from = version_at(path);
  if (from == 0 && !create) throw error(missing(path));
  if (from == 0) unwrap(create_database(path));
  if (from > 0 && from < schema_version) {
    const auto alone = unwrap(lock_file(lock_path_of(path), "migrate"));
    renew_log(path);
    connection db{path, {side::writing, 8 * 1024, false, true}};
    migrate(db, path);
  }
  return {from, schema_version};
}

/// Runs f(path). The path is absolute, so that a later change of the working directory means the same file
/// and no path reads as a `file:` URI.
template <class F>
auto at_file(std::string_view path, F&& f) -> result<std::invoke_result_t<F, const std::string&>> {
  if (path.empty() || path == ":memory:")
    return {errc::invalid, "store.url: sqlite: needs the path of a file, as in sqlite:./data/sandbase.db"};
  set_up_library();
  return attempt([&] { return f(std::filesystem::absolute(path).lexically_normal().string()); });
}

}  // namespace

result<std::unique_ptr<store_backend>> open_backend(std::string_view path, bool create) {
  return at_file(path, [&](const std::string& file) { return open(file, create); });
}

result<migration_report> migrate_store(std::string_view path, bool create) {
  return at_file(path, [&](const std::string& file) { return migrate_file(file, create); });
}

}  // namespace sandbase::sqlite
