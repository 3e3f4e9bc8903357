// SPDX-License-Identifier: Apache-2.0
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

/// What ends a life, beside the process being killed between two calls to the disk.
enum class disk_mood { sound, fails_a_sync, lies_about_syncs };

/// One store that lives and dies at random, several times in a row.
class mortal_store {
 public:
  mortal_store(std::uint64_t seed, std::string path) : random_(seed), disk_(seed), store_(std::move(path)) {}

  /// @returns what was wrong after a death; empty: nothing
  std::string run(disk_mood mood) {
    for (int life = 0; life < lives; ++life) {
      live(mood);
      happens_to_the_machine();
      if (random_.below(2) == 0) {
        start_in_vain();
        happens_to_the_machine();
      }
      // One closed in order has nothing in its log: what died goes on from there as often.
      const bool closes_once = random_.below(2) == 0;
      if (auto wrong = closes_once ? store_.verify() : store_.look_back(); !wrong.empty()) return wrong;
      if (closes_once) store_.end();
    }
    return store_.verify();
  }
  std::size_t events() const {
    std::size_t all = 0;
    for (const auto& [id, s] : store_.acknowledged().sessions) all += s.log.jsons.size();
    return all;
  }

 private:
  void live(disk_mood mood) {
    auto left = static_cast<std::int64_t>(random_.between(1, 600));
    const bool ends_with_sync = mood == disk_mood::fails_a_sync && random_.below(2) == 0;
    disk_.fault = [this, left, mood, ends_with_sync](const sim::disk_operation& o) mutable {
      --left;
      if (ends_with_sync)
        return left <= 0 && o.kind == sim::disk_request::sync ? sim::disk_fault::io_error
                                                              : sim::disk_fault::none;
      if (left == 0) disk_.freeze();
      return mood == disk_mood::lies_about_syncs ? sim::disk_fault::lie : sim::disk_fault::none;
    };
    if (!store_.is_alive()) store_.start();
    while (store_.is_alive()) step();
    store_.end();
  }

  void start_in_vain() {
    const bool is_killed = random_.below(2) == 0;  // else it gives up, and closes what it has open
    disk_.fault = [this, left = random_.between(1, 60), is_killed](const sim::disk_operation&) mutable {
      if (--left != 0) return sim::disk_fault::none;
      if (!is_killed) return sim::disk_fault::io_error;
      disk_.freeze();
      return sim::disk_fault::none;
    };
    store_.start();
    disk_.freeze();
    store_.end();
  }

  void happens_to_the_machine() {
    disk_.fault = nullptr;
    if (random_.below(2) == 0)
      disk_.power_cut();
    else
      disk_.restart();
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
        return script.keep_house();
      case 9:
        return script.checkpoint();
      case 10:
        return script.make_key("key " + unique);
      default:
        if (random_.below(4) == 0) script.remove(id);
        return script.keep_house();
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
    const auto wrong = store.run(disk_mood::sound);
    if (!wrong.empty()) CAF_ERROR("seed " << seed << ": " << wrong);
    events += store.events();
  }
  CAF_MESSAGE(events << " events are left in all");
  CAF_CHECK_GREATER(events, 1000u);
}

CAF_TEST(nothing is built on what a failed sync left in memory alone) {
  const temp_dir folder;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    const auto wrong = mortal_store{seed, folder.file("store.db")}.run(disk_mood::fails_a_sync);
    if (!wrong.empty()) CAF_ERROR("seed " << seed << ": " << wrong);
  }
}

CAF_TEST(a store on a disk that lies about its syncs does not ) {
  const temp_dir folder;
  int found_out = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed)
    found_out += mortal_store{seed, folder.file("store.db")}.run(disk_mood::lies_about_syncs).empty() ? 0 : 1;
  CAF_CHECK_GREATER(found_out, 5);
}
