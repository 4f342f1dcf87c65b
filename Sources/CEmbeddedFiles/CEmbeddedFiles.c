// `#embed` of C23 costs no time. Of a resource that SwiftPM embeds (`.embedInCode`), the compiler of Swift reads a list of
// numbers, for minutes.
#include "CEmbeddedFiles.h"

static const unsigned char openapi[] = {
#embed "../../docs/openapi.yaml"
};
static const unsigned char common_passwords[] = {
#embed "../CommonPasswords/common-passwords.txt"
};

const unsigned char *kitty_openapi(void) { return openapi; }
size_t kitty_openapi_count(void) { return sizeof openapi; }
const unsigned char *kitty_common_passwords(void) { return common_passwords; }
size_t kitty_common_passwords_count(void) { return sizeof common_passwords; }
