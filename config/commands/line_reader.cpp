// SPDX-License-Identifier: Apache-2.0
#include "config/commands/line_reader.hpp"

#include "events/json/json_document.hpp"

#include <cerrno>
#include <cstring>
#include <sys/stat.h>

namespace sandbase {
namespace {

constexpr std::size_t read_bytes = 256 * 1024;

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

result<line_reader> line_reader::open(const std::string& path, std::size_t max_line) {
  if (path == "-") return line_reader{stdin, "stdin", max_line};
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return {errc::invalid, "cannot read " + path + ": " + std::strerror(errno)};
  return line_reader{file, path, max_line};
}

line_reader::line_reader(std::FILE* file, std::string name, std::size_t max_line)
    : file_(file), name_(std::move(name)), max_line_(max_line) {
  struct stat info {};
  if (fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode))
    total_ = static_cast<std::uint64_t>(info.st_size);
}

result<std::optional<text_line>> line_reader::next() {
  std::size_t searched = begin_;
  for (;;) {
    auto end = buffer_.find('\n', searched);
    if (end == std::string::npos) {
      if (buffer_.size() - begin_ > max_line_)
        return {errc::too_large, "line " + std::to_string(line_number_ + 1) + ": longer than " +
                                     std::to_string(max_line_) + " bytes"};
      searched = buffer_.size() - begin_;  // fill() moves the line to the front
      const auto more = fill();
      if (!more) return more.error();
      if (*more) continue;
      if (begin_ == buffer_.size()) return std::optional<text_line>{};
      end = buffer_.size();
    }
    auto text = std::string_view{buffer_}.substr(begin_, end - begin_);
    if (line_number_ == 0) text = json::skip_byte_order_mark(text);
    ++line_number_;
    begin_ = std::min(end + 1, buffer_.size());
    if (!is_blank(text)) return std::optional{text_line{text, line_number_}};
    searched = begin_;
  }
}

result<bool> line_reader::fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  const auto kept = buffer_.size();
  buffer_.resize(kept + read_bytes);
  const auto got = std::fread(buffer_.data() + kept, 1, read_bytes, file_.get());
  buffer_.resize(kept + got);
  bytes_read_ += got;
  if (got == 0 && std::ferror(file_.get()) != 0)
    return {errc::io_failed, "cannot read " + name_ + ": " + std::strerror(errno)};
  return got != 0;
}

}  // namespace sandbase
