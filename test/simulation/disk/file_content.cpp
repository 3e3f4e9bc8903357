// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/disk/file_content.hpp"

#include <algorithm>

namespace sandbase::sim {

std::size_t file_content::read(std::size_t offset, char* to, std::size_t size) const {
  if (offset >= seen_.size()) return 0;
  return seen_.copy(to, size, offset);
}

void file_content::write(std::size_t offset, std::string_view bytes) {
  if (seen_.size() < offset + bytes.size()) seen_.resize(offset + bytes.size());
  std::ranges::copy(bytes, seen_.begin() + static_cast<std::ptrdiff_t>(offset));
  changes_.push_back({false, offset, bytes.size(), data_.size()});
  data_ += bytes;
}

void file_content::truncate(std::size_t size) {
  if (size >= seen_.size()) return;
  seen_.resize(size);
  changes_.push_back({true, size, 0, 0});
}

void file_content::sync() {
  for (const auto& c : changes_) {
    if (!c.is_truncation)
      arrive(c.offset, std::string_view{data_}.substr(c.data, c.size));
    else if (c.offset < medium_.size())
      medium_.resize(c.offset);
  }
  changes_.clear();
  data_.clear();
}

void file_content::fail_sync(random_source& random) { settle_any_part(random); }

void file_content::cut_power(random_source& random) {
  const auto size = seen_.size();
  switch (random.below(4)) {
    case 0:
      changes_.clear();
      data_.clear();
      break;
    case 1:
      sync();
      break;
    case 2:
      settle_beginning(random);
      break;
    default:
      settle_any_part(random);
      // The size is kept apart from the bytes: it may arrive without them.
      if (medium_.size() < size && random.below(2) == 0) medium_.resize(size);
  }
  seen_ = medium_;
}

void file_content::flip(std::size_t offset, unsigned char bits) {
  for (auto* bytes : {&seen_, &medium_})
    if (offset < bytes->size()) (*bytes)[offset] = static_cast<char>((*bytes)[offset] ^ bits);
}

template <class Decide>
void file_content::settle(Decide decide) {
  for (const auto& c : changes_) {
    if (c.is_truncation) {
      if (decide(std::size_t{1}).arrives > 0 && c.offset < medium_.size()) medium_.resize(c.offset);
      continue;
    }
    for (std::size_t done = 0, piece = 0; done < c.size; done += piece) {
      piece = std::min(c.size - done, sector - (c.offset + done) % sector);
      const fate f = decide(piece);
      const auto bytes = std::string_view{data_}.substr(c.data + done, f.arrives);
      arrive(c.offset + done, f.as_garbage ? garbled(c.offset + done, bytes) : std::string{bytes});
    }
  }
  changes_.clear();
  data_.clear();
}

std::string file_content::garbled(std::size_t offset, std::string_view bytes) const {
  std::string garbage{bytes};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    if (offset + i >= medium_.size() || medium_[offset + i] != bytes[i]) garbage[i] = '\x5a';
  return garbage;
}

void file_content::settle_beginning(random_source& random) {
  auto left = random.below(data_.size() + 1);
  settle([&](std::size_t size) {
    const auto arrives = std::min(size, left);
    left -= arrives;
    return fate{arrives, false};
  });
}

void file_content::settle_any_part(random_source& random) {
  const auto rate = random.between(1, 7);
  settle([&](std::size_t size) {
    if (random.chance(1, 32)) return fate{random.below(size + 1), random.below(2) == 0};
    return fate{random.chance(rate, 8) ? size : 0, false};
  });
}

void file_content::arrive(std::size_t offset, std::string_view bytes) {
  if (bytes.empty()) return;
  if (medium_.size() < offset + bytes.size()) medium_.resize(offset + bytes.size());
  std::ranges::copy(bytes, medium_.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace sandbase::sim
