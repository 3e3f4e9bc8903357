#define CAF_SUITE disk_deaths
#include "test/simulation/disk/sim_disk.hpp"
#include "test/simulation/random.hpp"
#include "test/unit/persistence/support/store_script.hpp"
#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

constexpr int lives = 8;

/// One store that lives and dies at random, several times in a row.
class mortal_store {
 public:
  mortal_store(std::uint64_t seed, std::string path) : random_(seed), disk_(seed), store_(std::move(path)) {}

  /// @returns what was wrong after a death; empty: nothing
  std::string run(bool disk_lies) {
    for (int life = 0; life < lives; ++life) {
      live(disk_lies);
      disk_.fault = nullptr;
      if (random_.below(4) > 0)
        disk_.power_cut();
      else
        disk_.restart();
      if (auto wrong = store_.verify(); !wrong.empty()) return wrong;
      store_.end();
    }
    return {};
  }
  std::size_t events() const {
    std::size_t all = 0;
    for (const auto& [id, s] : store_.acknowledged().sessions) all += s.log.jsons.size();
    return all;
  }

 private:
  void live(bool disk_lies) {
    auto left = random_.between(1, 600);
    disk_.fault = [this, left, disk_lies](const sim::disk_operation&) mutable {
      if (--left == 0) disk_.freeze();
      return disk_lies ? sim::disk_fault::lie : sim::disk_fault::none;
    };
    store_.start();
    while (store_.is_alive()) step();
    store_.end();
  }

  void step() {
    store_script script{store_};
    const auto id = "sess_" + std::to_string(random_.below(5));
    const auto unique = std::to_string(++steps_);
    switch (random_.below(12)) {
      case 0:
      case 1:
        if (!store_.acknowledged().sessions.contains(id)) script.create(id, random_.below(10));
        return;
      case 2:
      case 3:
        return script.append(id, random_.between(1, 8), random_.between(100, 20'000));
      case 4:
        return script.append_with_request(id, "key-" + unique);
      case 5:
        return script.append_with_foreign_id(id, "evt_" + unique);
      case 6:
        return script.seal(id);
      case 7:
        return script.append_and_seal(id);
      case 8:
        return script.trim();
      case 9:
        return script.checkpoint();
      case 10:
        return script.make_key("key " + unique);
      default:
        if (random_.below(4) == 0) script.remove(id);
        return script.sweep();
    }
  }

  sim::random_source random_;
  sim::sim_disk disk_;
  witnessed_store store_;
  int steps_ = 0;
};

}  // namespace

CAF_TEST(a store that dies again and again keeps what it acknowledged) {
  const temp_dir folder;
  std::size_t events = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    mortal_store store{seed, folder.file("store.db")};
    const auto wrong = store.run(false);
    if (!wrong.empty()) CAF_ERROR("seed " << seed << ": " << wrong);
    events += store.events();
  }
  CAF_MESSAGE(events << " events are left in all");
  CAF_CHECK_GREATER(events, 1000u);
}

CAF_TEST(a store on a disk that lies about its syncs does not ) {
  const temp_dir folder;
  int found_out = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed)
    found_out += mortal_store{seed, folder.file("store.db")}.run(true).empty() ? 0 : 1;
  CAF_CHECK_GREATER(found_out, 5);
}
