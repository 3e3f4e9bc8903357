// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/peer_records.hpp"

#include "actors/cluster/peer_wire.hpp"
#include "actors/cluster/summary_wire.hpp"
#include "events/base/byte_order.hpp"

#include <cstddef>
#include <type_traits>
#include <utility>

namespace sandbase::peer {

namespace {

constexpr auto little = byte_order::little;

/// A record's kind on the wire is its place among these, from 1 on: append only.
using kinds = record;

// --- the members of each, in the order in which they stand -----------------------------------

template <class F>
void members(F& f, one_of<hello> auto& r) {
  f(r.protocol), f(r.node), f(r.name), f(r.is_edge);
}
template <class F>
void members(F&, one_of<beat> auto&) {}
template <class F>
void members(F& f, one_of<taken> auto& r) {
  f(r.bytes);
}
template <class F>
void members(F&, one_of<leaving> auto&) {}
template <class F>
void members(F& f, one_of<append> auto& r) {
  f(r.number), f(r.session), f(r.workspace), f(r.id), f(r.author), f(r.may), f(r.is_retry);
  f(r.idempotency_key), f(r.patience), f(r.body);
}
template <class F>
void members(F& f, one_of<outcome> auto& r) {
  f(r.number), f(r.error), f(r.replayed), f(r.stored);
}
template <class F>
void members(F& f, one_of<look_at_client> auto& r) {
  f(r.number);
}
template <class F>
void members(F& f, one_of<client_seen> auto& r) {
  f(r.number), f(r.state);
}
template <class F>
void members(F& f, one_of<follow> auto& r) {
  f(r.session), f(r.workspace), f(r.id);
}
template <class F>
void members(F& f, one_of<unfollow> auto& r) {
  f(r.session);
}
template <class F>
void members(F& f, one_of<unfollowed> auto& r) {
  f(r.session);
}
template <class F>
void members(F& f, one_of<push> auto& r) {
  f(r.session), f(r.epoch), f(r.end), f(r.sealed_seq), f(r.state), f(r.slice);
}
template <class F>
void members(F& f, one_of<push_previews> auto& r) {
  f(r.session), f(r.end), f(r.gap), f(r.what);
}
template <class F>
void members(F& f, one_of<push_taken> auto& r) {
  f(r.session), f(r.of_previews);
}
template <class F>
void members(F& f, one_of<claimed> auto& r) {
  f(r.session);
}

template <class F>
void members(F& f, one_of<question> auto& r) {
  f(r.number), f(r.patience), f(r.what);
}
template <class F>
void members(F& f, one_of<reply> auto& r) {
  f(r.number), f(r.error), f(r.what);
}
template <class F>
void members(F& f, one_of<change> auto& r) {
  f(r.number), f(r.patience), f(r.what), f(r.workspace), f(r.id), f(r.author), f(r.may), f(r.is_retry);
  f(r.idempotency_key), f(r.event_id), f(r.reason), f(r.body);
}
template <class F>
void members(F& f, one_of<changed> auto& r) {
  f(r.number), f(r.error), f(r.definition), f(r.progress), f(r.shown);
}
template <class F>
void members(F& f, one_of<view> auto& r) {
  f(r.token_secret);
  auto count = static_cast<std::uint32_t>(r.nodes.size());
  f(count);
  if constexpr (std::is_same_v<F, wire_reader>)
    for (; f.is_good() && count > 0; --count) {
      node n;
      f(n.id), f(n.name), f(n.address);
      r.nodes.push_back(std::move(n));
    }
  else
    for (const auto& n : r.nodes) f(n.id), f(n.name), f(n.address);
}

template <class F>
void members(F& f, one_of<watched> auto& r) {
  f(r.workspaces);
}
template <class F>
void members(F& f, one_of<board_push> auto& r) {
  f(r.workspace);
  as_list(f, r.changes, [&f](auto& c) { f(c.session), f(c.is_deleted), summary_members(f, c.summary); });
}
template <class F>
void members(F& f, one_of<board_push_taken> auto& r) {
  f(r.workspace);
}

constexpr std::size_t head_size = sizeof(std::uint8_t) + sizeof(std::uint32_t);

template <std::size_t Place>
std::optional<record> read_as(std::string_view bytes) {
  std::variant_alternative_t<Place, kinds> r;
  wire_reader in{bytes};
  members(in, r);
  if (!in.is_good()) return std::nullopt;
  return record{std::move(r)};
}

template <std::size_t... Places>
std::optional<record> read_kind(std::size_t place, std::string_view bytes, std::index_sequence<Places...>) {
  std::optional<record> found;
  static_cast<void>(((Places == place && (found = read_as<Places>(bytes), true)) || ...));
  return found;
}

}  // namespace

void encode(std::string& out, const record& r) {
  append_number<little>(out, static_cast<std::uint8_t>(r.index() + 1));
  const auto size_at = out.size();
  append_number<little>(out, std::uint32_t{0});
  wire_writer f{out};
  std::visit([&f](const auto& one) { members(f, one); }, r);
  std::string size;
  append_number<little>(size, static_cast<std::uint32_t>(out.size() - size_at - sizeof(std::uint32_t)));
  out.replace(size_at, size.size(), size);
}

result<std::optional<record>> take_record(std::string_view& bytes, bool& is_unknown) {
  is_unknown = false;
  if (bytes.size() < head_size) return std::optional<record>{};
  const auto kind = load_number<little, std::uint8_t>(bytes);
  const auto size = load_number<little, std::uint32_t>(bytes.substr(1));
  if (kind == 0 || size > max_record_bytes) return {errc::invalid, "no record of another node begins so"};
  if (bytes.size() - head_size < size) return std::optional<record>{};
  const auto members_of_it = bytes.substr(head_size, size);
  bytes.remove_prefix(head_size + size);
  if (kind > std::variant_size_v<kinds>) {
    is_unknown = true;
    return std::optional<record>{};
  }
  auto found = read_kind(kind - 1U, members_of_it, std::make_index_sequence<std::variant_size_v<kinds>>{});
  if (!found) return {errc::invalid, "a record of another node is damaged"};
  return found;
}

}  // namespace sandbase::peer
