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
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

static struct termios saved;
static int has_saved, is_running, is_utf8, knows_mouse, reports_mouse;
static int signal_pipe[2] = {-1, -1};

// Switches off bracketed paste, the mouse, the modes of the keypad and the cursor keys, attributes, the hidden cursor and
// the alternate screen.
static const char reset[] =
    "\033[?2004l\033[?1006l\033[?1000l\033[?1l\033>\033[0m\033[?25h\033[?1049l\r\n";
static const char mouse_on[] = "\033[?1000h\033[?1006h", mouse_off[] = "\033[?1006l\033[?1000l";

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

// After newterm, which installs handlers of its own. Input is read without ncurses, so a change of size comes here too.
static void install_signals(void) {
  struct sigaction action = {0};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  int numbers[] = {SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGWINCH};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaction(numbers[i], &action, NULL);
  signal(SIGPIPE, SIG_IGN);
}

static void choose_locale(void) {
  if (!setlocale(LC_ALL, "")) setlocale(LC_CTYPE, "C.UTF-8");
  if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0) setlocale(LC_CTYPE, "C.UTF-8");
  is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void bracketed_paste(int on) { write_all(on ? "\033[?2004h" : "\033[?2004l", 8); }
static void mouse(int on) { write_all(on ? mouse_on : mouse_off, sizeof mouse_on - 1); }

// The name of a type of terminal; NULL stands for $TERM.
static const char *name_of(int type) {
  return type == KITTY_XTERM_256 ? "xterm-256color" : type == KITTY_XTERM ? "xterm" : NULL;
}

int kitty_term_check(int type) {
  int found = 0;
  if (setupterm(name_of(type), STDOUT_FILENO, &found) != OK) return KITTY_UNKNOWN;
  const char *address = tigetstr("cup");
  int is_usable = address && address != (const char *)-1;
  del_curterm(cur_term);
  return is_usable ? KITTY_USABLE : KITTY_LINES_ONLY;
}

int kitty_term_start(int type) {
  if (tcgetattr(STDIN_FILENO, &saved) != 0) return -1;
  has_saved = 1;
  if (pipe2(signal_pipe, O_NONBLOCK | O_CLOEXEC) != 0) return -1;
  choose_locale();
  install_handlers();
  // Exported sizes would hide changes of the real size.
  unsetenv("LINES");
  unsetenv("COLUMNS");
  SCREEN *screen = newterm(name_of(type), stdout, stdin);
  if (!screen) return -1;
  set_term(screen);
  const char *report = tigetstr("kmous");
  knows_mouse = report && report != (const char *)-1;
  is_running = 1;
  install_signals();
  raw();
  noecho();
  nonl();
  intrflush(stdscr, FALSE);
  if (has_colors()) {
    start_color();
    use_default_colors();
  }
  bracketed_paste(1);
  return 0;
}

void kitty_term_stop(void) {
  if (!is_running) return;
  is_running = 0;
  kitty_term_mouse(0);
  bracketed_paste(0);
  curs_set(1);
  endwin();
}

void kitty_term_mouse(int on) {
  if (on == reports_mouse || !knows_mouse) return;
  reports_mouse = on;
  mouse(on);
}

void kitty_term_suspend(void) {
  if (reports_mouse) mouse(0);
  bracketed_paste(0);
  // The handler of ncurses leaves the full screen, stops, and returns to it.
  raise(SIGTSTP);
  bracketed_paste(1);
  if (reports_mouse) mouse(1);
  clearok(stdscr, TRUE);
}

void kitty_term_repaint(void) { clearok(curscr, TRUE); }

void kitty_term_resize(void) {
  struct winsize size;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return;
  resizeterm(size.ws_row, size.ws_col);
}

int kitty_term_cell_width(void) {
  struct winsize size;
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 ? 0 : size.ws_xpixel / size.ws_col;
}

int kitty_term_cell_height(void) {
  struct winsize size;
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 ? 0 : size.ws_ypixel / size.ws_row;
}

int kitty_term_colours(void) { return has_colors() ? COLORS : 0; }
int kitty_term_is_utf8(void) { return is_utf8; }
int kitty_term_width(void) { return getmaxx(stdscr); }
int kitty_term_height(void) { return getmaxy(stdscr); }
int kitty_term_signals(void) { return signal_pipe[0]; }
void kitty_term_erase(void) { erase(); }
void kitty_term_redraw_row(int row) { wredrawln(stdscr, row, 1); }

static int pair_of(int foreground, int background) {
  if (foreground < 0 && background < 0) return 0;
  int pair = alloc_pair(foreground, background);
  return pair < 0 ? 0 : pair;
}

void kitty_term_background(int foreground, int background) {
  int pair = pair_of(foreground, background);
  cchar_t space;
  if (setcchar(&space, L" ", A_NORMAL, 0, &pair) == OK) bkgrndset(&space);
}

void kitty_term_put(int row, int column, kitty_cell content, int attributes, int foreground, int background) {
  uint32_t scalars[] = {content.base, content.mark1, content.mark2, content.mark3, content.mark4};
  wchar_t text[CCHARW_MAX + 1] = {0};
  for (int i = 0; i < CCHARW_MAX && i < 5 && scalars[i]; i++) text[i] = (wchar_t)scalars[i];
  attr_t look = A_NORMAL;
  if (attributes & KITTY_BOLD) look |= A_BOLD;
  if (attributes & KITTY_REVERSE) look |= A_REVERSE;
  if (attributes & KITTY_UNDERLINE) look |= A_UNDERLINE;
  if (attributes & KITTY_DIM) look |= A_DIM;
  int pair = pair_of(foreground, background);
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
