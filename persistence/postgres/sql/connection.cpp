// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/sql/connection.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <poll.h>
#include <string_view>

namespace sandbase::postgres {

const statement begin_statement{"begin", "BEGIN"};
const statement commit_statement{"commit", "COMMIT"};

namespace {

constexpr int oldest_server = 150000;

/// 50 ms, twice as long each time, a second at most.
std::chrono::milliseconds pause_behind(int failures) {
  constexpr int most_doublings = 5;
  return std::min(std::chrono::milliseconds{50 << std::min(failures - 1, most_doublings)},
                  std::chrono::milliseconds{1'000});
}

bool ends_connection(const PGresult* failed) {
  const char* severity = PQresultErrorField(failed, PG_DIAG_SEVERITY_NONLOCALIZED);
  const std::string_view name{severity == nullptr ? "" : severity};
  return name == "FATAL" || name == "PANIC";
}

bool is_failure(const PGresult* r) {
  const auto status = PQresultStatus(r);
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_PIPELINE_ABORTED;
}

void ignore_notice(void*, const PGresult*) {}

}  // namespace

void connection::close() noexcept {
  is_busy_ = false;
  db_.reset();
  prepared_.clear();
}

void connection::lose(std::string_view why) {
  const bool was_sent = was_sent_;
  close();
  throw lost_connection(fmt::format("the connection to {} is lost: {}", where_.shown(), why), was_sent);
}

/// Whether the server has closed it while nothing was asked: then nothing is sent into it, whose outcome
/// would be unknown. It first says why, and what else it says unasked is so rare that a new connection does
/// as well.
bool connection::has_ended() const {
  pollfd socket{PQsocket(db_.get()), POLLIN, 0};
  return ::poll(&socket, 1, 0) > 0;
}

void connection::open() {
  if (db_ && PQstatus(db_.get()) == CONNECTION_OK && !is_busy_ && (in_transaction() || !has_ended())) return;
  close();
  was_sent_ = false;
  if (failed_attempts_ > 0 && clock::now() < next_attempt_)
    throw lost_connection(fmt::format("{} cannot be reached, try again", where_.shown()), false);
  const auto all = where_.parameters(purpose_);
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : all) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  try {
    db_.reset(PQconnectdbParams(names.data(), values.data(), 0));
    if (!db_) throw std::bad_alloc();
    if (PQstatus(db_.get()) != CONNECTION_OK) lose(one_line(PQerrorMessage(db_.get())));
    ++generation_;
    expect_usable();
  } catch (const lost_connection& e) {
    fail_to_open();
    throw lost_connection(e.what(), false);  // nothing that was asked for
  } catch (...) {
    fail_to_open();
    throw;
  }
  failed_attempts_ = 0;
}

void connection::fail_to_open() noexcept {
  close();
  next_attempt_ = clock::now() + pause_behind(++failed_attempts_);
}

void connection::expect_usable() {
  PQsetNoticeReceiver(db_.get(), ignore_notice, nullptr);
  PQsetnonblocking(db_.get(), 1);
  if (const int version = PQserverVersion(db_.get()); version < oldest_server)
    throw error(errc::invalid,
                fmt::format("{} is PostgreSQL {}: 15 or newer is needed", where_.shown(), version / 10000));
  const char* encoding = PQparameterStatus(db_.get(), "server_encoding");
  if (encoding == nullptr || std::string_view{encoding} != "UTF8")
    throw error(errc::invalid, fmt::format("the database at {} has the encoding {}: UTF8 is needed",
                                           where_.shown(), encoding == nullptr ? "?" : encoding));
  // What is acknowledged is durable, whatever the role's or the database's setting is.
  exec(
      "SELECT set_config('synchronous_commit', 'on', false) "
      "WHERE current_setting('synchronous_commit') IN ('off', 'local')");
}

void connection::wait_for_socket(bool for_writing, clock::time_point until) {
  pollfd socket{PQsocket(db_.get()), static_cast<short>(POLLIN | (for_writing ? POLLOUT : 0)), 0};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
  const int ready = left.count() <= 0 ? 0 : ::poll(&socket, 1, static_cast<int>(left.count()));
  if (ready == 0) lose("it has not answered in time");
  if (ready > 0 && (socket.revents & ~POLLOUT) != 0 && PQconsumeInput(db_.get()) == 0)
    lose(one_line(PQerrorMessage(db_.get())));
}

void connection::wait(clock::time_point until) {
  for (;;) {
    const int left = PQflush(db_.get());
    if (left < 0) lose(one_line(PQerrorMessage(db_.get())));
    if (left == 0 && PQisBusy(db_.get()) == 0) return;
    wait_for_socket(left > 0, until);
  }
}

PGresult* connection::next_result(clock::time_point until) {
  wait(until);
  return PQgetResult(db_.get());
}

void connection::send(const pipeline& calls) {
  const auto expect = [&](int done) {
    if (done == 0) lose(one_line(PQerrorMessage(db_.get())));
  };
  is_busy_ = true;
  expect(PQenterPipelineMode(db_.get()));
  std::unordered_set<const statement*> preparing;
  for (const auto& [what, with, sql] : calls.calls_) {
    if (what != nullptr && !prepared_.contains(what) && preparing.insert(what).second)
      expect(PQsendPrepare(db_.get(), what->name, what->sql, 0, nullptr));
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats(with.size(), 1);
    for (std::size_t i = 0; i < with.size(); ++i) {
      values.push_back(with[i] ? with[i]->data() : nullptr);
      lengths.push_back(with[i] ? static_cast<int>(with[i]->size()) : 0);
    }
    was_sent_ = true;
    const int count = static_cast<int>(with.size());
    expect(what != nullptr ? PQsendQueryPrepared(db_.get(), what->name, count, values.data(), lengths.data(),
                                                 formats.data(), 1)
                           : PQsendQueryParams(db_.get(), sql.c_str(), count, nullptr, values.data(),
                                               lengths.data(), formats.data(), 1));
  }
  expect(PQpipelineSync(db_.get()));
}

std::optional<error> connection::finish_pipeline(clock::time_point until) {
  std::optional<error> failed;
  for (int empty = 0;;) {
    const std::unique_ptr<PGresult, void (*)(PGresult*)> r{next_result(until), PQclear};
    if (!r && ++empty > 2) lose("it has answered too little");
    if (!r) continue;
    empty = 0;
    if (PQresultStatus(r.get()) == PGRES_PIPELINE_SYNC) break;
    if (ends_connection(r.get())) lose(one_line(PQresultErrorMessage(r.get())));
    if (PQresultStatus(r.get()) == PGRES_FATAL_ERROR && !failed)
      failed.emplace(error_of(r.get(), "the commit"));
  }
  if (PQexitPipelineMode(db_.get()) == 0) lose(one_line(PQerrorMessage(db_.get())));
  is_busy_ = false;
  return failed;
}

std::vector<rows> connection::run(const pipeline& calls) {
  open();
  was_sent_ = false;
  const auto until = clock::now() + patience_;
  send(calls);
  std::vector<rows> answers;
  std::optional<error> failed;
  const auto take = [&](std::string_view name) {
    PGresult* raw = next_result(until);
    if (raw == nullptr) raw = next_result(until);  // between two answers
    if (raw == nullptr) lose("it has answered too little");
    rows answer{raw};
    if (!is_failure(raw)) return answer;
    if (ends_connection(raw)) lose(one_line(PQresultErrorMessage(raw)));
    if (!failed) failed.emplace(error_of(raw, name));
    return rows{};
  };
  for (const auto& [what, with, sql] : calls.calls_) {
    const std::string_view name{what != nullptr ? what->name : "a query"};
    if (what != nullptr && !prepared_.contains(what)) {
      take(name);
      if (!failed) prepared_.insert(what);
    }
    if (!failed) answers.push_back(take(name));
    if (failed) break;
  }
  auto late = finish_pipeline(until);
  if (!failed) failed = std::move(late);  // a statement by itself commits behind its answer
  if (!failed) return answers;
  roll_back();
  if (failed->sqlstate() == "25006") close();  // another server takes writes by now
  throw *std::move(failed);
}

rows connection::run(const statement& what, parameters with) {
  pipeline one;
  one.add(what, std::move(with));
  return std::move(run(one).front());
}

rows connection::run(std::string sql, parameters with) {
  pipeline one;
  one.add(std::move(sql), std::move(with));
  return std::move(run(one).front());
}

void connection::roll_back() noexcept {
  if (!db_) return;
  const auto state = PQtransactionStatus(db_.get());
  if (state != PQTRANS_INERROR && state != PQTRANS_INTRANS) return;
  try {
    exec("ROLLBACK");
  } catch (...) {
    close();
  }
}

void connection::exec(const std::string& sql, std::chrono::milliseconds patience) {
  static_cast<void>(ask(sql, patience));
}

std::string connection::ask(const std::string& sql, std::chrono::milliseconds patience) {
  open();
  const auto until = clock::now() + patience;
  was_sent_ = true;
  is_busy_ = true;
  if (PQsendQuery(db_.get(), sql.c_str()) == 0) lose(one_line(PQerrorMessage(db_.get())));
  std::string text;
  std::optional<error> failed;
  while (PGresult* raw = next_result(until)) {
    const rows answer{raw};
    if (is_failure(raw) && ends_connection(raw)) lose(one_line(PQresultErrorMessage(raw)));
    if (is_failure(raw))
      failed.emplace(error_of(raw, "the database refuses"));
    else if (!answer.empty())
      text = answer.text(0, 0);
  }
  is_busy_ = false;
  if (!failed) return text;
  if (sql != "ROLLBACK") roll_back();
  throw *std::move(failed);
}

transaction::transaction(connection& db) : db_(db) { db_.run(begin_statement); }

transaction::~transaction() {
  if (is_open_) db_.roll_back();
}

std::vector<rows> transaction::commit(pipeline rest) {
  rest.add(commit_statement);
  auto answers = db_.run(rest);
  is_open_ = false;
  return answers;
}

}  // namespace sandbase::postgres
