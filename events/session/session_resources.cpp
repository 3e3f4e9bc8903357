// SPDX-License-Identifier: Apache-2.0
#include "events/session/session_resources.hpp"

#include "events/ids/event_id.hpp"
#include "events/json/json_defaults.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace sandbase {

namespace {

using json::kind;
using json::value;

std::string text_of(const value& object, std::string_view name) {
  const auto v = object.find(name);
  return v && v->is(kind::string) ? v->as_string() : std::string{};
}

/// `https://github.com/a/project.git` → `project`.
std::string repository_name(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  if (url.ends_with(".git")) url.resize(url.size() - std::string_view{".git"}.size());
  const auto name = url.substr(url.find_last_of("/:") + 1);
  return name.empty() ? "repository" : name;
}

/// Where the resource is found in the session's container if nothing else is said; none: it is not of a kind
/// that has such a place.
std::optional<std::string> usual_mount_path(const value& resource) {
  const auto type = text_of(resource, "type");
  if (type == "file") return "/mnt/session/uploads/" + text_of(resource, "file_id");
  if (type == "github_repository") return "/workspace/" + repository_name(text_of(resource, "url"));
  return std::nullopt;
}

}  // namespace

std::string complete_resources(std::string_view resources, timestamp now) {
  std::string out = "[";
  value{resources}.for_each_element([&](std::size_t index, const value& v) {
    if (index > 0) out += ',';
    const auto path = v.is(kind::object) ? usual_mount_path(v) : std::nullopt;
    if (!path) {
      out += v.text();
      return;
    }
    const auto time = json::quoted(format_timestamp(now));
    const std::array defaults{json::member_text{"id", json::quoted(make_id("sesrsc", now))},
                              json::member_text{"created_at", time}, json::member_text{"updated_at", time},
                              json::member_text{"mount_path", json::quoted(*path)}};
    out += json::with_defaults(v, defaults);
  });
  out += ']';
  return out;
}

std::vector<std::string> memory_stores_of(const session_definition& definition) {
  std::vector<std::string> ids;
  value{definition.resources}.for_each_element([&](std::size_t, const value& resource) {
    if (!resource.is(kind::object) || text_of(resource, "type") != "memory_store") return;
    ids.push_back(text_of(resource, "memory_store_id"));
  });
  return ids;
}

bool has_memory_store(const session_definition& definition, std::string_view id) {
  return std::ranges::count(memory_stores_of(definition), id) > 0;
}

}  // namespace sandbase
