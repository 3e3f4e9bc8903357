// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE disk_files
#include "test/simulation/disk/sim_disk.hpp"
#include "test/unit/persistence/support/raw_database.hpp"
#include "test/unit/support/test.hpp"

#include <chrono>
#include <cstring>
#include <set>

using namespace sandbase;
using namespace sandbase::test;
using sim::disk_fault;
using sim::disk_operation;
using sim::disk_request;

namespace {

/// A file in SQLite's default layer, without a database.
class plain_file {
 public:
  explicit plain_file(const std::string& path)
      : name_(sqlite3_create_filename(path.c_str(), "", "", 0, nullptr)),
        memory_(std::make_unique<std::byte[]>(static_cast<std::size_t>(vfs_->szOsFile))) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB;
    if (vfs_->xOpen(vfs_, name_, file(), flags, nullptr) != SQLITE_OK) CAF_FAIL("cannot open " << path);
  }
  plain_file(const plain_file&) = delete;
  plain_file& operator=(const plain_file&) = delete;
  ~plain_file() {
    file()->pMethods->xClose(file());
    sqlite3_free_filename(name_);
  }

  int write(const std::string& bytes, std::int64_t offset = 0) {
    return file()->pMethods->xWrite(file(), bytes.data(), static_cast<int>(bytes.size()), offset);
  }
  int sync() { return file()->pMethods->xSync(file(), SQLITE_SYNC_NORMAL); }
  int truncate(std::int64_t size) { return file()->pMethods->xTruncate(file(), size); }
  int read(std::int64_t offset, int size) {
    std::string bytes(static_cast<std::size_t>(size), '\0');
    return file()->pMethods->xRead(file(), bytes.data(), size, offset);
  }
  int lock(int level) { return file()->pMethods->xLock(file(), level); }
  int unlock(int level) { return file()->pMethods->xUnlock(file(), level); }
  int lock_slot(int slot, int flags) { return file()->pMethods->xShmLock(file(), slot, 1, flags); }
  char* map(bool make) {
    void volatile* address = nullptr;
    CAF_CHECK_EQUAL(file()->pMethods->xShmMap(file(), 0, 32768, make ? 1 : 0, &address), SQLITE_OK);
    return static_cast<char*>(const_cast<void*>(address));
  }
  void unmap() { file()->pMethods->xShmUnmap(file(), 1); }

 private:
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(memory_.get()); }

  sqlite3_vfs* vfs_ = sqlite3_vfs_find(nullptr);
  sqlite3_filename name_;
  std::unique_ptr<std::byte[]> memory_;
};

const std::string path = "/disk/file";

/// What is left of a synced file of 'a's after 'b's were written over them and on, unsynced.
std::string left_by_a_cut(std::uint64_t seed) {
  sim::sim_disk disk{seed};
  {
    plain_file file{path};
    file.write(std::string(2048, 'a'));
    file.sync();
    file.write(std::string(4096, 'b'));
    disk.freeze();
  }
  disk.power_cut();
  return disk.bytes(path);
}

}  // namespace

CAF_TEST(a frozen disk keeps what it has and takes nothing) {
  sim::sim_disk disk{1};
  {
    plain_file file{path};
    CAF_CHECK_EQUAL(file.write("old"), SQLITE_OK);
    disk.freeze();
    CAF_CHECK_EQUAL(file.write("new"), SQLITE_IOERR_WRITE);
    CAF_CHECK_EQUAL(file.sync(), SQLITE_IOERR_FSYNC);
    CAF_CHECK_EQUAL(file.truncate(0), SQLITE_IOERR_TRUNCATE);
    CAF_CHECK_EQUAL(file.read(0, 3), SQLITE_OK);
    auto* vfs = sqlite3_vfs_find(nullptr);
    CAF_CHECK_EQUAL(vfs->xDelete(vfs, path.c_str(), 1), SQLITE_IOERR_DELETE);
  }
  disk.restart();
  CAF_CHECK_EQUAL(disk.bytes(path), "old");
  CAF_CHECK_EQUAL(plain_file{path}.write("new"), SQLITE_OK);
  CAF_CHECK_EQUAL(disk.bytes(path), "new");
}

