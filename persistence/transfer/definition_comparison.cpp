// SPDX-License-Identifier: Apache-2.0
#include "persistence/transfer/definition_comparison.hpp"

#include "events/json/json_text.hpp"
#include "events/session/agent_snapshot.hpp"

#include <fmt/core.h>
#include <string_view>

namespace sandbase {
namespace {

bool same(const json::value& given, const json::value& stored);

bool same_elements(const json::value& given, const json::value& stored) {
  std::vector<json::value> others;
  stored.for_each_element([&](std::size_t, const json::value& v) { others.push_back(v); });
  bool equal = given.count() == others.size();
  given.for_each_element([&](std::size_t i, const json::value& v) { equal = equal && same(v, others[i]); });
  return equal;
}

/// Whether `stored` has every member of `given`. A null member is as good as none.
bool covers(const json::value& given, const json::value& stored) {
  bool covered = true;
  given.for_each_member([&](std::string_view, std::string_view key, const json::value& v) {
    const auto other = stored.find(key);
    covered = covered && (other ? same(v, *other) : v.is(json::kind::null));
  });
  return covered;
}

/// Equal as JSON, whatever the white space, the escapes and the order of members.
bool same(const json::value& given, const json::value& stored) {
  if (given.type() != stored.type()) return false;
  switch (given.type()) {
    case json::kind::string:
      return given.as_string() == stored.as_string();
    case json::kind::array:
      return same_elements(given, stored);
    case json::kind::object:
      return covers(given, stored) && covers(stored, given);
    default:
      return given.text() == stored.text();
  }
}

/// Whether `stored` has every member of `given` that is not null.
bool has_all_of(const json::value& given, const json::value& stored) {
  bool all = true;
  given.for_each_member([&](std::string_view, std::string_view key, const json::value& v) {
    const auto other = stored.find(key);
    all = all && (v.is(json::kind::null) || (other && same(v, *other)));
  });
  return all;
}

/// `null`, `[]`, `{}`: as if the field were not there.
bool is_nothing(const json::value& v) {
  const bool is_container = v.is(json::kind::array) || v.is(json::kind::object);
  return v.is(json::kind::null) || (is_container && v.count() == 0);
}

bool same_time(const json::value& given, const json::value& stored) {
  if (!given.is(json::kind::string) || !stored.is(json::kind::string)) return given.type() == stored.type();
  return parse_timestamp(given.as_string()) == parse_timestamp(stored.as_string());
}

/// The agent may be given by its id alone, or with fewer fields than the session object shows. What is given
/// is what is stored, or would be.
bool same_agent(const json::value& given, const json::value& stored) {
  if (!given.is(json::kind::object)) {
    const auto id = stored.find("id");
    return id && same(given, *id);
  }
  const auto snapshot = read_agent(given, field_path{"agent"});
  if (!snapshot) return false;
  const json::value completed{snapshot->json};
  bool equal = true;
  given.for_each_member([&](std::string_view, std::string_view key, const json::value& v) {
    const auto other = stored.find(key);
    const auto made = completed.find(key);
    equal = equal && (other ? same(v, *other) || (made && same(*made, *other)) : v.is(json::kind::null));
  });
  return equal;
}

/// Resources may be given without what the session object adds to them.
bool same_resources(const json::value& given, const json::value& stored) {
  if (!given.is(json::kind::array) || !stored.is(json::kind::array)) return same(given, stored);
  std::vector<json::value> others;
  stored.for_each_element([&](std::size_t, const json::value& v) { others.push_back(v); });
  bool equal = given.count() == others.size();
  given.for_each_element([&](std::size_t i, const json::value& v) {
    equal = equal && (v.is(json::kind::object) && others[i].is(json::kind::object) ? has_all_of(v, others[i])
                                                                                   : same(v, others[i]));
  });
  return equal;
}

/// What a session's creator gave; all other fields are computed from its log.
struct compared_field {
  std::string_view name;
  bool (*equal)(const json::value& given, const json::value& stored);
};
constexpr compared_field compared_fields[] = {
    {"agent", same_agent},      {"environment_id", same},      {"title", same},
    {"metadata", same},         {"resources", same_resources}, {"vault_ids", same},
    {"budget", same},           {"expires_at", same_time},     {"created_at", same_time},
    {"archived_at", same_time}, {"deployment_id", same},
};

}  // namespace

result<void> compare_definition(std::string_view given, const session_header& stored) {
  const auto rendered = render_session(stored, stored.definition->created_at, secrets::shown);
  const json::value given_object{given};
  const json::value stored_object{rendered};
  const json::value absent{"null"};
  for (const auto& [name, equal] : compared_fields) {
    const auto field = given_object.find(name);
    const auto other = stored_object.find(name).value_or(absent);
    if (field && !(is_nothing(*field) && is_nothing(other)) && !equal(*field, other))
      return {errc::conflict, fmt::format("session.{}: differs from what is stored", name)};
  }
  return {};
}

}  // namespace sandbase
