// SPDX-License-Identifier: Apache-2.0
// The bytes of the members of records (peer_records.hpp): numbers are little-endian, texts and lists have
// their size (u32) before them, what may be missing has a byte before it.
#pragma once

#include "actors/messages/slices.hpp"
#include "events/base/byte_order.hpp"
#include "events/base/exact_time.hpp"
#include "events/base/role.hpp"
#include "events/event/event_draft.hpp"
#include "events/log/hash_chain.hpp"

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace sandbase::peer {

/// Of a function that both writes and reads the members of a T: over a constant one, or a new one.
template <class R, class T>
concept one_of = std::is_same_v<std::remove_const_t<R>, T>;

/// Appends values to a text.
class wire_writer {
 public:
  explicit wire_writer(std::string& out) : out_(out) {}

  template <std::integral T>
  requires(!std::is_same_v<T, bool>) void operator()(T n) { append_number<byte_order::little>(out_, n); }
  void operator()(bool b) { (*this)(static_cast<std::uint8_t>(b)); }
  void operator()(role r) { (*this)(static_cast<std::uint8_t>(r)); }
  void operator()(errc code);
  void operator()(log_state s);
  void operator()(std::chrono::milliseconds ms) { (*this)(static_cast<std::int64_t>(ms.count())); }
  void operator()(timestamp t) { (*this)(t.time_since_epoch()); }
  void operator()(const exact_time& t) { (*this)(t.ms), (*this)(t.nanos); }
  void operator()(const digest& d) { out_.append(reinterpret_cast<const char*>(d.data()), d.size()); }
  void operator()(std::string_view text);
  void operator()(const std::string& text) { (*this)(std::string_view{text}); }
  void operator()(const failure& f) { (*this)(f.code), (*this)(f.message); }
  void operator()(const log_slice& slice);
  void operator()(const std::vector<std::shared_ptr<const preview>>& all);
  template <class T>
  void operator()(const std::optional<T>& value) {
    (*this)(value.has_value());
    if (value) (*this)(*value);
  }
  template <class T>
  void operator()(const std::vector<T>& all) {
    (*this)(static_cast<std::uint32_t>(all.size()));
    for (const auto& one : all) (*this)(one);
  }

 private:
  std::string& out_;
};

/// Takes them off its front. What is not there or no value of its type makes it bad, and all that follows
/// empty.
class wire_reader {
 public:
  explicit wire_reader(std::string_view bytes) : left_(bytes) {}

  bool is_good() const { return good_; }
  /// What follows an earlier version has not written.
  bool is_at_end() const { return left_.empty(); }
  void blame() { good_ = false; }

  template <std::integral T>
  requires(!std::is_same_v<T, bool>) void operator()(T& n) {
    if (has(sizeof(T))) n = take_number<byte_order::little, T>(left_);
  }
  void operator()(bool& b) { b = number<std::uint8_t>() != 0; }
  void operator()(role& r);
  /// One that a later version has added is a fault of its.
  void operator()(errc& code);
  void operator()(log_state& s);
  void operator()(std::chrono::milliseconds& ms) { ms = std::chrono::milliseconds{number<std::int64_t>()}; }
  void operator()(timestamp& t) { t = timestamp{std::chrono::milliseconds{number<std::int64_t>()}}; }
  void operator()(exact_time& t) { (*this)(t.ms), (*this)(t.nanos); }
  void operator()(digest& d);
  void operator()(std::string& text) { text = view(); }
  void operator()(failure& f) { (*this)(f.code), (*this)(f.message); }
  void operator()(log_slice& slice);
  void operator()(std::vector<std::shared_ptr<const preview>>& all);
  template <class T>
  void operator()(std::optional<T>& value) {
    bool is_there = false;
    (*this)(is_there);
    if (good_ && is_there) (*this)(value.emplace());
  }
  template <class T>
  void operator()(std::vector<T>& all) {
    for (auto n = number<std::uint32_t>(); good_ && n > 0; --n) {
      T one{};
      (*this)(one);
      if (good_) all.push_back(std::move(one));
    }
  }

  template <std::integral T>
  T number() {
    T n{};
    (*this)(n);
    return n;
  }
  /// Points into the bytes.
  std::string_view view();

 private:
  bool has(std::size_t bytes) {
    good_ = good_ && left_.size() >= bytes;
    return good_;
  }

  std::string_view left_;
  bool good_ = true;
};

}  // namespace sandbase::peer
