// SPDX-License-Identifier: Apache-2.0
#include "config/toml.hpp"

#include "events/json/json_text.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace sandbase {
namespace {

bool is_key_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; }

class parser {
 public:
  explicit parser(std::string_view text) : text_(text) {}

  result<std::vector<toml_entry>> run() {
    for (skip_blank(); !at_end(); skip_blank()) {
      const bool ok = peek() == '[' ? table() : entry();
      if (!ok || !end_of_line()) return {errc::invalid, "line " + std::to_string(line_) + ": " + problem_};
    }
    return std::move(entries_);
  }

 private:
  bool at_end() const { return pos_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[pos_]; }
  bool take(char c) {
    if (peek() != c) return false;
    ++pos_;
    return true;
  }
  bool fail(std::string what) {
    problem_ = std::move(what);
    return false;
  }

  void skip_spaces() {
    while (peek() == ' ' || peek() == '\t') ++pos_;
  }
  void skip_comment() {
    if (peek() == '#') pos_ = std::min(text_.find('\n', pos_), text_.size());
  }
  /// Spaces, comments and line ends.
  void skip_blank() {
    for (;;) {
      skip_spaces();
      skip_comment();
      if (text_.substr(pos_, 2) == "\r\n") ++pos_;
      if (!take('\n')) return;
      ++line_;
    }
  }
  bool end_of_line() {
    skip_spaces();
    skip_comment();
    return at_end() || peek() == '\n' || text_.substr(pos_, 2) == "\r\n" ||
           fail("unexpected text behind the value");
  }

  /// `a.b`, of bare keys.
  bool key(std::string& out) {
    for (;;) {
      const auto start = pos_;
      while (is_key_char(peek())) ++pos_;
      if (pos_ == start) return fail("expected a key such as listen");
      out.append(text_.substr(start, pos_ - start));
      skip_spaces();
      if (!take('.')) return true;
      skip_spaces();
      out.push_back('.');
    }
  }

  bool table() {
    take('[');
    table_.clear();
    if (peek() == '[') return fail("arrays of tables are not used here");
    skip_spaces();
    if (!key(table_)) return fail("expected a section such as [http]");
    table_.push_back('.');
    return take(']') || fail("expected ']' behind the section's name");
  }

  bool entry() {
    toml_entry e{table_, {}, false, line_};
    if (!key(e.key)) return false;
    if (!take('=')) return fail("expected '=' behind " + e.key);
    skip_spaces();
    e.is_array = peek() == '[';
    if (e.is_array ? !array(e.values) : !scalar(e.values)) return false;
    const auto same = [&](const toml_entry& other) { return other.key == e.key; };
    if (std::any_of(entries_.begin(), entries_.end(), same)) return fail(e.key + " is given twice");
    entries_.push_back(std::move(e));
    return true;
  }

  bool array(std::vector<std::string>& out) {
    take('[');
    for (;;) {
      skip_blank();
      if (take(']')) return true;
      if (!scalar(out)) return false;
      skip_blank();
      if (take(',')) continue;
      return take(']') || fail("expected ',' or ']' in the list");
    }
  }

  bool scalar(std::vector<std::string>& out) {
    if (peek() == '"' || peek() == '\'') return string(out);
    const auto start = pos_;
    while (is_key_char(peek()) || peek() == '+' || peek() == '.') ++pos_;
    std::string word{text_.substr(start, pos_ - start)};
    if (word.empty()) return fail("expected a value");
    const bool is_number = std::isdigit(static_cast<unsigned char>(word.front())) != 0;
    if (word != "true" && word != "false" && !(is_number && drop_separators(word)))
      return fail("strings stand in quotes: \"" + word + "\"");
    out.push_back(std::move(word));
    return true;
  }

  /// `10_000` → `10000`. False if it is no decimal integer.
  static bool drop_separators(std::string& digits) {
    std::erase(digits, '_');
    return std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  }

  bool string(std::vector<std::string>& out) {
    const char quote = peek();
    const auto start = pos_++;
    while (!at_end() && peek() != quote && peek() != '\n')
      pos_ += (quote == '"' && peek() == '\\' && pos_ + 1 < text_.size()) ? 2 : 1;
    if (!take(quote)) return fail("the string has no closing quote");
    const auto quoted = text_.substr(start, pos_ - start);
    if (quote == '\'') {
      const auto literal = quoted.substr(1, quoted.size() - 2);
      const auto is_control = [](char c) {
        return c != '\t' && (static_cast<unsigned char>(c) < ' ' || c == '\x7f');
      };
      if (std::any_of(literal.begin(), literal.end(), is_control) || !json::validate(json::quoted(literal)))
        return fail("the string has a control character or is not UTF-8");
      out.emplace_back(literal);
      return true;
    }
    // A basic string is written as JSON's are, so JSON's reader does.
    if (!json::validate(quoted)) return fail("the string has a bad escape or is not UTF-8");
    out.push_back(json::value{quoted}.as_string());
    return true;
  }

  std::string_view text_;
  std::size_t pos_ = 0;
  std::size_t line_ = 1;
  std::string table_;
  std::vector<toml_entry> entries_;
  std::string problem_;
};

}  // namespace

result<std::vector<toml_entry>> parse_toml(std::string_view text) { return parser{text}.run(); }

}  // namespace sandbase
