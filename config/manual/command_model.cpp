// SPDX-License-Identifier: Apache-2.0
#include "config/manual/command_model.hpp"

#include "events/base/ascii.hpp"
#include "http/wire/text.hpp"

#include <algorithm>

namespace sandbase {

std::vector<std::string> choices_of(const described_option& option) {
  std::vector<std::string> choices;
  const auto is_word_char = [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.';
  };
  for (const auto& part : split(option.value, '|'))
    if (part != "-" && std::ranges::all_of(part, is_word_char)) choices.emplace_back(part);
  return choices;
}

bool takes_file(const described_option& option) { return option.value == "FILE"; }

}  // namespace sandbase
