// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE disk_nth_write
#include "test/unit/persistence/support/nth_failure.hpp"

using namespace sandbase;
using namespace sandbase::test;
using sim::disk_fault;
using sim::disk_request;

CAF_TEST_FIXTURE_SCOPE(disk_nth_write, nth_failure_fixture)

CAF_TEST(the script works on a sound disk) {
  sim::sim_disk disk{1};
  witnessed_store store{folder.file("store.db")};
  store_script{store}.run();
  CAF_CHECK_EQUAL(store.acknowledged().sessions.size(), 2u);
  CAF_CHECK_EQUAL(store.acknowledged().sessions.at("sess_b").log.jsons.size(), 5u);
  CAF_CHECK_EQUAL(store.acknowledged().sessions.at("sess_c").log.jsons.size(), 44u);
  CAF_CHECK_EQUAL(store.acknowledged().keys.size(), 2u);
  for (const auto kind : {disk_request::read, disk_request::write, disk_request::sync})
    CAF_MESSAGE("calls of kind " << static_cast<int>(kind) << ": " << disk.counts()[kind]);
  disk.power_cut();
  CAF_CHECK_EQUAL(store.verify(), "");
}

CAF_TEST(a disk that lies about its syncs is found out) {
  int found_out = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    sim::sim_disk disk{seed};
    disk.fault = [](const sim::disk_operation&) { return disk_fault::lie; };
    witnessed_store store{folder.file("store.db")};
    store_script{store}.run();
    disk.fault = nullptr;
    disk.power_cut();
    found_out += store.verify().empty() ? 0 : 1;
  }
  CAF_CHECK_GREATER(found_out, 5);
}

CAF_TEST(the nth write fails) { run_all({disk_request::write, disk_fault::io_error, once}); }
CAF_TEST(every write from the nth on fails) {
  run_all({disk_request::write, disk_fault::io_error, from_then_on});
}
CAF_TEST(the nth write finds the disk full) { run_all({disk_request::write, disk_fault::full, once}); }
CAF_TEST(every write from the nth on finds the disk full) {
  run_all({disk_request::write, disk_fault::full, from_then_on});
}
CAF_TEST(the nth write is cut short) { run_all({disk_request::write, disk_fault::short_write, once}); }

CAF_TEST(the nth truncation fails) {
  run_all({disk_request::truncate, disk_fault::io_error, once});
  run_all({disk_request::truncate, disk_fault::full, from_then_on});
}

CAF_TEST_FIXTURE_SCOPE_END()
