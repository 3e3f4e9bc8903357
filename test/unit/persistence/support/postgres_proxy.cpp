// SPDX-License-Identifier: Apache-2.0
#include "test/unit/persistence/support/postgres_proxy.hpp"

#include "test/unit/support/test.hpp"

#include <array>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace sandbase::test {

namespace {

constexpr int tick_ms = 20;

sockaddr_un address_in(const std::string& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (folder + "/.s.PGSQL.5432").copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

/// @returns false at the end
bool forward(int from, int to) {
  std::array<char, 65'536> bytes;
  const auto got = ::read(from, bytes.data(), bytes.size());
  if (got <= 0) return false;
  for (ssize_t sent = 0; sent < got;) {
    const auto n = ::send(to, bytes.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
    if (n <= 0) return false;
    sent += n;
  }
  return true;
}

}  // namespace

postgres_proxy::postgres_proxy(std::string server) : server_(std::move(server)) {
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto here = address_in(folder());
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0 ||
      ::listen(listener_, 16) != 0)
    CAF_FAIL("cannot listen in " << folder());
  acceptor_ = std::thread{[this] { accept_all(); }};
}

postgres_proxy::~postgres_proxy() {
  is_over_ = true;
  acceptor_.join();
  for (auto& t : threads_) t.join();
  ::close(listener_);
}

void postgres_proxy::cut() {
  is_cut_ = true;
  std::vector<std::thread> ending;
  {
    const std::scoped_lock lock{mutex_};
    ending.swap(threads_);
  }
  for (auto& t : ending) t.join();
}

void postgres_proxy::accept_all() {
  while (!is_over_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, tick_ms) <= 0) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    if (is_cut_) {
      ::close(client);
      continue;
    }
    const std::scoped_lock lock{mutex_};
    threads_.emplace_back([this, client] { carry(client); });
  }
}

void postgres_proxy::carry(int client) {
  const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto there = address_in(server_);
  bool goes_on = ::connect(server, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0;
  while (goes_on && !is_over_ && !is_cut_) {
    std::array<pollfd, 2> both{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    if (::poll(both.data(), both.size(), tick_ms) <= 0) continue;
    if (both[0].revents != 0) {
      auto expected = loss::request;
      goes_on = !next_.compare_exchange_strong(expected, loss::none) && forward(client, server);
    }
    if (goes_on && both[1].revents != 0) {
      auto expected = loss::answer;
      goes_on = !next_.compare_exchange_strong(expected, loss::none) && forward(server, client);
    }
  }
  ::close(server);
  ::close(client);
}

}  // namespace sandbase::test
