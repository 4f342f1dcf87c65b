import ArgumentParser
import KittyShared

/// `kittycash-server jobs list`.
struct JobsListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List waiting, running and dead jobs in the order of their creation.")
  @OptionGroup var options: AdministrationOptions
  @Option(help: "List only the jobs in this state: waiting, running or dead.") var state: JobOverview.State?

  func run() async throws {
    try await options.run { dependencies in
      let store = JobStore(database: dependencies.database)
      let jobs = try await Pages.all { last, limit in
        try await store.list(after: last?.id ?? .first, limit: limit, at: .now)
      }.filter { state == nil || $0.state == state }
      try options.output(
        jobs,
        TextTable.text(
          ["ID", "STATE", "KIND", "ATTEMPTS", "DUE", "WORKER", "ERROR"],
          jobs.map {
            [
              "\($0.id)", $0.state.rawValue, $0.kind, "\($0.attempts)", "\($0.dueAt)",
              $0.worker ?? "-", $0.error ?? "-",
            ]
          }))
    }
  }
}

extension JobOverview.State: ExpressibleByArgument {}
