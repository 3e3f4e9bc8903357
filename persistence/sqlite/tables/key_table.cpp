// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/tables/key_table.hpp"

#include "persistence/api_keys.hpp"
#include "persistence/names.hpp"

#include <fmt/core.h>

namespace sandbase::sqlite {

namespace {

#define SANDBASE_KEY_SELECT                                                                       \
  "SELECT k.id, k.workspace, w.name, k.role, k.name, k.hint, k.created_at, k.revoked_at, k.hash " \
  "FROM api_keys k JOIN workspaces w ON w.id = k.workspace "

api_key read_key(const statement& row) {
  api_key k;
  k.id = row.integer(0);
  k.workspace = row.integer(1);
  k.workspace_name = row.text(2);
  const auto number = row.integer(3);
  if (number < 1 || number > 3)
    throw error(errc::corrupt, fmt::format("API key {} has an unknown role {}", k.id, number));
  k.may = static_cast<role>(number);
  k.name = row.text(4);
  k.hint = row.text(5);
  k.created_at = row.time(6);
  k.revoked_at = row.optional_time(7);
  return k;
}

api_key load_key(connection& db, api_key_id id) {
  auto rows = db.query(SANDBASE_KEY_SELECT "WHERE k.id=?1", id);
  if (!rows.next()) throw error(errc::not_found, fmt::format("there is no API key {}", id));
  return read_key(rows.row());
}

std::optional<workspace_key> look_up_workspace(connection& db, std::string_view name) {
  auto rows = db.query("SELECT id FROM workspaces WHERE name=?1", name);
  if (!rows.next()) return std::nullopt;
  return rows->integer(0);
}

}  // namespace

workspace_key find_workspace(connection& db, std::string_view name) {
  if (const auto key = look_up_workspace(db, name)) return *key;
  throw error(errc::not_found, fmt::format("there is no workspace {}", name));
}

workspace_key make_workspace(connection& db, std::string_view name) {
  unwrap(check_name("workspace", name));
  if (const auto key = look_up_workspace(db, name)) return *key;
  db.run("INSERT INTO workspaces(name) VALUES(?1) ON CONFLICT DO NOTHING", name);
  return find_workspace(db, name);
}

std::optional<api_key> find_api_key(connection& db, const digest& hash) {
  auto numbers = db.query("SELECT id FROM api_keys WHERE hash=?1", hash);
  if (!numbers.next()) return std::nullopt;
  // Another row in this one's place must not lend its workspace and role to the key. In a statement of its
  // own, since one that goes by the index takes the hash from there too.
  auto rows = db.query(SANDBASE_KEY_SELECT "WHERE k.id=?1", numbers->integer(0));
  if (!rows.next() || rows->hash(8) != hash)
    throw error(errc::corrupt, fmt::format("API key {} is not what its index names", numbers->integer(0)));
  return read_key(rows.row());
}

std::optional<api_key> find_api_key(connection& db, api_key_id id) {
  auto rows = db.query(SANDBASE_KEY_SELECT "WHERE k.id=?1", id);
  if (!rows.next()) return std::nullopt;
  return read_key(rows.row());
}

std::string find_or_make_secret(connection& db, std::string_view name) {
  db.run("INSERT INTO secrets(name, value) VALUES(?1, lower(hex(randomblob(32)))) ON CONFLICT DO NOTHING",
         name);
  auto rows = db.query("SELECT value FROM secrets WHERE name=?1", name);
  if (!rows.next()) throw error(errc::corrupt, fmt::format("the secret {} is missing", name));
  return std::string{rows->text(0)};
}

new_api_key create_key(connection& db, std::string_view workspace, role may, std::string_view name,
                       timestamp now) {
  unwrap(check_name("name", name));
  unwrap(check_name("workspace", workspace));
  new_api_key made;
  made.secret = unwrap(make_api_key());
  write_transaction both{db};
  const auto owner = make_workspace(db, workspace);
  db.run("INSERT INTO api_keys(workspace, hash, role, name, hint, created_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
         owner, hash_api_key(made.secret), static_cast<int>(may), name, api_key_hint(made.secret), now);
  made.key = load_key(db, db.last_row());
  both.commit();
  return made;
}

std::vector<api_key> list_keys(connection& db) {
  auto rows = db.query(SANDBASE_KEY_SELECT "ORDER BY k.id");
  std::vector<api_key> keys;
  while (rows.next()) keys.push_back(read_key(rows.row()));
  return keys;
}

api_key revoke_key(connection& db, api_key_id id, timestamp now) {
  write_transaction both{db};
  db.run("UPDATE api_keys SET revoked_at=?2 WHERE id=?1 AND revoked_at IS NULL", id, now);
  auto key = load_key(db, id);
  both.commit();
  return key;
}

std::vector<workspace_row> list_workspaces(connection& db) {
  auto rows = db.query(
      "SELECT w.id, w.name, (SELECT count(*) FROM sessions s WHERE s.workspace = w.id) FROM workspaces w "
      "ORDER BY w.id");
  std::vector<workspace_row> all;
  while (rows.next()) all.push_back({rows->integer(0), std::string{rows->text(1)}, rows->integer(2)});
  return all;
}

}  // namespace sandbase::sqlite
