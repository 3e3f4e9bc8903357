// SPDX-License-Identifier: Apache-2.0
// JSON objects of the store from and to structs. The fields of a struct are listed once; a writer and a
// reader walk over the same list.
#pragma once

#include "events/json/json_writer.hpp"
#include "events/session/session.hpp"

#include <algorithm>
#include <concepts>
#include <fmt/core.h>
#include <initializer_list>
#include <utility>

namespace sandbase {

/// The list for a T is a specialization with `static void list(auto& f, auto& x)`. It hands each field of `x`
/// to `f`, a writer or a reader, by the name and in the order of the stored form:
///   f("name", x.field)                      is always there; an std::optional without a value is left out
///   f.unless_default("name", x.field)       is left out if it equals T{}
///   f.as_text("name", x.field, write, read) a text that write() makes and read() takes, if it can
///   f.json("name", x.field, {kinds})        a text that is JSON already, of one of these kinds
///   f.json_unless_empty("name", x.field, k) the same, of one kind; is left out if there is no text
///   f.texts("name", x.field)                an object of texts whose names are no fields
///   f.demand("name", good)                  what was read is corrupt unless `good`
template <class T>
struct stored_fields;

class stored_writer {
 public:
  template <class T>
  static std::string encode(const T& v) {
    std::string text;
    put(text, v);
    return text;
  }

  void operator()(std::string_view name, const auto& v) { put(object_.member_name(name), v); }
  template <class T>
  void operator()(std::string_view name, const std::optional<T>& v) {
    if (v) (*this)(name, *v);
  }
  template <class T>
  void unless_default(std::string_view name, const T& v) {
    if (v != T{}) (*this)(name, v);
  }
  void as_text(std::string_view name, const auto& v, auto write, auto) { object_.text(name, write(v)); }
  void json(std::string_view name, const std::string& v, std::initializer_list<json::kind>) {
    object_.raw(name, v);
  }
  void json_unless_empty(std::string_view name, const std::string& v, json::kind) {
    if (!v.empty()) object_.raw(name, v);
  }
  void texts(std::string_view name, const auto& pairs) {
    json::object_writer members{object_.member_name(name)};
    for (const auto& [key, text] : pairs) members.text(key, text);
    members.close();
  }
  void demand(std::string_view, bool) {}

 private:
  explicit stored_writer(std::string& out) : object_(out) {}

  template <class T>
  static void put(std::string& out, const T& v) {
    if constexpr (std::same_as<T, bool>) {
      out += v ? "true" : "false";
    } else if constexpr (std::integral<T>) {
      out += std::to_string(v);
    } else if constexpr (std::same_as<T, timestamp>) {
      out += std::to_string(v.time_since_epoch().count());
    } else if constexpr (std::same_as<T, std::string>) {
      json::append_string(out, v);
    } else {
      stored_writer fields{out};
      stored_fields<T>::list(fields, v);
      fields.object_.close();
    }
  }
  template <class T>
  static void put(std::string& out, const std::vector<T>& all) {
    json::append_array(out, all, [&](const T& one) { put(out, one); });
  }

  json::object_writer object_;
};

class stored_reader {
 public:
  /// `corrupt` if a field is missing or not as it must be. `what`: for messages.
  template <class T>
  static result<T> decode(const json::value& object, std::string_view what) {
    stored_reader fields{object, what};
    T v;
    stored_fields<T>::list(fields, v);
    if (!fields.good()) return std::move(fields.error_);
    return v;
  }

  void operator()(std::string_view name, auto& to) { take(name, to, true); }
  template <class T>
  void operator()(std::string_view name, std::optional<T>& to) {
    if (find(name)) take(name, to.emplace(), true);
  }
  void unless_default(std::string_view name, auto& to) { take(name, to, false); }
  template <class T>
  void as_text(std::string_view name, T& to, auto, auto read) {
    std::string text;
    take(name, text, true);
    if (!good()) return;
    const std::optional<T> value = read(text);
    demand(name, value.has_value());
    if (value) to = *value;
  }
  void json(std::string_view name, std::string& to, std::initializer_list<json::kind> allowed) {
    const auto v = find(name);
    const bool fits = v && std::ranges::any_of(allowed, [&](json::kind k) { return v->is(k); });
    demand(name, fits);
    if (fits) to = v->text();
  }
  void json_unless_empty(std::string_view name, std::string& to, json::kind allowed) {
    if (find(name)) json(name, to, {allowed});
  }
  void texts(std::string_view name, auto& to) {
    const auto v = find(name);
    if (!v || !v->is(json::kind::object)) return demand(name, false);
    v->for_each_member([&](std::string_view, std::string key, const json::value& text) {
      demand(name, text.is(json::kind::string));
      if (good()) to.emplace_back(std::move(key), text.as_string());
      return good();
    });
  }
  /// The first that is not good is what the failure names.
  void demand(std::string_view name, bool is_good) {
    if (!is_good && good())
      error_ = {errc::corrupt, fmt::format("{}: the stored JSON has no good {}", what_, json::quoted(name))};
  }

 private:
  stored_reader(const json::value& object, std::string_view what) : object_(object), what_(what) {
    demand("", object.is(json::kind::object));
  }

  bool good() const { return error_.code == errc::none; }
  std::optional<json::value> find(std::string_view name) const {
    return good() ? object_.find(name) : std::nullopt;
  }
  void take(std::string_view name, auto& to, bool required) {
    const auto v = find(name);
    demand(name, v ? get(name, *v, to) : !required);
  }

  /// Whether `v` is of the kind that `to` takes. What is wrong within it is noted here.
  template <class T>
  bool get(std::string_view name, const json::value& v, T& to) {
    if constexpr (std::same_as<T, bool>) {
      if (!v.is(json::kind::boolean)) return false;
      to = v.as_bool();
    } else if constexpr (std::integral<T>) {
      const auto n = v.is(json::kind::number) ? v.as_int() : std::nullopt;
      if (!n || !std::in_range<T>(*n)) return false;
      to = static_cast<T>(*n);
    } else if constexpr (std::same_as<T, timestamp>) {
      std::int64_t ms = 0;
      if (!get(name, v, ms)) return false;
      to = timestamp{std::chrono::milliseconds{ms}};
    } else if constexpr (std::same_as<T, std::string>) {
      if (!v.is(json::kind::string)) return false;
      to = v.as_string();
    } else {
      if (!v.is(json::kind::object)) return false;
      nest(name, v, to);
    }
    return true;
  }
  template <class T>
  bool get(std::string_view name, const json::value& v, std::vector<T>& to) {
    if (!v.is(json::kind::array)) return false;
    v.for_each_element([&](std::size_t, const json::value& element) {
      nest(name, element, to.emplace_back());
      return good();
    });
    return true;
  }
  template <class T>
  void nest(std::string_view name, const json::value& v, T& to) {
    auto read = decode<T>(v, name);
    if (read)
      to = *std::move(read);
    else
      error_ = std::move(read).error();
  }

  json::value object_;
  std::string_view what_;
  failure error_;
};

}  // namespace sandbase
