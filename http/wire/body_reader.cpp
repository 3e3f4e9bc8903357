#include "http/wire/body_reader.hpp"

#include "http/wire/text.hpp"

#include <algorithm>

namespace sandbase {

body_reader body_reader::of_length(std::uint64_t length) {
  body_reader r;
  r.left_ = length;
  r.state_ = length == 0 ? state::done : state::more;
  return r;
}

body_reader body_reader::of_chunks(std::size_t max_bytes) {
  body_reader r;
  r.part_ = part::size;
  r.room_ = max_bytes;
  r.state_ = state::more;
  return r;
}

std::size_t body_reader::feed(std::string_view input, std::string& body) {
  std::size_t used = 0;
  while (state_ == state::more && used < input.size()) {
    if (part_ != part::fixed && part_ != part::data) {
      next_in_chunks(input[used++]);
      continue;
    }
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size() - used));
    body.append(input.substr(used, n));
    used += n;
    left_ -= n;
    if (left_ > 0) continue;
    if (part_ == part::fixed) {
      state_ = state::done;
    } else {
      part_ = part::data_cr;
    }
  }
  return used;
}

void body_reader::next_in_chunks(char c) {
  const auto fail_unless = [&](bool good) {
    if (!good) state_ = state::invalid;
  };
  if (++line_ > max_line_bytes) return fail_unless(false);
  switch (part_) {
    case part::size: {
      const auto digit = c >= '0' && c <= '9'                     ? c - '0'
                         : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                                  : -1;
      if (digit >= 0) {
        if (++digits_ > 15) return fail_unless(false);
        left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
        return;
      }
      if (digits_ == 0) return fail_unless(false);
      if (c == '\r') {
        part_ = part::size_end;
        return;
      }
      part_ = c == ';' ? part::extension : part::blank;
      return fail_unless(c == ';' || c == ' ' || c == '\t');
    }
    case part::blank:  // may stand before an extension only
      if (c == ';') part_ = part::extension;
      return fail_unless(c == ';' || c == ' ' || c == '\t');
    case part::extension:  // of no meaning here
      if (c == '\r') {
        part_ = part::size_end;
      } else {
        fail_unless(c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f'));
      }
      return;
    case part::size_end:
      fail_unless(c == '\n');
      return take_size();
    case part::data_cr:
      fail_unless(c == '\r');
      part_ = part::data_lf;
      return;
    case part::data_lf:
      fail_unless(c == '\n');
      part_ = part::size;
      line_ = digits_ = 0;
      return;
    case part::trailer:
      return take_trailer(c);
    case part::fixed:
    case part::data:
      return;
  }
}

void body_reader::take_size() {
  if (state_ != state::more) return;
  line_ = 0;
  if (left_ == 0) {
    part_ = part::trailer;
    return;
  }
  if (left_ > room_) {
    state_ = state::too_large;
    return;
  }
  room_ -= left_;
  part_ = part::data;
}

// Trailer fields are of no meaning here, but a line that is none could be read as something else.
void body_reader::take_trailer(char c) {
  bool good = true;
  if (cr_) {
    good = c == '\n' && (column_ == 0 || colon_);
    if (good && column_ == 0) state_ = state::done;
    cr_ = colon_ = false;
    column_ = 0;
  } else if (c == '\r') {
    cr_ = true;
  } else {
    good = colon_ ? c != '\n' && c != '\0' : is_token_char(c) || (c == ':' && column_ > 0);
    colon_ = colon_ || c == ':';
    ++column_;
  }
  if (!good) state_ = state::invalid;
}

}  // namespace sandbase
