// The writing side of a store (event_store) on SQLite.
#pragma once

#include "persistence/event_store.hpp"

#include <memory>
#include <string>

namespace sandbase::sqlite {

/// Migrates the database if need be. @pre the exclusive lock is held
result<std::unique_ptr<event_store>> open_writer(const std::string& path);

}  // namespace sandbase::sqlite
