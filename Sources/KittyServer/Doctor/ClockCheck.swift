import FoundationEssentials
import KittyShared
import Redis

/// The clock of this machine: against those of the database and of Redis, and against the age of this program.
struct ClockCheck: Check {
  let part = "clock"
  let settings: Settings
  /// The clock that is checked.
  var now: @Sendable () -> Instant = { .now }

  /// One-time codes are valid for thirty seconds.
  private static let allowed: Int64 = 2000

  func findings() async throws -> [Finding] {
    var found: [Finding] = []
    if settings.databaseURL != nil {
      // A database that does not answer is reported by its own check.
      let other = try? await measured {
        try await settings.withReadOnlyDatabase { try await DatabaseFactsStore(database: $0).clock() }
      }
      found += other.map { [difference(to: "PostgreSQL", $0)] } ?? []
    }
    if let url = settings.redisURL {
      let other = try? await measured { try await Self.clock(ofRedis: url) }
      found += other.map { [difference(to: "Redis", $0)] } ?? []
    }
    if let built = Self.buildTime, now() < built.advanced(by: .seconds(-86_400)) {
      found.append(.fault("The clock is before the date of this program. Set it, and run an NTP service."))
    }
    return found.isEmpty ? [.ok("The clock is plausible. There is no other one to compare it with.")] : found
  }

  /// Reads another clock.
  /// - Returns: The milliseconds by which it is ahead, at least: the time of the reading itself does not count.
  private func measured(_ read: () async throws -> Instant) async throws -> Int64 {
    let before = now().milliseconds
    let other = try await read().milliseconds
    let after = now().milliseconds
    return other < before ? other - before : max(0, other - after)
  }

  private func difference(to name: String, _ milliseconds: Int64) -> Finding {
    guard abs(milliseconds) > Self.allowed else { return .ok("The clock agrees with that of \(name).") }
    let seconds = Double(abs(milliseconds)) / 1000
    let text = """
      The clock is \(seconds) seconds \(milliseconds > 0 ? "behind" : "ahead of") that of \(name): sessions, invites and \
      one-time codes end at the wrong time. Run an NTP service on both machines.
      """
    return abs(milliseconds) > 30_000 ? .fault(text) : .warning(text)
  }

  private static func clock(ofRedis url: String) async throws -> Instant {
    let client = try RedisClient(url: url)
    let reply = try? await client.command(["TIME"])
    await client.close()
    guard case .array(let parts)? = reply, case .string(let seconds)? = parts.first,
      case .string(let micros)? = parts.last, let seconds = Int64(seconds), let micros = Int64(micros)
    else { throw RedisError.refused("TIME") }
    return Instant(milliseconds: seconds * 1000 + micros / 1000)
  }

  /// The time at which this program was built or installed.
  private static var buildTime: Instant? {
    guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
      let date = try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
    else { return nil }
    return Instant(milliseconds: Int64(date.timeIntervalSince1970 * 1000))
  }
}
