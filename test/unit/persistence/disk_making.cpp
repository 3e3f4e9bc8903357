// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE disk_making
#include "test/simulation/disk/sim_disk.hpp"
#include "test/unit/persistence/support/raw_database.hpp"
#include "test/unit/persistence/support/store_script.hpp"
#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct making_fixture {
  temp_dir folder;
  std::string path = folder.file("store.db");

  /// A first start that is cut off at its nth call to the disk. @returns whether there was such a call
  bool cut_off(sim::sim_disk& disk, std::uint64_t nth) {
    bool frozen = false;
    std::uint64_t calls = 0;
    disk.fault = [&](const sim::disk_operation&) {
      if (calls++ == nth) {
        disk.freeze();
        frozen = true;
      }
      return sim::disk_fault::none;
    };
    witnessed_store{path}.start();
    disk.fault = nullptr;
    return frozen;
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(disk_making, making_fixture)

CAF_TEST(a first start that is cut off anywhere is finished by the next) {
  for (const bool power_is_cut : {false, true}) {
    std::uint64_t calls = 0;
    for (bool more = true; more; ++calls)
      for (std::uint64_t seed = 1; seed <= (power_is_cut ? 6u : 1u); ++seed) {
        sim::sim_disk disk{seed};
        more = cut_off(disk, calls);
        if (power_is_cut)
          disk.power_cut();
        else
          disk.restart();
        const auto wrong = witnessed_store{path}.verify();
        if (!wrong.empty()) CAF_ERROR("cut off at call " << calls << ", seed " << seed << ": " << wrong);
      }
    CAF_CHECK_GREATER(calls, 20u);
  }
}

CAF_TEST(what is not finished is no database) {
  sim::sim_disk disk{1};
  for (std::uint64_t calls = 0; disk.bytes(path).empty(); ++calls) {
    cut_off(disk, calls);
    disk.restart();
  }
  const auto before = disk.bytes(path);
  const auto opened = open_backend("sqlite:" + path, false);
  CAF_REQUIRE(!opened);
  CAF_CHECK(opened.error().code == errc::not_found);
  CAF_CHECK(disk.bytes(path) == before);
}

CAF_TEST(a first page that is torn at any time is mended from the log) {
  bool torn = true;
  std::size_t had_content = 0;
  for (std::uint64_t nth = 0; torn; ++nth) {
    sim::sim_disk disk{nth + 1};
    witnessed_store store{path};
    std::uint64_t writes = 0;
    torn = false;
    disk.fault = [&](const sim::disk_operation& o) {
      const bool is_first_page = o.kind == sim::disk_request::write && o.path == path && o.offset == 0;
      if (!is_first_page || writes++ != nth) return sim::disk_fault::none;
      torn = true;
      disk.freeze();
      return sim::disk_fault::none;
    };
    store_script{store}.run();
    disk.fault = nullptr;
    disk.restart();
    if (torn && disk.corrupt(path, 0, 0x5a)) {
      ++had_content;
      for (std::size_t at = 1; at < 512; ++at) disk.corrupt(path, at, 0x5a);
    }
    const auto wrong = store.verify();
    if (!wrong.empty()) CAF_ERROR("torn at write " << nth << ": " << wrong);
  }
  CAF_MESSAGE(had_content << " torn pages");
  CAF_CHECK_GREATER(had_content, 2u);
}

CAF_TEST(a log of nobody makes no database of a file) {
  sim::sim_disk disk{1};
  const auto make = [](const std::string& name, const std::string& sql) {
    raw_database db{name};
    CAF_CHECK_EQUAL(db.exec(sql), SQLITE_OK);
    return db;
  };
  {
    // Another program's, cut off while it changed the first page.
    auto theirs = make(path, "PRAGMA synchronous=EXTRA; CREATE TABLE t(x)");
    std::uint64_t writes = 0;
    disk.fault = [&](const sim::disk_operation& o) {
      if (o.kind == sim::disk_request::write && o.path == path && writes++ == 0) disk.freeze();
      return sim::disk_fault::none;
    };
    theirs.exec("PRAGMA application_id=7");
    disk.fault = nullptr;
  }
  disk.restart();
  for (std::size_t at = 0; at < 512; ++at) disk.corrupt(path, at, 0x5a);
  for (const bool create : {false, true}) CAF_CHECK(!open_backend("sqlite:" + path, create));
  raw_database theirs{path};
  CAF_CHECK_EQUAL(theirs.ask("SELECT count(*) FROM t"), "0");
  CAF_CHECK_EQUAL(theirs.ask("PRAGMA application_id"), "0");
}

CAF_TEST_FIXTURE_SCOPE_END()
