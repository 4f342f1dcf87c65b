import FoundationEssentials
import GRDB
import Glibc
import KittyShared
import NIOCore
import Postgres
import Redis
import SystemPackage

extension Startup {
  /// Why a command ended, for the person who started it: what is the matter, and what to look at.
  static func sentence(for error: any Error) -> String {
    let text =
      switch error {
      case let failure as DatabaseFailure: sentence(for: failure)
      case let error as PostgresError: sentence(for: error)
      case let error as GRDB.DatabaseError: sentence(for: DatabaseFailure(error))
      case let error as RedisError:
        "\(error.description.prefix(1).uppercased() + error.description.dropFirst().description.sentence) "
          + "Check REDIS_URL, and whether Redis runs."
      case let problem as Rejection: problem.detail
      case let error as CocoaError: sentence(for: error)
      case let error as Errno: "The system refused: \(error.description)."
      case let error as IOError:
        "The system refused: \(Errno(rawValue: error.errnoCode).description). Check the address to listen on, and the folders."
      case let error as any CustomStringConvertible: error.description
      default: "Something went wrong that has no sentence of its own: \(error)"
      }
    // libpq says things in several lines.
    return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private static func sentence(for failure: DatabaseFailure) -> String {
    switch failure {
    case .unavailable(let why, let maybeApplied):
      "The database cannot be reached: \(why.sentence) Check DATABASE_URL or the data folder, and whether the database runs."
        + (maybeApplied ? " What was under way may have been done." : "")
    case .overloaded: "The database has too much to do: too many wait for it. Try again."
    case .notUnique(let key): "The database has this already: \(key)."
    case .brokenReference: "The database refused it: something that it refers to is not there."
    case .refused(let rule): "The database refused it: \(rule.sentence)"
    case .outOfRange: "A number is too large for the database."
    case .fault(let why):
      "The database failed: \(why.sentence) Check that DATABASE_URL, or the data folder, is KittyCash's own."
    }
  }

  private static func sentence(for error: PostgresError) -> String {
    switch error {
    case .server(let state, let message, _):
      "PostgreSQL refused: \(message.sentence) (\(state)) Check that DATABASE_URL names a database that is KittyCash's own."
    default: sentence(for: DatabaseFailure(error))
    }
  }

  private static func sentence(for error: CocoaError) -> String {
    let place = error.filePath.map { " \($0)" } ?? ""
    let why =
      switch error.code {
      case .fileNoSuchFile, .fileReadNoSuchFile: "it is not there"
      case .fileReadNoPermission, .fileWriteNoPermission: "this user has no right to it"
      case .fileWriteOutOfSpace: "the disk is full"
      case .fileWriteVolumeReadOnly: "the disk can only be read"
      case .fileWriteFileExists: "it is there already"
      default:
        (error.underlying as? POSIXError).map { Errno(rawValue: $0.code.rawValue).description }
          ?? "\(error.code.rawValue)"
      }
    return "The file or folder\(place) cannot be used: \(why)."
  }
}

extension String {
  /// With a full stop, where it ends in nothing of the kind.
  fileprivate var sentence: String {
    let text = String(reversed().drop(while: \.isWhitespace).reversed())
    return text.last.map { ".!?".contains($0) } == true ? text : text + "."
  }
}
