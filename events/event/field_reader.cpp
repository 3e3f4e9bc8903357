// SPDX-License-Identifier: Apache-2.0
#include "events/event/field_reader.hpp"

#include "events/base/utf8.hpp"
#include "events/event/event_rules.hpp"
#include "events/json/json_writer.hpp"

#include <fmt/core.h>

namespace sandbase {

namespace {

using json::kind;

std::string_view demand(kind k) {
  switch (k) {
    case kind::null:
      return "must be null";
    case kind::boolean:
      return "must be true or false";
    case kind::number:
      return "must be a number";
    case kind::string:
      return "must be a string";
    case kind::array:
      return "must be an array";
    case kind::object:
      return "must be an object";
  }
  return "";
}

}  // namespace

field_reader::field_reader(const json::value& object, const field_path& path) : object_(object), path_(path) {
  if (!object.is(kind::object)) blame(invalid_at(path, demand(kind::object)));
}

std::optional<json::value> field_reader::find(std::string_view name) const {
  if (!good()) return std::nullopt;
  return object_.find(name);
}

std::optional<json::value> field_reader::get(std::string_view name, kind expected) {
  const auto found = find(name);
  if (!found || found->is(kind::null)) return std::nullopt;
  if (!found->is(expected)) {
    blame(name, demand(expected));
    return std::nullopt;
  }
  return found;
}

void field_reader::require(std::string_view name) {
  if (!good()) return;
  const auto found = object_.find(name);
  if (!found || found->is(kind::null)) blame(name, "is required");
}

void field_reader::text(std::string_view name, std::string& to) {
  if (const auto v = get(name, kind::string)) to = v->as_string();
}

void field_reader::text(std::string_view name, std::optional<std::string>& to) {
  if (const auto v = get(name, kind::string)) to = v->as_string();
}

void field_reader::reference(std::string_view name, std::string& to) {
  text(name, to);
  if (const auto v = find(name); v && v->is(kind::string))
    if (const auto fault = fault_of_reference(*v); !fault.empty()) blame(name, fault);
}

void field_reader::integer(std::string_view name, std::int64_t& to, std::int64_t smallest) {
  const auto v = get(name, kind::number);
  if (!v) return;
  const auto n = v->as_int();
  if (!n || *n < smallest)
    blame(name, fmt::format("must be an integer from {} on", smallest));
  else
    to = *n;
}

void field_reader::time(std::string_view name, std::optional<timestamp>& to) {
  const auto v = get(name, kind::string);
  if (!v) return;
  to = parse_timestamp(v->as_string());
  if (!to) blame(name, "must be a time as in RFC 3339, like \"2026-05-29T10:00:03.120Z\"");
}

void field_reader::raw(std::string_view name, kind expected, std::string& to) {
  if (const auto v = get(name, expected)) to = json::compact(v->text());
}

void field_reader::blame(std::string_view name, std::string_view what) {
  blame(invalid_at({path_, name}, what));
}

void field_reader::blame(failure f) {
  if (good()) error_ = std::move(f);
}

metadata_patch read_metadata(field_reader& from, bool nulls) {
  metadata_patch out;
  const auto bag = from.get("metadata", kind::object);
  if (!bag) return out;
  const field_path bag_path{from.path(), "metadata"};
  bag->for_each_member([&](std::string_view, std::string key, const json::value& v) {
    const field_path at{bag_path, key};
    const auto characters = count_characters(key);
    if (characters == 0 || characters > max_metadata_key)
      from.blame(invalid_at(at, "a key must have 1 to 64 characters"));
    else if (key.find('\0') != std::string::npos)
      from.blame(invalid_at(at, "a key must not hold the character NUL"));
    else if (nulls && v.is(kind::null))
      out.emplace_back(std::move(key), std::nullopt);
    else if (!v.is(kind::string))
      from.blame(invalid_at(at, nulls ? "must be a string, or null to remove the key" : "must be a string"));
    else if (auto value = v.as_string(); count_characters(value) > max_metadata_value)
      from.blame(invalid_at(at, "must have at most 512 characters"));
    else
      out.emplace_back(std::move(key), std::move(value));
    return from.good();
  });
  return out;
}

}  // namespace sandbase