CAF_TEST(what a dead process left open does no harm) {
  sim::sim_disk disk{1};
  plain_file dead{path};
  dead.write("old");
  dead.sync();
  CAF_CHECK_EQUAL(dead.lock(SQLITE_LOCK_SHARED), SQLITE_OK);
  disk.power_cut();
  CAF_CHECK_EQUAL(dead.write("new"), SQLITE_IOERR_WRITE);
  CAF_CHECK_EQUAL(dead.read(0, 3), SQLITE_IOERR_READ);
  plain_file alive{path};
  CAF_CHECK_EQUAL(alive.lock(SQLITE_LOCK_SHARED), SQLITE_OK);
  CAF_CHECK_EQUAL(alive.lock(SQLITE_LOCK_EXCLUSIVE), SQLITE_OK);
  CAF_CHECK_EQUAL(disk.bytes(path), "old");
}

CAF_TEST(a power cut leaves nothing or everything or some sectors or a torn write) {
  bool nothing = false, everything = false, sectors = false, torn = false, garbage = false;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const auto left = left_by_a_cut(seed);
    CAF_REQUIRE(left.size() >= 2048 && left.size() <= 4096);
    CAF_REQUIRE(left == left_by_a_cut(seed));
    nothing = nothing || left == std::string(2048, 'a');
    everything = everything || left == std::string(4096, 'b');
    garbage = garbage || left.find('\x5a') != std::string::npos;
    const auto end_of_b = left.find_first_not_of('b');
    torn = torn || (end_of_b != std::string::npos && end_of_b % 512 != 0);
    const auto hole = left.find('a');
    sectors = sectors || (hole != std::string::npos && left.find('b', hole) != std::string::npos);
  }
  CAF_CHECK(nothing && everything && sectors && torn && garbage);
}

CAF_TEST(what a failed sync dropped comes back with no later one) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    sim::sim_disk disk{seed};
    {
      plain_file file{path};
      file.write(std::string(512, 'a'));
      file.sync();
      file.write(std::string(512, 'b'));
      disk.fault = [](const disk_operation&) { return disk_fault::io_error; };
      CAF_CHECK_EQUAL(file.sync(), SQLITE_IOERR_FSYNC);
      disk.fault = nullptr;
      CAF_CHECK_EQUAL(disk.bytes(path), std::string(512, 'b'));
      CAF_CHECK_EQUAL(file.sync(), SQLITE_OK);
    }
    disk.power_cut();
    seen.insert(disk.bytes(path).substr(0, 1));
  }
  CAF_CHECK(seen.contains("a"));
}

CAF_TEST(a new name and a removed one are durable when the folder is synced) {
  std::set<bool> unsynced_files, unsynced_removals;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    sim::sim_disk disk{seed};
    auto* vfs = sqlite3_vfs_find(nullptr);
    plain_file{path}.write("x");
    for (const auto* name : {"/disk/removed", "/disk/gone"}) plain_file{name}.sync();
    vfs->xDelete(vfs, "/disk/removed", 0);
    vfs->xDelete(vfs, "/disk/gone", 1);
    disk.power_cut();
    const auto left = disk.files();
    const std::set<std::string> names{left.begin(), left.end()};
    unsynced_files.insert(names.contains(path));
    unsynced_removals.insert(!names.contains("/disk/removed"));
    CAF_CHECK(!names.contains("/disk/gone"));
  }
  CAF_CHECK_EQUAL(unsynced_files.size(), 2u);
  CAF_CHECK_EQUAL(unsynced_removals.size(), 2u);
}

