// SPDX-License-Identifier: Apache-2.0
#include "config/service_profiles.hpp"

#include "config/option_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/core.h>
#include <fstream>
#include <sstream>
#include <utility>

namespace sandbase {
namespace {

struct member {
  std::string_view name;
  std::string service_profile::*to;
  bool is_path;
};
constexpr std::array members{
    member{"url", &service_profile::url, false}, member{"key", &service_profile::key, false},
    member{"key_file", &service_profile::key_file, true}, member{"ca_file", &service_profile::ca_file, true}};

std::string resolve_path(const std::string& path, const std::string& file,
                         const environment_fn& environment) {
  if (path.empty()) return path;
  if (path.starts_with("~/"))
    if (const auto home = environment("HOME")) return *home + path.substr(1);
  return (std::filesystem::path{file}.parent_path() / path).string();
}

result<void> set(service_profiles& profiles, const file_entry& entry, const std::string& file,
                 const environment_fn& environment) {
  const auto dot = entry.key.rfind('.');
  const auto name = entry.key.substr(dot + 1);
  if (dot == std::string::npos)
    return {errc::invalid, fmt::format("{} stands in no profile: begin one with [NAME]", name)};
  const auto* const known = std::ranges::find(members, name, &member::name);
  if (known == members.end())
    return {errc::invalid, fmt::format("a profile has url, key_file, key and ca_file, not {}", name)};
  if (entry.is_array) return {errc::invalid, fmt::format("{} takes one value", name)};
  auto& profile = profiles[entry.key.substr(0, dot)];
  const auto& text = entry.values.front();
  profile.*(known->to) = known->is_path ? resolve_path(text, file, environment) : text;
  if (!profile.key.empty() && !profile.key_file.empty())
    return {errc::invalid, "key and key_file: one of them"};
  return {};
}

}  // namespace

std::string profiles_path(const environment_fn& environment) {
  constexpr std::string_view name = "/sandbase-events/profiles.toml";
  // A relative path counts as none (XDG Base Directory Specification).
  if (const auto folder = environment("XDG_CONFIG_HOME"); folder && folder->starts_with('/'))
    return fmt::format("{}{}", *folder, name);
  const auto home = environment("HOME");
  return home && !home->empty() ? fmt::format("{}/.config{}", *home, name) : "";
}

result<service_profiles> read_profiles(const std::string& path, const environment_fn& environment) {
  service_profiles profiles;
  if (path.empty()) return profiles;
  std::ifstream file{path, std::ios::binary};
  if (!file.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) return profiles;
    return {errc::invalid, fmt::format("cannot read the profiles {}: {}", path, std::strerror(errno))};
  }
  std::ostringstream text;
  if (file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (file.bad() || text.bad())
    return {errc::invalid, fmt::format("cannot read the profiles {}: {}", path, std::strerror(EIO))};
  const auto entries = parse_option_file(text.str());
  if (!entries) return {errc::invalid, fmt::format("{}, {}", path, entries.error().message)};
  for (const auto& entry : *entries)
    if (const auto done = set(profiles, entry, path, environment); !done)
      return {errc::invalid, fmt::format("{}, line {}: {}", path, entry.line, done.error().message)};
  return profiles;
}

}  // namespace sandbase
