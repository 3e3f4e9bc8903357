// SPDX-License-Identifier: Apache-2.0
#include "events/event/event_rules.hpp"

#include "events/base/ascii.hpp"
#include "events/ids/event_id.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace sandbase {

namespace {

using json::kind;

/// What a field must look like.
enum class shape : std::uint8_t {
  /// A string.
  text,
  /// An id: a string that is_acceptable_reference.
  reference,
  boolean,
  /// An integer from 0 on.
  count,
  /// "allow" or "deny".
  verdict,
  /// A string, beside "deny".
  deny_only,
  /// An array of content blocks.
  blocks,
  /// An array of text blocks.
  text_blocks,
  /// An array of content blocks or a string.
  blocks_or_text,
  /// An object with a string `type`.
  typed_object,
  /// An object of token counts.
  usage,
  /// Not to be sent.
  made_by_service,
};

struct field_rule {
  event_type type;
  std::string_view name;
  shape must_be;
  bool required = false;
};

// The table. Rows of one type stand together.
constexpr std::array rows{
    field_rule{event_type::user_message, "content", shape::blocks, true},
    field_rule{event_type::user_interrupt, "session_thread_id", shape::reference},
    field_rule{event_type::user_tool_confirmation, "tool_use_id", shape::reference, true},
    field_rule{event_type::user_tool_confirmation, "result", shape::verdict, true},
    field_rule{event_type::user_tool_confirmation, "deny_message", shape::deny_only},
    field_rule{event_type::user_custom_tool_result, "custom_tool_use_id", shape::reference, true},
    field_rule{event_type::user_custom_tool_result, "content", shape::blocks},
    field_rule{event_type::user_custom_tool_result, "is_error", shape::boolean},
    field_rule{event_type::user_tool_result, "tool_use_id", shape::reference, true},
    field_rule{event_type::user_tool_result, "content", shape::blocks},
    field_rule{event_type::user_tool_result, "is_error", shape::boolean},
    field_rule{event_type::user_define_outcome, "description", shape::text, true},
    field_rule{event_type::user_define_outcome, "rubric", shape::typed_object},
    field_rule{event_type::user_define_outcome, "max_iterations", shape::count},
    field_rule{event_type::user_define_outcome, "outcome_id", shape::made_by_service},
    field_rule{event_type::system_message, "content", shape::text_blocks, true},
    field_rule{event_type::agent_message, "content", shape::blocks_or_text},
    field_rule{event_type::agent_tool_use, "evaluated_permission", shape::text},
    field_rule{event_type::agent_mcp_tool_use, "evaluated_permission", shape::text},
    field_rule{event_type::agent_tool_result, "tool_use_id", shape::reference},
    field_rule{event_type::agent_mcp_tool_result, "mcp_tool_use_id", shape::reference},
    field_rule{event_type::session_status_idle, "stop_reason", shape::typed_object},
    field_rule{event_type::span_model_request_end, "model_usage", shape::usage},
    field_rule{event_type::span_outcome_evaluation_start, "outcome_id", shape::reference},
    field_rule{event_type::span_outcome_evaluation_start, "iteration", shape::count},
    field_rule{event_type::span_outcome_evaluation_ongoing, "outcome_id", shape::reference},
    field_rule{event_type::span_outcome_evaluation_ongoing, "iteration", shape::count},
    field_rule{event_type::span_outcome_evaluation_end, "outcome_id", shape::reference},
    field_rule{event_type::span_outcome_evaluation_end, "iteration", shape::count},
    field_rule{event_type::span_outcome_evaluation_end, "result", shape::text},
    field_rule{event_type::span_outcome_evaluation_end, "explanation", shape::text},
};

/// The rows of one type: [begin, end) in the table.
struct row_range {
  std::uint8_t begin = 0;
  std::uint8_t end = 0;
};

constexpr auto ranges = [] {
  std::array<row_range, event_type_count> out{};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto& range = out[static_cast<std::size_t>(rows[i].type)];
    if (range.end == 0) range.begin = static_cast<std::uint8_t>(i);
    range.end = static_cast<std::uint8_t>(i + 1);
  }
  return out;
}();
static_assert(std::ranges::all_of(ranges, [](const row_range& range) {
  return std::all_of(rows.begin() + range.begin, rows.begin() + range.end,
                     [&](const field_rule& row) { return row.type == rows[range.begin].type; });
}));

row_range rows_of(event_type type) { return ranges[static_cast<std::size_t>(type)]; }

result<void> check_string(const json::value& v, const field_path& path) {
  if (!v.is(kind::string)) return invalid_at(path, "must be a string");
  return {};
}

/// A member that must be a string; its value, decoded, goes to `out`.
result<void> demand_string(const json::value& object, std::string_view key, const field_path& path,
                           std::string* out) {
  const auto member = object.find(key);
  if (!member || member->is(kind::null)) return invalid_at({path, key}, "is required");
  if (!member->is(kind::string)) return invalid_at({path, key}, "must be a string");
  if (out != nullptr) *out = member->as_string();
  return {};
}

