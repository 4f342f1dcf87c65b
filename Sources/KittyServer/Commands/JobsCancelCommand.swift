import ArgumentParser
import KittyShared

/// `kittycash-server jobs cancel`.
struct JobsCancelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "Remove a job, whatever its state.",
    discussion: """
      A worker that is running the job notices it within half a minute and stops; its effects until then remain. \
      A regular job runs again at its next time.
      """)
  @OptionGroup var options: AdministrationOptions
  @Argument(help: "The job's id, as printed by jobs list.") var id: String

  func run() async throws {
    try await options.run { dependencies in
      let store = JobStore(database: dependencies.database)
      guard let cancelled = try await store.cancel(try ID(job: id)) else { throw NotFoundError(job: id) }
      try options.output(
        JobChange(jobs: 1),
        "Cancelled \(cancelled.kind) \(id)."
          + (cancelled.worker.map { " \($0), which was running it, stops." } ?? ""))
    }
  }
}
