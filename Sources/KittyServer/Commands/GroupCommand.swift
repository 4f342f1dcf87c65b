import ArgumentParser

/// `kittycash-server group`.
struct GroupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "group", abstract: "List and show groups.",
    subcommands: [GroupListCommand.self, GroupShowCommand.self])
}
