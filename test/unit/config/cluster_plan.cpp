// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE cluster_plan
#include "config/cluster_plan.hpp"

#include "config/option_table.hpp"
#include "test/unit/support/temp_dir.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

const std::string secret = "0123456789abcdef0123456789abcdef";

struct fixture {
  test::temp_dir folder;
  std::map<std::string, std::string> environment;
  server_options options;

  fixture() {
    set("store.url", "postgres://app@db/events");
    set("cluster.listen", "10.0.0.1:7000");
    environment["SANDBASE_CLUSTER_SECRET"] = secret;
  }
  void set(std::string_view name, std::string value) {
    const std::vector<std::string> texts{std::move(value)};
    const auto done = find_option(name)->assign(options, texts);
    if (!done) CAF_FAIL("refused: " << done.error().message);
  }
  bool refuses(std::string_view name, std::string value) {
    const std::vector<std::string> texts{std::move(value)};
    return !find_option(name)->assign(options, texts);
  }
  result<std::optional<cluster_plan>> resolve() const {
    return plan_cluster(options, [this](const std::string& name) -> std::optional<std::string> {
      const auto at = environment.find(name);
      return at == environment.end() ? std::nullopt : std::optional{at->second};
    });
  }
  cluster_plan plan() const {
    auto made = resolve();
    if (!made) CAF_FAIL("refused: " << made.error().message);
    if (!*made) CAF_FAIL("no plan");
    return **std::move(made);
  }
  std::string refusal() const {
    const auto made = resolve();
    if (made) CAF_FAIL("accepted");
    CAF_CHECK(made.error().code == errc::invalid);
    CAF_CHECK(made.error().message.find(secret.substr(0, 8)) == std::string::npos);
    return made.error().message;
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(cluster_plan_tests, fixture)

CAF_TEST(without cluster.listen there is no plan whatever else is set) {
  set("cluster.listen", "");
  set("store.url", "sqlite:x.db");
  set("cluster.advertise", "0.0.0.0");
  const auto made = resolve();
  CAF_REQUIRE(made);
  CAF_CHECK(!*made);
}

CAF_TEST(a plan has what is needed) {
  const auto made = plan();
  CAF_CHECK(made.listen == (link_address{"10.0.0.1", 7000}));
  CAF_CHECK_EQUAL(made.secret, secret);
  CAF_CHECK_EQUAL(made.name, "sandbase");
  CAF_CHECK(made.told(7000) == (link_address{"10.0.0.1", 7000}));
}

CAF_TEST(a node without a name gets another one each time) {
  const auto one = plan().node;
  CAF_CHECK_EQUAL(one.size(), std::string_view{"node-0123456789abcdef"}.size());
  CAF_CHECK(one != plan().node);
  set("cluster.node", "blue.1");
  CAF_CHECK(plan().node == "blue.1");
}

CAF_TEST(other nodes are told the port that was bound or what is advertised) {
  set("cluster.listen", "10.0.0.1:0");
  CAF_CHECK(plan().told(4711) == (link_address{"10.0.0.1", 4711}));
  set("cluster.advertise", "node-1.example");
  CAF_CHECK(plan().told(4711) == (link_address{"node-1.example", 4711}));
  set("cluster.advertise", "[fd00::1]:99");
  CAF_CHECK(plan().told(4711) == (link_address{"fd00::1", 99}));
}

CAF_TEST(every address is none that others could be told) {
  for (const auto* everywhere : {"0.0.0.0:7000", "[::]:0"}) {
    set("cluster.listen", everywhere);
    set("cluster.advertise", "");
    CAF_CHECK(refusal().find("cluster.advertise") != std::string::npos);
    set("cluster.advertise", "0.0.0.0:7000");
    CAF_CHECK_EQUAL(refusal(), "cluster.advertise: nobody can be found at 0.0.0.0:7000");
    set("cluster.advertise", "db-1:7000");
    CAF_CHECK(plan().told(1).port == 7000);
  }
}

CAF_TEST(a server over a file may have edges) {
  set("store.url", "sqlite:x.db");
  CAF_CHECK(!plan().is_edge());
}

CAF_TEST(an edge has neither a store nor a port) {
  set("store.url", server_options{}.store.url);
  set("cluster.listen", "");
  set("cluster.join", "core-1:7000");
  CAF_CHECK(plan().is_edge());
  CAF_CHECK(plan().join == std::vector{(link_address{"core-1", 7000})});
  environment.clear();
  CAF_CHECK(refusal().starts_with("cluster.join needs a secret"));
  environment["SANDBASE_CLUSTER_SECRET"] = secret;
  set("cluster.listen", "10.0.0.1:7000");
  CAF_CHECK(refusal().starts_with("cluster.join makes this an edge, which nobody links to"));
  set("cluster.listen", "");
  set("cluster.advertise", "10.0.0.1:7000");
  CAF_CHECK(refusal().starts_with("cluster.join makes this an edge, which nobody links to"));
  set("cluster.advertise", "");
  set("store.url", "postgres://app@db/events");
  CAF_CHECK(refusal().starts_with("cluster.join makes this an edge, which has no store"));
  for (const auto* bad : {"core-1", "core-1:0", ":7000", "a:b:c"}) CAF_CHECK(refuses("cluster.join", bad));
}

CAF_TEST(the secret comes from the variable or from a file) {
  environment.clear();
  CAF_CHECK_EQUAL(refusal(),
                  "cluster.listen needs a secret that all nodes know: give cluster.secret_file or "
                  "SANDBASE_CLUSTER_SECRET; without one no link is made and no port is opened");
  environment["SANDBASE_CLUSTER_SECRET"] = "";
  set("cluster.secret_file", folder.write("secret", secret + "\r\nsecond line"));
  CAF_CHECK(plan().secret == secret);
  set("cluster.secret_file", folder.write("secret", secret));
  CAF_CHECK(plan().secret == secret);
  environment["SANDBASE_CLUSTER_SECRET"] = secret;
  CAF_CHECK_EQUAL(refusal(), "cluster.secret_file: SANDBASE_CLUSTER_SECRET is set as well, give one of them");
}

CAF_TEST(a file that cannot be read is refused) {
  environment.clear();
  set("cluster.secret_file", folder.file("none"));
  CAF_CHECK(refusal().ends_with("none: No such file or directory"));
  set("cluster.secret_file", folder.path().string());
  CAF_CHECK(refusal().starts_with("cluster.secret_file"));
}

CAF_TEST(a secret has 32 characters) {
  environment["SANDBASE_CLUSTER_SECRET"] = secret.substr(1);
  CAF_CHECK_EQUAL(refusal(), "SANDBASE_CLUSTER_SECRET: the secret must have at least 32 characters, not 31");
  environment.clear();
  set("cluster.secret_file", folder.write("secret", "\n" + secret));
  CAF_CHECK_EQUAL(refusal(), "cluster.secret_file: the secret must have at least 32 characters, not 0");
}

CAF_TEST(names and addresses are checked when they are given) {
  for (const auto* bad : {"", "a b", "a/b", "ä"}) CAF_CHECK(refuses("cluster.name", bad));
  CAF_CHECK(refuses("cluster.name", std::string(65, 'a')));
  CAF_CHECK(refuses("cluster.node", "a b"));
  CAF_CHECK(refuses("cluster.listen", "node-1:7000"));
  CAF_CHECK(refuses("cluster.advertise", "a:b:c"));
}

CAF_TEST_FIXTURE_SCOPE_END()
