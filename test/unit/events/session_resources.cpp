#define CAF_SUITE session_resources
#include "events/session_resources.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

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
