// SPDX-License-Identifier: Apache-2.0
// The query of a request's target, against a reading of the same text that is as simple as can be.
#include "http/wire/query.hpp"

#include "http/api/event_list.hpp"
#include "http/api/session_list.hpp"
#include "http/wire/text.hpp"
#include "http/wire/type_filter.hpp"
#include "test/fuzz/support/fuzz.hpp"

#include <cctype>

using namespace sandbase;
using fuzz::demand;

namespace {

using parameters = std::vector<std::pair<std::string, std::string>>;

std::optional<std::string> decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const auto digits = text.substr(i + 1, 2);
    if (digits.size() < 2 || std::isxdigit(static_cast<unsigned char>(digits[0])) == 0 ||
        std::isxdigit(static_cast<unsigned char>(digits[1])) == 0)
      return std::nullopt;
    out += static_cast<char>(std::stoi(std::string{digits}, nullptr, 16));
    i += 2;
  }
  if (!json::validate(json::quoted(out))) return std::nullopt;
  return out;
}

std::optional<parameters> read_simply(std::string_view raw) {
  parameters all;
  for (;;) {
    const auto part = raw.substr(0, raw.find('&'));
    const auto equals = std::min(part.find('='), part.size());
    auto name = decode(part.substr(0, equals));
    auto value = equals == part.size() ? std::string{} : decode(part.substr(equals + 1));
    if (!name || !value) return std::nullopt;
    if (!part.empty()) all.emplace_back(*name, *value);
    if (part.size() == raw.size()) return all;
    raw.remove_prefix(part.size() + 1);
  }
}

/// A failure that names one of the query's parameters.
template <class T>
void check_failure(const result<T>& r, std::string_view name) {
  if (r) return;
  fuzz::demand_named_refusal(r.error());
  demand(r.error().message.starts_with(name), "a refusal names the parameter", r.error().message);
}

void check_parameter(const query& q, const parameters& simple, const std::string& name) {
  std::vector<std::string> values;
  bool there = false;
  bool differs = false;
  std::optional<std::string> one;
  for (const auto& [key, value] : simple) {
    if (key == name || key == name + "[]") values.push_back(value);
    if (key != name) continue;
    there = true;
    differs = differs || (one && *one != value);
    one = value;
  }
  demand(q.all(name) == values, "all values of a parameter", name);
  demand(q.has(name) == there, "has() tells", name);
  const auto single = q.single(name);
  check_failure(single, name);
  demand(static_cast<bool>(single) == !differs, "two different values are refused", name);
  if (single) demand(*single == one, "the value of a parameter", name);
  for (const auto& part : q.list(name))
    demand(!part.empty() && part.find(',') == part.npos, "a list is taken apart", part);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto raw = fuzz::input{data, size}.all();
  // What is no printable ASCII does not pass the request's head.
  if (!std::ranges::all_of(raw, [](char c) { return c > ' ' && c < '\x7f'; })) return -1;
  const auto q = query::parse(raw);
  const auto simple = read_simply(raw);
  demand(static_cast<bool>(q) == simple.has_value(), "only broken escapes and bad UTF-8 are refused", raw);
  if (!q) {
    demand(q.error().code == errc::invalid, "a bad query is invalid");
    fuzz::demand_refusal(q.error());
    return 0;
  }
  for (const std::string name : {"limit", "types", "after", "order", "page", "follow", "created_at[gt]"})
    check_parameter(*q, *simple, name);

  const auto limit = q->number("limit", 1, 1000, 20);
  check_failure(limit, "limit");
  if (limit) demand(*limit >= 1 && *limit <= 1000, "a number is in its range");
  check_failure(q->flag("follow", true), "follow");
  check_failure(q->ascending(true), "order");
  check_failure(type_filter::parse(*q), "types");
  const auto range = q->times("created_at");
  check_failure(range, "created_at");
  if (range && range->gt && range->lte)
    demand(!range->contains(*range->gt) &&
               range->contains(*range->lte) ==
                   (*range->lte > *range->gt && (!range->gte || *range->lte >= *range->gte) &&
                    (!range->lt || *range->lte < *range->lt)),
           "a range ends where it says", raw);
  if (const auto page = q->filled("page"); page && *page)
    demand(!(*page)->empty(), "what is filled is not empty", raw);
  const auto plan = event_list_plan::parse(*q);
  if (!plan) fuzz::demand_named_refusal(plan.error());
  const auto sessions = session_list_plan::parse(*q, 1, "secret");
  if (!sessions) fuzz::demand_named_refusal(sessions.error());
  return 0;
}
