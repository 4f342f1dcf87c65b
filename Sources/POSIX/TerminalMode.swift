import Glibc
import SystemPackage

extension FileDescriptor {
  /// `true` for a descriptor of a terminal.
  package var isTerminal: Bool { isatty(rawValue) == 1 }
}

/// The input settings of a terminal.
package struct TerminalMode {
  private var settings = termios()

  /// Reads the present settings of a terminal.
  /// - Throws: The error of the system.
  package init(of terminal: FileDescriptor) throws(Errno) {
    guard tcgetattr(terminal.rawValue, &settings) == 0 else { throw .last }
  }

  /// The same settings without echo and without keys that send signals.
  /// - Parameter byte: The byte that ends a line, beside the line feed.
  package func hidingInput(endingLinesAt byte: UInt8) -> TerminalMode {
    var hidden = self
    hidden.settings.c_lflag &= ~tcflag_t(ECHO | ISIG)
    // VEOL. Swift imports the array as a tuple.
    hidden.settings.c_cc.11 = byte
    return hidden
  }

  /// Gives a terminal these settings. Input that was not read yet is dropped.
  /// - Throws: The error of the system.
  package func apply(to terminal: FileDescriptor) throws(Errno) {
    var settings = settings
    guard tcsetattr(terminal.rawValue, TCSAFLUSH, &settings) == 0 else { throw .last }
  }
}
