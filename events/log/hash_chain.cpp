// SPDX-License-Identifier: Apache-2.0
#include "events/log/hash_chain.hpp"

#include "events/base/hex.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace sandbase {

namespace {

constexpr std::string_view head_prefix = "sha256:";

/// SHA-256 fails only if OpenSSL itself is set up without it; no log can be written then.
void demand(bool ok) {
  if (ok) return;
  std::fputs("fatal: OpenSSL provides no SHA-256\n", stderr);
  std::abort();
}

/// One hash computation at a time; kept per thread, because making a
/// context costs more than hashing a small event.
class hasher {
 public:
  hasher() : context_(EVP_MD_CTX_new()) {
    demand(context_ != nullptr && EVP_DigestInit_ex2(context_.get(), algorithm(), nullptr) == 1);
  }

  hasher& add(const void* data, std::size_t size) {
    demand(EVP_DigestUpdate(context_.get(), data, size) == 1);
    return *this;
  }

  /// The result; the hasher is then ready for the next computation.
  digest finish() {
    digest out;
    demand(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1);
    demand(EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) == 1);
    return out;
  }

 private:
  static const EVP_MD* algorithm() {
    // Never freed: threads may hash until the process ends.
    static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    demand(fetched != nullptr);
    return fetched;
  }

  struct context_deleter {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, context_deleter> context_;
};

hasher& this_threads_hasher() {
  thread_local hasher instance;
  return instance;
}

}  // namespace

digest sha256(std::string_view text) { return this_threads_hasher().add(text.data(), text.size()).finish(); }

digest salted_leaf(std::string_view salt, std::string_view json) {
  return this_threads_hasher().add(salt.data(), salt.size()).add(json.data(), json.size()).finish();
}

digest next_head(const digest& head, const digest& leaf) {
  return this_threads_hasher().add(head.data(), head.size()).add(leaf.data(), leaf.size()).finish();
}

digest next_unsalted_head(const digest& head, std::string_view json) {
  return this_threads_hasher().add(head.data(), head.size()).add(json.data(), json.size()).finish();
}

std::string format_head(const digest& head) {
  std::string out{head_prefix};
  out += to_hex({reinterpret_cast<const char*>(head.data()), head.size()});
  return out;
}

std::optional<digest> parse_head(std::string_view text) {
  digest out{};
  if (!text.starts_with(head_prefix)) return std::nullopt;
  const auto bytes = parse_hex(text.substr(head_prefix.size()));
  if (!bytes || bytes->size() != out.size()) return std::nullopt;
  std::ranges::copy(*bytes, reinterpret_cast<char*>(out.data()));
  return out;
}

}  // namespace sandbase
