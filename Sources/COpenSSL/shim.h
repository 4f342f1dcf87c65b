#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// Macros of OpenSSL, which Swift cannot call.
static inline int tls_require_12(SSL_CTX *context) {
  return (int)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}
static inline int tls_name_server(SSL *ssl, const char *host) {
  return (int)SSL_set_tlsext_host_name(ssl, host);
}

// The parameters of OpenSSL are arrays of C.
static inline EVP_PKEY *public_key_of(const char *type, OSSL_PARAM *parameters) {
  EVP_PKEY *key = NULL;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
  if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
      EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) key = NULL;
  EVP_PKEY_CTX_free(context);
  ERR_clear_error();
  return key;
}

// A point of a named curve, in the encoding of SEC 1; NULL when it is not one of the curve.
static inline EVP_PKEY *public_key_ec(const char *curve, const unsigned char *point, size_t length) {
  OSSL_PARAM parameters[] = {
    OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)curve, 0),
    OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point, length),
    OSSL_PARAM_construct_end(),
  };
  return public_key_of("EC", parameters);
}

// Modulus and exponent, as bytes with the highest first.
static inline EVP_PKEY *public_key_rsa(
    const unsigned char *modulus, size_t modulus_length, const unsigned char *exponent, size_t exponent_length) {
  EVP_PKEY *key = NULL;
  BIGNUM *n = BN_bin2bn(modulus, (int)modulus_length, NULL), *e = BN_bin2bn(exponent, (int)exponent_length, NULL);
  OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
  OSSL_PARAM *parameters = NULL;
  if (n != NULL && e != NULL && builder != NULL && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
      OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
    parameters = OSSL_PARAM_BLD_to_param(builder);
  if (parameters != NULL) key = public_key_of("RSA", parameters);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  BN_free(n);
  BN_free(e);
  return key;
}

// The signature of ECDSA in DER, from its two numbers; its length, or 0. The caller frees it with openssl_bytes_free.
static inline int ecdsa_signature_der(
    const unsigned char *r, size_t r_length, const unsigned char *s, size_t s_length, unsigned char **der) {
  ECDSA_SIG *signature = ECDSA_SIG_new();
  BIGNUM *first = BN_bin2bn(r, (int)r_length, NULL), *second = BN_bin2bn(s, (int)s_length, NULL);
  int length = 0;
  if (signature != NULL && first != NULL && second != NULL && ECDSA_SIG_set0(signature, first, second) == 1) {
    *der = NULL;
    length = i2d_ECDSA_SIG(signature, der);
  } else {
    BN_free(first);
    BN_free(second);
  }
  ECDSA_SIG_free(signature);
  return length > 0 ? length : 0;
}
static inline void openssl_bytes_free(unsigned char *bytes) { OPENSSL_free(bytes); }
