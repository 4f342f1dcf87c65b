import ArgumentParser
import Logging

/// `kittycash-server backup`.
struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Write all data and photos into one archive. The server may run.",
    discussion: """
      The archive is a tar file of JSON lines and pictures. It contains password hashes and the books of all groups: \
      keep it as safe as the database. The exit code is 0 when the archive is complete, 2 when photos are missing \
      (their names are printed, and everything else is in the archive), and 1 when there is no archive.
      """)

  @OptionGroup var flags: Settings.Flags
  @Argument(help: "The file to create; - is standard output. A file that exists is not replaced.")
  var file: String

  func run() async throws {
    let settings = try await Settings.orExit(flags)
    let logger = Logger.silent
    var missing: [String] = []
    try await Startup.run(logger) {
      try await withExistingData(settings, logger: logger) { dependencies in
        let archive = try ArchiveWriter(file, at: .now)
        do {
          let progress = ProgressReporter()
          let backup = Backup(database: dependencies.backupDatabase, photos: dependencies.photos) {
            rows, photos in
            progress.report("\(rows) rows, \(photos) photos and receipts so far")
          }
          let end = try await backup.write(to: archive, at: .now)
          missing = end.missingFiles
          let name = file == "-" ? "standard output" : file
          StandardError.write(
            "Wrote \(end.rowCount) rows and \(end.files) to \(name): \(archive.size) bytes.")
        } catch {
          archive.abandon()
          throw error
        }
      }
    }
    OperatorLog.note(settings)
    for hash in missing {
      StandardError.write("missing: \(hash) is shown, but has no files or damaged ones")
    }
    if !missing.isEmpty { throw ExitCode(2) }
  }
}
