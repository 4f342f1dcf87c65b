import FoundationEssentials
import KittyShared

/// The name of a worker process.
struct WorkerIdentity: Sendable, Hashable {
  /// The machine, or the container.
  let host: String
  let process: Int
  let startedAt: Instant

  /// `host/process`, such as `kitty-1/7`.
  var name: String { "\(host)/\(process)" }

  /// Returns the identity of this process.
  static func current(at now: Instant = .now) -> WorkerIdentity {
    WorkerIdentity(host: thisHost, process: Int(ProcessInfo.processInfo.processIdentifier), startedAt: now)
  }

  /// The name of this machine.
  static var thisHost: String { ProcessInfo.processInfo.hostName }
}
