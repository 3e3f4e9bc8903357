#define CAF_SUITE disk_making
#include "test/simulation/disk/sim_disk.hpp"
#include "test/unit/persistence/support/witnessed_store.hpp"
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
      for (std::uint64_t seed = 1; seed <= (power_is_cut ? 20u : 1u); ++seed) {
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

CAF_TEST_FIXTURE_SCOPE_END()
