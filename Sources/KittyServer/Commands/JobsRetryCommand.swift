import ArgumentParser
import KittyShared

/// `kittycash-server jobs retry`.
struct JobsRetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Run a job again now, with a fresh set of attempts.")
  @OptionGroup var options: AdministrationOptions
  @Argument(help: "The job's id, as printed by jobs list.") var id: String?
  @Flag(help: "Retry all dead jobs.") var allDead = false

  func validate() throws {
    guard (id == nil) == allDead else { throw ValidationError("Write either the id of a job or --all-dead.") }
  }

  func run() async throws {
    try await options.run { dependencies in
      let store = JobStore(database: dependencies.database)
      guard let id else {
        let count = try await store.retryAllDead(at: .now)
        return try options.output(JobChange(jobs: count), "Dead jobs that are due again: \(count).")
      }
      let job = try ID(job: id)
      guard try await store.retry(job, at: .now) else {
        // It is running, or it does not exist.
        let found = try await store.list(after: .first, limit: .max, at: .now).first { $0.id == job }
        guard let found else { throw NotFoundError(job: id) }
        throw NotFoundError(
          description: "\(found.worker ?? "A worker") is running the job \(id). Wait for it, or cancel it.")
      }
      try options.output(JobChange(jobs: 1), "The job \(id) is due now.")
    }
  }
}
