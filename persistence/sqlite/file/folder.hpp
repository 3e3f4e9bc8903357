// SPDX-License-Identifier: Apache-2.0
// Folders that files are made in: a new name is durable only when its folder is synced.
#pragma once

#include <filesystem>

namespace sandbase::sqlite {

/// Makes the names in `folder` durable. Throws `unavailable` if it cannot
/// be opened, `io_failed` if the sync fails.
void sync_folder(const std::filesystem::path& folder);

}  // namespace sandbase::sqlite
