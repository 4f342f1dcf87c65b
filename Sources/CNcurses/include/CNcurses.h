// The parts of ncurses that a full screen needs: cells out. Swift cannot call its macros and variadic functions, and
// must not use its global variables; plain functions hide both. Keys are read without ncurses.
//
// Only the main thread may call them.
#ifndef CNCURSES_H
#define CNCURSES_H

#include <stdint.h>

enum { KITTY_BOLD = 1, KITTY_REVERSE = 2, KITTY_UNDERLINE = 4, KITTY_DIM = 8 };

/// Types of terminals: that of $TERM, and its substitutes.
enum { KITTY_NAMED = 0, KITTY_XTERM_256 = 1, KITTY_XTERM = 2 };
enum { KITTY_USABLE = 0, KITTY_UNKNOWN = 1, KITTY_LINES_ONLY = 2 };

/// Looks a type of terminal up: usable, not known on this machine, or without a cursor that can be placed.
int kitty_term_check(int type);
/// Switches the terminal to the full screen. Returns 0, or -1 when the terminal cannot be used.
int kitty_term_start(int type);
/// Restores the terminal. A second call does nothing.
void kitty_term_stop(void);
/// Suspends the program like Ctrl-Z, and switches back to the full screen when it is continued.
void kitty_term_suspend(void);
/// The number of colours: 0, 8, 16, 256 …
int kitty_term_colours(void);
/// Returns 1 when the terminal shows more than ASCII, else 0.
int kitty_term_is_utf8(void);
int kitty_term_width(void);
int kitty_term_height(void);
/// The size of a cell in pixels; 0 when the terminal does not tell.
int kitty_term_cell_width(void);
int kitty_term_cell_height(void);
/// Takes over the size of the window.
void kitty_term_resize(void);
/// Asks for reports of clicks and of the wheel, or asks for none. At the start there are none, and never from a
/// terminal without a mouse.
void kitty_term_mouse(int on);
/// Sends the next frame as a whole.
void kitty_term_repaint(void);
/// A file descriptor that receives one byte, the signal's number, for each HUP, TERM, INT, QUIT and WINCH.
int kitty_term_signals(void);
/// Sets the colours of what is not drawn, from the next `kitty_term_erase` on. -1 is the terminal's default.
void kitty_term_background(int foreground, int background);
/// Begins a frame.
void kitty_term_erase(void);
/// Sends a row of this frame as a whole.
void kitty_term_redraw_row(int row);
/// The scalars of one cell: a base and up to four marks. 0 ends them.
typedef struct { uint32_t base, mark1, mark2, mark3, mark4; } kitty_cell;
/// Draws one cell. Colours are -1 for the terminal's default.
void kitty_term_put(int row, int column, kitty_cell cell, int attributes, int foreground, int background);
/// Ends a frame: sends the changed cells and moves the cursor. A negative row hides the cursor.
void kitty_term_flush(int row, int column);

#endif
