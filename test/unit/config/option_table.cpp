// SPDX-License-Identifier: Apache-2.0
// Holds what people read about options (the example file, the operators'
// page) against the table that the code uses.
#define CAF_SUITE option_table
#include "config/option_table.hpp"

#include "config/option_file.hpp"
#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

#include <set>
#include <sstream>

using namespace sandbase;

namespace {

std::string read_source(const std::string& path) {
  return test::temp_dir::read_all(std::string{SANDBASE_SOURCE_DIR "/"} + path);
}

/// The example file as it must be: every option in its section, below a comment, with its default.
std::string render_example(const std::string& introduction) {
  std::string out = introduction;
  std::string section;
  for (const auto& spec : option_table()) {
    const auto dot = spec.name.find('.');
    if (const std::string here{spec.name.substr(0, dot)}; here != section) {
      section = here;
      out.append("\n[").append(section).append("]\n");
    }
    out.append("# ").append(spec.help).append(".\n");
    out.append(spec.name.substr(dot + 1)).append(" = ").append(spec.show({})).append("\n");
  }
  return out;
}

}  // namespace

CAF_TEST(names are unique and sections stand together) {
  std::set<std::string_view> names;
  std::set<std::string_view> closed_sections;
  std::string_view section;
  for (const auto& spec : option_table()) {
    CAF_CHECK(names.insert(spec.name).second);
    CAF_CHECK(find_option(spec.name) == &spec);
    const auto here = spec.name.substr(0, spec.name.find('.'));
    if (here != section) CAF_CHECK(closed_sections.insert(section = here).second);
    CAF_CHECK(!spec.help.empty() && spec.help.back() != '.');
  }
  CAF_CHECK(find_option("http.nothing") == nullptr);
}

CAF_TEST(environment names are the option in capitals) {
  CAF_CHECK_EQUAL(environment_name("http.listen"), "SANDBASE_HTTP_LISTEN");
  CAF_CHECK_EQUAL(environment_name("http.max_bytes_in_per_key"), "SANDBASE_HTTP_MAX_BYTES_IN_PER_KEY");
}

CAF_TEST(what an option shows sets it again) {
  const server_options defaults;
  for (const auto& spec : option_table()) {
    const auto entries = parse_option_file("x = " + spec.show(defaults));
    CAF_REQUIRE(entries);
    CAF_CHECK_EQUAL(entries->front().is_array, spec.repeats);
    server_options options;
    CAF_CHECK(spec.assign(options, entries->front().values));
    CAF_CHECK(options == defaults);
  }
}

CAF_TEST(the example file lists every option with its default) {
  const auto example = read_source("config/sandbase-events.example.toml");
  const auto introduction = example.substr(0, example.find("\n["));
  CAF_CHECK_EQUAL(example, render_example(introduction));
  const auto entries = parse_option_file(example);
  CAF_REQUIRE(entries);
  CAF_CHECK_EQUAL(entries->size(), option_table().size());
}

CAF_TEST(the operators page lists every option with its default) {
  std::istringstream page{read_source("docs/operations.md")};
  std::vector<std::string> rows;
  for (std::string line; std::getline(page, line);)
    if (line.rfind("| `", 0) == 0 && find_option(line.substr(3, line.find('`', 3) - 3)) != nullptr)
      rows.push_back(line);
  CAF_REQUIRE_EQUAL(rows.size(), option_table().size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& spec = option_table()[i];
    std::string expected = "| `";
    expected.append(spec.name)
        .append("` | `")
        .append(spec.show({}))
        .append("` | ")
        .append(spec.help)
        .append(" |");
    CAF_CHECK_EQUAL(rows[i], expected);
  }
}
