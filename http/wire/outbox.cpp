// SPDX-License-Identifier: Apache-2.0
#include "http/wire/outbox.hpp"

#include <iterator>
#include <utility>

namespace sandbase {

void outbox::add(std::string_view text) {
  if (text.empty()) return;
  bytes_ += text.size();
  if (pieces_.size() > first_ && !pieces_.back().owner) {
    pieces_.back().own.append(text);
    return;
  }
  pieces_.push_back({std::string{text}, nullptr, {}});
}

void outbox::add(std::string_view bytes, std::shared_ptr<const void> owner) {
  if (bytes.size() < copy_below) return add(bytes);
  bytes_ += bytes.size();
  if (pieces_.size() > first_) {
    auto& last = pieces_.back();
    if (last.owner == owner && last.part.data() + last.part.size() == bytes.data()) {
      last.part = {last.part.data(), last.part.size() + bytes.size()};
      return;
    }
  }
  pieces_.push_back({{}, std::move(owner), bytes});
}

void outbox::prepend(std::string text) {
  bytes_ += text.size();
  if (!pieces_.empty() && !pieces_.front().owner) {
    pieces_.front().own.insert(0, text);
    return;
  }
  pieces_.insert(pieces_.begin(), {std::move(text), nullptr, {}});
}

void outbox::append(outbox&& other) {
  if (empty()) {
    std::swap(*this, other);
    other.clear();
    return;
  }
  for (auto i = other.first_; i < other.pieces_.size(); ++i) {
    auto& p = other.pieces_[i];
    const auto skip = i == other.first_ ? other.offset_ : 0;
    if (p.owner) {
      add(p.part.substr(skip), p.owner);
    } else {
      add(p.view().substr(skip));
    }
  }
  other.clear();
}

std::span<const boost::asio::const_buffer> outbox::front(buffer_array& into, std::size_t max_bytes) const {
  std::size_t n = 0;
  for (auto i = first_; i < pieces_.size() && n < into.size() && max_bytes > 0; ++i) {
    auto view = pieces_[i].view();
    if (i == first_) view.remove_prefix(offset_);
    view = view.substr(0, max_bytes);
    max_bytes -= view.size();
    into[n++] = {view.data(), view.size()};
  }
  return {into.data(), n};
}

void outbox::consume(std::size_t n) {
  bytes_ -= n;
  while (n > 0) {
    const auto left = pieces_[first_].view().size() - offset_;
    if (n < left) {
      offset_ += n;
      return;
    }
    n -= left;
    pieces_[first_] = {};  // lets go of its owner
    ++first_;
    offset_ = 0;
  }
  if (bytes_ == 0) clear();
}

void outbox::clear() {
  pieces_.clear();
  first_ = offset_ = bytes_ = 0;
}

void outbox::cut_to(std::size_t n) {
  if (n > cut_copies) return truncate(n);
  auto text = flatten();
  text.resize(n);
  text.shrink_to_fit();
  clear();
  pieces_.shrink_to_fit();
  add(text);
}

void outbox::truncate(std::size_t n) {
  auto left = n + offset_;
  auto i = first_;
  while (left > pieces_[i].view().size()) left -= pieces_[i++].view().size();
  auto& last = pieces_[i];
  if (last.owner)
    last.part = last.part.substr(0, left);
  else
    last.own.resize(left);
  pieces_.resize(i + 1);
  bytes_ = n;
}

std::string outbox::flatten() const {
  std::string text;
  text.reserve(bytes_);
  for (auto i = first_; i < pieces_.size(); ++i)
    text.append(pieces_[i].view().substr(i == first_ ? offset_ : 0));
  return text;
}

}  // namespace sandbase
