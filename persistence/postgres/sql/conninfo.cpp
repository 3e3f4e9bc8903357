// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/sql/conninfo.hpp"

#include "persistence/postgres/sql/error.hpp"

#include <fmt/core.h>
#include <memory>

namespace sandbase::postgres {

namespace {

using options_ptr = std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)>;

failure bad_url(std::string_view why) { return {errc::invalid, std::string{why}}; }

std::string settings(std::string_view given, std::string_view purpose) {
  const bool is_tool = purpose == tool_purpose;
  const bool is_for_many = purpose == writer_purpose || purpose == claims_purpose;
  // A node that is cut off in the middle of a transaction must not keep its rows locked.
  constexpr int idle_in_transaction_ms = 1'000;
  return fmt::format(
      "{0}{1}-c statement_timeout={2} -c lock_timeout={3} -c idle_in_transaction_session_timeout={4} "
      "-c default_transaction_isolation=read\\ committed -c search_path=sandbase "
      // Plans by index, whatever the arrays' lengths are, and made once.
      "-c plan_cache_mode=force_generic_plan -c jit=off -c enable_seqscan={5} -c enable_hashjoin={5} -c "
      "enable_mergejoin={5} "
      // A node whose host is gone must not keep its locks for the two hours that are the kernel's default.
      "-c tcp_keepalives_idle=3 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=2 -c "
      "tcp_user_timeout=4000",
      given, given.empty() ? "" : " ", is_tool ? 0 : statement_timeout.count(),
      (is_for_many ? batch_lock_timeout : lock_timeout).count(), idle_in_transaction_ms,
      is_tool ? "on" : "off");
}

}  // namespace

result<conninfo> conninfo::parse(std::string_view url, std::string password) {
  char* raw_message = nullptr;
  const options_ptr all{PQconninfoParse(std::string{url}.c_str(), &raw_message), PQconninfoFree};
  const std::unique_ptr<char, void (*)(void*)> message{raw_message, PQfreemem};
  // libpq's own words may repeat the URL, and so a password.
  if (!all) return bad_url("no PostgreSQL URI; use postgres://USER@HOST[,HOST…]/DATABASE[?NAME=VALUE…]");
  conninfo where;
  std::string host;
  std::string database;
  std::string user;
  for (const auto* o = all.get(); o->keyword != nullptr; ++o) {
    if (o->val == nullptr) continue;
    const std::string_view name{o->keyword};
    if (name == "password")
      return bad_url("a password in it could be read by others; use store.password_file or PGPASSFILE");
    if (name == "host" || name == "hostaddr") host = o->val;
    if (name == "dbname") database = o->val;
    if (name == "user") user = o->val;
    where.given_.emplace_back(name, o->val);
  }
  where.password_ = std::move(password);
  where.shown_ = fmt::format("postgres://{}{}{}/{}", user, user.empty() ? "" : "@", host, database);
  return where;
}

std::vector<std::pair<std::string, std::string>> conninfo::parameters(std::string_view purpose) const {
  std::vector<std::pair<std::string, std::string>> all;
  std::string options;
  for (const auto& [name, value] : given_)
    if (name == "options")
      options = value;
    else
      all.emplace_back(name, value);
  // Where a name stands twice libpq takes the last.
  const auto set = [&](std::string name, std::string value) {
    all.emplace_back(std::move(name), std::move(value));
  };
  if (!password_.empty()) set("password", password_);
  set("options", settings(options, purpose));
  set("target_session_attrs", "read-write");
  set("connect_timeout", std::to_string(connect_timeout.count()));
  // What becomes of a host that answers nothing any more.
  set("tcp_user_timeout", "4000");
  set("keepalives", "1");
  set("keepalives_idle", "3");
  set("keepalives_interval", "2");
  set("keepalives_count", "2");
  set("client_encoding", "UTF8");
  set("application_name", fmt::format("sandbase-events {}", purpose));
  return all;
}

}  // namespace sandbase::postgres
