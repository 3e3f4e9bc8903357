// SPDX-License-Identifier: Apache-2.0
// What a replay can cost at least: sealed sessions read into memory by the service's own statement, with
// nothing behind it.
//
//   segment_reader CONNINFO CONNECTIONS SECONDS SLICE_BYTES STATEMENT_FILE <KEYS
//
// Standard input has keys of sessions, which are read one behind the other and again from the first. Prints a
// line of JSON: {"sessions", "bytes", "calls", "seconds"}; bytes are those of the frames.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <endian.h>
#include <fstream>
#include <iostream>
#include <iterator>
#include <libpq-fe.h>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;
using result_ptr = std::unique_ptr<PGresult, void (*)(PGresult*)>;
using connection_ptr = std::unique_ptr<PGconn, void (*)(PGconn*)>;

constexpr std::int64_t behind_all = std::int64_t{1} << 40;
enum column { sealed_seq = 0, last_seq = 2, frames = 5 };

[[noreturn]] void give_up(const std::string& why) {
  std::cerr << "segment_reader: " << why << '\n';
  std::exit(1);
}

struct totals {
  std::atomic<std::int64_t> sessions, bytes, calls;
};

class reader {
 public:
  reader(const char* conninfo, const std::string& sql) : db_(PQconnectdb(conninfo), PQfinish) {
    if (PQstatus(db_.get()) != CONNECTION_OK) give_up(PQerrorMessage(db_.get()));
    const result_ptr done{PQprepare(db_.get(), "read", sql.c_str(), 0, nullptr), PQclear};
    if (PQresultStatus(done.get()) != PGRES_COMMAND_OK) give_up(PQresultErrorMessage(done.get()));
  }

  void read(std::int64_t session, std::int64_t slice_bytes, totals& all) {
    std::int64_t bytes = 0;
    for (std::int64_t after = 0, end = 1; after < end; ++all.calls) {
      const auto some = ask({session, after, behind_all, slice_bytes});
      const int count = PQntuples(some.get());
      if (count == 0 || PQgetisnull(some.get(), count - 1, last_seq) != 0)
        give_up("session " + std::to_string(session) + " has no segments");
      for (int i = 0; i < count; ++i) bytes += PQgetlength(some.get(), i, frames);
      end = integer(some.get(), count - 1, sealed_seq);
      after = integer(some.get(), count - 1, last_seq);
    }
    all.bytes += bytes;
    ++all.sessions;
  }

 private:
  result_ptr ask(std::array<std::int64_t, 4> with) {
    std::array<const char*, 4> values{};
    std::array<int, 4> lengths{};
    const std::array<int, 4> formats{1, 1, 1, 1};
    for (std::size_t i = 0; i < with.size(); ++i) {
      with[i] = static_cast<std::int64_t>(htobe64(static_cast<std::uint64_t>(with[i])));
      values[i] = reinterpret_cast<const char*>(&with[i]);
      lengths[i] = sizeof with[i];
    }
    result_ptr answer{PQexecPrepared(db_.get(), "read", 4, values.data(), lengths.data(), formats.data(), 1),
                      PQclear};
    if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) give_up(PQresultErrorMessage(answer.get()));
    return answer;
  }

  static std::int64_t integer(const PGresult* r, int row, int column) {
    std::uint64_t raw = 0;
    if (PQgetlength(r, row, column) != sizeof raw) give_up("the statement answers other columns than it did");
    std::memcpy(&raw, PQgetvalue(r, row, column), sizeof raw);
    return static_cast<std::int64_t>(be64toh(raw));
  }

  connection_ptr db_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6)
    give_up("usage: segment_reader CONNINFO CONNECTIONS SECONDS SLICE_BYTES STATEMENT_FILE <KEYS");
  const int connections = std::atoi(argv[2]);
  const std::chrono::duration<double> patience{std::atof(argv[3])};
  const std::int64_t slice_bytes = std::atoll(argv[4]);
  std::ifstream file{argv[5]};
  const std::string sql{std::istreambuf_iterator<char>{file}, {}};
  const std::vector<std::int64_t> keys{std::istream_iterator<std::int64_t>{std::cin}, {}};
  if (keys.empty() || sql.empty()) give_up("nothing to read");

  totals all{};
  std::atomic<std::size_t> next = 0;
  std::vector<std::unique_ptr<reader>> readers;
  for (int i = 0; i < connections; ++i) readers.push_back(std::make_unique<reader>(argv[1], sql));
  const auto begin = clock_type::now();
  const auto is_over = [&] { return clock_type::now() - begin >= patience; };
  std::vector<std::thread> threads;
  for (auto& r : readers)
    threads.emplace_back([&] {
      while (!is_over()) r->read(keys[next++ % keys.size()], slice_bytes, all);
    });
  for (auto& thread : threads) thread.join();
  const std::chrono::duration<double> took = clock_type::now() - begin;
  std::printf("{\"sessions\":%lld,\"bytes\":%lld,\"calls\":%lld,\"seconds\":%.4f}\n",
              static_cast<long long>(all.sessions), static_cast<long long>(all.bytes),
              static_cast<long long>(all.calls), took.count());
  return 0;
}
