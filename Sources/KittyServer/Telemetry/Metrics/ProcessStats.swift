import FoundationEssentials
import POSIX

/// Figures of the operating system about this process.
struct ProcessStats: Sendable {
  let residentBytes: Int
  let virtualBytes: Int
  /// User and system time of all threads.
  let cpuSeconds: Double
  let threads: Int
  let openFiles: Int
  /// Maximum number of open files; `nil` without a limit.
  let maxFiles: Int?
  /// Start time in seconds since 1970.
  let started: Double

  /// Reads the current figures.
  /// - Returns: `nil` on systems without Linux's `/proc`.
  static func now() -> ProcessStats? {
    guard let stat = text("/proc/self/stat"), let system = text("/proc/stat"),
      let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    else { return nil }
    let limits = text("/proc/self/limits") ?? ""
    return ProcessStats(
      stat: stat, system: system, limits: limits, openFiles: files.count,
      ticks: Double(CurrentProcess.clockTicksPerSecond), page: CurrentProcess.pageSize)
  }

  /// - Parameters:
  ///   - stat: `/proc/self/stat`. The program's name in it may contain any character and ends at the last `)`.
  ///   - system: `/proc/stat`, which contains the start time of the system.
  ///   - limits: `/proc/self/limits`.
  ///   - ticks: Clock ticks per second.
  ///   - page: Bytes per page of memory.
  init?(stat: String, system: String, limits: String, openFiles: Int, ticks: Double, page: Int) {
    guard let end = stat.lastIndex(of: ")") else { return nil }
    // The third field, the state, and all after it; see proc(5).
    let fields = stat[stat.index(after: end)...].split(whereSeparator: \.isWhitespace)
    func number(_ field: Int) -> Int? { fields.indices.contains(field - 3) ? Int(fields[field - 3]) : nil }
    let boot = Self.word(1, of: "btime", in: system).flatMap { Double($0) }
    guard let user = number(14), let kernel = number(15), let threads = number(20), let begin = number(22),
      let size = number(23), let pages = number(24), let boot
    else { return nil }
    cpuSeconds = Double(user + kernel) / ticks
    self.threads = threads
    started = boot + Double(begin) / ticks
    virtualBytes = size
    residentBytes = pages * page
    self.openFiles = openFiles
    maxFiles = Self.word(3, of: "Max open files", in: limits).flatMap { Int($0) }
  }

  private static func word(_ index: Int, of name: String, in text: String) -> Substring? {
    let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
    let words = line?.split(whereSeparator: \.isWhitespace) ?? []
    return words.indices.contains(index) ? words[index] : nil
  }

  private static func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}
