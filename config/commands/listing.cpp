// SPDX-License-Identifier: Apache-2.0
#include "config/commands/listing.hpp"

#include "config/commands/text_table.hpp"
#include "config/commands/tool.hpp"
#include "events/json/json_writer.hpp"

namespace sandbase {
namespace {

std::string as_text(const listing::cell& c) {
  const auto* number = std::get_if<std::int64_t>(&c);
  return number != nullptr ? std::to_string(*number) : std::get<std::string>(c);
}

std::string as_value(const listing::cell& c) {
  const auto* text = std::get_if<std::string>(&c);
  if (text == nullptr) return as_text(c);
  return text->empty() ? "null" : json::quoted(*text);
}

}  // namespace

std::string listing::render() const {
  if (as_json_) {
    std::string out;
    for (const auto& row : rows_) {
      json::object_writer object{out};
      for (std::size_t i = 0; i < row.size(); ++i) object.raw(titles_[i], as_value(row[i]));
      object.close();
      out.push_back('\n');
    }
    return out;
  }
  text_table table{titles_};
  for (const auto& row : rows_) {
    std::vector<std::string> cells;
    for (const auto& c : row) cells.push_back(as_text(c));
    table.add(std::move(cells));
  }
  return table.render();
}

int listing::print() const {
  auto out = output::to_stdout();
  auto written = out.write(render());
  if (written) written = out.finish();
  return written ? exit_ok : report(written.error(), exit_failed);
}

}  // namespace sandbase