CAF_TEST(faults are asked for and told as a system tells them) {
  sim::sim_disk disk{1};
  auto next = disk_fault::none;
  std::vector<disk_operation> asked;
  plain_file file{path};
  const auto last_errno = [] {
    return sqlite3_vfs_find(nullptr)->xGetLastError(sqlite3_vfs_find(nullptr), 0, nullptr);
  };
  disk.fault = [&](const disk_operation& o) {
    asked.push_back(o);
    return next;
  };
  CAF_CHECK_EQUAL(file.write("0123456789", 5), SQLITE_OK);
  CAF_CHECK(asked.back().kind == disk_request::write);
  CAF_CHECK_EQUAL(std::string{asked.back().path}, path);
  CAF_CHECK_EQUAL(asked.back().offset, 5u);
  CAF_CHECK_EQUAL(asked.back().size, 10u);
  CAF_CHECK_EQUAL(asked.back().number, 0u);
  next = disk_fault::full;
  CAF_CHECK_EQUAL(file.write("x"), SQLITE_FULL);
  CAF_CHECK_EQUAL(last_errno(), ENOSPC);
  CAF_CHECK_EQUAL(asked.back().number, 1u);
  next = disk_fault::io_error;
  CAF_CHECK_EQUAL(file.write("x"), SQLITE_IOERR_WRITE);
  CAF_CHECK_EQUAL(last_errno(), EIO);
  CAF_CHECK_EQUAL(file.read(0, 1), SQLITE_IOERR_READ);
  CAF_CHECK_EQUAL(file.truncate(1), SQLITE_IOERR_TRUNCATE);
  next = disk_fault::short_write;
  CAF_CHECK_EQUAL(file.write(std::string(100, 'x'), 15), SQLITE_FULL);
  CAF_CHECK_LESS(disk.bytes(path).size(), 115u);
  CAF_CHECK_EQUAL(disk.counts()[disk_request::write], 4u);
  CAF_CHECK_EQUAL(disk.counts()[disk_request::read], 1u);
  CAF_CHECK_EQUAL(disk.counts()[disk_request::sync], 0u);
  disk.fault = nullptr;
  CAF_CHECK_EQUAL(file.read(0, 15), SQLITE_OK);
  CAF_CHECK_EQUAL(file.read(0, 1000), SQLITE_IOERR_SHORT_READ);
}

