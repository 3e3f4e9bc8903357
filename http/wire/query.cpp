// SPDX-License-Identifier: Apache-2.0
#include "http/wire/query.hpp"

#include "events/base/utf8.hpp"
#include "http/wire/text.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase {

namespace {

failure invalid(std::string_view name, std::string_view what) {
  return {errc::invalid, fmt::format("{}: {}", name, what)};
}

}  // namespace

result<query> query::parse(std::string_view raw) {
  query q;
  for (std::size_t start = 0; start < raw.size();) {
    const auto end = std::min(raw.find('&', start), raw.size());
    const auto part = raw.substr(start, end - start);
    start = end + 1;
    if (part.empty()) continue;
    const auto equals = std::min(part.find('='), part.size());
    const auto name_text = part.substr(0, equals);
    auto name = percent_decode(name_text, true);
    if (!name || !is_utf8(*name))
      return invalid(name_text, "the name of this query parameter is not valid percent-encoded UTF-8");
    auto value = percent_decode(part.substr(std::min(equals + 1, part.size())), true);
    if (!value || !is_utf8(*value)) return invalid(*name, "not valid percent-encoded UTF-8");
    q.parameters_.emplace_back(std::move(*name), std::move(*value));
  }
  return q;
}

bool query::has(std::string_view name) const {
  return std::any_of(parameters_.begin(), parameters_.end(), [&](const auto& p) { return p.first == name; });
}

result<std::optional<std::string>> query::single(std::string_view name) const {
  std::optional<std::string> found;
  for (const auto& [key, value] : parameters_) {
    if (key != name) continue;
    if (found && *found != value) return invalid(name, "given twice with different values");
    found = value;
  }
  return found;
}

result<std::optional<std::string>> query::filled(std::string_view name) const {
  auto value = single(name);
  if (value && *value && (*value)->empty()) value->reset();
  return value;
}

std::vector<std::string> query::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : parameters_) {
    const bool bracketed = key.size() == name.size() + 2 && key.starts_with(name) && key.ends_with("[]");
    if (key == name || bracketed) values.push_back(value);
  }
  return values;
}

std::vector<std::string> query::list(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& value : all(name))
    for (const auto part : split(value, ',')) values.emplace_back(part);
  return values;
}

result<std::uint64_t> query::number(std::string_view name, std::uint64_t low, std::uint64_t high,
                                    std::uint64_t otherwise) const {
  auto text = single(name);
  if (!text) return std::move(text).error();
  if (!*text) return otherwise;
  const auto n = parse_number(**text);
  if (!n || *n < low || *n > high)
    return invalid(name, fmt::format("must be a whole number from {} to {}", low, high));
  return *n;
}

result<bool> query::flag(std::string_view name, bool otherwise) const {
  auto text = single(name);
  if (!text) return std::move(text).error();
  if (!*text) return otherwise;
  if (**text == "true") return true;
  if (**text == "false") return false;
  return invalid(name, "must be `true` or `false`");
}

result<bool> query::ascending(bool otherwise) const {
  auto text = single("order");
  if (!text) return std::move(text).error();
  if (!*text) return otherwise;
  if (**text == "asc") return true;
  if (**text == "desc") return false;
  return invalid("order", "must be `asc` or `desc`");
}

result<std::optional<exact_time>> query::time(std::string_view name, std::string_view op) const {
  const auto bracketed = fmt::format("{}[{}]", name, op);
  const auto joined = fmt::format("{}_{}", name, op);
  std::optional<exact_time> found;
  for (const auto& spelling : {bracketed, joined}) {
    auto text = single(spelling);
    if (!text) return std::move(text).error();
    if (!*text) continue;
    const auto t = parse_exact_time(**text);
    if (!t) return invalid(spelling, "must be an RFC 3339 time");
    if (found && *found != *t) return invalid(spelling, "given in two spellings with different values");
    found = t;
  }
  return found;
}

result<time_range> query::times(std::string_view name) const {
  time_range range;
  const std::pair<std::string_view, std::optional<exact_time>&> bounds[] = {
      {"gt", range.gt}, {"gte", range.gte}, {"lt", range.lt}, {"lte", range.lte}};
  for (const auto& [op, bound] : bounds) {
    auto t = time(name, op);
    if (!t) return std::move(t).error();
    bound = *t;
  }
  return range;
}

}  // namespace sandbase
