// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/disk/sim_disk.hpp"

#include "test/simulation/disk/disk_core.hpp"
#include "test/simulation/disk/disk_layer.hpp"

namespace sandbase::sim {

sim_disk::sim_disk(std::uint64_t seed)
    : core_(std::make_unique<disk_core>(seed, fault)), layer_(std::make_unique<disk_layer>(*core_)) {}

sim_disk::~sim_disk() = default;

void sim_disk::freeze() { core_->freeze(); }
void sim_disk::restart() { core_->restart(); }
void sim_disk::power_cut() { core_->cut_power(); }

disk_counts sim_disk::counts() const { return core_->counts(); }
std::vector<std::string> sim_disk::files() const { return core_->files(); }
std::string sim_disk::bytes(std::string_view path) const { return core_->bytes(path); }
bool sim_disk::corrupt(std::string_view path, std::size_t offset, unsigned char bits) {
  return core_->flip(path, offset, bits);
}

}  // namespace sandbase::sim
