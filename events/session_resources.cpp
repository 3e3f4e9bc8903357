#include "events/session_resources.hpp"

#include "events/json_text.hpp"

namespace sandbase {

namespace {

bool is_text(const std::optional<json::value>& member, std::string_view text) {
  return member && member->is(json::kind::string) && member->as_string() == text;
}

}  // namespace

bool has_memory_store(const session_definition& definition, std::string_view id) {
  bool found = false;
  json::value{definition.resources}.for_each_element([&](std::size_t, const json::value& resource) {
    found = resource.is(json::kind::object) && is_text(resource.find("type"), "memory_store") &&
            is_text(resource.find("memory_store_id"), id);
    return !found;
  });
  return found;
}

}  // namespace sandbase
