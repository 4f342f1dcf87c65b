import POSIX

/// The number of files and connections that this process may have open at the same time. At the limit, accepting a
/// connection fails, and libdispatch, which runs the database's queues, ends a process that cannot open a file.
enum FileDescriptorLimit {
  /// The part that clients do not get: it is for the database, Redis, photos and logs.
  static let reserve = 256
  /// Enough for more clients than memory allows, and low enough that tables of descriptors stay small.
  private static let highest: UInt = 16_384

  /// Raises the limit as far as the system allows: many shells and service managers start programs with 1,024.
  static func raise() {
    guard let limit = try? ResourceLimit.openFiles.read() else { return }
    // Where the system refuses it, the lower limit stays in force, and `connections` adapts to it.
    try? ResourceLimit.openFiles.set(
      current: max(limit.current, min(limit.highest, highest)), highest: limit.highest)
  }

  /// The number of client connections that fit. Further clients wait until one is closed.
  static var connections: Int {
    let current = (try? ResourceLimit.openFiles.read().current) ?? 1024
    let limit = Int(min(current, highest))
    return max(limit - reserve, limit / 4)
  }
}
