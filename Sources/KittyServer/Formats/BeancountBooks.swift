import KittyShared

/// The files for beancount that KittyCash writes, line by line as `BeancountFile` writes them. Any other line is refused:
/// what it means for the balances is not known.
enum BeancountBooks: ImportedFile {
  static let format = ImportFormat.beancount

  static func recognizes(_ file: ImportedDocument) -> Bool {
    file.beginning.unicodeScalars.starts(with: "; Positive is owed to the account.".unicodeScalars)
      && file.beginning.contains("option \"title\" ")
  }

  static func read(_ file: ImportedDocument, _ options: ImportOptions) throws(Rejection) -> ImportedContent {
    var reader = Reader()
    let lines = file.lines
    for (index, line) in lines.enumerated() { try reader.read(line, .line(index + 1)) }
    try reader.endStatement()
    return ImportedContent(books: try reader.journal.end(lines: lines.count))
  }

  /// The state of reading.
  private struct Reader {
    var journal = JournalBooks()
    private var statement = Statement.none
    /// The amount in another currency, before its rate is read.
    private var original: String?

    private enum Statement {
      case none, commodity
      case open(account: String, place: ImportPlace, name: String?)
      case entry(JournalBooks.Transaction)
    }

    mutating func read(_ line: String, _ place: ImportPlace) throws(Rejection) {
      if let text = line.after("    ") {
        try postingMetadata(text, place)
      } else if let text = line.after("  ") {
        try indented(text, place)
      } else {
        try endStatement()
        try directive(line, place)
      }
    }

    mutating func endStatement() throws(Rejection) {
      let ended = statement
      (statement, original) = (.none, nil)
      switch ended {
      case .open(let account, let place, let name):
        guard account != "Assets:Kitty" else { return try journal.declare(account, nil, place) }
        guard let plain = account.after("Assets:Members:") else {
          throw .foreignLine("open \(account)", place)
        }
        try journal.declare(account, name ?? plain, place)
      case .entry(let entry): try journal.add(entry)
      case .none, .commodity: break
      }
    }

    private mutating func directive(_ line: String, _ place: ImportPlace) throws(Rejection) {
      if line.isEmpty { return }
      if line.after(";") != nil { return journal.comment(line) }
      if let title = line.after("option \"title\" ") { return journal.name(try Self.text(title, place)) }
      if let code = line.after("option \"operating_currency\" ") {
        _ = try Currency(read: try Self.text(code, place), "\(place)")
        return
      }
      let (date, rest) = line.divided(by: " ")
      guard let day = Day(date), let rest else { throw .foreignLine(line, place) }
      if let code = rest.after("commodity ") {
        _ = try Currency(read: code, "\(place)")
        statement = .commodity
      } else if let account = rest.after("open ") {
        statement = .open(account: account, place: place, name: nil)
      } else if let text = rest.after("* ") {
        statement = .entry(try head(text, day, line, place))
      } else {
        throw .foreignLine(line, place)
      }
    }

    /// Reads the rest of the first line of an entry: `"Rent" #home ; #12`. Its kind is in the metadata, and so are all tags.
    private func head(
      _ text: String, _ day: Day, _ line: String, _ place: ImportPlace
    ) throws(Rejection) -> JournalBooks.Transaction {
      guard let (description, rest) = Self.quoted(text) else { throw .foreignLine(line, place) }
      let words = rest.split(separator: " ").map(String.init)
      guard words.count >= 2, words[words.count - 2] == ";",
        words.dropLast(2).allSatisfy({ $0.after("#") != nil }),
        let number = words.last?.after("#").flatMap({ Int64($0) }), number > 0
      else { throw .foreignLine(line, place) }
      // Until its kind is read, an entry is an expense.
      return .init(place: place, date: day, number: number, kind: .expense, description: description)
    }

