/// A command that a user sends with ssh, such as `add flat '42.50 dinner @bob'`. There is no shell: words are separated by
/// blanks, quotation marks keep them together, and a backslash keeps the next character; nothing else has a meaning.
enum SSHCommandLine {
  /// The command cannot be run, in words for the user.
  struct Refusal: Error, Equatable {
    let message: String
  }

  /// Maximum length in bytes.
  static let maxBytes = 8192

  /// The commands, each with its usage.
  static let commands: [(name: String, usage: String)] = [
    ("groups", "groups"),
    ("balances", "balances [GROUP]"),
    ("entries", "entries GROUP [--limit 20] [FILTER]"),
    ("search", "search FILTER"),
    ("add", "add GROUP '42.50 dinner @bob'"),
    ("stats", "stats GROUP, stats GROUP --by month,category"),
    ("categories", "categories GROUP, categories add GROUP NAME, categories standard GROUP"),
    (
      "recurring",
      "recurring GROUP, recurring add GROUP '900 rent' --every month, recurring confirm GROUP RULE"
    ),
    ("settle", "settle GROUP"),
    ("watch", "watch GROUP"),
    ("export", "export GROUP [--format csv] > FILE"),
    ("import", "import GROUP [--dry-run] [--map 'Bob=Robert'] < FILE, import --new NAME < FILE"),
    ("imports", "imports GROUP [--undo last]"),
    ("photo", "photo GROUP < PICTURE"),
    ("receipt", "receipt GROUP '#12' < FILE, receipt GROUP '#12' --read 1 > FILE"),
    ("receipts", "receipts GROUP [--from DAY] [--to DAY], receipts GROUP --zip - > FILE"),
    ("keys", "keys, keys add - < KEY.pub, keys remove NAME"),
    ("settings", "settings > FILE, settings --set < FILE"),
  ]

  /// The list for users, one command a line.
  static var list: String {
    (["Commands over ssh:"] + commands.map { "  \($0.usage)" } + [
      "Without a command the full screen opens. COMMAND --help shows the options; --json and --plain are for programs."
    ]).joined(separator: "\n")
  }

  /// Options that name a server or a file of the machine.
  private static let forbidden = ["--server", "--ca"]

  /// The options of `import` that have no value; those of every other one may stand before the group.
  static let flagsOfImport: Set = [
    "--dry-run", "--accept-differences", "--again", "--keep-twins", "--json", "--plain", "--help", "-h",
  ]

  /// Reads a command.
  /// - Returns: The arguments for the parser of commands.
  /// - Throws: `Refusal`.
  static func arguments(of text: String) throws(Refusal) -> [String] {
    guard text.utf8.count <= maxBytes else {
      throw Refusal(message: "The command is longer than \(maxBytes) bytes.")
    }
    var words = try words(of: text)
    guard let first = words.first, commands.contains(where: { $0.name == first }) else {
      throw Refusal(message: list)
    }
    let options = words.prefix { $0 != "--" }
    guard !options.contains(where: { word in forbidden.contains { word == $0 || word.hasPrefix($0 + "=") } })
    else { throw Refusal(message: "\(forbidden.joined(separator: " and ")) are not for commands over ssh.") }
    // The file comes through the connection.
    if first == "import" {
      let name = words.indices.dropFirst().first {
        !words[$0].hasPrefix("-") && ($0 == 1 || !isOptionWithValue(words[$0 - 1]))
      }
      if let name { words.insert("--group", at: name) }
      words.insert("-", at: 1)
    }
    return words
  }

  /// Returns `true` for a word of `import` after which its value stands.
  private static func isOptionWithValue(_ word: String) -> Bool {
    word.hasPrefix("-") && !word.contains("=") && !flagsOfImport.contains(word)
  }

  /// Separates the words. By scalars: a mark after a quotation mark belongs to the text.
  static func words(of text: String) throws(Refusal) -> [String] {
    var words: [String] = []
    var word: String.UnicodeScalarView?
    var quote: Unicode.Scalar?
    var isEscaped = false
    for scalar in text.unicodeScalars {
      guard scalar.value != 0 else { throw Refusal(message: "The command has a zero byte.") }
      if isEscaped {
        word = (word ?? .init()) + [scalar]
        isEscaped = false
      } else if scalar == "\\", quote != "'" {
        isEscaped = true
      } else if let open = quote {
        if scalar == open { quote = nil } else { word = (word ?? .init()) + [scalar] }
      } else if scalar == "'" || scalar == "\"" {
        quote = scalar
        word = word ?? .init()
      } else if scalar.properties.isWhitespace {
        if let complete = word { words.append(String(complete)) }
        word = nil
      } else {
        word = (word ?? .init()) + [scalar]
      }
    }
    guard quote == nil, !isEscaped else {
      throw Refusal(message: "A quotation mark or a backslash of the command is not closed.")
    }
    if let last = word { words.append(String(last)) }
    return words
  }
}
