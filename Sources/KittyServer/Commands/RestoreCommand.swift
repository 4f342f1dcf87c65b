import ArgumentParser
import Logging

/// `kittycash-server restore`.
struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Restore an archive of \"backup\" into an empty installation.",
    discussion: """
      The backup may come from the other kind of database. The archive is checked before anything is written, and \
      it is restored completely or not at all. The exit code is 0 when it was restored, 2 when it was restored but \
      the archive lacks photos (their names are printed), and 1 when nothing was restored.
      """)

  @OptionGroup var flags: Settings.Flags
  @Argument(help: "The archive.") var file: String

  func run() async throws {
    let settings = try await Settings.orExit(flags)
    let logger = Logger.silent
    var missing: [String] = []
    try await Startup.run(logger) {
      let archive = try ArchiveReader(file)
      try await withDependencies(settings, logger: logger) { dependencies in
        let progress = ProgressReporter()
        let restore = Restore(
          database: dependencies.backupDatabase, photos: dependencies.photos, uploads: dependencies.uploads
        ) {
          progress.report("\($0)")
        }
        let end = try await restore.run(from: archive)
        // Other servers must not serve values from before the restore.
        await dependencies.cache?.invalidateAll()
        missing = end.missingFiles
        StandardError.write(
          "Restored \(end.rowCount) rows and \(end.files). Run \"kittycash-server check\" to check the books."
        )
      }
    }
    OperatorLog.note(settings)
    for hash in missing { StandardError.write("missing: \(hash) was not in the backup") }
    if !missing.isEmpty { throw ExitCode(2) }
  }
}
