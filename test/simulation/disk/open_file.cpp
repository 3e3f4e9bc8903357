// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/disk/open_file.hpp"

#include <sqlite3.h>

#include <algorithm>

namespace sandbase::sim {

namespace {

std::uint16_t slots(int first, int count) {
  return static_cast<std::uint16_t>(((1u << count) - 1u) << first);
}

template <class Predicate>
bool any_other(const open_file& self, Predicate p) {
  return std::ranges::any_of(self.node->users, [&](const open_file* f) { return f != &self && p(*f); });
}

}  // namespace

bool open_file::lock(int level) {
  if (level <= lock_level) return true;
  const auto other_has = [&](int at_least) {
    return any_other(*this, [&](const open_file& f) { return f.lock_level >= at_least; });
  };
  switch (level) {
    case SQLITE_LOCK_SHARED:
      if (other_has(SQLITE_LOCK_PENDING)) return false;
      break;
    case SQLITE_LOCK_RESERVED:
      if (other_has(SQLITE_LOCK_RESERVED)) return false;
      break;
    default:
      if (other_has(SQLITE_LOCK_RESERVED)) return false;
      if (other_has(SQLITE_LOCK_SHARED)) {
        lock_level = SQLITE_LOCK_PENDING;
        return false;
      }
  }
  lock_level = level;
  return true;
}

void open_file::unlock(int level) { lock_level = std::min(lock_level, level); }

bool open_file::is_reserved() const {
  return std::ranges::any_of(node->users,
                             [](const open_file* f) { return f->lock_level >= SQLITE_LOCK_RESERVED; });
}

bool open_file::lock_slots(int first, int count, bool exclusively) {
  const auto wanted = slots(first, count);
  const bool refused = any_other(*this, [&](const open_file& f) {
    return ((f.exclusive_slots | (exclusively ? f.shared_slots : 0)) & wanted) != 0;
  });
  if (refused) return false;
  auto& held = exclusively ? exclusive_slots : shared_slots;
  held = static_cast<std::uint16_t>(held | wanted);
  return true;
}

void open_file::unlock_slots(int first, int count) {
  const auto kept = static_cast<std::uint16_t>(~slots(first, count));
  shared_slots = shared_slots & kept;
  exclusive_slots = exclusive_slots & kept;
}

void* open_file::map(std::size_t region, std::size_t size, bool make) {
  has_shared_memory = true;
  auto& regions = node->shared_memory;
  if (!make && regions.size() <= region) return nullptr;
  while (regions.size() <= region) regions.push_back(std::make_unique<char[]>(size));
  return regions[region].get();
}

void open_file::unmap() {
  has_shared_memory = false;
  shared_slots = exclusive_slots = 0;
  if (!any_other(*this, [](const open_file& f) { return f.has_shared_memory; })) node->shared_memory.clear();
}

}  // namespace sandbase::sim
