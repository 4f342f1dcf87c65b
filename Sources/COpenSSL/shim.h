#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// Macros of OpenSSL, which Swift cannot call.
static inline int tls_require_12(SSL_CTX *context) {
  return (int)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}
static inline int tls_name_server(SSL *ssl, const char *host) {
  return (int)SSL_set_tlsext_host_name(ssl, host);
}
