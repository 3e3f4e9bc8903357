// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE sqlite_faults
#include "persistence/sqlite/sql/connection.hpp"
#include "test/unit/persistence/support/sqlite_factory.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <sys/syscall.h>
#include <unistd.h>

using namespace sandbase;
using namespace sandbase::test;

namespace {

/// What the disk answers: 0 = all is well, else the errno of every write or every sync.
int write_fault = 0;
int sync_fault = 0;

ssize_t faulty_pwrite(int fd, const void* data, std::size_t size, off_t offset) {
  if (write_fault == 0) return ::pwrite(fd, data, size, offset);
  errno = write_fault;
  return -1;
}

}  // namespace

// Takes the place of libc's for the whole test binary: SQLite's own hooks do not reach its syncs.
extern "C" int fdatasync(int fd) {
  if (sync_fault == 0) return static_cast<int>(::syscall(SYS_fdatasync, fd));
  errno = sync_fault;
  return -1;
}

namespace {

struct faults_fixture : store_fixture<sqlite_factory> {
  test_log log = made("sess_a", 2);

  faults_fixture() { hook(reinterpret_cast<sqlite3_syscall_ptr>(faulty_pwrite)); }
  ~faults_fixture() {
    write_fault = sync_fault = 0;
    hook(nullptr);  // SQLite's default
  }

  static void hook(sqlite3_syscall_ptr f) {
    auto* vfs = sqlite3_vfs_find(nullptr);
    for (const auto* name : {"pwrite", "pwrite64"})
      if (vfs->xGetSystemCall(vfs, name) != nullptr) vfs->xSetSystemCall(vfs, name, f);
  }
  errc try_append(std::size_t size = 200) {
    if (const auto claimed = writer->claim(log.key)) log.epoch = claimed->epoch;
    auto copy = log;
    const store_op op = copy.append(1, size);
    return code_of(writer->commit({&op, 1}));
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_faults, faults_fixture)

CAF_TEST(a disk without room is written again when it has some) {
  for (const int fault : {ENOSPC, EDQUOT}) {
    write_fault = fault;
    CAF_CHECK(try_append() == errc::unavailable);
    CAF_CHECK(try_append(100'000) == errc::unavailable);
    write_fault = 0;
    claim(log);
    commit_one(log.append(1));
  }
  reopen();
  CAF_CHECK_EQUAL(unsealed_of(log), log.jsons);
  must_be_sound();
}

CAF_TEST(a disk that fails to write is told from one that is full) {
  write_fault = EIO;
  CAF_CHECK(try_append() == errc::io_failed);
}

CAF_TEST(a failed sync is told whatever its reason) {
  for (const int fault : {EIO, ENOSPC, EDQUOT}) {
    sync_fault = fault;
    CAF_CHECK(try_append() == errc::io_failed);
  }
}

CAF_TEST(after a failed sync the file decides) {
  sync_fault = EIO;
  const store_op op = log.append(1);
  CAF_CHECK(code_of(writer->commit({&op, 1})) == errc::io_failed);
  sync_fault = 0;
  reopen();  // as the process does: it ends and starts again
  const auto last = last_of(log);
  CAF_CHECK(last == 2 || last == 3);
  CAF_CHECK_EQUAL(unsealed_of(log), log.range(1, last));
  must_be_sound();
}

CAF_TEST(a failed checkpoint is told) {
  commit_one(log.append(1));
  write_fault = EIO;
  CAF_CHECK(code_of(writer->checkpoint()) == errc::io_failed);
  write_fault = ENOSPC;
  CAF_CHECK(code_of(writer->checkpoint()) == errc::unavailable);
}

CAF_TEST(reading goes on while nothing can be written) {
  commit_one(log.seal({{1, 2}}));
  write_fault = EIO;
  CAF_CHECK_EQUAL(read_all(log), log.jsons);
  CAF_CHECK(must(reader->find_session(workspace, "sess_a")).has_value());
}

CAF_TEST_FIXTURE_SCOPE_END()
