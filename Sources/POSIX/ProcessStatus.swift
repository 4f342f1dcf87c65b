import Glibc
import SystemPackage

/// A process, told apart from a later one with the same number.
package struct ProcessIdentity: Hashable, Sendable {
  /// Its number.
  package let id: Int32
  /// Its start in clock ticks since the start of the machine.
  package let start: UInt64

  package init(id: Int32, start: UInt64) { (self.id, self.start) = (id, start) }
}

/// The state of a process, from `/proc/PID/stat` (proc(5)).
package struct ProcessStatus: Sendable {
  package let identity: ProcessIdentity
  /// The name of its program, cut to 15 bytes.
  package let name: String
  /// The number of its parent; 0 for none that is visible.
  package let parent: Int32

  /// Maximum number of ancestors that are looked at: a chain in `/proc` that changes meanwhile must end.
  private static let maxAncestors = 64

  package init(_ identity: ProcessIdentity, name: String, parent: Int32) {
    self.identity = identity
    self.name = name
    self.parent = parent
  }

  /// Reads the state of a process; `nil` when it has ended.
  package init?(of id: Int32) {
    guard let file = try? FileDescriptor.open("/proc/\(id)/stat", .readOnly, options: .closeOnExec) else {
      return nil
    }
    defer { try? file.close() }
    guard let bytes = try? file.read(upTo: 4096) else { return nil }
    self.init(id: id, stat: String(decoding: bytes, as: UTF8.self))
  }

  /// Reads the content of `/proc/PID/stat`.
  init?(id: Int32, stat: String) {
    // The name is in parentheses, and may have some itself.
    guard let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")"), open < close else {
      return nil
    }
    let fields = stat[stat.index(after: close)...].split(separator: " ")
    guard fields.count > 19, let parent = Int32(fields[1]), let start = UInt64(fields[19]) else { return nil }
    identity = ProcessIdentity(id: id, start: start)
    name = String(stat[stat.index(after: open)..<close])
    self.parent = parent
  }

  /// The processes from the parent of a process to the first one.
  package static func ancestors(of id: Int32) -> [ProcessStatus] {
    var found: [ProcessStatus] = []
    var next = ProcessStatus(of: id)?.parent ?? 0
    while next > 0, found.count < maxAncestors, let status = ProcessStatus(of: next) {
      found.append(status)
      next = status.parent
    }
    return found
  }
}
