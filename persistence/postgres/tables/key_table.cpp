// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/tables/key_table.hpp"

#include "events/base/hex.hpp"
#include "events/base/random_bytes.hpp"
#include "persistence/api_keys.hpp"
#include "persistence/names.hpp"
#include "persistence/postgres/tables/new_number.hpp"

#include <array>
#include <fmt/core.h>

namespace sandbase::postgres {

namespace {

#define SANDBASE_KEY_SELECT                                                               \
  "SELECT k.id, k.workspace, w.name, k.role, k.name, k.hint, k.created_at, k.revoked_at " \
  "FROM api_keys k JOIN workspaces w ON w.id = k.workspace "

const statement find_workspace_by_name{"find_workspace", "SELECT id FROM workspaces WHERE name = $1::text"};
// What another process makes at the same time is found by the next look.
const statement insert_workspace{"insert_workspace",
                                 "INSERT INTO workspaces(id, name) VALUES(" SANDBASE_NEW_NUMBER(
                                     "workspaces_id_seq") ", $1::text) ON CONFLICT DO NOTHING"};
const statement find_key_by_hash{"find_key_by_hash", SANDBASE_KEY_SELECT "WHERE k.hash = $1::bytea"};
const statement find_key_by_id{"find_key_by_id", SANDBASE_KEY_SELECT "WHERE k.id = $1::bigint"};
const statement select_keys{"list_keys", SANDBASE_KEY_SELECT "ORDER BY k.id"};
const statement insert_key{
    "insert_key",
    "INSERT INTO api_keys(id, workspace, hash, role, name, hint, created_at) "
    "VALUES(" SANDBASE_NEW_NUMBER("api_keys_id_seq") ", $1::bigint, $2::bytea, $3::bigint, $4::text, $5::text, $6::bigint) RETURNING id"};
const statement update_revoked{
    "revoke_key", "UPDATE api_keys SET revoked_at = coalesce(revoked_at, $2::bigint) WHERE id = $1::bigint"};
const statement insert_secret{
    "insert_secret", "INSERT INTO secrets(name, value) VALUES($1::text, $2::text) ON CONFLICT DO NOTHING"};
const statement find_secret{"find_secret", "SELECT value FROM secrets WHERE name = $1::text"};
const statement select_workspaces{
    "list_workspaces",
    "SELECT w.id, w.name, (SELECT count(*) FROM sessions s WHERE s.workspace = w.id) FROM workspaces w "
    "ORDER BY w.id"};

api_key read_key(const rows& found, int i) {
  api_key k;
  k.id = found.integer(i, 0);
  k.workspace = found.integer(i, 1);
  k.workspace_name = found.bytes(i, 2);
  const auto number = found.integer(i, 3);
  if (number < 1 || number > 3)
    throw error(errc::corrupt, fmt::format("API key {} has an unknown role {}", k.id, number));
  k.may = static_cast<role>(number);
  k.name = found.bytes(i, 4);
  k.hint = found.bytes(i, 5);
  k.created_at = found.time(i, 6);
  k.revoked_at = found.optional_time(i, 7);
  return k;
}

std::optional<api_key> first_of(const rows& found) {
  if (found.empty()) return std::nullopt;
  return read_key(found, 0);
}

}  // namespace

workspace_key find_workspace(connection& db, std::string_view name) {
  const auto found = db.run(find_workspace_by_name, parameters{name});
  if (found.empty()) throw error(errc::not_found, fmt::format("there is no workspace {}", name));
  return found.integer(0, 0);
}

workspace_key make_workspace(connection& db, std::string_view name) {
  unwrap(check_name("workspace", name));
  if (const auto found = db.run(find_workspace_by_name, parameters{name}); !found.empty())
    return found.integer(0, 0);
  db.run(insert_workspace, parameters{name});
  return find_workspace(db, name);
}

std::optional<api_key> find_api_key(connection& db, const digest& hash) {
  return first_of(db.run(find_key_by_hash, parameters{hash}));
}
std::optional<api_key> find_api_key(connection& db, api_key_id id) {
  return first_of(db.run(find_key_by_id, parameters{id}));
}

std::string find_or_make_secret(connection& db, std::string_view name) {
  constexpr std::size_t secret_bytes = 32;
  std::array<std::uint8_t, secret_bytes> bytes{};
  random_bytes(bytes);
  std::string value;
  for (const auto b : bytes) append_hex(value, static_cast<char>(b));
  db.run(insert_secret, parameters{name, value});
  const auto found = db.run(find_secret, parameters{name});
  if (found.empty()) throw error(errc::corrupt, fmt::format("the secret {} is missing", name));
  return found.text(0, 0);
}

new_api_key create_key(connection& db, std::string_view workspace, role may, std::string_view name,
                       timestamp now) {
  unwrap(check_name("name", name));
  unwrap(check_name("workspace", workspace));
  new_api_key made;
  made.secret = unwrap(make_api_key());
  const auto owner = make_workspace(db, workspace);
  const auto id = db.run(insert_key, parameters{owner, hash_api_key(made.secret), static_cast<int>(may), name,
                                                api_key_hint(made.secret), now});
  made.key = find_api_key(db, id.integer(0, 0)).value();
  return made;
}

std::vector<api_key> list_keys(connection& db) {
  const auto found = db.run(select_keys);
  std::vector<api_key> keys;
  for (int i = 0; i < found.count(); ++i) keys.push_back(read_key(found, i));
  return keys;
}

api_key revoke_key(connection& db, api_key_id id, timestamp now) {
  db.run(update_revoked, parameters{id, now});
  auto key = find_api_key(db, id);
  if (!key) throw error(errc::not_found, fmt::format("there is no API key {}", id));
  return *std::move(key);
}

std::vector<workspace_row> list_workspaces(connection& db) {
  const auto found = db.run(select_workspaces);
  std::vector<workspace_row> all;
  for (int i = 0; i < found.count(); ++i)
    all.push_back({found.integer(i, 0), found.text(i, 1), found.integer(i, 2)});
  return all;
}

}  // namespace sandbase::postgres
