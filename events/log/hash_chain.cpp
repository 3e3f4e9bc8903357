// SPDX-License-Identifier: Apache-2.0
#include "events/log/hash_chain.hpp"

#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace sandbase {

namespace {

constexpr std::string_view head_prefix = "sha256:";
constexpr std::string_view hex_digits = "0123456789abcdef";

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

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

digest sha256(std::string_view text) { return this_threads_hasher().add(text.data(), text.size()).finish(); }

digest next_head(const digest& head, std::string_view json) {
  return this_threads_hasher().add(head.data(), head.size()).add(json.data(), json.size()).finish();
}

std::string format_head(const digest& head) {
  std::string out{head_prefix};
  out += to_hex({reinterpret_cast<const char*>(head.data()), head.size()});
  return out;
}

std::optional<digest> parse_head(std::string_view text) {
  digest out{};
  if (!text.starts_with(head_prefix) || text.size() != head_prefix.size() + 2 * out.size())
    return std::nullopt;
  text.remove_prefix(head_prefix.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return out;
}

std::string to_hex(std::string_view bytes) {
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += hex_digits[byte >> 4];
    out += hex_digits[byte & 15];
  }
  return out;
}

}  // namespace sandbase
