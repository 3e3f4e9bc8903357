// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/sql/values.hpp"

#include "events/base/byte_order.hpp"
#include "persistence/postgres/sql/error.hpp"

#include <algorithm>
#include <charconv>

namespace sandbase::postgres {

namespace {

// Object ids of src/include/catalog/pg_type.dat, which never change.
constexpr std::int32_t oid_of_bytea = 17;
constexpr std::int32_t oid_of_int8 = 20;
constexpr std::int32_t oid_of_text = 25;
/// Of an array that is not empty.
constexpr std::size_t head_bytes = 20;

template <std::integral T>
void put(std::string& out, T value) {
  append_number<byte_order::big>(out, value);
}

}  // namespace

array::array(of what) : what_(what), encoded_(head_bytes, '\0') {}

void array::reserve(std::size_t count, std::size_t bytes) {
  encoded_.reserve(encoded_.size() + count * sizeof(std::int32_t) + bytes);
}

void array::add(std::int64_t value) {
  put(encoded_, std::int32_t{sizeof value});
  put(encoded_, value);
  ++count_;
}

void array::add(std::string_view bytes) {
  put(encoded_, static_cast<std::int32_t>(bytes.size()));
  encoded_ += bytes;
  ++count_;
}

void array::add_null() {
  put(encoded_, std::int32_t{-1});
  has_null_ = true;
  ++count_;
}

std::string array::take() && {
  std::string head;
  put(head, std::int32_t{count_ == 0 ? 0 : 1});  // dimensions
  put(head, std::int32_t{has_null_ ? 1 : 0});
  put(head, what_ == of::integers ? oid_of_int8 : what_ == of::bytes ? oid_of_bytea : oid_of_text);
  if (count_ == 0) return head;
  put(head, count_);
  put(head, std::int32_t{1});  // index of the first
  encoded_.replace(0, head_bytes, head);
  return std::move(encoded_);
}

std::size_t parameters::bytes() const noexcept {
  std::size_t sum = 0;
  for (const auto& v : values_) sum += v ? v->size() : 0;
  return sum;
}

void parameters::add_integer(std::int64_t value) {
  std::string bytes;
  put(bytes, value);
  values_.emplace_back(std::move(bytes));
}

std::int64_t rows::changes() const {
  const std::string_view text{result_ ? PQcmdTuples(result_.get()) : ""};
  std::int64_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

std::string_view rows::bytes(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::int64_t rows::integer(int row, int column) const {
  const auto b = bytes(row, column);
  switch (b.size()) {
    case 8:
      return load_number<byte_order::big, std::int64_t>(b);
    case 4:
      return load_number<byte_order::big, std::int32_t>(b);
    case 2:
      return load_number<byte_order::big, std::int16_t>(b);
    case 1:
      return b.front();
    default:
      return 0;  // NULL
  }
}

digest rows::hash(int row, int column) const {
  const auto b = bytes(row, column);
  digest d{};
  if (b.size() != d.size()) throw error(errc::corrupt, "a stored hash does not have 32 bytes");
  std::ranges::copy(b, reinterpret_cast<char*>(d.data()));
  return d;
}

event_proof rows::proof(int row, int column) const {
  auto p = event_proof::parse(bytes(row, column));
  if (!p) throw error(errc::corrupt, "what is stored as an event's proof is none");
  return *p;
}

std::optional<timestamp> rows::optional_time(int row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return time(row, column);
}

}  // namespace sandbase::postgres
