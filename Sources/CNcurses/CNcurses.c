#define _XOPEN_SOURCE_EXTENDED 1
#define _GNU_SOURCE
#include "CNcurses.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PASTE_START 500
#define PASTE_END 501

static struct termios saved;
static int has_saved, is_running, is_utf8;
static char decimal_mark = '.';
static int signal_pipe[2] = {-1, -1};

// Switches off bracketed paste, attributes, the hidden cursor and the alternate screen.
static const char reset[] = "\033[?2004l\033[0m\033[?25h\033[?1049l\r\n";

static void write_all(const char *text, size_t length) {
  while (length > 0) {
    ssize_t written = write(STDOUT_FILENO, text, length);
    if (written <= 0) {
      if (written < 0 && errno == EINTR) continue;
      return;
    }
    text += written;
    length -= (size_t)written;
  }
}

// Uses only functions that are allowed in a signal handler.
static void on_crash(int number) {
  write_all(reset, sizeof reset - 1);
  if (has_saved) tcsetattr(STDIN_FILENO, TCSANOW, &saved);
  signal(number, SIG_DFL);
  raise(number);
}

static void on_signal(int number) {
  int before = errno;
  char byte = (char)number;
  if (write(signal_pipe[1], &byte, 1) < 0) { /* full: an earlier signal is pending */ }
  errno = before;
}

static void install_handlers(void) {
  // A separate stack, so that the terminal is restored even after a stack overflow.
  static char alternate[64 * 1024];
  stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  sigaltstack(&stack, NULL);
  struct sigaction action = {0};
  action.sa_handler = on_crash;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  int crashes[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT};
  for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) sigaction(crashes[i], &action, NULL);
}

static void install_ends(void) {
  struct sigaction action = {0};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  int ends[] = {SIGHUP, SIGTERM, SIGINT, SIGQUIT};
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) sigaction(ends[i], &action, NULL);
  signal(SIGPIPE, SIG_IGN);
}

static void choose_locale(void) {
  if (!setlocale(LC_ALL, "")) setlocale(LC_CTYPE, "C.UTF-8");
  if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0) setlocale(LC_CTYPE, "C.UTF-8");
  is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
  struct lconv *conventions = localeconv();
  if (conventions && conventions->decimal_point && strcmp(conventions->decimal_point, ",") == 0) decimal_mark = ',';
}

static void bracketed_paste(int on) { write_all(on ? "\033[?2004h" : "\033[?2004l", 8); }

int kitty_term_start(int escape_delay) {
  if (tcgetattr(STDIN_FILENO, &saved) != 0) return -1;
  has_saved = 1;
  if (pipe2(signal_pipe, O_NONBLOCK | O_CLOEXEC) != 0) return -1;
  choose_locale();
  install_handlers();
  // Exported sizes would hide changes of the real size.
  unsetenv("LINES");
  unsetenv("COLUMNS");
  SCREEN *screen = newterm(NULL, stdout, stdin);
  if (!screen) return -1;
  set_term(screen);
  is_running = 1;
  install_ends();
  raw();
  noecho();
  nonl();
  intrflush(stdscr, FALSE);
  keypad(stdscr, TRUE);
  nodelay(stdscr, TRUE);
  set_escdelay(escape_delay);
  if (has_colors()) {
    start_color();
    use_default_colors();
  }
  // The sequences that terminals really send, even if terminfo has others.
  define_key("\033[A", KEY_UP);
  define_key("\033[B", KEY_DOWN);
  define_key("\033[C", KEY_RIGHT);
  define_key("\033[D", KEY_LEFT);
  define_key("\033OA", KEY_UP);
  define_key("\033OB", KEY_DOWN);
  define_key("\033OC", KEY_RIGHT);
  define_key("\033OD", KEY_LEFT);
  define_key("\033[H", KEY_HOME);
  define_key("\033[F", KEY_END);
  define_key("\033OH", KEY_HOME);
  define_key("\033OF", KEY_END);
  define_key("\033[1~", KEY_HOME);
  define_key("\033[4~", KEY_END);
  define_key("\033[Z", KEY_BTAB);
  define_key("\033OP", KEY_F(1));
  define_key("\033[11~", KEY_F(1));
  define_key("\033[200~", PASTE_START);
  define_key("\033[201~", PASTE_END);
  bracketed_paste(1);
  return 0;
}