CAF_TEST(locks on a file are those of POSIX processes) {
  const sim::sim_disk disk{1};
  plain_file a{path}, b{path}, c{path};
  CAF_CHECK_EQUAL(a.lock(SQLITE_LOCK_SHARED), SQLITE_OK);
  CAF_CHECK_EQUAL(b.lock(SQLITE_LOCK_SHARED), SQLITE_OK);
  CAF_CHECK_EQUAL(a.lock(SQLITE_LOCK_RESERVED), SQLITE_OK);
  CAF_CHECK_EQUAL(b.lock(SQLITE_LOCK_RESERVED), SQLITE_BUSY);
  CAF_CHECK_EQUAL(c.lock(SQLITE_LOCK_SHARED), SQLITE_OK);
  CAF_CHECK_EQUAL(a.lock(SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
  CAF_CHECK_EQUAL(c.unlock(SQLITE_LOCK_NONE), SQLITE_OK);
  CAF_CHECK_EQUAL(c.lock(SQLITE_LOCK_SHARED), SQLITE_BUSY);  // a waits: nobody new may come
  CAF_CHECK_EQUAL(b.unlock(SQLITE_LOCK_NONE), SQLITE_OK);
  CAF_CHECK_EQUAL(a.lock(SQLITE_LOCK_EXCLUSIVE), SQLITE_OK);
  CAF_CHECK_EQUAL(a.unlock(SQLITE_LOCK_SHARED), SQLITE_OK);
  CAF_CHECK_EQUAL(b.lock(SQLITE_LOCK_SHARED), SQLITE_OK);
}

CAF_TEST(slots of shared memory are locked by many readers or one writer) {
  const sim::sim_disk disk{1};
  constexpr int read_lock = SQLITE_SHM_LOCK | SQLITE_SHM_SHARED,
                write_lock = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE;
  constexpr int read_done = SQLITE_SHM_UNLOCK | SQLITE_SHM_SHARED,
                write_done = SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE;
  plain_file a{path}, b{path};
  CAF_CHECK(a.map(false) == nullptr);
  char* memory = a.map(true);
  CAF_REQUIRE(memory != nullptr);
  CAF_CHECK(b.map(false) == memory);
  CAF_CHECK_EQUAL(a.lock_slot(3, read_lock), SQLITE_OK);
  CAF_CHECK_EQUAL(b.lock_slot(3, read_lock), SQLITE_OK);
  CAF_CHECK_EQUAL(a.lock_slot(0, write_lock), SQLITE_OK);
  CAF_CHECK_EQUAL(b.lock_slot(0, write_lock), SQLITE_BUSY);
  CAF_CHECK_EQUAL(b.lock_slot(0, read_lock), SQLITE_BUSY);
  CAF_CHECK_EQUAL(a.lock_slot(0, write_done), SQLITE_OK);
  CAF_CHECK_EQUAL(b.lock_slot(0, write_lock), SQLITE_OK);
  CAF_CHECK_EQUAL(a.lock_slot(3, read_done), SQLITE_OK);
  CAF_CHECK_EQUAL(a.lock_slot(3, write_lock), SQLITE_BUSY);
  b.unmap();  // gives its locks up
  CAF_CHECK_EQUAL(a.lock_slot(3, write_lock), SQLITE_OK);
  memory[0] = 'x';
  a.unmap();
  CAF_CHECK(a.map(false) == nullptr);
  CAF_CHECK_EQUAL(static_cast<int>(a.map(true)[0]), 0);
}

CAF_TEST(chance and time come from the seed) {
  const auto run = [](std::uint64_t seed) {
    const sim::sim_disk disk{seed};
    raw_database db{"/disk/db"};
    return db.ask("SELECT hex(randomblob(16)) || julianday('now') || julianday('now')");
  };
  CAF_CHECK_EQUAL(run(1), run(1));
  CAF_CHECK_NOT_EQUAL(run(1), run(2));
}

CAF_TEST(waiting for a lock takes no time) {
  const sim::sim_disk disk{1};
  raw_database a{"/disk/db"}, b{"/disk/db"};
  a.exec("PRAGMA journal_mode=WAL; CREATE TABLE t(x)");
  sqlite3_busy_timeout(b.handle(), 3'600'000);
  const auto before = b.ask("SELECT CAST(julianday('now') * 24 AS INTEGER)");
  a.exec("BEGIN IMMEDIATE");
  const auto start = std::chrono::steady_clock::now();
  CAF_CHECK_EQUAL(b.exec("BEGIN IMMEDIATE"), SQLITE_BUSY);
  CAF_CHECK(std::chrono::steady_clock::now() - start < std::chrono::minutes{1});
  CAF_CHECK_NOT_EQUAL(b.ask("SELECT CAST(julianday('now') * 24 AS INTEGER)"), before);
}

CAF_TEST(a corrupted byte is corrupt for good) {
  sim::sim_disk disk{1};
  {
    raw_database db{"/disk/db"};
    db.exec("PRAGMA synchronous=EXTRA; CREATE TABLE t(x); INSERT INTO t VALUES('needle')");
  }
  const auto at = disk.bytes("/disk/db").find("needle");
  CAF_CHECK(disk.corrupt("/disk/db", at, 0x20));
  CAF_CHECK(!disk.corrupt("/disk/db", 1 << 30));
  CAF_CHECK(!disk.corrupt("/disk/none", 0));
  disk.power_cut();
  CAF_CHECK_EQUAL(raw_database{"/disk/db"}.ask("SELECT x FROM t"), "Needle");
}

CAF_TEST(the layer before comes back) {
  const auto* before = sqlite3_vfs_find(nullptr);
  {
    const sim::sim_disk disk{1};
    CAF_CHECK(sqlite3_vfs_find(nullptr) != before);
  }
  CAF_CHECK(sqlite3_vfs_find(nullptr) == before);
}
