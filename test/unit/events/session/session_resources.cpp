// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE session_resources
#include "events/session/session_resources.hpp"

#include "events/ids/event_id.hpp"
#include "events/json/json_text.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

constexpr timestamp now{std::chrono::milliseconds{1'780'048'800'000}};

std::string text_of(const json::value& object, std::string_view name) {
  const auto v = object.find(name);
  return v && v->is(json::kind::string) ? v->as_string() : "(none)";
}

CAF_TEST(files and repositories get what the types of answers require) {
  const struct {
    std::string given;
    std::string mount_path;
  } rows[] = {
      {R"({"type":"file","file_id":"file_1"})", "/mnt/session/uploads/file_1"},
      {R"({"type":"file","file_id":"file_1","mount_path":null})", "/mnt/session/uploads/file_1"},
      {R"({"type":"file","file_id":"file_1","mount_path":"/a"})", "/a"},
      {R"({"type":"github_repository","url":"https://github.com/a/project"})", "/workspace/project"},
      {R"({"type":"github_repository","url":"https://github.com/a/project.git/"})", "/workspace/project"},
      {R"({"type":"github_repository","url":"git@github.com:project.git"})", "/workspace/project"},
      {R"({"type":"github_repository"})", "/workspace/repository"},
  };
  for (const auto& row : rows) {
    const auto& given = row.given;
    const auto& mount_path = row.mount_path;
    const auto completed = complete_resources("[" + given + "]", now);
    CAF_REQUIRE(json::validate(completed));
    json::value{completed}.for_each_element([&](std::size_t, const json::value& resource) {
      CAF_CHECK(is_valid_id(text_of(resource, "id")));
      CAF_CHECK(text_of(resource, "id").starts_with("sesrsc_"));
      CAF_CHECK_EQUAL(text_of(resource, "created_at"), "2026-05-29T10:00:00.000Z");
      CAF_CHECK_EQUAL(text_of(resource, "updated_at"), "2026-05-29T10:00:00.000Z");
      CAF_CHECK_EQUAL(text_of(resource, "mount_path"), mount_path);
      json::value{given}.for_each_member([&](std::string_view, std::string_view key, const json::value& v) {
        if (!v.is(json::kind::null))
          CAF_CHECK_EQUAL(std::string{resource.find(key)->text()}, std::string{v.text()});
      });
    });
    CAF_CHECK_EQUAL(complete_resources(completed, now + std::chrono::hours{1}), completed);
  }
}

CAF_TEST(each has an id of its own) {
  const std::string one = R"({"type":"file","file_id":"f"})";
  const auto completed = complete_resources("[" + one + "," + one + "]", now);
  std::vector<std::string> ids;
  json::value{completed}.for_each_element(
      [&](std::size_t, const json::value& resource) { ids.push_back(text_of(resource, "id")); });
  CAF_REQUIRE_EQUAL(ids.size(), 2u);
  CAF_CHECK(ids[0] != ids[1]);
}

CAF_TEST(others stay as they are) {
  for (const std::string resources : {"[]", R"([1,null,{"n":1.10},{"type":7}])",
                                      R"([{"type":"memory_store","memory_store_id":"memstore_1"}])"})
    CAF_CHECK_EQUAL(complete_resources(resources, now), resources);
}

CAF_TEST(a memory store is found among other resources) {
  const struct {
    std::string_view resources;
    bool found;
  } rows[] = {
      {"[]", false},
      {R"([{"type":"memory_store","memory_store_id":"m_1"}])", true},
      {R"([{"type":"file","file_id":"f"},{"memory_store_id":"m\u005f1","type":"memory_store"}])", true},
      {R"([{"type":"memory_store","memory_store_id":"m_11"}])", false},
      {R"([{"type":"file","memory_store_id":"m_1"}])", false},
      {R"(["m_1",{"type":"memory_store"},{"type":1,"memory_store_id":"m_1"},{"type":"memory_store","memory_store_id":1}])",
       false},
  };
  for (const auto& row : rows) {
    session_definition definition;
    definition.resources = row.resources;
    CAF_MESSAGE(row.resources);
    CAF_CHECK_EQUAL(has_memory_store(definition, "m_1"), row.found);
  }
}

}  // namespace
