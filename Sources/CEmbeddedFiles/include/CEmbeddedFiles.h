// The bytes of files, inside of the program: it needs no files beside it.
#ifndef CEMBEDDEDFILES_H
#define CEMBEDDEDFILES_H

#include <stddef.h>

/// docs/openapi.yaml.
const unsigned char *kitty_openapi(void);
size_t kitty_openapi_count(void);

/// Sources/CommonPasswords/common-passwords.txt.
const unsigned char *kitty_common_passwords(void);
size_t kitty_common_passwords_count(void);

#endif
