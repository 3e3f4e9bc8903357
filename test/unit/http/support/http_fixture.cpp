// SPDX-License-Identifier: Apache-2.0
#include "test/unit/http/support/http_fixture.hpp"

#include "actors/node/status_desk.hpp"

namespace sandbase::test {

http_config::http_config() {
  add_message_types<caf::id_block::sandbase_peers>();
  add_message_types<caf::id_block::sandbase>();
  add_message_types<caf::id_block::sandbase_http>();
}

http_fixture::http_fixture() : http_bench(sys) {
  key_header = "Authorization: Bearer sk-sb-client\r\n";
  add_keys();
}

http_fixture::~http_fixture() {
  std::vector<caf::strong_actor_ptr> behind;
  if (all) {
    behind = {caf::actor_cast<caf::strong_actor_ptr>(all->actors.directory),
              caf::actor_cast<caf::strong_actor_ptr>(all->actors.readers.front()),
              caf::actor_cast<caf::strong_actor_ptr>(all->actors.journals.front())};
    close();
  }
  if (status) behind.push_back(caf::actor_cast<caf::strong_actor_ptr>(status));
  status = nullptr;
  for (auto& [id, s] : world->sessions) behind.push_back(caf::actor_cast<caf::strong_actor_ptr>(s));
  for (auto& a : behind) caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  sched.run();
  *world = {};
}

std::shared_ptr<fake_log> http_fixture::add_session(const std::string& id) {
  auto log = std::make_shared<fake_log>();
  log->header->definition.edit().id = id;
  world->logs[id] = log;
  world->sessions[id] = sys.spawn(fake_session, log);
  return log;
}

void http_fixture::add_key(const std::string& secret, role may, api_key_id id, bool revoked) {
  auto key = std::make_shared<api_key>();
  key->id = id;
  key->workspace = 1;
  key->may = may;
  if (revoked) key->revoked_at = test_time;
  world->keys[sha256(secret)] = key;
}

std::unique_ptr<server_state> http_fixture::make_service() {
  const auto reader = sys.spawn(fake_reader, world);
  const auto directory = sys.spawn(fake_directory, world);
  status = sys.spawn<status_desk>(std::vector<show_part>{{"log_reader", reader}}, directory);
  return std::make_unique<server_state>(options, service_actors{directory,
                                                                {reader},
                                                                reader,
                                                                clock_for_tests(),
                                                                board_actor{},
                                                                call_watches{},
                                                                status,
                                                                {sys.spawn(fake_journal, world)},
                                                                gate});
}

}  // namespace sandbase::test
