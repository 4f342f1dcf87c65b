import ArgumentParser
import KittyShared

/// The option to repeat a change whose outcome is unknown.
struct KeyOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The key from an error message: a change with this key is saved only once.", valueName: "key"))
  var key: String?

  /// The key, or a new one for each access.
  var id: ID { key.flatMap { ID($0) } ?? ID(at: .now) }

  func validate() throws {
    if let key, ID(key)?.version != 7 {
      throw ValidationError(
        "\"\(key)\" is not a key. A key is a UUID of version 7, as printed in an error message.")
    }
  }
}
