#include "http/io_pool.hpp"

namespace sandbase {

io_pool::io_pool(caf::actor_system& system, service& all, std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.push_back(std::make_unique<io_thread>(system));
    workers_.push_back(std::make_unique<http_worker>(*threads_.back(), all));
    workers_.back()->next_reader = i;
  }
}

io_pool::~io_pool() { stop(); }

void io_pool::start() {
  for (auto& t : threads_) running_.emplace_back([&io = *t] { io.run(); });
}

void io_pool::stop() {
  for (auto& t : threads_) t->stop();
  for (auto& t : running_) t.join();
  running_.clear();
  for (auto& w : workers_) {
    w->keys.clear();
    w->sessions.clear();
  }
}

std::vector<http_worker*> io_pool::workers() const {
  std::vector<http_worker*> all;
  for (const auto& w : workers_) all.push_back(w.get());
  return all;
}

}  // namespace sandbase
