// The uses that KittyCash makes of ncurses: cells in, keys out. Swift cannot call its macros and variadic
// functions, and must not touch its global variables; here both are behind plain functions.
//
// All of them belong to the main thread.
#ifndef CNCURSES_H
#define CNCURSES_H

#include <stdint.h>

enum {
  KITTY_NOTHING = 0,
  KITTY_CHARACTER = 1,
  KITTY_UP, KITTY_DOWN, KITTY_LEFT, KITTY_RIGHT, KITTY_HOME, KITTY_END, KITTY_PAGE_UP, KITTY_PAGE_DOWN,
  KITTY_BACKSPACE, KITTY_DELETE, KITTY_BACK_TAB, KITTY_RESIZED, KITTY_PASTE_START, KITTY_PASTE_END, KITTY_F1,
  KITTY_OTHER
};

enum { KITTY_BOLD = 1, KITTY_REVERSE = 2, KITTY_UNDERLINE = 4 };

/// Takes over the terminal. `escape_delay` is in milliseconds. Gives 0, or -1 when it cannot be used.
int kitty_term_start(int escape_delay);
/// Gives the terminal back as it was. Calling it twice does no harm.
void kitty_term_stop(void);
/// Stops the program as Ctrl-Z does, and takes the terminal over again when it goes on.
void kitty_term_suspend(void);
/// How many colours there are: 0, 8, 16, 256 …
int kitty_term_colours(void);
/// Whether the terminal takes more than ASCII.
int kitty_term_is_utf8(void);
int kitty_term_width(void);
int kitty_term_height(void);
/// A file descriptor from which a byte, the signal's number, comes for each HUP, TERM and INT.
int kitty_term_signals(void);
/// Begins a frame.
void kitty_term_erase(void);
/// Draws one cell: a base scalar and up to four marks, ended by 0. Colours are -1 for the terminal's own.
void kitty_term_put(int row, int column, const uint32_t *scalars, int attributes, int foreground, int background);
/// Ends a frame: sends what has changed. The cursor goes to its place; it is hidden for a negative row.
void kitty_term_flush(int row, int column);
/// The next key without waiting, and its scalar when it is a character.
int kitty_term_next(uint32_t *scalar);
/// A descriptor that other threads write to so as to wake the main thread (eventfd).
int kitty_wakeup(void);
/// The decimal mark of the locale.
char kitty_term_decimal_mark(void);

#endif
