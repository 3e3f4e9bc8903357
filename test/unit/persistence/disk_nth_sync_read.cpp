// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE disk_nth_sync_read
#include "test/unit/persistence/support/nth_failure.hpp"

using namespace sandbase;
using namespace sandbase::test;
using sim::disk_fault;
using sim::disk_request;

CAF_TEST_FIXTURE_SCOPE(disk_nth_sync_read, nth_failure_fixture)

CAF_TEST(the nth sync fails) { run_all({disk_request::sync, disk_fault::io_error, once}); }
CAF_TEST(every sync from the nth on fails) {
  run_all({disk_request::sync, disk_fault::io_error, from_then_on});
}
CAF_TEST(the nth sync finds the disk full) { run_all({disk_request::sync, disk_fault::full, once}); }
CAF_TEST(the nth read fails) { run_all({disk_request::read, disk_fault::io_error, once}); }
CAF_TEST(every read from the nth on fails) {
  run_all({disk_request::read, disk_fault::io_error, from_then_on});
}

CAF_TEST_FIXTURE_SCOPE_END()
