import Glibc
import SystemPackage

/// Properties of this process.
package enum CurrentProcess {
  /// The user whose rights this process has.
  package static var effectiveUser: UserID { UserID(rawValue: geteuid()) }

  /// The number of this process.
  package static var id: Int32 { getpid() }

  /// Sets the permissions that files and folders created from now on do not get.
  package static func setFileCreationMask(_ permissions: FilePermissions) { umask(permissions.rawValue) }

  /// Sets an environment variable, also for the programs that this process starts.
  package static func setEnvironment(_ name: String, to value: String) { setenv(name, value, 1) }

  /// Replaces this program by itself, with the same arguments and the current environment. Returns when the
  /// system refuses it.
  package static func restart() {
    // By its path: after `/proc/self/exe` the system would call the process `exe`.
    if let path = executable { execv(path, CommandLine.unsafeArgv) }
    execv("/proc/self/exe", CommandLine.unsafeArgv)
  }

  /// The path of this program; `nil` when it is not known. That of a program that was replaced meanwhile leads
  /// nowhere.
  private static var executable: String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &bytes, bytes.count)
    guard count > 0, count < bytes.count else { return nil }
    return String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The number of clock ticks in a second, as `/proc` counts them.
  package static var clockTicksPerSecond: Int { sysconf(Int32(_SC_CLK_TCK)) }

  /// The number of bytes in a page of memory.
  package static var pageSize: Int { sysconf(Int32(_SC_PAGESIZE)) }

  /// Returns the seconds by which the time zone of this process is ahead of UTC.
  /// - Parameter seconds: The moment, in seconds since 1970.
  package static func secondsAheadOfUTC(at seconds: Int) -> Int {
    var moment: time_t = seconds
    var date = tm()
    localtime_r(&moment, &date)
    return date.tm_gmtoff
  }
}

/// A resource whose use the system limits for each process.
package enum ResourceLimit: Sendable {
  case openFiles, addressSpaceBytes, cpuSeconds, coreFileBytes

  private var resource: __rlimit_resource {
    switch self {
    case .openFiles: RLIMIT_NOFILE
    case .addressSpaceBytes: RLIMIT_AS
    case .cpuSeconds: RLIMIT_CPU
    case .coreFileBytes: RLIMIT_CORE
    }
  }

  /// The limit in force, and the highest value that it can be raised to.
  /// - Throws: The error of the system.
  package func read() throws(Errno) -> (current: UInt, highest: UInt) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else { throw .last }
    return (limit.rlim_cur, limit.rlim_max)
  }

  /// Changes the limit.
  /// - Parameters:
  ///   - current: The limit in force, `highest` at most.
  ///   - highest: The highest value that the limit can be raised to. A process cannot raise its own.
  /// - Throws: The error of the system.
  package func set(current: UInt, highest: UInt) throws(Errno) {
    var limit = rlimit(rlim_cur: current, rlim_max: highest)
    guard setrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else { throw .last }
  }
}
