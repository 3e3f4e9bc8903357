// SPDX-License-Identifier: Apache-2.0
// The database's file before SQLite opens it, seen through SQLite's own file layer (the default VFS). So the
// store works on every layer that SQLite works on, and a look at the file leaves the locks on it alone: the
// system drops those of a whole process when any of its descriptors of the file is closed.
#pragma once

#include <cstddef>
#include <string>

namespace sandbase::sqlite {

/// Whether there is a file with something in it. What a first transaction wrote that was cut off does not
/// count: SQLite undoes it. Throws `unavailable` if that cannot be told, `invalid` if it is no file.
bool has_content(const std::string& path);

/// Whether a write-ahead log lies beside the file. Throws as has_log() does.
bool has_write_ahead_log(const std::string& path);

/// Whether a log or a journal of SQLite's lies beside the file: what counts then is what SQLite makes of
/// both. Throws `unavailable` if that cannot be told.
bool has_log(const std::string& path);

/// The first bytes of a file, at most `size`. Throws `unavailable` if it cannot be read.
std::string read_front(const std::string& path, std::size_t size);

/// Makes an empty file, unless there is one. Nobody else on the machine can read it; SQLite gives the files
/// that it adds the same mode. Throws `unavailable`.
void create_file(const std::string& path);

}  // namespace sandbase::sqlite
