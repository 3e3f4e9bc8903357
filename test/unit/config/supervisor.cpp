// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE supervisor
#include "test/unit/support/captured_log.hpp"
// The framework's header comes first.
#include "actors/node/system_config.hpp"
#include "config/supervisor.hpp"
#include "test/unit/support/temp_dir.hpp"

#include <array>
#include <cstdlib>
#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

using namespace sandbase;
using namespace sandbase::test;
using namespace std::chrono_literals;

namespace {

/// What a supervisor hears. `name` as in NOTIFY_SOCKET: a path, or `@` before an abstract name.
class ear {
 public:
  explicit ear(const std::string& name) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path);
    if (name.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    CAF_REQUIRE_EQUAL(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ear(const ear&) = delete;
  ear& operator=(const ear&) = delete;
  ~ear() {
    ::unsetenv("NOTIFY_SOCKET");
    ::close(socket_);
  }
  /// All that came since, or none.
  std::vector<std::string> heard() const {
    std::vector<std::string> all;
    std::array<char, 512> buffer{};
    for (;;) {
      const auto size = ::recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size < 0) return all;
      all.emplace_back(buffer.data(), static_cast<std::size_t>(size));
    }
  }

 private:
  const int socket_;
};

using texts = std::vector<std::string>;
using promised = caf::typed_response_promise<actor_status>;

described_actor::behavior_type lively(described_actor::pointer) {
  return {[](const describe_actor&) { return actor_status{"serving", {}}; }};
}
/// Answers when somebody else asks: then all who wait.
described_actor::behavior_type hung(described_actor::pointer self,
                                    std::shared_ptr<std::vector<promised>> waiting) {
  return {[self, waiting](const describe_actor&) {
    const bool is_first = waiting->empty();
    waiting->push_back(self->make_response_promise<actor_status>());
    const auto last = waiting->back();
    if (!is_first)
      for (auto& one : std::exchange(*waiting, {})) one.deliver(actor_status{"serving", {}});
    return last;
  }};
}

struct fixture : test_coordinator_fixture<system_config> {
  /// Whoever runs the tests may have a supervisor too.
  fixture() {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_PID");
  }
  ~fixture() {
    ::unsetenv("WATCHDOG_USEC");
    waiting->clear();
    for (const auto& a : all) caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
    all.clear();
    sched.run();
  }
  std::string name() const { return fmt::format("@sandbase-supervisor-test-{}", ::getpid()); }
  described_actor keep(described_actor part) {
    all.push_back(caf::actor_cast<caf::actor>(part));
    return part;
  }
  /// run() would have the clock go on for as long as anything waits for it, as the pulse always does.
  void start(std::vector<described_actor> parts) {
    all.push_back(sys.spawn<pulse>(std::move(parts), 10s));
    sched.run();
  }
  void pass(std::chrono::seconds time) {
    advance_time(time);
    sched.run();
  }
  const std::shared_ptr<std::vector<promised>> waiting = std::make_shared<std::vector<promised>>();
  std::vector<caf::actor> all;
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(supervisor_tests, fixture)

CAF_TEST(a supervisor is told in its words) {
  const ear supervisor{name()};
  tell_status("opening the store");
  tell_ready("serving at http://127.0.0.1:8080");
  tell_stopping();
  const texts expected{"STATUS=opening the store", "READY=1\nSTATUS=serving at http://127.0.0.1:8080",
                       "STOPPING=1\nSTATUS=stopping"};
  CAF_CHECK_EQUAL(supervisor.heard(), expected);
}

CAF_TEST(its socket may have a path) {
  const temp_dir dir;
  const ear supervisor{dir.file("notify")};
  tell_ready("x");
  CAF_CHECK_EQUAL(supervisor.heard(), texts{"READY=1\nSTATUS=x"});
}

CAF_TEST(without a supervisor nothing happens) {
  const captured_log log;
  tell_ready("x");
  CAF_CHECK_EQUAL(pulse_interval().count(), 0);
  CAF_CHECK(log.lines().empty());
}

CAF_TEST(a supervisor that is gone gets a warning) {
  const temp_dir dir;
  { const ear gone{dir.file("notify")}; }
  ::setenv("NOTIFY_SOCKET", dir.file("notify").c_str(), 1);
  const captured_log log;
  tell_ready("x");
  ::unsetenv("NOTIFY_SOCKET");
  CAF_REQUIRE_EQUAL(log.lines().size(), 1u);
  CAF_CHECK_EQUAL(log.lines().front().words,
                  "the supervisor at NOTIFY_SOCKET could not be told READY=1: Connection refused");
}

CAF_TEST(the pulse beats twice in the time of the watchdog) {
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  CAF_CHECK(pulse_interval() == 15s);
  const captured_log log;
  ::setenv("WATCHDOG_USEC", "soon", 1);
  CAF_CHECK_EQUAL(pulse_interval().count(), 0);
  CAF_CHECK_EQUAL(log.lines().size(), 1u);
}

CAF_TEST(the pulse goes on as long as all answer) {
  const ear supervisor{name()};
  start({keep(sys.spawn(lively)), keep(sys.spawn(lively))});
  CAF_CHECK_EQUAL(supervisor.heard(), texts{"WATCHDOG=1"});
  pass(9s);
  CAF_CHECK_EQUAL(supervisor.heard(), texts{});
  pass(1s);
  pass(10s);
  CAF_CHECK_EQUAL(supervisor.heard(), (texts{"WATCHDOG=1", "WATCHDOG=1"}));
}

CAF_TEST(one that hangs stops the pulse until it answers) {
  const ear supervisor{name()};
  const auto part = keep(sys.spawn(hung, waiting));
  start({keep(sys.spawn(lively)), part});
  for (int i = 0; i < 5; ++i) pass(10s);
  CAF_CHECK_EQUAL(supervisor.heard(), texts{});
  CAF_REQUIRE_EQUAL(waiting->size(), 1u);  // it was asked once, not each time
  caf::anon_send(part, describe_actor{});
  sched.run();
  CAF_CHECK_EQUAL(supervisor.heard(), texts{"WATCHDOG=1"});
  pass(10s);
  CAF_CHECK_EQUAL(waiting->size(), 1u);
}

CAF_TEST(one that has ended stops the pulse) {
  const ear supervisor{name()};
  const auto part = keep(sys.spawn(lively));
  start({part});
  CAF_CHECK_EQUAL(supervisor.heard(), texts{"WATCHDOG=1"});
  caf::anon_send_exit(part, caf::exit_reason::user_shutdown);
  for (int i = 0; i < 3; ++i) pass(10s);
  CAF_CHECK_EQUAL(supervisor.heard(), texts{});
}

CAF_TEST_FIXTURE_SCOPE_END()
