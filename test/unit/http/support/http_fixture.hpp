// Connections over the fake actors of fakes.hpp.
#pragma once

#include "test/unit/http/support/fakes.hpp"
#include "test/unit/http/support/http_bench.hpp"

namespace sandbase::test {

struct http_config : caf::actor_system_config {
  http_config() {
    add_message_types<caf::id_block::sandbase>();
    add_message_types<caf::id_block::sandbase_http>();
  }
};

class http_fixture : public test_coordinator_fixture<http_config>, public http_bench {
 public:
  http_fixture() : http_bench(sys) {
    key_header = "Authorization: Bearer sk-sb-client\r\n";
    add_keys();
  }
  ~http_fixture() override {
    std::vector<caf::strong_actor_ptr> behind;
    if (all) {
      behind = {caf::actor_cast<caf::strong_actor_ptr>(all->directory),
                caf::actor_cast<caf::strong_actor_ptr>(all->readers.front())};
      close();
    }
    for (auto& [id, s] : world->sessions) behind.push_back(caf::actor_cast<caf::strong_actor_ptr>(s));
    for (auto& a : behind) caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
    sched.run();
    *world = {};
  }

  std::shared_ptr<fake_log> add_session(const std::string& id) {
    auto log = std::make_shared<fake_log>();
    log->header->definition.id = id;
    world->logs[id] = log;
    world->sessions[id] = sys.spawn(fake_session, log);
    return log;
  }
  void add_key(const std::string& secret, role may, api_key_id id, bool revoked = false) {
    auto key = std::make_shared<api_key>();
    key->id = id;
    key->workspace = 1;
    key->may = may;
    if (revoked) key->revoked_at = test_time;
    world->keys[sha256(secret)] = key;
  }

  std::shared_ptr<fake_world> world = std::make_shared<fake_world>();

 private:
  void add_keys() {
    add_key("sk-sb-client", role::client, 1);
    add_key("sk-sb-runtime", role::runtime, 2);
    add_key("sk-sb-viewer", role::viewer, 3);
    add_key("sk-sb-revoked", role::client, 4, true);
  }
  std::unique_ptr<server_state> make_service() override {
    return std::make_unique<server_state>(options, sys.spawn(fake_directory, world),
                                          std::vector<reader_actor>{sys.spawn(fake_reader, world)},
                                          now_for_tests);
  }
};

}  // namespace sandbase::test
