// SPDX-License-Identifier: Apache-2.0
// Owners of what OpenSSL hands out.
#pragma once

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

namespace sandbase {

template <auto Free>
struct openssl_free {
  template <class T>
  void operator()(T* p) const noexcept {
    Free(p);
  }
};

using x509_ptr = std::unique_ptr<X509, openssl_free<X509_free>>;
using pkey_ptr = std::unique_ptr<EVP_PKEY, openssl_free<EVP_PKEY_free>>;
using ssl_ptr = std::unique_ptr<SSL, openssl_free<SSL_free>>;
/// One context serves all sessions, which share it.
using ssl_ctx_ptr = std::shared_ptr<SSL_CTX>;

}  // namespace sandbase
