// SPDX-License-Identifier: Apache-2.0
// Connections over the fake actors of fakes.hpp.
#pragma once

#include "test/unit/http/support/fakes.hpp"
#include "test/unit/http/support/http_bench.hpp"

namespace sandbase::test {

struct http_config : caf::actor_system_config {
  http_config();
};

class http_fixture : public test_coordinator_fixture<http_config>, public http_bench {
 public:
  http_fixture();
  ~http_fixture() override;

  std::shared_ptr<fake_log> add_session(const std::string& id);
  void add_key(const std::string& secret, role may, api_key_id id, bool revoked = false);

  std::shared_ptr<fake_world> world = std::make_shared<fake_world>();
  std::shared_ptr<service_gate> gate = std::make_shared<service_gate>();
  /// Of the real status page, over the fakes.
  status_actor status;

 private:
  void add_keys() {
    add_key("sk-sb-client", role::client, 1);
    add_key("sk-sb-runtime", role::runtime, 2);
    add_key("sk-sb-viewer", role::viewer, 3);
    add_key("sk-sb-revoked", role::client, 4, true);
  }
  std::unique_ptr<server_state> make_service() override;
};

}  // namespace sandbase::test
