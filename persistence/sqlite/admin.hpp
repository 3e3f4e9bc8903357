// The operators' side of a store (store_admin) on SQLite.
#pragma once

#include "persistence/backend.hpp"

#include <memory>
#include <string>

namespace sandbase::sqlite {

result<std::unique_ptr<store_admin>> open_admin(const std::string& path);

}  // namespace sandbase::sqlite