void kitty_term_stop(void) {
  if (!is_running) return;
  is_running = 0;
  bracketed_paste(0);
  curs_set(1);
  endwin();
}

void kitty_term_suspend(void) {
  bracketed_paste(0);
  // The handler of ncurses leaves the full screen, stops, and returns to it.
  raise(SIGTSTP);
  bracketed_paste(1);
  clearok(stdscr, TRUE);
}

int kitty_term_colours(void) { return has_colors() ? COLORS : 0; }
int kitty_term_is_utf8(void) { return is_utf8; }
int kitty_term_width(void) { return getmaxx(stdscr); }
int kitty_term_height(void) { return getmaxy(stdscr); }
int kitty_term_signals(void) { return signal_pipe[0]; }
char kitty_term_decimal_mark(void) { return decimal_mark; }
void kitty_term_erase(void) { erase(); }

void kitty_term_put(int row, int column, kitty_cell content, int attributes, int foreground, int background) {
  uint32_t scalars[] = {content.base, content.mark1, content.mark2, content.mark3, content.mark4};
  wchar_t text[CCHARW_MAX + 1] = {0};
  for (int i = 0; i < CCHARW_MAX && i < 5 && scalars[i]; i++) text[i] = (wchar_t)scalars[i];
  attr_t look = A_NORMAL;
  if (attributes & KITTY_BOLD) look |= A_BOLD;
  if (attributes & KITTY_REVERSE) look |= A_REVERSE;
  if (attributes & KITTY_UNDERLINE) look |= A_UNDERLINE;
  int pair = foreground < 0 && background < 0 ? 0 : alloc_pair(foreground, background);
  if (pair < 0) pair = 0;
  cchar_t cell;
  if (setcchar(&cell, text, look, 0, &pair) == OK) mvadd_wch(row, column, &cell);
}

void kitty_term_flush(int row, int column) {
  if (row < 0) {
    curs_set(0);
  } else {
    curs_set(1);
    move(row, column);
  }
  refresh();
}

static int kind_of_key(wint_t code) {
  switch (code) {
    case KEY_UP: return KITTY_UP;
    case KEY_DOWN: return KITTY_DOWN;
    case KEY_LEFT: return KITTY_LEFT;
    case KEY_RIGHT: return KITTY_RIGHT;
    case KEY_HOME: return KITTY_HOME;
    case KEY_END: return KITTY_END;
    case KEY_PPAGE: return KITTY_PAGE_UP;
    case KEY_NPAGE: return KITTY_PAGE_DOWN;
    case KEY_BACKSPACE: return KITTY_BACKSPACE;
    case KEY_DC: return KITTY_DELETE;
    case KEY_BTAB: return KITTY_BACK_TAB;
    case KEY_F(1): return KITTY_F1;
    case KEY_RESIZE: return KITTY_RESIZED;
    case PASTE_START: return KITTY_PASTE_START;
    case PASTE_END: return KITTY_PASTE_END;
    default: return KITTY_OTHER;
  }
}

kitty_key kitty_term_next(void) {
  wint_t code = 0;
  int status = get_wch(&code);
  kitty_key key = {KITTY_CHARACTER, (uint32_t)code};
  if (status == ERR) {
    key.kind = KITTY_NOTHING;
  } else if (status != OK && code == KEY_ENTER) {
    key.scalar = '\r';
  } else if (status != OK) {
    key.kind = kind_of_key(code);
  }
  return key;
}
