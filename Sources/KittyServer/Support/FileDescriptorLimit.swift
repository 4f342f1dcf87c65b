import Glibc

/// How many files and connections this process may have open at once. At the limit not only does accepting a
/// connection fail: libdispatch, which the database's queues run on, ends a process that cannot open a file.
enum FileDescriptorLimit {
  /// What is kept free of clients: for the database, Redis, photos and logs.
  static let reserve = 256
  /// Enough for more clients than memory allows, and no table of theirs grows without end.
  private static let most = 16_384

  /// Asks for as many as the system allows: many shells and service managers start programs with 1,024.
  static func raise() {
    var limit = current
    limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, rlim_t(most)))
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// How many connections of clients fit in; whoever comes then waits until one is closed.
  static var connections: Int {
    let limit = Int(min(current.rlim_cur, rlim_t(most)))
    return max(limit - reserve, limit / 4)
  }

  private static var current: rlimit {
    var limit = rlimit(rlim_cur: 1024, rlim_max: 1024)
    _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return limit
  }
}
