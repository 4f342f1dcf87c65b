import ArgumentParser
import KittyShared

/// `kittycash-server jobs`.
struct JobsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "See and change what the worker has to do.",
    subcommands: [ListJobs.self, RetryJobs.self, CancelJob.self])
}

/// `kittycash-server jobs list`.
struct ListJobs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List jobs that wait, run, or were given up, in the order they were left.")
  @OptionGroup var options: AdministrationOptions
  @Option(help: "Only those that are waiting, running or dead.") var state: JobOverview.State?

  func run() async throws {
    try await options.run { dependencies in
      let store = JobStore(database: dependencies.database)
      var jobs: [JobOverview] = []
      var last = ID.first
      while true {
        let page = try await store.list(after: last, limit: 500, at: .now)
        jobs += page.filter { state == nil || $0.state == state }
        guard page.count == 500, let end = page.last else { break }
        last = end.id
      }
      try options.output(
        jobs,
        AdministrationOptions.table(
          ["ID", "STATE", "KIND", "ATTEMPTS", "DUE", "WORKER", "ERROR"],
          jobs.map {
            [
              "\($0.id)", $0.state.rawValue, Self.line($0.kind), "\($0.attempts)", "\($0.dueAt)",
              $0.worker ?? "-", Self.line($0.error ?? "-"),
            ]
          }))
    }
  }

  /// A text on one line, without what a terminal would obey: errors repeat what others have said.
  private static func line(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }
}

extension JobOverview.State: ExpressibleByArgument {}

/// `kittycash-server jobs retry`.
struct RetryJobs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Make a job due now, with all its attempts before it.")
  @OptionGroup var options: AdministrationOptions
  @Argument(help: "The job's id; jobs list shows it.") var id: String?
  @Flag(help: "Every job that was given up.") var allDead = false

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
        // It runs, or there is none.
        let found = try await store.list(after: .first, limit: .max, at: .now).first { $0.id == job }
        guard let found else { throw NotFoundError(job: id) }
        throw NotFoundError(
          description:
            "The job \(id) is being done by \(found.worker ?? "a worker"). Wait for it, or cancel it.")
      }
      try options.output(JobChange(jobs: 1), "The job \(id) is due now.")
    }
  }
}

/// `kittycash-server jobs cancel`.
struct CancelJob: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "Remove a job, whatever its state.",
    discussion: """
      A worker that does it just now finds out within half a minute and stops; what it has done by then stays done. \
      Regular work comes again at its next time.
      """)
  @OptionGroup var options: AdministrationOptions
  @Argument(help: "The job's id; jobs list shows it.") var id: String

  func run() async throws {
    try await options.run { dependencies in
      guard let gone = try await JobStore(database: dependencies.database).cancel(try ID(job: id)) else {
        throw NotFoundError(job: id)
      }
      try options.output(
        JobChange(jobs: 1),
        "Cancelled \(gone.kind) \(id)." + (gone.worker.map { " \($0), which was doing it, stops." } ?? ""))
    }
  }
}

/// What is printed of jobs that were changed.
struct JobChange: Codable, Sendable {
  /// How many.
  let jobs: Int
}

extension ID {
  /// - Throws: `NotFoundError`: what is no id is no job's.
  fileprivate init(job text: String) throws {
    guard let id = ID(text) else { throw NotFoundError(job: text) }
    self = id
  }
}

extension NotFoundError {
  fileprivate init(job id: String) {
    self.init(description: "There is no job \"\(id)\". kittycash-server jobs list shows all.")
  }
}
