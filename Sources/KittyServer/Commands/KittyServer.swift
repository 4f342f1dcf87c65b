import ArgumentParser
import Dispatch
import Foundation

/// The version of the server and its contract.
let serverVersion = "0.1.0"

/// The entry point. Nothing in the server belongs to the main thread, which only waits: an asynchronous `main` would
/// end that thread, and what glibc reads to unwind it stays in memory, a megabyte of it.
@main
enum Program {
  static func main() {
    // Hummingbird asks for a calendar, and with it for the time zone of the machine, which is nothing to this server:
    // without it ICU's tables stay out of memory.
    NSTimeZone.default = .gmt
    let end = DispatchSemaphore(value: 0)
    Task.detached {
      await KittyServer.main()
      end.signal()
    }
    end.wait()
  }
}

/// The program's commands.
struct KittyServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kittycash-server",
    abstract: "The API server of KittyCash: shared money for a group.",
    discussion: """
      Without any setting it serves http://127.0.0.1:8080 from an SQLite file, with cache and worker in \
      the same process. Each setting can be a flag, an environment variable or a line NAME=value in the \
      file that --config names; a flag wins over the environment, the environment over the file.
      """,
    version: serverVersion,
    subcommands: [
      ServeCommand.self, WorkerCommand.self, MigrateCommand.self, CheckCommand.self, HealthCommand.self,
      BackupCommand.self,
      RestoreCommand.self, UserCommand.self, GroupCommand.self, JobsCommand.self,
    ],
    defaultSubcommand: ServeCommand.self)
}
