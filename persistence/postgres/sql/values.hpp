// SPDX-License-Identifier: Apache-2.0
// Parameters and rows in PostgreSQL's binary format (the `send` and `recv` functions of its types; for arrays
// src/backend/utils/adt/arrayfuncs.c).
#pragma once

#include "events/base/timestamp.hpp"
#include "events/log/event_proof.hpp"
#include "events/log/hash_chain.hpp"

#include <concepts>
#include <cstdint>
#include <libpq-fe.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace sandbase::postgres {

inline std::string_view bytes_of(const digest& d) {
  return {reinterpret_cast<const char*>(d.data()), d.size()};
}

/// A column of values for `unnest`: `bigint[]`, `bytea[]` or `text[]`, by what its first element is.
class array {
 public:
  enum class of : std::uint8_t { integers, bytes, texts };
  explicit array(of what);

  /// Room for so many more elements of so many bytes together.
  void reserve(std::size_t count, std::size_t bytes);
  void reserve(std::size_t count) { reserve(count, count * sizeof(std::int64_t)); }
  void add(std::int64_t value);
  void add(std::uint64_t value) { add(static_cast<std::int64_t>(value)); }
  void add(timestamp t) { add(t.time_since_epoch().count()); }
  void add(std::string_view bytes);
  void add(const digest& d) { add(bytes_of(d)); }
  void add_null();

  std::size_t size() const noexcept { return static_cast<std::size_t>(count_); }
  /// As it is sent; nothing is copied.
  std::string take() &&;

 private:
  of what_;
  std::int32_t count_ = 0;
  bool has_null_ = false;
  /// The head, which is written last, and the elements.
  std::string encoded_;
};
inline array integers() { return array{array::of::integers}; }
inline array byte_strings() { return array{array::of::bytes}; }
inline array texts() { return array{array::of::texts}; }

/// The parameters of one call, from $1 on. Owns their bytes; an array that is moved here is not copied.
class parameters {
 public:
  parameters() = default;
  template <class... Values>
  requires(!(std::same_as<std::remove_cvref_t<Values>, parameters> ||
             ...)) explicit parameters(Values&&... values) {
    values_.reserve(sizeof...(values));
    (add(std::forward<Values>(values)), ...);
  }

  std::size_t size() const noexcept { return values_.size(); }
  const std::optional<std::string>& operator[](std::size_t i) const { return values_[i]; }
  /// Bytes in all.
  std::size_t bytes() const noexcept;

  template <std::integral T>
  void add(T value) {
    add_integer(static_cast<std::int64_t>(value));
  }
  void add(std::string_view text_or_bytes) { values_.emplace_back(std::string{text_or_bytes}); }
  void add(const std::string& text_or_bytes) { values_.emplace_back(text_or_bytes); }
  void add(const char* text) { values_.emplace_back(std::string{text}); }
  void add(const digest& d) { add(bytes_of(d)); }
  void add(timestamp t) { add(t.time_since_epoch().count()); }
  void add(const array& a) { add(array{a}); }
  void add(array&& a) { values_.emplace_back(std::move(a).take()); }
  void add(std::nullptr_t) { values_.emplace_back(std::nullopt); }
  template <class T>
  void add(const std::optional<T>& value) {
    value ? add(*value) : add(nullptr);
  }

 private:
  void add_integer(std::int64_t value);

  std::vector<std::optional<std::string>> values_;
};

/// What a statement has answered. Views stay valid as long as it lives.
class rows {
 public:
  rows() = default;
  explicit rows(PGresult* r) : result_(r, PQclear) {}

  int count() const noexcept { return result_ ? PQntuples(result_.get()) : 0; }
  bool empty() const noexcept { return count() == 0; }
  /// Rows that an INSERT, UPDATE or DELETE has touched.
  std::int64_t changes() const;

  bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  /// Of a `bigint`, `integer`, `smallint` or `boolean`.
  std::int64_t integer(int row, int column) const;
  std::uint64_t number(int row, int column) const { return static_cast<std::uint64_t>(integer(row, column)); }
  std::string_view bytes(int row, int column) const;
  std::string text(int row, int column) const { return std::string{bytes(row, column)}; }
  /// `corrupt` if the column is not 32 bytes.
  digest hash(int row, int column) const;
  /// `corrupt` if the column is none.
  event_proof proof(int row, int column) const;
  timestamp time(int row, int column) const {
    return timestamp{std::chrono::milliseconds{integer(row, column)}};
  }
  std::optional<timestamp> optional_time(int row, int column) const;

 private:
  std::shared_ptr<PGresult> result_;
};

}  // namespace sandbase::postgres
