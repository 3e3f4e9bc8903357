// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE disk_renewal
#include "test/simulation/disk/sim_disk.hpp"
#include "test/unit/persistence/support/store_fixture.hpp"
#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

/// A store whose process died with something in the log, on a machine that went on.
struct renewal_fixture {
  temp_dir folder;
  std::string path = folder.file("store.db"), log = path + "-wal";
  sim::sim_disk disk{1};
  std::unique_ptr<store_backend> backend;

  renewal_fixture() {
    backend = must(open_backend("sqlite:" + path, true));
    auto writer = must(backend->open_writer());
    must(writer->workspace("main", true));
    disk.freeze();
    writer.reset();
    disk.restart();
  }
  ~renewal_fixture() { disk.fault = nullptr; }

  /// What is written to the log and synced from now on, in the order in which it is.
  std::string written;
  void watch_log() {
    disk.fault = [this](const sim::disk_operation& o) {
      if (o.path == log && o.kind == sim::disk_request::write && o.offset == written.size())
        written.resize(written.size() + o.size, 'w');
      if (o.path == log && o.kind == sim::disk_request::sync) written += "synced";
      return sim::disk_fault::none;
    };
  }
  std::string all_of_log() const { return std::string(disk.bytes(log).size(), 'w') + "synced"; }
  void fail(sim::disk_request kind, sim::disk_fault fault) {
    disk.fault = [this, kind, fault](const sim::disk_operation& o) {
      return o.path == log && o.kind == kind ? fault : sim::disk_fault::none;
    };
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(disk_renewal, renewal_fixture)

CAF_TEST(a writer writes all of the log again and syncs it) {
  const auto expected = all_of_log();
  const auto before = disk.bytes(log);
  CAF_REQUIRE_GREATER(before.size(), 4096u);
  watch_log();
  const auto writer = must(backend->open_writer());
  CAF_CHECK(written == expected);
  CAF_CHECK(disk.bytes(log) == before);
}

CAF_TEST(an operator comes to a store that nobody serves and does the same) {
  const auto expected = all_of_log();
  watch_log();
  const auto admin = must(backend->open_admin());
  CAF_CHECK(written == expected);
}

CAF_TEST(an operator who keeps others off the store does it too) {
  const auto expected = all_of_log();
  const auto lock = must(backend->lock("import"));
  watch_log();
  const auto admin = must(backend->open_admin());
  CAF_CHECK(written == expected);
}

CAF_TEST(an operator beside a service leaves the log to it) {
  const auto service = must(open_backend("sqlite:" + path, false));
  const auto lock = must(service->lock("serve"));
  watch_log();
  const auto admin = must(backend->open_admin());
  CAF_CHECK(written.empty());
}

CAF_TEST(a log that cannot be written again is not built on) {
  for (const auto kind : {sim::disk_request::write, sim::disk_request::sync}) {
    fail(kind, sim::disk_fault::io_error);
    const auto writer = backend->open_writer();
    CAF_REQUIRE(!writer);
    CAF_CHECK(writer.error().code == errc::io_failed);
    CAF_CHECK_EQUAL(writer.error().message,
                    "cannot make the write-ahead log durable: disk I/O error (Input/output error)");
  }
  disk.fault = nullptr;
  must(backend->open_writer());
}

CAF_TEST(a full disk is told as such) {
  fail(sim::disk_request::write, sim::disk_fault::full);
  const auto writer = backend->open_writer();
  CAF_REQUIRE(!writer);
  CAF_CHECK(writer.error().code == errc::unavailable);
  CAF_CHECK_EQUAL(writer.error().message,
                  "cannot make the write-ahead log durable: database or disk is full");
}

CAF_TEST(who only reads does not move the log into the database) {
  const auto before = disk.bytes(path);
  must(backend->open_reader());
  CAF_CHECK(disk.bytes(path) == before);
  CAF_CHECK(!disk.bytes(log).empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
