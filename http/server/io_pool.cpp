// SPDX-License-Identifier: Apache-2.0
#include "http/server/io_pool.hpp"

#include "http/io/fan_out.hpp"

#include <boost/asio/post.hpp>
#include <caf/send.hpp>

#include <pthread.h>

namespace sandbase {

io_pool::io_pool(caf::actor_system& system, server_state& all, std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.push_back(std::make_unique<io_thread>(system));
    shards_.push_back(std::make_unique<io_shard>(*threads_.back(), all));
    shards_.back()->next_reader = i;
    fan_outs_.push_back(system.spawn<fan_out>(*shards_.back()));
  }
}

io_pool::~io_pool() { stop(); }

void io_pool::start() {
  for (auto& t : threads_)
    running_.emplace_back([&io = *t] {
      ::pthread_setname_np(::pthread_self(), "io");
      io.run();
    });
}

void io_pool::stop() {
  for (auto& f : fan_outs_) caf::anon_send_exit(f, caf::exit_reason::user_shutdown);
  fan_outs_.clear();
  // Behind what the threads have to do by now.
  for (auto& t : threads_) boost::asio::post(t->context(), [&io = *t] { io.stop(); });
  for (auto& t : running_) t.join();
  running_.clear();
  for (auto& t : threads_) {  // also if they never ran
    t->context().restart();
    t->context().poll();
  }
  for (auto& w : shards_) {
    w->keys.clear();
    w->sessions.clear();
  }
}

std::vector<io_shard*> io_pool::shards() const {
  std::vector<io_shard*> all;
  for (const auto& w : shards_) all.push_back(w.get());
  return all;
}

}  // namespace sandbase
