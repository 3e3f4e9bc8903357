// SPDX-License-Identifier: Apache-2.0
// What nodes prove to each other that they belong to one cluster with. Whoever knows the cluster's secret can
// make its authority, the same one everywhere; each node issues itself a certificate under it when it starts.
// Nothing of this is on a disk, and nothing has to be handed out but the secret.
#pragma once

#include "actors/cluster/openssl_handles.hpp"
#include "events/base/result.hpp"

#include <chrono>
#include <cstddef>
#include <string_view>

namespace sandbase {

/// What can be guessed from a recorded or provoked handshake costs scrypt a guess: a secret has to be long
/// all the same.
inline constexpr std::size_t min_cluster_secret_bytes = 32;

/// Of one node, for one run of its process.
struct tls_identity {
  /// Of the authority that both ends must be under.
  x509_ptr authority;
  x509_ptr certificate;
  pkey_ptr key;
};

/// The authority that certificates of a cluster's nodes are under.
class cluster_authority {
 public:
  /// The same key and the same bytes of the certificate for the same arguments, on any node. Takes some
  /// 200 ms and 64 MiB, on purpose. `cluster`: 1 to 64 characters. `invalid`: the secret is too short;
  /// `internal`: OpenSSL does not do it.
  static result<cluster_authority> derive(std::string_view secret, std::string_view cluster);

  /// A new key with a certificate for it, valid from a day before `now`, since clocks differ, for ten years:
  /// for longer than a process runs. `node`: 1 to 64 characters, which the other ends see. `internal`.
  result<tls_identity> issue(std::string_view node, std::chrono::system_clock::time_point now) const;

  const X509& certificate() const { return *certificate_; }

 private:
  cluster_authority(pkey_ptr key, x509_ptr certificate)
      : key_(std::move(key)), certificate_(std::move(certificate)) {}

  pkey_ptr key_;
  x509_ptr certificate_;
};

}  // namespace sandbase
