// SPDX-License-Identifier: Apache-2.0
// What the benchmarks of a store do to it: many sessions that append a
// little each, and one long log that is read.
#pragma once

#include "persistence/backend.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace sandbase::bench {

inline constexpr std::size_t event_bytes = 300;

/// The value, or ends the program with the failure's message.
template <class T>
T must(result<T> r);
[[noreturn]] void give_up(const failure& f);

template <class T>
T must(result<T> r) {
  if (!r) give_up(r.error());
  return *std::move(r);
}

/// An empty folder in the working directory (which should be on the disk to measure), removed in the end.
class work_folder {
 public:
  work_folder();
  work_folder(const work_folder&) = delete;
  work_folder& operator=(const work_folder&) = delete;
  ~work_folder();
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// Seconds that `f` takes.
template <class F>
double timed(F&& f) {
  const auto start = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// An event of about event_bytes with an id that tells its place.
std::string make_json(seq_t seq);

/// Sessions that take turns: each commit appends one event to each of the next `batch` sessions.
class append_load {
 public:
  append_load(std::size_t sessions, std::size_t batch);

  /// One commit. @returns the seconds that the store took; making the events is not counted
  double step();
  /// Appends `events` in large commits.
  void fill(std::size_t events);
  std::size_t journal_bytes() const { return bytes_; }
  /// Moves the write-ahead log into the database if so many bytes of JSON
  /// went into it. @returns the seconds that it took
  double checkpoint_every(std::size_t bytes);

 private:
  double commit(std::size_t events);

  struct session {
    session_key key = 0;
    seq_t last = 0;
    digest head{};
  };
  work_folder folder_;
  std::unique_ptr<store_backend> backend_;
  std::unique_ptr<event_store> writer_;
  std::vector<session> sessions_;
  std::size_t batch_;
  std::size_t next_ = 0;
  std::size_t bytes_ = 0;
  std::size_t unmoved_ = 0;
};

/// One session of sealed blocks, and a reader on it.
class sealed_log {
 public:
  /// `blocks` of about `block_bytes` of frames.
  sealed_log(std::size_t blocks, std::size_t block_bytes);
  event_reader& reader() { return *reader_; }
  session_key key() const { return key_; }
  seq_t last() const { return last_; }

 private:
  work_folder folder_;
  std::unique_ptr<store_backend> backend_;
  std::unique_ptr<event_reader> reader_;
  session_key key_ = 0;
  seq_t last_ = 0;
};

}  // namespace sandbase::bench
