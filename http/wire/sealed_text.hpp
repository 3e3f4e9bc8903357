// SPDX-License-Identifier: Apache-2.0
// What the service gives to a client to bring it back, without the client reading it: sealed under a secret
// of the store, so that any node can open it and nobody else. Nothing of it is stored.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

/// base64url (RFC 4648) of `plain` under AES-256-SIV (RFC 5297), whose key is the HMAC-SHA-512 (RFC 2104) of
/// `purpose` under `secret`. The same texts give the same seal. @pre !plain.empty()
std::string seal(std::string_view secret, std::string_view purpose, std::string_view plain);

/// Empty unless `sealed` is what seal() makes of something for this purpose.
std::optional<std::string> unseal(std::string_view secret, std::string_view purpose, std::string_view sealed);

}  // namespace sandbase
