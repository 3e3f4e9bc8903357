// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/disk/sim_disk.hpp"
#include "test/simulation/store_place.hpp"

namespace sandbase::sim {

namespace {

class disk_place final : public store_place {
 public:
  disk_place(context& run, const std::string& path) : run_(run), path_(path), disk_(run.seed) {
    disk_.fault = [this](const disk_operation& op) { return ask_disk(op); };
  }

  std::size_t servers() const override { return 1; }
  std::string name() const override { return "sqlite:" + path_; }
  result<std::unique_ptr<store_backend>> open(std::size_t) override { return open_backend(name(), true); }
  result<std::unique_ptr<store_backend>> open_beside() override { return open_backend(name(), false); }
  void freeze(std::size_t) override {
    is_frozen_ = true;
    disk_.freeze();
  }
  void thaw(std::size_t, bool power_cut) override {
    if (power_cut)
      disk_.power_cut();
    else
      disk_.restart();
    is_frozen_ = false;
  }
  /// What a failed sync has lost is only missed at a power cut: one comes soon behind it, if any come at all.
  bool power_fails_soon() override {
    if (run_.step >= unsound_until_ || run_.rates.of(fault::power_cut) == 0) return false;
    if (!run_.random.chance(5)) return false;
    run_.count(fault::power_cut);
    run_.note("fault: ", name_of(fault::power_cut), " behind a failed sync");
    return true;
  }

 private:
  disk_fault ask_disk(const disk_operation& op) {
    run_.let_others_go_on(100);
    if (is_frozen_ || !run_.may_strike(fault::disk_failed)) return disk_fault::none;
    run_.count(fault::disk_failed);
    run_.note("fault: disk operation ", static_cast<int>(op.kind), " of ", op.size, " bytes at ", op.offset,
              " fails");
    if (op.kind == disk_request::sync) unsound_until_ = run_.step + run_.random.between(100, 1'000);
    constexpr disk_fault kinds[] = {disk_fault::io_error, disk_fault::full, disk_fault::short_write};
    return kinds[run_.random.below(3)];
  }

  context& run_;
  const std::string path_;
  sim_disk disk_;
  bool is_frozen_ = false;
  /// A step: until then a power cut is likely.
  std::uint64_t unsound_until_ = 0;
};

}  // namespace

std::unique_ptr<store_place> make_disk_place(context& run, const std::string& path) {
  return std::make_unique<disk_place>(run, path);
}

}  // namespace sandbase::sim
