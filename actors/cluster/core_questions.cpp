// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/core_questions.hpp"

#include "actors/cluster/peer_wire.hpp"
#include "actors/cluster/summary_wire.hpp"

#include <type_traits>
#include <utility>

namespace sandbase::peer {

namespace {

// Each member function below both writes and reads: f is a wire_writer over constant values, or a wire_reader
// over new ones. Their order is the wire's.

template <class F>
inline constexpr bool reads = std::is_same_v<F, wire_reader>;

template <class F, class T>
void as_int64(F& f, T& value) {
  auto n = static_cast<std::int64_t>(value);
  f(n);
  if constexpr (reads<F>) value = static_cast<std::remove_const_t<T>>(n);
}

/// Members that an earlier version neither writes nor reads: they are the last ones.
template <class F, class Members>
void since_protocol_3(F& f, Members members) {
  if constexpr (reads<F>)
    if (f.is_at_end()) return;
  members();
}

// --- parts ---------------------------------------------------------------------------------------------

template <class F>
void member(F& f, one_of<session_place> auto& r) {
  f(r.created_at), f(r.key);
}

template <class F>
void member(F& f, one_of<time_range> auto& r) {
  f(r.gt), f(r.gte), f(r.lt), f(r.lte);
}

template <class F>
void member(F& f, one_of<written_end> auto& r) {
  f(r.mark.epoch), f(r.mark.last_seq), f(r.mark.head), f(r.mark.sealed_seq), f(r.writer);
}

template <class F, class T>
void optional_member(F& f, T& value) {
  bool is_there = value.has_value();
  f(is_there);
  if constexpr (reads<F>)
    if (is_there) value.emplace();
  if (is_there) member(f, *value);
}

void selection(wire_writer& f, const std::shared_ptr<const event_selection>& what) {
  f(what->types());
  member(f, what->times());
}

void selection(wire_reader& f, std::shared_ptr<const event_selection>& what) {
  std::vector<std::string> types;
  time_range times;
  f(types);
  member(f, times);
  what = std::make_shared<const event_selection>(types, times);
}

void text(wire_writer& f, const std::shared_ptr<const std::string>& what) { f(*what); }

void text(wire_reader& f, std::shared_ptr<const std::string>& what) {
  what = std::make_shared<const std::string>(f.view());
}

void header(wire_writer& f, const session_header& what) {
  f(what.definition->encode());
  f(what.progress.encode());
}

void header(wire_reader& f, session_header& what) {
  auto definition = session_definition::decode(f.view());
  auto progress = session_progress::decode(f.view());
  if (!definition || !progress) return f.blame();
  what = session_header{*std::move(definition), *std::move(progress)};
}

void blocks(wire_writer& f, const std::vector<log_block_ptr>& all) {
  log_slice slice;
  for (const auto& block : all) slice.spans.push_back({block, block->first_seq(), block->last_seq()});
  f(slice);
}

void blocks(wire_reader& f, std::vector<log_block_ptr>& all) {
  log_slice slice;
  f(slice);
  for (auto& span : slice.spans) all.push_back(std::move(span.block));
}

// --- questions -----------------------------------------------------------------------------------------

template <class F>
void member(F& f, one_of<find_session> auto& r) {
  f(r.workspace), f(r.id);
}
template <class F>
void member(F& f, one_of<find_log> auto& r) {
  f(r.session);
}
template <class F>
void member(F& f, one_of<read_request> auto& r) {
  f(r.session), f(r.pull.after), f(r.pull.up_to), as_int64(f, r.pull.max_bytes), f(r.pull.backwards);
  f(r.end);
}
template <class F>
void member(F& f, one_of<search_segments> auto& r) {
  f(r.session), f(r.search.range.after), f(r.search.range.up_to), f(r.search.range.backwards);
  selection(f, r.search.what);
}
template <class F>
void member(F& f, one_of<find_event> auto& r) {
  f(r.session), f(r.ids);
}
template <class F>
void member(F& f, one_of<find_deletion> auto& r) {
  f(r.workspace), f(r.id);
}
template <class F>
void member(F& f, one_of<find_idempotency> auto& r) {
  f(r.workspace), f(r.session), f(r.key);
}
template <class F>
void member(F& f, one_of<find_key> auto& r) {
  f(r.hash), f(r.id);
}
template <class F>
void member(F& f, one_of<list_sessions> auto& r) {
  auto& q = r.query;
  f(q.workspace), as_int64(f, q.limit), as_int64(f, q.max_bytes), f(q.ascending);
  optional_member(f, q.after);
  std::vector<std::uint8_t> statuses;
  if constexpr (!reads<F>)
    for (const auto s : q.statuses) statuses.push_back(static_cast<std::uint8_t>(s));
  f(statuses);
  if constexpr (reads<F>)
    for (const auto s : statuses) {
      if (s > static_cast<std::uint8_t>(session_status::terminated)) f.blame();
      q.statuses.push_back(static_cast<session_status>(s));
    }
  f(q.agent_id), f(q.agent_version), f(q.deployment_id), f(q.memory_store_id), f(q.include_archived);
  f(q.created_gt), f(q.created_gte), f(q.created_lt), f(q.created_lte), f(r.now);
  bool shown = r.shows == secrets::shown;
  f(shown);
  if constexpr (reads<F>) r.shows = shown ? secrets::shown : secrets::hidden;
  as_int64(f, r.max_bytes);
  since_protocol_3(f, [&] {
    auto as = static_cast<std::uint8_t>(r.as);
    f(as);
    if constexpr (reads<F>) r.as = as == 0 ? listed_as::session : listed_as::summary;
  });
}
template <class F>
void member(F& f, one_of<find_ends> auto& r) {
  f(r.sessions);
}

// --- answers -------------------------------------------------------------------------------------------

void member(wire_writer& f, const found_session& r) {
  f(r.log != nullptr);
  if (!r.log) return;
  const auto& log = *r.log;
  f(log.key), f(log.workspace), f(log.epoch), f(log.sealed_seq), f(log.writer);
  header(f, log.log.header);
  blocks(f, log.log.unsealed);
}
void member(wire_reader& f, found_session& r) {
  if (f.number<std::uint8_t>() == 0) return;
  opened_log log;
  f(log.key), f(log.workspace), f(log.epoch), f(log.sealed_seq), f(log.writer);
  header(f, log.log.header);
  blocks(f, log.log.unsealed);
  r.log = std::make_shared<const opened_log>(std::move(log));
}
/// As readers make them.
template <class F>
void member(F& f, one_of<pull_answer> auto& r) {
  f(r.slice), f(r.after), f(r.log), f(r.end);
}
template <class F>
void member(F& f, one_of<search_answer> auto& r) {
  f(r.result.reached), f(r.result.found), f(r.result.through);
}
template <class F>
void member(F& f, one_of<found_event> auto& r) {
  f(r.seqs);
}
template <class F>
void member(F& f, one_of<found_deletion> auto& r) {
  f(r.found), f(r.record.author), f(r.record.at);
}
template <class F>
void member(F& f, one_of<found_idempotency> auto& r) {
  f(r.found), f(r.record.key), f(r.record.body), f(r.record.first_seq), f(r.record.last_seq);
  f(r.record.created_at);
}
template <class F>
void key_members(F& f, auto& k) {
  f(k.id), f(k.workspace), f(k.workspace_name), f(k.may), f(k.name), f(k.hint), f(k.created_at);
  f(k.revoked_at);
}
void member(wire_writer& f, const found_key& r) {
  f(r.key != nullptr);
  if (r.key) key_members(f, *r.key);
}
void member(wire_reader& f, found_key& r) {
  if (f.number<std::uint8_t>() == 0) return;
  api_key key;
  key_members(f, key);
  r.key = std::make_shared<const api_key>(std::move(key));
}
template <class F>
void member(F& f, one_of<session_list> auto& r) {
  auto count = static_cast<std::uint32_t>(r.items.size());
  f(count);
  if constexpr (reads<F>)
    for (; f.is_good() && count > 0; --count) text(f, r.items.emplace_back());
  else
    for (const auto& item : r.items) text(f, item);
  member(f, r.first), member(f, r.last);
  f(r.more);
  since_protocol_3(f, [&] {
    as_list(f, r.summaries, [&f](auto& one) { f(one.session), summary_members(f, one.summary); });
  });
}
template <class F>
void member(F& f, one_of<found_ends> auto& r) {
  auto count = static_cast<std::uint32_t>(r.ends.size());
  f(count);
  if constexpr (reads<F>)
    for (; f.is_good() && count > 0; --count) optional_member(f, r.ends.emplace_back());
  else
    for (const auto& end : r.ends) optional_member(f, end);
}

// --- all of them ---------------------------------------------------------------------------------------

/// A kind's number on the wire is its place in the variant: append only.
template <class Variant>
std::string encoded(const Variant& value) {
  std::string out;
  wire_writer f{out};
  f(static_cast<std::uint8_t>(value.index()));
  std::visit([&f](const auto& one) { member(f, one); }, value);
  return out;
}

template <class Variant, std::size_t Place = 0>
result<Variant> decoded(std::size_t kind, wire_reader& f) {
  if constexpr (Place == std::variant_size_v<Variant>) {
    return {errc::invalid, "the other node speaks of what this program does not know"};
  } else {
    if (kind != Place) return decoded<Variant, Place + 1>(kind, f);
    std::variant_alternative_t<Place, Variant> one{};
    member(f, one);
    if (!f.is_good()) return {errc::invalid, "what another node says is damaged"};
    return Variant{std::move(one)};
  }
}

}  // namespace

std::string encode(const core_question& question) { return encoded(question); }

result<core_question> decode_question(std::string_view bytes) {
  wire_reader f{bytes};
  return decoded<core_question>(f.number<std::uint8_t>(), f);
}

std::string encode(const core_answer& answer) { return encoded(answer); }

result<core_answer> decode_answer(std::string_view bytes) {
  wire_reader f{bytes};
  return decoded<core_answer>(f.number<std::uint8_t>(), f);
}

}  // namespace sandbase::peer
