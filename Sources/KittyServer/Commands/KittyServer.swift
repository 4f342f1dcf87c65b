import ArgumentParser
import KittyShared

/// The root command.
struct KittyServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kittycash-server",
    abstract: "The API server of KittyCash: shared money for a group.",
    discussion: """
      Without any setting it serves http://127.0.0.1:8080 from an SQLite file, with cache and worker in \
      the same process. Each setting can be a flag, an environment variable or a line NAME=value in the \
      file that --config names. A flag overrides the environment, and the environment overrides the file.
      """,
    version: KittyCash.version,
    subcommands: [
      ServeCommand.self, WorkerCommand.self, MigrateCommand.self, CheckCommand.self, HealthCommand.self,
      DoctorCommand.self,
      BackupCommand.self, RestoreCommand.self, UserCommand.self, GroupCommand.self, JobsCommand.self,
      MailCommand.self, SSHGatewayCommand.self, SSHKeyCommand.self,
    ],
    defaultSubcommand: ServeCommand.self)
}
