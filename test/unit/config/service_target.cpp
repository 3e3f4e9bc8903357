// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE service_target
#include "config/service_target.hpp"

#include "config/service_profiles.hpp"
#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

#include <filesystem>
#include <map>

using namespace sandbase;

namespace {

struct fixture {
  test::temp_dir folder;
  std::map<std::string, std::string> variables{{"XDG_CONFIG_HOME", folder.path().string()},
                                               {"HOME", "/home/somebody"}};

  environment_fn environment() const {
    return [all = variables](const std::string& name) {
      const auto at = all.find(name);
      return at == all.end() ? std::nullopt : std::optional{at->second};
    };
  }
  void write_profiles(const std::string& text) {
    std::filesystem::create_directories(folder.file("sandbase-events"));
    folder.write("sandbase-events/profiles.toml", text);
  }
  service_target find(const service_given& given = {}) {
    const auto found = find_service(given, environment());
    if (!found) CAF_FAIL("refused: " << found.error().message);
    return found->value_or(service_target{});
  }
  std::string refusal(const service_given& given = {}) {
    const auto found = find_service(given, environment());
    if (found) CAF_FAIL("accepted");
    return found.error().message;
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(service_target_tests, fixture)

CAF_TEST(where nothing names a service there is none) {
  CAF_CHECK_EQUAL(find().url, "");
  variables["SANDBASE_KEY"] = "k";
  CAF_CHECK_EQUAL(find().url, "");
  write_profiles("[other]\nurl = \"http://o\"\n");
  CAF_CHECK_EQUAL(find().url, "");
}

CAF_TEST(the command line wins over a named profile over the environment over the default) {
  write_profiles("[default]\nurl = \"http://d\"\n[staging]\nurl = \"http://s\"\n");
  CAF_CHECK_EQUAL(find().url, "http://d");
  variables["SANDBASE_PROFILE"] = "staging";
  CAF_CHECK_EQUAL(find().url, "http://s");
  variables["SANDBASE_URL"] = "http://e";
  CAF_CHECK_EQUAL(find().url, "http://e");
  CAF_CHECK_EQUAL(find({"", "", "", "staging", ""}).url, "http://s");
  CAF_CHECK_EQUAL(find({"http://c", "", "", "staging", ""}).url, "http://c");
}

CAF_TEST(no key of a profile is shown to another service) {
  write_profiles("[default]\nurl = \"http://d\"\nkey = \"kd\"\nca_file = \"/ca\"\n");
  variables["SANDBASE_KEY"] = "ke";
  CAF_CHECK_EQUAL(find().key, "kd");
  CAF_CHECK_EQUAL(find().ca_file, "/ca");
  CAF_CHECK_EQUAL(find({"http://c", "", "", "", ""}).key, "ke");
  CAF_CHECK_EQUAL(find({"http://c", "", "", "", ""}).ca_file, "");
  variables["SANDBASE_URL"] = "http://e";
  CAF_CHECK_EQUAL(find().key, "ke");
  // Named beside the address, it is meant.
  CAF_CHECK_EQUAL(find({"http://c", "", "", "default", ""}).key, "kd");
  CAF_CHECK_EQUAL(find({"http://c", "kc", "", "default", ""}).key, "kc");
}

CAF_TEST(a key comes from a file or from stdin too) {
  write_profiles(
      "[default]\nurl = \"http://d\"\nkey_file = \"key\"\n[home]\nurl = \"http://h\"\nkey_file = "
      "\"~/key\"\n");
  folder.write("sandbase-events/key", "  sk-sb-1 \nsecond line\n");
  CAF_CHECK_EQUAL(*read_key(find()), "sk-sb-1");
  CAF_CHECK_EQUAL(find({"", "", "", "home", ""}).key_file, "/home/somebody/key");
  CAF_CHECK_EQUAL(find({"", "", "-", "", ""}).key_file, "-");
  variables = {{"SANDBASE_URL", "http://e"}, {"SANDBASE_KEY_FILE", folder.file("sandbase-events/key")}};
  CAF_CHECK_EQUAL(*read_key(find()), "sk-sb-1");
}

CAF_TEST(what cannot be a key is refused and not shown) {
  for (const auto* text : {"", "\n", "two words", "k\x01y", "schl\xc3\xbcssel"}) {
    const auto key = read_key({"http://x", "", folder.write("key", text), ""});
    CAF_REQUIRE(!key);
    CAF_CHECK(key.error().message.find("words") == std::string::npos);
  }
  CAF_CHECK(!read_key({"http://x", "a b", "", ""}));
  CAF_CHECK(read_key({"http://x", "", "", ""}).error().message.find("--key-file") != std::string::npos);
  CAF_CHECK(read_key({"http://x", "", "/nonexistent/key", ""}).error().message.find("/nonexistent/key") !=
            std::string::npos);
}

CAF_TEST(what is wrong is named with where it stands) {
  CAF_CHECK(refusal({"ftp://x", "", "", "", ""}).starts_with("--url: must be"));
  variables["SANDBASE_URL"] = "localhost";
  CAF_CHECK(refusal().starts_with("SANDBASE_URL: must be"));
  variables.erase("SANDBASE_URL");
  CAF_CHECK(refusal({"", "", "", "nope", ""}).starts_with("there is no profile nope in "));
  CAF_CHECK(refusal({"http://x", "k", "f", "", ""}).starts_with("--key and --key-file"));
  const std::pair<const char*, const char*> rows[] = {
      {"url = \"http://x\"\n", "line 1: url stands in no profile"},
      {"[a]\n\ncolour = \"red\"\n", "line 3: a profile has url, key_file, key and ca_file, not colour"},
      {"[a]\nurl = [\"x\"]\n", "line 2: url takes one value"},
      {"[a]\nkey = \"x\"\nkey_file = \"y\"\n", "line 3: key and key_file"},
      {"[a\n", "line 1"}};
  for (const auto& [text, mention] : rows) {
    write_profiles(text);
    const auto message = refusal();
    CAF_CHECK(message.find("profiles.toml") != std::string::npos);
    if (message.find(mention) == std::string::npos) CAF_FAIL(message);
  }
  write_profiles("[default]\nkey = \"k\"\n");
  CAF_CHECK_EQUAL(refusal(), "the profile default has no url");
}

CAF_TEST(the file stands where other programs have theirs) {
  CAF_CHECK_EQUAL(profiles_path(environment()), folder.file("sandbase-events/profiles.toml"));
  variables["XDG_CONFIG_HOME"] = "relative";
  CAF_CHECK_EQUAL(profiles_path(environment()), "/home/somebody/.config/sandbase-events/profiles.toml");
  variables.clear();
  CAF_CHECK_EQUAL(profiles_path(environment()), "");
  CAF_CHECK_EQUAL(find().url, "");
}

CAF_TEST_FIXTURE_SCOPE_END()
