import FoundationEssentials
import Glibc

/// What the system says of this process.
struct ProcessStats: Sendable {
  let residentBytes: Int
  let virtualBytes: Int
  /// In the program and in the system on its behalf, all threads together.
  let cpuSeconds: Double
  let threads: Int
  let openFiles: Int
  /// How many files may be open; `nil` without a limit.
  let maxFiles: Int?
  /// When it began, in seconds since 1970.
  let started: Double

  /// `nil` where the system does not say so as Linux does.
  static func now() -> ProcessStats? {
    guard let stat = text("/proc/self/stat"), let system = text("/proc/stat"),
      let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    else { return nil }
    let limits = text("/proc/self/limits") ?? ""
    return ProcessStats(
      stat: stat, system: system, limits: limits, openFiles: files.count,
      ticks: Double(sysconf(Int32(_SC_CLK_TCK))), page: sysconf(Int32(_SC_PAGESIZE)))
  }

  /// - Parameters:
  ///   - stat: `/proc/self/stat`, in which the name of the program may hold anything but ends with the last `)`.
  ///   - system: `/proc/stat`, which has when the system was started.
  ///   - limits: `/proc/self/limits`.
  ///   - ticks: How many make a second.
  ///   - page: How many bytes a page has.
  init?(stat: String, system: String, limits: String, openFiles: Int, ticks: Double, page: Int) {
    guard let end = stat.lastIndex(of: ")") else { return nil }
    // From the third field on, which is the state; see proc(5).
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
