// SPDX-License-Identifier: Apache-2.0
// Where a command is carried out: on a store, or at a running service.
#include "config/parser/parser_frame.hpp"

#include <fmt/core.h>

namespace sandbase {
namespace {

constexpr const char* service_group = "Service";

result<void> refuse(const std::vector<const CLI::Option*>& options, const char* where) {
  for (const auto* option : options)
    if (option->count() > 0)
      return {errc::invalid, fmt::format("{} has no meaning {}", option->get_name(), where)};
  return {};
}

}  // namespace

void parser_frame::add_service(CLI::App& sub) {
  const auto add = [&](const char* name, std::string& to, const char* what, const char* value) {
    sub.add_option(name, to, what)->type_name(value)->group(service_group);
  };
  add("--url", service_.url, "Address of the service: http://HOST:PORT; else SANDBASE_URL or a profile",
      "URL");
  add("--key-file", service_.key_file,
      "File with the API key on its first line, - for stdin; else SANDBASE_KEY", "FILE");
  add("--key", service_.key, "The API key itself; every user of this machine can see it there", "KEY");
  add("--profile", service_.profile, "Profile in profiles.toml that has address and key", "NAME");
  add("--ca-file", service_.ca_file, "Certificates of authorities to trust beside the system's (PEM)",
      "FILE");
}

CLI::App* parser_frame::add_client(CLI::App& parent, const char* name, const char* what) {
  auto* sub = parent.add_subcommand(name, what);
  add_service(*sub);
  return sub;
}

void parser_frame::choose_at_service(any_command command) {
  where_ = place::service;
  chosen_.at_service = std::move(command);
}

void parser_frame::choose_either(either_command command) {
  where_ = place::either;
  chosen_ = std::move(command);
}

std::string parser_frame::names_store() const {
  if (!config_file_.empty()) return "--config";
  const auto options = given();
  return options.empty() ? "" : "--" + options.begin()->first;
}

std::string parser_frame::names_service() const {
  const std::pair<const std::string&, const char*> all[] = {{service_.url, "--url"},
                                                            {service_.profile, "--profile"},
                                                            {service_.key_file, "--key-file"},
                                                            {service_.key, "--key"},
                                                            {service_.ca_file, "--ca-file"}};
  for (const auto& [text, name] : all)
    if (!text.empty()) return name;
  return "";
}

result<void> parser_frame::decide(const environment_fn& environment, command_line& line) {
  const auto store = where_ == place::either ? names_store() : "";
  const auto service = names_service();
  if (!store.empty() && !service.empty())
    return {errc::invalid, fmt::format("{} names a store and {} a service: the command works at one of them",
                                       store, service)};
  if (where_ != place::store && store.empty()) {
    auto found = find_service(service_, environment);
    if (!found) return std::move(found).error();
    if (*found) {
      line.service = **std::move(found);
      line.command = std::move(chosen_.at_service);
      return refuse(chosen_.only_in_store, "at a service");
    }
    if (where_ == place::service || !service.empty())
      return {
          errc::invalid,
          "no service is named: give its address by --url http://HOST:PORT, or set SANDBASE_URL, or use a "
          "profile"};
  }
  line.command = std::move(chosen_.in_store);
  return refuse(chosen_.only_at_service, "on a store: name a service by --url");
}

}  // namespace sandbase
