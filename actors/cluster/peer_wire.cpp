// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/peer_wire.hpp"

#include <array>

namespace sandbase::peer {

namespace {

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

}  // namespace

// --- writing --------------------------------------------------------------------------------

void wire_writer::operator()(errc code) { (*this)(place_in(codes, code)); }

void wire_writer::operator()(log_state s) { (*this)(place_in(states, s)); }

void wire_writer::operator()(std::string_view text) {
  (*this)(static_cast<std::uint32_t>(text.size()));
  out_ += text;
}

void wire_writer::operator()(const log_slice& slice) {
  (*this)(static_cast<std::uint32_t>(slice.spans.size()));
  for (const auto& [block, first, last] : slice.spans) {
    (*this)(block->first_seq());
    (*this)(first);
    (*this)(last);
    (*this)(block->encode_marks());
    (*this)(block->frames());
  }
}

void wire_writer::operator()(const std::vector<std::shared_ptr<const preview>>& all) {
  (*this)(static_cast<std::uint32_t>(all.size()));
  for (const auto& p : all) {
    (*this)(p->is_start);
    (*this)(static_cast<std::uint16_t>(p->of));
    (*this)(p->event_id);
    (*this)(p->frame);
  }
}

// --- reading --------------------------------------------------------------------------------

void wire_reader::operator()(role& r) {
  const auto n = number<std::uint8_t>();
  good_ =
      good_ && n >= static_cast<std::uint8_t>(role::client) && n <= static_cast<std::uint8_t>(role::viewer);
  if (good_) r = static_cast<role>(n);
}

void wire_reader::operator()(errc& code) {
  const auto n = number<std::uint8_t>();
  code = n < codes.size() ? codes[n] : errc::internal;
}

void wire_reader::operator()(log_state& s) {
  const auto n = number<std::uint8_t>();
  good_ = good_ && n < states.size();
  if (good_) s = states[n];
}

void wire_reader::operator()(digest& d) {
  if (!has(d.size())) return;
  std::copy_n(left_.begin(), d.size(), reinterpret_cast<char*>(d.data()));
  left_.remove_prefix(d.size());
}

std::string_view wire_reader::view() {
  const auto size = number<std::uint32_t>();
  if (!has(size)) return {};
  const auto text = left_.substr(0, size);
  left_.remove_prefix(size);
  return text;
}

void wire_reader::operator()(log_slice& slice) {
  for (auto n = number<std::uint32_t>(); good_ && n > 0; --n) {
    const auto begin = number<seq_t>();
    const auto first = number<seq_t>();
    const auto last = number<seq_t>();
    const auto marks = view();
    const auto frames = view();
    if (!good_) return;
    auto block = log_block::decode(begin, marks, std::string{frames});
    // What answers an append may have gaps: of its events some may have been there before.
    good_ = block && first >= begin && first <= last && last <= (*block)->last_seq();
    if (good_) slice.spans.push_back({*std::move(block), first, last});
  }
}

void wire_reader::operator()(std::vector<std::shared_ptr<const preview>>& all) {
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

}  // namespace sandbase::peer
