// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/tls_session.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <fmt/core.h>
#include <memory>
#include <new>

namespace sandbase {

namespace {

/// Longest chain of certificates that is read from somebody who has proved nothing yet.
constexpr long max_chain_bytes = 16 * 1024;

/// What the end that accepts says once it has seen the other one's proof, in a record of its own.
constexpr char welcome_byte = '+';

/// As ALPN has it: a byte of length, then the name.
std::string as_alpn(std::string_view protocol) {
  return static_cast<char>(protocol.size()) + std::string{protocol};
}

int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int offered_size, void* ours) {
  const auto& mine = *static_cast<const std::string*>(ours);
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(mine.data()),
                            static_cast<unsigned int>(mine.size()), offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

/// Of the certificate that the other end has shown; empty: there is nothing against it.
std::string refusal_of_certificate(long verified) {
  switch (verified) {
    case X509_V_OK:
      return {};
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "its certificate is not valid at this time: the clocks differ";
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "its certificate is not of this cluster: cluster.secret or cluster.name differ";
    default:
      return fmt::format("its certificate is refused: {}", X509_verify_cert_error_string(verified));
  }
}

/// Of an error of libssl.
std::string sentence_of(unsigned long code) {
  switch (ERR_GET_REASON(code)) {
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR:
      return "it does not take the certificate of this node: cluster.secret or cluster.name differ";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
      return "it does not take the certificate of this node at this time: the clocks differ";
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return "it shows no certificate";
    case SSL_R_NO_APPLICATION_PROTOCOL:
    case SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL:
      return "it speaks another version of the links' protocol";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return "it does not speak TLS 1.3";
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return "it closed the connection in the middle of the handshake";
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_BAD_RECORD_TYPE:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_BAD_PACKET_LENGTH:
    case SSL_R_UNEXPECTED_MESSAGE:
      return "it does not speak TLS";
    default: {
      const char* const text = ERR_reason_error_string(code);
      return fmt::format("TLS fails: {}", text == nullptr ? "no reason is known" : text);
    }
  }
}

}  // namespace

result<tls_context> tls_context::make(const tls_identity& identity, std::string_view protocol) {
  // With what its callback reads.
  struct owned {
    std::string protocol;
    std::unique_ptr<SSL_CTX, openssl_free<SSL_CTX_free>> context;
  };
  const auto all = std::make_shared<owned>(owned{
      as_alpn(protocol), std::unique_ptr<SSL_CTX, openssl_free<SSL_CTX_free>>{SSL_CTX_new(TLS_method())}});
  auto* const c = all->context.get();
  const auto* const alpn = reinterpret_cast<const unsigned char*>(all->protocol.data());
  if (c == nullptr || SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) != 1 ||
      SSL_CTX_use_certificate(c, identity.certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(c, identity.key.get()) != 1 || SSL_CTX_check_private_key(c) != 1 ||
      X509_STORE_add_cert(SSL_CTX_get_cert_store(c), identity.authority.get()) != 1 ||
      // Zero is its success.
      SSL_CTX_set_alpn_protos(c, alpn, static_cast<unsigned int>(all->protocol.size())) != 0 ||
      // Nothing may follow the handshake but what is sent, and no session is taken up again.
      SSL_CTX_set_num_tickets(c, 0) != 1)
    return {errc::internal, "cannot set up TLS for links between nodes"};
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_max_cert_list(c, max_chain_bytes);
  SSL_CTX_set_alpn_select_cb(c, select_protocol, &all->protocol);
  SSL_CTX_set_mode(
      c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  return tls_context{ssl_ctx_ptr{all, c}};
}

tls_session::tls_session(const tls_context& context, tls_end end, int socket)
    : ssl_(SSL_new(context.get())), end_(end) {
  if (!ssl_ || SSL_set_fd(ssl_.get(), socket) != 1) throw std::bad_alloc{};
  if (end == tls_end::dials)
    SSL_set_connect_state(ssl_.get());
  else
    SSL_set_accept_state(ssl_.get());
}

tls_step tls_session::open() {
  if (!is_shaken_)
    if (const auto step = shake_hands(); step != tls_step::done) return step;
  is_shaken_ = true;
  return welcome();
}

tls_step tls_session::shake_hands() {
  ERR_clear_error();
  const auto step = step_of(SSL_do_handshake(ssl_.get()));
  if (step != tls_step::done) return step;
  const unsigned char* protocol = nullptr;
  unsigned int size = 0;
  // Whoever offers none is not asked for it.
  SSL_get0_alpn_selected(ssl_.get(), &protocol, &size);
  if (size != 0) return tls_step::done;
  why_ = sentence_of(ERR_PACK(ERR_LIB_SSL, 0, SSL_R_NO_APPLICATION_PROTOCOL));
  return tls_step::ended;
}

tls_step tls_session::welcome() {
  ERR_clear_error();
  std::size_t count = 0;
  if (end_ == tls_end::accepts) return step_of(SSL_write_ex(ssl_.get(), &welcome_byte, 1, &count));
  char byte = 0;
  const auto step = step_of(SSL_read_ex(ssl_.get(), &byte, 1, &count));
  if (step != tls_step::done || (byte == welcome_byte && SSL_pending(ssl_.get()) == 0)) return step;
  why_ = sentence_of(ERR_PACK(ERR_LIB_SSL, 0, SSL_R_NO_APPLICATION_PROTOCOL));
  return tls_step::ended;
}

std::string tls_session::peer_name() const {
  const x509_ptr shown{SSL_get1_peer_certificate(ssl_.get())};
  std::array<char, 65> name{};
  if (shown)
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, name.data(),
                              static_cast<int>(name.size()));
  return name.data();
}

tls_step tls_session::read(void* to, std::size_t size, std::size_t& count) {
  ERR_clear_error();
  return step_of(SSL_read_ex(ssl_.get(), to, size, &count));
}

tls_step tls_session::write(const void* from, std::size_t size, std::size_t& count) {
  ERR_clear_error();
  return step_of(SSL_write_ex(ssl_.get(), from, size, &count));
}

void tls_session::read_ahead() { SSL_set_read_ahead(ssl_.get(), 1); }

bool tls_session::may_have_more() const { return SSL_has_pending(ssl_.get()) == 1; }

tls_step tls_session::step_of(int returned) {
  if (returned == 1) return tls_step::done;
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return tls_step::wants_read;
    case SSL_ERROR_WANT_WRITE:
      return tls_step::wants_write;
    case SSL_ERROR_SSL:
      why_ = refusal_of_certificate(SSL_get_verify_result(ssl_.get()));
      if (why_.empty()) why_ = sentence_of(ERR_peek_error());
      break;
    default:
      why_ = sentence_of(ERR_PACK(ERR_LIB_SSL, 0, SSL_R_UNEXPECTED_EOF_WHILE_READING));
  }
  ERR_clear_error();
  return tls_step::ended;
}

}  // namespace sandbase
