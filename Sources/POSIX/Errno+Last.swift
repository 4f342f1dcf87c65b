import Glibc
import SystemPackage

extension Errno {
  /// The error of the last call that failed on this thread.
  static var last: Errno { Errno(rawValue: errno) }

  /// An error that swift-system threw; its functions throw no other kind.
  init(_ error: any Error) { self = error as? Errno ?? .ioError }
}
