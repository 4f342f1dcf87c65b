import ArgumentParser

/// `kittycash-server mail`.
struct MailCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mail", abstract: "Test the mail settings.", subcommands: [MailTestCommand.self])
}
