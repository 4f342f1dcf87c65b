import ArgumentParser
import FoundationEssentials
import KittyShared
import Logging
import SystemPackage

/// `kittycash-server backup`.
struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Write all data and photos into one archive, while the server runs.",
    discussion: """
      The archive is a tar file of JSON lines and pictures; it holds password hashes and everybody's books, so \
      keep it as safe as the database. The exit code is 0 when all is in it, 2 when photos are missing (they \
      are named, and the archive is complete otherwise), and 1 when there is no archive.
      """)

  @OptionGroup var flags: Settings.Flags
  @Argument(help: "The file to make; - is standard output. One that is there is not replaced.")
  var file: String

  func run() async throws {
    let settings = try await Settings.orExit(flags)
    var missing: [String] = []
    try await Startup.run(Logger(label: "kittycash-server") { _ in SwiftLogNoOpLogHandler() }) {
      try DatabaseNotReady.requireFile(of: settings)
      try await Dependencies.run(settings) { dependencies in
        try await DatabaseNotReady.requireSchema(of: dependencies.database)
        let archive = try ArchiveWriter(file, at: .now)
        do {
          let progress = Progress()
          let backup = Backup(database: dependencies.backupDatabase, photos: dependencies.photos) {
            rows, photos in
            progress.say("\(rows) rows, \(photos) photos so far")
          }
          let end = try await backup.write(to: archive, at: .now)
          missing = end.missingPhotos
          let name = file == "-" ? "standard output" : file
          StandardError.say(
            "Wrote \(end.rowCount) rows and \(end.photos) photos to \(name): \(archive.size) bytes.")
        } catch {
          archive.abandon()
          throw error
        }
      }
    }
    for hash in missing {
      StandardError.say("missing: photo \(hash) is shown, but has no files or damaged ones")
    }
    if !missing.isEmpty { throw ExitCode(2) }
  }
}

/// `kittycash-server restore`.
struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Fill an empty installation with what \"backup\" wrote.",
    discussion: """
      It does not matter which kind of database the backup was made of. The archive is checked backupDatabase before \
      anything is written; everything is restored, or nothing. The exit code is 0 when it was restored, 2 when \
      the archive lacks photos, which are named, and 1 when nothing was restored.
      """)

  @OptionGroup var flags: Settings.Flags
  @Argument(help: "The archive.") var file: String

  func run() async throws {
    let settings = try await Settings.orExit(flags)
    var missing: [String] = []
    try await Startup.run(Logger(label: "kittycash-server") { _ in SwiftLogNoOpLogHandler() }) {
      let archive = try ArchiveReader(file)
      try await Dependencies.run(settings) { dependencies in
        let progress = Progress()
        let restore = Restore(
          database: dependencies.backupDatabase, photos: dependencies.photos, uploads: dependencies.uploads
        ) {
          progress.say("\($0)")
        }
        let end = try await restore.run(from: archive)
        // Servers that run beside this must not go on with what they remember.
        await dependencies.cache?.invalidateAll()
        missing = end.missingPhotos
        StandardError.say(
          "Restored \(end.rowCount) rows and \(end.photos) photos. Run \"kittycash-server check\" to look at the books."
        )
      }
    }
    for hash in missing { StandardError.say("missing: photo \(hash) was not in the backup") }
    if !missing.isEmpty { throw ExitCode(2) }
  }
}

/// Says on standard error how far something is, every five seconds.
private final class Progress {
  private var next = ContinuousClock.now + .seconds(5)

  func say(_ words: @autoclosure () -> String) {
    guard ContinuousClock.now >= next else { return }
    StandardError.say(words())
    next = .now + .seconds(5)
  }
}

/// Sentences for people, beside what a command prints.
enum StandardError {
  static func say(_ sentence: String) {
    // There is nobody to tell that it cannot be written.
    _ = try? FileDescriptor.standardError.writeAll("kittycash-server: \(sentence)\n".utf8)
  }
}
