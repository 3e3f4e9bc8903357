// SPDX-License-Identifier: Apache-2.0
// Stands between a store and its PostgreSQL server, and loses what it is told to.
#pragma once

#include "test/unit/support/temp_dir.hpp"

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sandbase::test {

class postgres_proxy {
 public:
  /// `server`: the folder of the server's socket.
  explicit postgres_proxy(std::string server);
  postgres_proxy(const postgres_proxy&) = delete;
  postgres_proxy& operator=(const postgres_proxy&) = delete;
  ~postgres_proxy();

  /// Of its own socket.
  std::string folder() const { return folder_.path().string(); }

  /// The next thing that is asked gets lost on its way, or is done and its answer is lost; the connection
  /// ends with it.
  void lose_next_request() { next_ = loss::request; }
  void lose_next_answer() { next_ = loss::answer; }
  /// Connections end, new ones are refused.
  void cut();
  void mend() { is_cut_ = false; }

 private:
  enum class loss { none, request, answer };

  void accept_all();
  void carry(int client);

  const std::string server_;
  temp_dir folder_;
  int listener_ = -1;
  std::atomic<loss> next_ = loss::none;
  std::atomic<bool> is_cut_ = false;
  std::atomic<bool> is_over_ = false;
  std::mutex mutex_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace sandbase::test