result<void> check_block(const json::value& block, const field_path& path, bool only_text) {
  if (!block.is(kind::object)) return invalid_at(path, "must be a content block, an object with a type");
  std::string type;
  if (auto ok = demand_string(block, "type", path, &type); !ok) return ok;
  if (type == "text") return demand_string(block, "text", path, nullptr);
  if (only_text) return invalid_at({path, "type"}, "must be \"text\" here");
  return {};
}

result<void> check_blocks(const json::value& v, const field_path& path, bool only_text) {
  if (!v.is(kind::array)) return invalid_at(path, "must be an array of content blocks");
  result<void> checked;
  v.for_each_element([&](std::size_t index, const json::value& block) {
    checked = check_block(block, {path, index}, only_text);
    return static_cast<bool>(checked);
  });
  return checked;
}

result<void> check_count(const json::value& v, const field_path& path) {
  const auto n = v.is(kind::number) ? v.as_int() : std::nullopt;
  if (!n || *n < 0) return invalid_at(path, "must be an integer from 0 on");
  return {};
}

result<void> check_usage(const json::value& v, const field_path& path) {
  if (!v.is(kind::object)) return invalid_at(path, "must be an object");
  result<void> checked;
  v.for_each_member([&](std::string_view, std::string_view key, const json::value& count) {
    if (key.ends_with("_tokens") && !count.is(kind::null)) checked = check_count(count, {path, key});
    return static_cast<bool>(checked);
  });
  return checked;
}

result<void> check_shape(shape must_be, const json::value& v, const field_path& path) {
  switch (must_be) {
    case shape::text:
    case shape::deny_only:
      return check_string(v, path);
    case shape::reference:
      if (const auto fault = fault_of_reference(v); !fault.empty()) return invalid_at(path, fault);
      return {};
    case shape::boolean:
      if (!v.is(kind::boolean)) return invalid_at(path, "must be true or false");
      return {};
    case shape::count:
      return check_count(v, path);
    case shape::verdict:
      if (v.is(kind::string)) {
        if (const auto text = v.as_string(); text == "allow" || text == "deny") return {};
      }
      return invalid_at(path, "must be \"allow\" or \"deny\"");
    case shape::blocks:
      return check_blocks(v, path, false);
    case shape::text_blocks:
      return check_blocks(v, path, true);
    case shape::blocks_or_text:
      if (v.is(kind::string)) return {};
      if (!v.is(kind::array)) return invalid_at(path, "must be an array of content blocks or a string");
      return check_blocks(v, path, false);
    case shape::typed_object:
      if (!v.is(kind::object)) return invalid_at(path, "must be an object");
      return demand_string(v, "type", path, nullptr);
    case shape::usage:
      return check_usage(v, path);
    case shape::made_by_service:
      return invalid_at(path, "is made by the service");
  }
  return {};
}

}  // namespace

bool is_acceptable_reference(std::string_view id) {
  return !id.empty() && id.size() <= max_id_size && std::ranges::none_of(id, is_control);
}

std::string_view fault_of_reference(const json::value& v) {
  if (!v.is(kind::string) || !is_acceptable_reference(v.as_string())) return reference_demand;
  // Where a sender wrote it out itself it is the same damage, done earlier.
  if (v.text().find("\\ufffd") != std::string_view::npos) return "half of a surrogate pair in an id";
  return {};
}

field_checker::field_checker(event_type type, rule_set rules, const field_path& event_path)
    : type_(type), rules_(rules), path_(event_path) {}

result<void> field_checker::take(std::string_view key, const json::value& v) {
  const auto range = rows_of(type_);
  for (auto i = range.begin; i < range.end; ++i) {
    const auto& row = rows[i];
    if (row.name != key) continue;
    auto must_be = row.must_be;
    if (must_be == shape::made_by_service && rules_ == rule_set::import) must_be = shape::reference;
    // What the service adds must not be there at all: a null would be a second member of that name.
    if (v.is(kind::null) && must_be != shape::made_by_service) return {};
    seen_ |= 1u << (i - range.begin);
    return check_shape(must_be, v, {path_, key});
  }
  return {};
}

result<void> field_checker::finish(const event_facts& facts) const {
  if (rules_ == rule_set::import) return {};
  const auto range = rows_of(type_);
  for (auto i = range.begin; i < range.end; ++i) {
    const auto& row = rows[i];
    const bool seen = (seen_ >> (i - range.begin) & 1u) != 0;
    if (row.required && !seen) return invalid_at({path_, row.name}, "is required");
    if (row.must_be == shape::deny_only && seen && facts.permission != "deny")
      return invalid_at({path_, row.name}, "is only allowed beside \"result\":\"deny\"");
  }
  return {};
}

}  // namespace sandbase
