// SPDX-License-Identifier: Apache-2.0
// Integers as bytes of a given order, at any address: Boost.Endian on texts.
#pragma once

#include <boost/endian/conversion.hpp>

#include <array>
#include <cassert>
#include <concepts>
#include <string>
#include <string_view>

namespace sandbase {

using byte_order = boost::endian::order;

template <byte_order Order, std::integral T>
void append_number(std::string& out, T value) {
  std::array<unsigned char, sizeof(T)> bytes;
  boost::endian::endian_store<T, sizeof(T), Order>(bytes.data(), value);
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

/// The number in the first `Size` bytes. @pre they are there
template <byte_order Order, std::integral T, std::size_t Size = sizeof(T)>
T load_number(std::string_view bytes) {
  assert(bytes.size() >= Size);
  return boost::endian::endian_load<T, Size, Order>(reinterpret_cast<const unsigned char*>(bytes.data()));
}

/// The same, and takes them off the front.
template <byte_order Order, std::integral T>
T take_number(std::string_view& bytes) {
  const auto value = load_number<Order, T>(bytes);
  bytes.remove_prefix(sizeof(T));
  return value;
}

}  // namespace sandbase
