// SPDX-License-Identifier: Apache-2.0
#include "http/api/openapi/document.hpp"

#include "events/json/json_writer.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <optional>
#include <vector>

namespace sandbase {

namespace {

using json::kind;
using json::object_writer;
using json::value;

failure fault(std::string what) { return {errc::internal, "schemas.json: " + std::move(what)}; }

std::string_view method_name(http_method method) {
  switch (method) {
    case http_method::get:
      return "get";
    case http_method::post:
      return "post";
    case http_method::delete_:
      return "delete";
    case http_method::head:
    case http_method::options:
    case http_method::other:
      break;
  }
  return "trace";
}

std::string reference(std::string_view to, std::string_view name) {
  return fmt::format(R"({{"$ref":"#/components/{}/{}"}})", to, name);
}

std::vector<std::string_view> path_parameters(std::string_view path) {
  std::vector<std::string_view> names;
  for (auto open = path.find('{'); open != path.npos; open = path.find('{', open + 1))
    names.push_back(path.substr(open + 1, path.find('}', open) - open - 1));
  return names;
}

std::string_view security_of(access open_to) {
  switch (open_to) {
    case access::anybody:
      return "[]";
    case access::stream_readers:
      return R"([{"bearer":[]},{"api_key":[]},{"stream_token":[]}])";
    case access::readers:
    case access::writers:
    case access::runtimes:
      break;
  }
  return R"([{"bearer":[]},{"api_key":[]}])";
}

/// Empty: no key is asked for. OpenAPI has no word for roles that are no scopes.
std::string_view roles_of(access open_to) {
  switch (open_to) {
    case access::readers:
    case access::stream_readers:
      return R"(["viewer","client","runtime"])";
    case access::writers:
      return R"(["client","runtime"])";
    case access::runtimes:
      return R"(["runtime"])";
    case access::anybody:
      break;
  }
  return {};
}

void append_parameters(std::string& out, const route& r, const value& entry) {
  std::vector<std::string> texts;
  for (const auto name : path_parameters(r.path)) texts.push_back(reference("parameters", name));
  if (const auto others = entry.find("parameters"))
    others->for_each_element([&](std::size_t, const value& v) { texts.emplace_back(v.text()); });
  json::append_array(out, texts, [&](const std::string& text) { out += text; });
}

void append_responses(std::string& out, const value& entry) {
  object_writer responses{out};
  if (const auto given = entry.find("responses"))
    given->for_each_member(
        [&](std::string_view, std::string_view status, const value& v) { responses.raw(status, v.text()); });
  if (const auto errors = entry.find("errors"))
    errors->for_each_element([&](std::size_t, const value& status) {
      responses.raw(status.text(), reference("responses", fmt::format("error_{}", status.text())));
    });
  responses.close();
}

void append_operation(std::string& out, const route& r, const value& entry) {
  object_writer operation{out};
  operation.text("operationId", r.name);
  entry.for_each_member([&](std::string_view, std::string_view name, const value& v) {
    if (name != "parameters" && name != "responses" && name != "errors") operation.raw(name, v.text());
  });
  operation.raw("security", security_of(r.open_to));
  if (const auto roles = roles_of(r.open_to); !roles.empty()) operation.raw("x-roles", roles);
  append_parameters(operation.member_name("parameters"), r, entry);
  append_responses(operation.member_name("responses"), entry);
  operation.close();
}

/// With all methods of a path in one place.
void append_paths(std::string& out, const std::vector<const route*>& routes, const value& entries) {
  object_writer paths{out};
  for (auto first = routes.begin(); first != routes.end(); ++first) {
    const auto is_same = [path = (*first)->path](const route* r) { return r->path == path; };
    if (std::any_of(routes.begin(), first, is_same)) continue;
    object_writer methods{paths.member_name((*first)->path)};
    std::for_each(first, routes.end(), [&](const route* r) {
      if (is_same(r))
        append_operation(methods.member_name(method_name(r->method)), *r, *entries.find(r->name));
    });
    methods.close();
  }
  paths.close();
}

result<void> check_entries(const std::vector<const route*>& routes, const value& entries) {
  for (const auto* r : routes)
    if (const auto entry = entries.find(r->name); !entry || !entry->is(kind::object))
      return fault(fmt::format("no entry for the route {}", r->name));
  std::optional<std::string> stray;
  entries.for_each_member([&](std::string_view, std::string name, const value&) {
    if (std::none_of(routes.begin(), routes.end(), [&](const route* r) { return r->name == name; }))
      stray = std::move(name);
  });
  if (stray) return fault(fmt::format("an entry without a route: {}", *stray));
  return {};
}

}  // namespace

result<std::string> render_openapi(std::span<const route> routes, std::string_view schemas) {
  if (auto good = json::validate(schemas); !good) return fault(good.error().message);
  const auto text = json::compact(schemas);
  const value root{text};
  if (!root.is(kind::object)) return fault("not an object");
  for (const std::string_view part : {"info", "operations", "components"})
    if (const auto found = root.find(part); !found || !found->is(kind::object))
      return fault(fmt::format("no object {}", part));
  std::vector<const route*> served;
  for (const auto& r : routes)
    if (r.surface == http_surface::api) served.push_back(&r);
  const auto entries = *root.find("operations");
  if (auto good = check_entries(served, entries); !good) return good.error();

  std::string out;
  object_writer document{out};
  document.text("openapi", "3.1.0");
  object_writer info{document.member_name("info")};
  root.find("info")->for_each_member(
      [&](std::string_view, std::string_view name, const value& v) { info.raw(name, v.text()); });
  info.text("version", SANDBASE_VERSION);
  info.close();
  if (const auto tags = root.find("tags")) document.raw("tags", tags->text());
  append_paths(document.member_name("paths"), served, entries);
  document.raw("components", root.find("components")->text());
  document.close();
  return out;
}

}  // namespace sandbase
