// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE sqlite_backup
#include "test/unit/persistence/support/sqlite_factory.hpp"

#include <fcntl.h>
#include <set>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct backup_fixture : store_fixture<sqlite_factory> {
  test_log log = made("sess_a", 1);
  std::string target = factory.folder.file("copy.db");

  result<backup_report> back_up(const copy_progress& progress = [](std::uint64_t, std::uint64_t) {}) {
    return factory.backend().backup(target, progress);
  }
  std::set<std::string> names() const {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator{factory.folder.path()})
      found.insert(entry.path().filename().string());
    return found;
  }
  std::string partial() const { return target + ".partial"; }

  /// The events of `log` in the copy, which has to be sound.
  std::vector<std::string> events_of_copy(const std::string& url) {
    auto copy = must(open_backend(url, false));
    auto admin = must(copy->open_admin());
    CAF_CHECK_EQUAL(
        copied(must(admin->check([](const std::string& problem) { CAF_ERROR(problem); })).problems), 0);
    std::vector<std::string> all;
    must(admin->each_slice(log.key, 0, 1 << 20, [&](const log_slice& slice) {
      for (auto& json : jsons_of(slice)) all.push_back(std::move(json));
      return true;
    }));
    return all;
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_backup, backup_fixture)

CAF_TEST(a copy holds what the store held and can be written) {
  commit_one(log.seal({{1, 1}}));
  commit_one(log.append(3));
  const auto report = must(back_up());
  CAF_CHECK_EQUAL(report.url, "sqlite:" + target);
  CAF_CHECK_EQUAL(report.bytes, std::filesystem::file_size(target));
  CAF_CHECK(events_of_copy(report.url) == log.jsons);

  auto copy = must(open_backend(report.url, false));
  auto other = must(copy->open_writer());
  CAF_CHECK_EQUAL(other->unsealed().sessions, 1u);
  log.epoch = must(other->claim(log.key)).epoch;
  const std::vector<store_op> ops{log.append(1)};
  CAF_CHECK(must(other->commit(ops)).front().error.code == errc::none);
}

CAF_TEST(what is appended while the copy is made is not in it) {
  for (int i = 0; i < 40; ++i) commit_one(log.append(1, 100'000));
  const auto before = log.jsons;
  int steps = 0;
  const auto report = must(back_up([&](std::uint64_t done, std::uint64_t total) {
    CAF_CHECK_LESS_OR_EQUAL(done, total);
    ++steps;
    commit_one(log.append(1, 100'000));
    must(writer->checkpoint());
  }));
  CAF_CHECK_GREATER(steps, 2);
  CAF_CHECK(events_of_copy(report.url) == before);
  must_be_sound();
}

CAF_TEST(nothing but the copy stays beside it and others may not read it) {
  must(back_up());
  auto expected = names();
  CAF_CHECK_EQUAL(expected.count("copy.db"), 1u);
  CAF_CHECK_EQUAL(expected.count("copy.db.partial"), 0u);
  CAF_CHECK_EQUAL(expected.count("copy.db-wal"), 0u);
  struct stat status {};
  CAF_REQUIRE_EQUAL(::stat(target.c_str(), &status), 0);
  CAF_CHECK_EQUAL(status.st_mode & 07u, 0u);
}

CAF_TEST(a file that exists is not overwritten) {
  factory.folder.write("copy.db", "precious");
  CAF_CHECK(code_of(back_up()) == errc::conflict);
  CAF_CHECK_EQUAL(factory.folder.read("copy.db"), "precious");
  CAF_CHECK_EQUAL(names().count("copy.db.partial"), 0u);
}

CAF_TEST(a file that appears while the copy is made is not overwritten) {
  CAF_CHECK(code_of(back_up([&](std::uint64_t, std::uint64_t) {
              factory.folder.write("copy.db", "precious");
            })) == errc::conflict);
  CAF_CHECK_EQUAL(factory.folder.read("copy.db"), "precious");
  CAF_CHECK_EQUAL(names().count("copy.db.partial"), 0u);
}

CAF_TEST(the store itself is no target) {
  target = factory.path;
  CAF_CHECK(code_of(back_up()) == errc::conflict);
  must_be_sound();
}

CAF_TEST(a log beside the target would become part of the copy) {
  factory.folder.write("copy.db-wal", "of another database");
  CAF_CHECK(code_of(back_up()) == errc::conflict);
  CAF_CHECK_EQUAL(names().count("copy.db"), 0u);
}

CAF_TEST(a folder that is missing is named) {
  target = factory.folder.file("nowhere/copy.db");
  const auto refused = back_up();
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error().code == errc::invalid);
  CAF_CHECK(refused.error().message.find(partial()) != std::string::npos);
}

CAF_TEST(what a dead process left is taken over) {
  factory.folder.write("copy.db.partial", std::string(100'000, 'x'));
  const auto report = must(back_up());
  CAF_CHECK(events_of_copy(report.url) == log.jsons);
  CAF_CHECK_EQUAL(names().count("copy.db.partial"), 0u);
}

CAF_TEST(what a living process writes is not touched) {
  factory.folder.write("copy.db.partial", "half");
  const int fd = ::open(partial().c_str(), O_RDWR | O_CLOEXEC);
  CAF_REQUIRE_EQUAL(::flock(fd, LOCK_EX | LOCK_NB), 0);
  CAF_CHECK(code_of(back_up()) == errc::conflict);
  CAF_CHECK_EQUAL(factory.folder.read("copy.db.partial"), "half");
  ::close(fd);
}

CAF_TEST_FIXTURE_SCOPE_END()
