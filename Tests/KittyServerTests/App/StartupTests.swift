import Foundation
import GRDB
import NIOCore
import Postgres
import Redis
import SystemPackage
import Testing

@testable import KittyServer
@testable import KittyShared

/// The error messages of a command that cannot start.
struct StartupTests {
  private struct Plain: Error { let reason = "why" }

  static let errors: [(any Error, String)] = [
    (
      PostgresError.unavailable("connection to server\n\tat port 1 failed", maybeApplied: false),
      "port 1 failed."
    ),
    (
      PostgresError.server(sqlState: "42501", message: "permission denied", constraint: nil),
      "permission denied."
    ),
    (PostgresError.overloaded, "too many"), (PostgresError.timedOut, "too long"),
    (PostgresError.closed, "stopping"),
    (PostgresError.cancelled, "may have been made"),
    (RedisError.unavailable("refused"), "REDIS_URL"), (RedisError.invalidURL("It has no host."), "no host"),
    (RedisError.refused("NOAUTH"), "NOAUTH"), (RedisError.closed, "closed"),
    (RedisError.overloaded, "wait for Redis"),
    (DatabaseFailure.unavailable("no route", maybeApplied: false), "no route."),
    (DatabaseFailure.notUnique("users_name"), "users_name"), (DatabaseFailure.brokenReference, "refers"),
    (DatabaseFailure.refused("zero_sum"), "zero_sum"), (DatabaseFailure.outOfRange, "too large"),
    (DatabaseFailure.fault("26: no database"), "no database. Check that DATABASE_URL"),
    (GRDB.DatabaseError(resultCode: .SQLITE_CANTOPEN, message: "unable to open"), "data folder"),
    (MigrationFailure.newer(found: 9, known: 6), "Start a newer server"),
    (Rejection.unavailable("Try again."), "Try again."),
    (CocoaError(.fileWriteNoPermission, userInfo: [NSFilePathErrorKey: "/srv/data"]), "/srv/data"),
    (Errno.noSuchFileOrDirectory, "No such file"), (IOError(errnoCode: 98, reason: "bind"), "in use"),
    (PhotoStorageFailure(description: "cannot write to /srv"), "/srv"), (Plain(), "why"),
  ]

  @Test(arguments: errors.indices) func startupErrorIsASentence(index: Int) {
    let (error, words) = Self.errors[index]
    let sentence = Startup.sentence(for: error)
    #expect(sentence.contains(words), "\(sentence)")
    #expect(!sentence.contains("\n") && !sentence.contains("maybeApplied"), "\(sentence)")
    #expect(sentence.first?.isUppercase == true || error is PhotoStorageFailure, "\(sentence)")
  }
}
