// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE option_sources
#include "config/option_sources.hpp"

#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

struct fixture {
  test::temp_dir folder;
  std::map<std::string, std::string> environment;
  option_sources sources;

  fixture() {
    sources.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto at = environment.find(name);
      return at == environment.end() ? std::nullopt : std::optional{at->second};
    };
  }

  void file(const std::string& text) { sources.config_file = folder.write("sandbase.toml", text); }
  server_options resolve() const {
    auto options = resolve_options(sources);
    if (!options) CAF_FAIL("refused: " << options.error().message);
    return *options;
  }
  /// The message, with the folder's path taken out.
  std::string refusal() const {
    const auto options = resolve_options(sources);
    if (options) CAF_FAIL("accepted");
    CAF_CHECK(options.error().code == errc::invalid);
    auto message = options.error().message;
    if (const auto at = message.find(folder.file("")); at != std::string::npos)
      message.erase(at, folder.file("").size());
    return message;
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(option_sources_tests, fixture)

CAF_TEST(without any source the defaults stand) { CAF_CHECK(resolve() == server_options{}); }

CAF_TEST(the command line wins over the environment and that over the file) {
  file("[http]\nthreads = 1\nmax_connections = 1\nlisten = \"127.0.0.1:1\"\n");
  environment["SANDBASE_HTTP_THREADS"] = "2";
  environment["SANDBASE_HTTP_MAX_CONNECTIONS"] = "2";
  sources.command_line["http.threads"] = {"3"};
  const auto options = resolve();
  CAF_CHECK_EQUAL(options.http_threads, 3u);
  CAF_CHECK_EQUAL(options.http.max_connections, 2u);
  CAF_CHECK_EQUAL(options.http_listen.port, 1u);
  CAF_CHECK_EQUAL(options.store_readers, server_options{}.store_readers);
}

CAF_TEST(a list is replaced as a whole) {
  using texts = std::vector<std::string>;
  file("[http]\ncors_origin = [\"https://a.example\", \"https://b.example\"]\n");
  CAF_CHECK((resolve().http.cors_origins == texts{"https://a.example", "https://b.example"}));
  environment["SANDBASE_HTTP_CORS_ORIGIN"] = "https://c.example,http://localhost:3000";
  CAF_CHECK((resolve().http.cors_origins == texts{"https://c.example", "http://localhost:3000"}));
  environment["SANDBASE_HTTP_CORS_ORIGIN"] = "";
  CAF_CHECK(resolve().http.cors_origins.empty());
  sources.command_line["http.cors_origin"] = {"https://d.example"};
  CAF_CHECK((resolve().http.cors_origins == texts{"https://d.example"}));
}

CAF_TEST(origins become what browsers send) {
  sources.command_line["http.cors_origin"] = {"HTTPS://App.Example.com:443", "http://localhost:3000"};
  CAF_CHECK((resolve().http.cors_origins ==
             std::vector<std::string>{"https://app.example.com", "http://localhost:3000"}));
}

CAF_TEST(a refusal names the option and where its value stands) {
  file("[http]\n\nthreads = \"many\"\n");
  CAF_CHECK_EQUAL(refusal(), "sandbase.toml, line 3: http.threads must be a whole number, not \"many\"");
  file("[http]\nthread = 1\n");
  CAF_CHECK_EQUAL(refusal(), "sandbase.toml, line 2: there is no option http.thread");
  file("[http]\nthreads = [1]\n");
  CAF_CHECK_EQUAL(refusal(), "sandbase.toml, line 2: http.threads takes one value, not a list");
  file("[http]\nthreads = 1.5\n");
  CAF_CHECK_EQUAL(
      refusal(),
      "sandbase.toml, line 2: http.threads takes strings in quotes, whole numbers, true or false, "
      "or a list of these");
  file("[http]\ncors_origin = \"https://a.example\"\n");
  CAF_CHECK_EQUAL(refusal(), "sandbase.toml, line 2: http.cors_origin takes a list: [\"…\"]");
  file("threads\n");
  CAF_CHECK_EQUAL(
      refusal(),
      "sandbase.toml, line 1: threads: error while parsing key-value pair: expected '=', saw '\\n'");
  sources.config_file = folder.file("absent.toml");
  CAF_CHECK_EQUAL(refusal(), "cannot read the config file absent.toml: No such file or directory");
  sources.config_file = folder.file("");
  CAF_CHECK(refusal().find("Is a directory") != std::string::npos);
  sources.config_file.clear();
  environment["SANDBASE_ADMIN_LISTEN"] = "127.0.0.1";
  CAF_CHECK_EQUAL(refusal(),
                  "SANDBASE_ADMIN_LISTEN: admin.listen must be ADDRESS:PORT such as 127.0.0.1:8080 or "
                  "[::1]:8080, not \"127.0.0.1\"");
  environment.clear();
  environment["SANDBASE_LOG_LEVEL"] = "loud";
  CAF_CHECK_EQUAL(
      refusal(),
      "SANDBASE_LOG_LEVEL: log.level must be one of trace, debug, info, warn, error, off, not \"loud\"");
  environment.clear();
  sources.command_line["http.threads"] = {"1", "2"};
  CAF_CHECK_EQUAL(refusal(), "command line: http.threads takes one value, not \"1\", \"2\"");
}

CAF_TEST(a bad value is refused where a better one overrides it too) {
  file("[http]\nthreads = 1000\n");
  sources.command_line["http.threads"] = {"1"};
  CAF_CHECK_EQUAL(refusal(), "sandbase.toml, line 2: http.threads must be between 0 and 64, not \"1000\"");
}

CAF_TEST(every kind of value has its bounds) {
  const std::pair<const char*, const char*> bad[] = {
      {"http.listen", "8080"},
      {"http.max_body_bytes", "1"},
      {"http.max_body_bytes", "2GiB"},
      {"http.header_timeout", "0s"},
      {"http.header_timeout", "10"},
      {"http.cors_origin", "*"},
      {"http.cors_origin", "https://a.example/"},
      {"http.cors_origin", "a.example"},
      {"http.cors_origin", "https://"},
      {"http.cors_origin", "null"},
      {"http.listen", "localhost:8080"},
      {"admin.listen", "[::1]"},
      {"store.url", "sqlite:"},
      {"store.url", "mysql:x"},
      {"store.readers", "0"},
      {"store.journals", "0"},
      {"store.journals", "5"},
      {"log.format", "xml"},
  };
  for (const auto& [name, text] : bad) {
    sources.command_line = {{name, {text}}};
    CAF_CHECK_EQUAL(refusal().rfind(std::string{"command line: "} + name + " must be ", 0), 0u);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
