// SPDX-License-Identifier: Apache-2.0
#include "config/option_sources.hpp"

#include "config/option_file.hpp"
#include "config/option_table.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fmt/core.h>
#include <fstream>
#include <span>
#include <sstream>
#include <system_error>

namespace sandbase {
namespace {

/// A password in a URL must get into no log.
bool has_password(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos) return false;
  const auto behind = text.substr(scheme + 3);
  const auto host = behind.substr(0, behind.find('/')).find('@');
  const auto colon = behind.find(':');
  return (host != std::string_view::npos && colon < host) ||
         behind.find("password=") != std::string_view::npos;
}

std::string describe(std::span<const std::string> texts) {
  std::string all;
  for (const auto& text : texts) {
    if (!all.empty()) all += ", ";
    all += has_password(text) ? "a URL with a password" : '"' + text + '"';
  }
  return all;
}

/// `origin`: where the value stands, for the message.
result<void> assign(server_options& options, const option_spec& spec, std::span<const std::string> texts,
                    std::string_view origin) {
  const auto set = spec.assign(options, texts);
  if (set) return {};
  return {errc::invalid,
          fmt::format("{}: {} {}, not {}", origin, spec.name, set.error().message, describe(texts))};
}

result<std::string> read_file(const std::string& path) {
  const auto fail = [&](int error) -> failure {
    return {errc::invalid, fmt::format("cannot read the config file {}: {}", path, std::strerror(error))};
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return fail(EISDIR);
  std::ifstream file{path, std::ios::binary};
  if (!file.is_open()) return fail(errno);
  std::ostringstream text;
  if (file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (file.bad() || text.bad()) return fail(EIO);
  return std::move(text).str();
}

result<void> apply_file(server_options& options, const std::string& path) {
  const auto text = read_file(path);
  if (!text) return text.error();
  const auto entries = parse_option_file(*text);
  if (!entries) return {errc::invalid, fmt::format("{}, {}", path, entries.error().message)};
  for (const auto& entry : *entries) {
    const auto origin = fmt::format("{}, line {}", path, entry.line);
    const auto* spec = find_option(entry.key);
    if (spec == nullptr) return {errc::invalid, fmt::format("{}: there is no option {}", origin, entry.key)};
    if (entry.is_array != spec->repeats)
      return {errc::invalid, fmt::format("{}: {} takes {}", origin, entry.key,
                                         spec->repeats ? "a list: [\"…\"]" : "one value, not a list")};
    if (auto set = assign(options, *spec, entry.values, origin); !set) return set;
  }
  return {};
}

/// A list stands in one variable, separated by commas.
std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> items;
  for (std::size_t start = 0; start < text.size();) {
    const auto comma = std::min(text.find(',', start), text.size());
    items.push_back(text.substr(start, comma - start));
    start = comma + 1;
  }
  return items;
}

result<void> apply_environment(server_options& options, const environment_fn& environment) {
  for (const auto& spec : option_table()) {
    const auto name = environment_name(spec.name);
    const auto text = environment(name);
    if (!text) continue;
    const auto texts = spec.repeats ? split_list(*text) : std::vector{*text};
    if (auto set = assign(options, spec, texts, name); !set) return set;
  }
  return {};
}

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
  const char* text = std::getenv(name.c_str());
  return text == nullptr ? std::nullopt : std::optional<std::string>{text};
}

result<server_options> resolve_options(const option_sources& sources) {
  // Each layer is checked whole, also where a later one overrides it.
  server_options options;
  if (!sources.config_file.empty())
    if (auto applied = apply_file(options, sources.config_file); !applied) return std::move(applied).error();
  if (auto applied = apply_environment(options, sources.environment); !applied)
    return std::move(applied).error();
  for (const auto& [name, texts] : sources.command_line)
    if (auto set = assign(options, *find_option(name), texts, "command line"); !set)
      return std::move(set).error();
  return options;
}

}  // namespace sandbase
