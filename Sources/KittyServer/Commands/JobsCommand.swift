import ArgumentParser
import KittyShared

/// `kittycash-server jobs`.
struct JobsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "List, retry and cancel background jobs.",
    subcommands: [JobsListCommand.self, JobsRetryCommand.self, JobsCancelCommand.self])
}

/// The output of a command that changes jobs.
struct JobChange: Codable, Sendable {
  /// Number of jobs that were changed.
  let jobs: Int
}

extension ID {
  /// Parses the id of a job.
  /// - Throws: `NotFoundError` for a text that is not an id.
  init(job text: String) throws {
    guard let id = ID(text) else { throw NotFoundError(job: text) }
    self = id
  }
}

extension NotFoundError {
  init(job id: String) {
    self.init(description: "There is no job \"\(id)\". kittycash-server jobs list shows all.")
  }
}
