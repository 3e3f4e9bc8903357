// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/peer_records.hpp"

#include "events/base/byte_order.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace sandbase::peer {

namespace {

constexpr auto little = byte_order::little;

/// A record's kind on the wire is its place among these, from 1 on: append only.
using kinds = record;

/// A code's number on the wire is its place here: append only.
constexpr std::array codes{
    errc::none,        errc::invalid,  errc::unauthorized,    errc::forbidden,
    errc::not_found,   errc::conflict, errc::too_large,       errc::rate_limited,
    errc::unavailable, errc::fenced,   errc::unknown_outcome, errc::io_failed,
    errc::corrupt,     errc::outdated, errc::internal,
};
constexpr std::array states{log_state::open, log_state::terminated, log_state::archived, log_state::deleted};

template <class Table, class T>
std::uint8_t place_in(const Table& all, T value) {
  return static_cast<std::uint8_t>(std::ranges::find(all, value) - all.begin());
}

// --- writing --------------------------------------------------------------------------------

class writer {
 public:
  explicit writer(std::string& out) : out_(out) {}

  void operator()(std::uint8_t n) { append_number<little>(out_, n); }
  void operator()(std::uint16_t n) { append_number<little>(out_, n); }
  void operator()(std::uint32_t n) { append_number<little>(out_, n); }
  void operator()(std::uint64_t n) { append_number<little>(out_, n); }
  void operator()(std::int64_t n) { append_number<little>(out_, n); }
  void operator()(bool b) { (*this)(static_cast<std::uint8_t>(b)); }
  void operator()(role r) { (*this)(static_cast<std::uint8_t>(r)); }
  void operator()(errc code) { (*this)(place_in(codes, code)); }
  void operator()(log_state s) { (*this)(place_in(states, s)); }
  void operator()(std::chrono::milliseconds ms) { (*this)(static_cast<std::int64_t>(ms.count())); }
  void operator()(std::string_view text) {
    (*this)(static_cast<std::uint32_t>(text.size()));
    out_ += text;
  }
  void operator()(const std::string& text) { (*this)(std::string_view{text}); }
  void operator()(const failure& f) {
    (*this)(f.code);
    (*this)(f.message);
  }
  void operator()(const log_slice& slice) {
    (*this)(static_cast<std::uint32_t>(slice.spans.size()));
    for (const auto& [block, first, last] : slice.spans) {
      (*this)(block->first_seq());
      (*this)(first);
      (*this)(last);
      (*this)(block->encode_marks());
      (*this)(block->frames());
    }
  }
  void operator()(const std::vector<std::shared_ptr<const preview>>& all) {
    (*this)(static_cast<std::uint32_t>(all.size()));
    for (const auto& p : all) {
      (*this)(p->is_start);
      (*this)(static_cast<std::uint16_t>(p->of));
      (*this)(p->event_id);
      (*this)(p->frame);
    }
  }

 private:
  std::string& out_;
};

// --- reading --------------------------------------------------------------------------------

/// What is not there or no value of its type makes it bad, and all that follows empty.
class reader {
 public:
  explicit reader(std::string_view bytes) : left_(bytes) {}

  bool is_good() const { return good_; }

  template <std::integral T>
  requires(!std::is_same_v<T, bool>) void operator()(T& n) {
    if (!has(sizeof(T))) return;
    n = take_number<little, T>(left_);
  }
  void operator()(bool& b) { b = number<std::uint8_t>() != 0; }
  void operator()(role& r) {
    const auto n = number<std::uint8_t>();
    good_ =
        good_ && n >= static_cast<std::uint8_t>(role::client) && n <= static_cast<std::uint8_t>(role::viewer);
    if (good_) r = static_cast<role>(n);
  }
  /// One that a later version has added is a fault of its.
  void operator()(errc& code) {
    const auto n = number<std::uint8_t>();
    code = n < codes.size() ? codes[n] : errc::internal;
  }
  void operator()(log_state& s) {
    const auto n = number<std::uint8_t>();
    good_ = good_ && n < states.size();
    if (good_) s = states[n];
  }
  void operator()(std::chrono::milliseconds& ms) { ms = std::chrono::milliseconds{number<std::int64_t>()}; }
  void operator()(std::string& text) { text = view(); }
  void operator()(failure& f) {
    (*this)(f.code);
    (*this)(f.message);
  }
  void operator()(log_slice& slice) {
    for (auto n = number<std::uint32_t>(); good_ && n > 0; --n) {
      const auto begin = number<seq_t>();
      const auto first = number<seq_t>();
      const auto last = number<seq_t>();
      const auto marks = view();
      const auto frames = view();
      if (!good_) return;
      auto block = log_block::decode(begin, marks, std::string{frames});
      good_ = block && first >= begin && first <= last && last <= (*block)->last_seq() &&
              (slice.empty() || first == slice.last_seq() + 1);
      if (good_) slice.spans.push_back({*std::move(block), first, last});
    }
  }
  void operator()(std::vector<std::shared_ptr<const preview>>& all) {
    for (auto n = number<std::uint32_t>(); good_ && n > 0; --n) {
      preview p;
      (*this)(p.is_start);
      const auto type = number<std::uint16_t>();
      p.of = type < event_type_count ? static_cast<event_type>(type) : event_type::custom;
      (*this)(p.event_id);
      (*this)(p.frame);
      all.push_back(std::make_shared<const preview>(std::move(p)));
    }
  }

 private:
  bool has(std::size_t bytes) {
    good_ = good_ && left_.size() >= bytes;
    return good_;
  }
  template <std::integral T>
  T number() {
    T n{};
    (*this)(n);
    return n;
  }
  std::string_view view() {
    const auto size = number<std::uint32_t>();
    if (!has(size)) return {};
    const auto text = left_.substr(0, size);
    left_.remove_prefix(size);
    return text;
  }

  std::string_view left_;
  bool good_ = true;
};

// --- the members of each, in the order in which they stand -----------------------------------

template <class R, class T>
concept one_of = std::is_same_v<std::remove_const_t<R>, T>;

template <class F>
void members(F& f, one_of<hello> auto& r) {
  f(r.protocol), f(r.node), f(r.incarnation), f(r.name);
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

constexpr std::size_t head_size = sizeof(std::uint8_t) + sizeof(std::uint32_t);

template <std::size_t Place>
std::optional<record> read_as(std::string_view bytes) {
  std::variant_alternative_t<Place, kinds> r;
  reader in{bytes};
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
  writer f{out};
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