    private mutating func indented(_ line: String, _ place: ImportPlace) throws(Rejection) {
      let (word, rest) = line.divided(by: " ")
      switch statement {
      case .none: throw .foreignLine(line, place)
      case .commodity:
        guard word == "name:" else { throw .foreignLine(line, place) }
      case .open(let account, let opened, _):
        guard word == "name:" else { throw .foreignLine(line, place) }
        statement = .open(account: account, place: opened, name: try Self.text(rest ?? "", place))
      case .entry(var entry):
        // Nothing else holds the entry, so that its postings are not copied for each line.
        statement = .none
        if let key = word.before(":") {
          try readMetadata(key, rest ?? "", of: &entry, line, place)
        } else {
          try addPosting(line, to: &entry, place)
        }
        statement = .entry(entry)
      }
    }

    private mutating func readMetadata(
      _ key: String, _ value: String, of entry: inout JournalBooks.Transaction, _ line: String,
      _ place: ImportPlace
    ) throws(Rejection) {
      switch key {
      case "number":
        guard value == "\(entry.number)" else { throw .foreignLine(line, place) }
      case "kind":
        guard let kind = EntryContent.Kind(rawValue: try Self.text(value, place)) else {
          throw .foreignLine(line, place)
        }
        entry = entry.with(kind)
      case "original": original = try Self.text(value, place)
      case "rate":
        guard let original else { throw .foreignLine(line, place) }
        entry.original = try JournalBooks.original(original, try Self.text(value, place), place)
      case "category":
        entry.category = try Self.text(value, place).unicodeScalars.split(separator: ":").map { String($0) }
      case "tags":
        for word in try Self.text(value, place).split(separator: " ") {
          guard let tag = Tags.normalized(String(word)) else { throw .foreignLine(line, place) }
          entry.tags.append(tag)
        }
      case "note": entry.note = try Self.text(value, place)
      default: throw .foreignLine(line, place)
      }
    }

    private func addPosting(
      _ line: String, to entry: inout JournalBooks.Transaction, _ place: ImportPlace
    ) throws(Rejection) {
      let (account, amount) = line.divided(by: "  ")
      guard let amount else { throw .foreignLine(line, place) }
      entry.postings.append(
        .init(
          place: place, account: try journal.account(account, place),
          amount: try JournalBooks.amount(amount, place)))
    }

    private mutating func postingMetadata(_ line: String, _ place: ImportPlace) throws(Rejection) {
      let (word, rest) = line.divided(by: " ")
      guard case .entry(var entry) = statement, let last = entry.postings.indices.last, word == "posting:",
        entry.postings[last].kind == nil,
        let kind = JournalBooks.Posting.Kind(rawValue: try Self.text(rest ?? "", place))
      else { throw .foreignLine(line, place) }
      statement = .none
      entry.postings[last].kind = kind
      statement = .entry(entry)
    }

    /// Reads a text that is all of a value.
    private static func text(_ value: String, _ place: ImportPlace) throws(Rejection) -> String {
      guard let (text, rest) = quoted(value), rest.isEmpty else {
        throw .unreadable(place, "bad_quote", "\"\(value.cut(to: 40))\" is not a text in quotation marks.")
      }
      return text
    }

    /// Reads the text in quotation marks at the beginning of a line; `nil` when there is none.
    private static func quoted(_ value: String) -> (text: String, rest: String)? {
      var scalars = value.unicodeScalars[...]
      guard scalars.popFirst() == "\"" else { return nil }
      var text = String.UnicodeScalarView()
      while let scalar = scalars.popFirst() {
        switch scalar {
        case "\"": return (String(text), String(scalars))
        case "\\":
          guard let escaped = scalars.popFirst() else { return nil }
          text.append(escaped == "n" ? "\n" : escaped)
        default: text.append(scalar)
        }
      }
      return nil
    }
  }
}

extension JournalBooks.Transaction {
  fileprivate func with(_ kind: EntryContent.Kind) -> Self {
    var other = Self(place: place, date: date, number: number, kind: kind, description: description)
    (other.note, other.original, other.category, other.tags, other.postings) =
      (note, original, category, tags, postings)
    return other
  }
}
