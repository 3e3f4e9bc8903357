// SPDX-License-Identifier: Apache-2.0
#include "config/service_target.hpp"

#include "config/client/service_url.hpp"
#include "config/service_profiles.hpp"
#include "http/wire/text.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <fstream>
#include <iostream>
#include <string_view>
#include <utility>

namespace sandbase {
namespace {

constexpr std::string_view default_profile = "default";

/// Empty counts as unset.
std::string variable(const environment_fn& environment, const char* name) {
  return environment(name).value_or("");
}

/// A profile, and how it was named.
struct named_profile {
  std::string name;
  service_profile values;
};

class search {
 public:
  search(const service_given& given, const environment_fn& environment)
      : given_(given), environment_(environment) {}

  result<std::optional<service_target>> run() {
    if (auto read = find_profile(); !read) return std::move(read).error();
    service_target target;
    std::string from;
    const auto address = variable(environment_, "SANDBASE_URL");
    if (!given_.url.empty()) {
      target.url = given_.url;
      from = "--url";
    } else if (!given_.profile.empty()) {
      take_profile(target, from);
    } else if (!address.empty()) {
      target.url = address;
      from = "SANDBASE_URL";
    } else if (profile_) {
      take_profile(target, from);
    } else {
      return std::optional<service_target>{};
    }
    if (target.url.empty()) return failure{errc::invalid, fmt::format("{} has no url", from)};
    if (auto good = parse_service_url(target.url); !good)
      return failure{errc::invalid, fmt::format("{}: {}", from, good.error().message)};
    find_key(target);
    find_authorities(target);
    return std::optional{std::move(target)};
  }

 private:
  result<void> find_profile() {
    auto name = given_.profile;
    if (name.empty()) name = variable(environment_, "SANDBASE_PROFILE");
    const bool is_named = !name.empty();
    // Whoever names the address needs no file.
    if (!is_named && !given_.url.empty()) return {};
    if (!is_named) name = default_profile;
    const auto path = profiles_path(environment_);
    auto all = read_profiles(path, environment_);
    if (!all) return std::move(all).error();
    const auto found = all->find(name);
    if (found != all->end()) {
      profile_ = named_profile{name, found->second};
      return {};
    }
    if (!is_named) return {};
    return {errc::invalid, fmt::format("there is no profile {} in {}", name,
                                       path.empty() ? "any file: HOME is not set" : path)};
  }

  void take_profile(service_target& target, std::string& from) {
    target.url = profile_->values.url;
    from = "the profile " + profile_->name;
    uses_profile_ = true;
  }

  /// Of a profile that has the address, or that was named beside it.
  bool may_use_profile() const { return profile_ && (uses_profile_ || !given_.profile.empty()); }

  void find_key(service_target& target) const {
    if (!given_.key.empty() || !given_.key_file.empty()) {
      target.key = given_.key;
      target.key_file = given_.key_file;
      return;
    }
    if (may_use_profile()) {
      target.key = profile_->values.key;
      target.key_file = profile_->values.key_file;
      if (!target.key.empty() || !target.key_file.empty()) return;
    }
    target.key = variable(environment_, "SANDBASE_KEY");
    if (target.key.empty()) target.key_file = variable(environment_, "SANDBASE_KEY_FILE");
  }

  void find_authorities(service_target& target) const {
    target.ca_file = given_.ca_file;
    if (target.ca_file.empty() && may_use_profile()) target.ca_file = profile_->values.ca_file;
    if (target.ca_file.empty()) target.ca_file = variable(environment_, "SANDBASE_CA_FILE");
  }

  const service_given& given_;
  const environment_fn& environment_;
  std::optional<named_profile> profile_;
  bool uses_profile_ = false;
};

/// What may stand in a header line, and does in every key.
bool can_be_key(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

result<std::string> check_key(std::string_view text, std::string_view from) {
  const auto key = trim(text);
  if (key.empty()) return {errc::invalid, fmt::format("{}: there is no key in it", from)};
  if (!can_be_key(key))
    return {errc::invalid, fmt::format("{}: a key has letters, digits and '-' only", from)};
  return std::string{key};
}

}  // namespace

result<std::optional<service_target>> find_service(const service_given& given,
                                                   const environment_fn& environment) {
  if (!given.key.empty() && !given.key_file.empty())
    return {errc::invalid, "--key and --key-file: one of them"};
  return search{given, environment}.run();
}

result<std::string> read_key(const service_target& target) {
  if (!target.key.empty()) return check_key(target.key, "the key");
  if (target.key_file.empty())
    return {errc::invalid,
            "no key is given: name its file by --key-file FILE, or set SANDBASE_KEY, or use a profile"};
  std::string line;
  if (target.key_file == "-") {
    std::getline(std::cin, line);
    return check_key(line, "stdin");
  }
  std::ifstream file{target.key_file};
  if (!file.is_open())
    return {errc::invalid,
            fmt::format("cannot read the key file {}: {}", target.key_file, std::strerror(errno))};
  std::getline(file, line);
  if (file.bad())
    return {errc::invalid, fmt::format("cannot read the key file {}: {}", target.key_file, "a read failed")};
  return check_key(line, target.key_file);
}

}  // namespace sandbase
