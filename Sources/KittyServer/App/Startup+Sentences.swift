import FoundationEssentials
import GRDB
import KittyShared
import NIOCore
import Postgres
import Redis
import SystemPackage

extension Startup {
  /// Returns the reason why a command ended, and what to check, for the person who started it.
  static func sentence(for error: any Error) -> String {
    let text =
      switch error {
      case let failure as DatabaseFailure: sentence(for: failure)
      case let error as PostgresError: sentence(for: error)
      case let error as GRDB.DatabaseError: sentence(for: DatabaseFailure(error))
      case let error as RedisError:
        "\(error.description.prefix(1).uppercased() + error.description.dropFirst().description.sentence) "
          + "Check REDIS_URL, and that Redis is running."
      case let rejection as Rejection: rejection.detail
      case let error as CocoaError: sentence(for: error)
      case let error as Errno: "System error: \(error.description)."
      case let error as IOError:
        "System error: \(Errno(rawValue: error.errnoCode).description). Check the address to listen on, and the folders."
      case let error as any CustomStringConvertible: error.description
      default: "Unexpected error: \(error)"
      }
    // Messages of libpq have several lines.
    return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private static func sentence(for failure: DatabaseFailure) -> String {
    switch failure {
    case .unavailable(let why, let maybeApplied):
      "The database cannot be reached: \(why.sentence) Check DATABASE_URL or the data folder, and that the database is running."
        + (maybeApplied ? " The last change may have been made." : "")
    case .tooSlow(let why): "A statement took too long for the database: \(why.sentence) Try again."
    case .overloaded: "The database is overloaded: too many requests wait for it. Try again."
    case .notUnique(let key): "The value exists already in the database: \(key)."
    case .brokenReference: "The database rejected the change: a row that it refers to does not exist."
    case .refused(let rule): "The database rejected the change: \(rule.sentence)"
    case .outOfRange: "A number is too large for the database."
    case .fault(let why):
      "The database failed: \(why.sentence) Check that DATABASE_URL or the data folder belongs to KittyCash."
    }
  }

  private static func sentence(for error: PostgresError) -> String {
    switch error {
    case .server(let state, let message, _):
      "PostgreSQL rejected a statement: \(message.sentence) (\(state)) Check that DATABASE_URL names a database of KittyCash."
    default: sentence(for: DatabaseFailure(error))
    }
  }

  private static func sentence(for error: CocoaError) -> String {
    let path = error.filePath.map { " \($0)" } ?? ""
    let reason =
      switch error.code {
      case .fileNoSuchFile, .fileReadNoSuchFile: "it does not exist"
      case .fileReadNoPermission, .fileWriteNoPermission: "this user has no permission"
      case .fileWriteOutOfSpace: "the disk is full"
      case .fileWriteVolumeReadOnly: "the disk is read-only"
      case .fileWriteFileExists: "it exists already"
      default:
        (error.underlying as? POSIXError).map { Errno(rawValue: $0.code.rawValue).description }
          ?? "\(error.code.rawValue)"
      }
    return "The file or folder\(path) cannot be used: \(reason)."
  }
}

extension String {
  /// The text with a full stop at its end, unless it ends with another mark.
  fileprivate var sentence: String {
    let text = String(reversed().drop(while: \.isWhitespace).reversed())
    return text.last.map { ".!?".contains($0) } == true ? text : text + "."
  }
}
