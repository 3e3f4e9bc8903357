// SPDX-License-Identifier: Apache-2.0
// A connection to the server that is made anew when it broke. Failures are thrown (error.hpp).
#pragma once

#include "persistence/postgres/sql/conninfo.hpp"
#include "persistence/postgres/sql/error.hpp"
#include "persistence/postgres/sql/values.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace sandbase::postgres {

/// Prepared at its first use on each connection. Both texts are literals: the name is unique.
struct statement {
  const char* name;
  const char* sql;
};

/// Calls that go out together and cost one round trip. Each is answered, or the first that fails is thrown
/// and nothing of a transaction among them is left.
class pipeline {
 public:
  /// @returns where its answer will stand
  std::size_t add(const statement& what, parameters with = parameters{}) {
    calls_.push_back({&what, std::move(with)});
    return calls_.size() - 1;
  }
  /// The same for a text that is not prepared.
  std::size_t add(std::string sql, parameters with) {
    calls_.push_back({nullptr, std::move(with), std::move(sql)});
    return calls_.size() - 1;
  }
  bool empty() const noexcept { return calls_.empty(); }

 private:
  friend class connection;
  struct call {
    /// Null: `sql` instead.
    const statement* what;
    parameters with;
    std::string sql{};
  };
  std::vector<call> calls_;
};

extern const statement begin_statement;
extern const statement commit_statement;

/// One thread at a time.
class connection {
 public:
  /// Opens nothing yet. `purpose`: see conninfo::parameters().
  connection(conninfo where, std::string_view purpose)
      : where_(std::move(where)),
        purpose_(purpose),
        patience_(purpose == tool_purpose ? std::chrono::milliseconds{tool_patience} : answer_timeout) {}
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() = default;

  /// One statement, a transaction of its own unless one is open.
  rows run(const statement& what, parameters with = parameters{});
  /// The same for a text that is not prepared.
  rows run(std::string sql, parameters with);
  /// Answers in the order of the calls.
  std::vector<rows> run(const pipeline& calls);
  /// What is not prepared, without parameters; several statements are one transaction. `patience`: how long
  /// the answer is waited for.
  void exec(const std::string& sql, std::chrono::milliseconds patience = answer_timeout);
  /// The same; the first column of its last row, as text.
  std::string ask(const std::string& sql, std::chrono::milliseconds patience = answer_timeout);

  bool is_open() const noexcept { return db_ != nullptr; }
  bool in_transaction() const noexcept {
    return db_ != nullptr && PQtransactionStatus(db_.get()) == PQTRANS_INTRANS;
  }
  /// Counts up whenever the connection was made anew: what the session held, as advisory locks, is gone.
  int generation() const noexcept { return generation_; }
  void close() noexcept;
  const conninfo& where() const noexcept { return where_; }

  /// Ends what transaction is open; nothing if none is.
  void roll_back() noexcept;

 private:
  using clock = std::chrono::steady_clock;
  struct closer {
    void operator()(PGconn* db) const noexcept { PQfinish(db); }
  };

  /// Throws `unavailable` if there is none, and at once as long as the last attempt was a moment ago.
  void open();
  void expect_usable();
  bool has_ended() const;
  void fail_to_open() noexcept;
  void send(const pipeline& calls);
  /// Until nothing is left to be sent and an answer can be read without waiting.
  void wait(clock::time_point until);
  void wait_for_socket(bool for_writing, clock::time_point until);
  PGresult* next_result(clock::time_point until);
  /// @returns what went wrong behind the last answer, if something did
  std::optional<error> finish_pipeline(clock::time_point until);
  [[noreturn]] void lose(std::string_view why);

  const conninfo where_;
  const std::string purpose_;
  const std::chrono::milliseconds patience_;
  std::unique_ptr<PGconn, closer> db_;
  std::unordered_set<const statement*> prepared_;
  /// Of the call at hand.
  bool was_sent_ = false;
  /// A call has not read all of its answers.
  bool is_busy_ = false;
  int generation_ = 0;
  /// In a row.
  int failed_attempts_ = 0;
  clock::time_point next_attempt_{};
};

/// Several round trips as one transaction; undone when it goes without a commit.
class transaction {
 public:
  explicit transaction(connection& db);
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  ~transaction();

  void commit() { commit(pipeline{}); }
  /// With these calls as its last. @returns their answers
  std::vector<rows> commit(pipeline rest);

 private:
  connection& db_;
  bool is_open_ = true;
};

}  // namespace sandbase::postgres
