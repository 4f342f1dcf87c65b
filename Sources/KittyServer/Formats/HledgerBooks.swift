import KittyShared

/// The journals for hledger that KittyCash writes, line by line as `HledgerJournal` writes them. Any other line is refused:
/// what it means for the balances is not known.
enum HledgerBooks: ImportedFile {
  static let format = ImportFormat.hledger

  static func recognizes(_ file: ImportedDocument) -> Bool {
    let first = file.beginning.unicodeScalars.prefix { $0 != "\n" && $0 != "\r" }
    return String(first).after("; ")?.before(ending) != nil
  }

  /// The end of the first line.
  private static let ending = ": the books of a group, by KittyCash."

  static func read(_ file: ImportedDocument, _ options: ImportOptions) throws(Rejection) -> ImportedContent {
    var reader = Reader()
    let lines = file.lines
    for (index, line) in lines.enumerated() { try reader.read(line, .line(index + 1)) }
    try reader.endEntry()
    return ImportedContent(books: try reader.journal.end(lines: lines.count))
  }

  /// The state of reading.
  private struct Reader {
    var journal = JournalBooks()
    private var entry: JournalBooks.Transaction?

    mutating func read(_ line: String, _ place: ImportPlace) throws(Rejection) {
      if let text = line.after("    ") {
        try entryLine(text, place)
      } else {
        try endEntry()
        try directive(line, place)
      }
    }

    mutating func endEntry() throws(Rejection) {
      guard let ended = entry else { return }
      entry = nil
      try journal.add(ended)
    }

    private mutating func directive(_ line: String, _ place: ImportPlace) throws(Rejection) {
      if line.isEmpty { return }
      if let text = line.after("; ") {
        if let name = text.before(HledgerBooks.ending) { journal.name(name) } else { journal.comment(line) }
        return
      }
      if let text = line.after("commodity ") {
        _ = try Currency(read: text.divided(by: " ").1 ?? "", "\(place)")
        return
      }
      if let text = line.after("account ") {
        let (account, tags) = text.divided(by: "  ; ")
        return try declare(account, tags ?? "", line, place)
      }
      entry = try head(line, place)
    }

    /// Reads an account. Journals of earlier versions tell no type, or give `Members` the type of all members.
    private mutating func declare(
      _ account: String, _ tags: String, _ line: String, _ place: ImportPlace
    ) throws(Rejection) {
      if account == "Kitty", ["", "type: L"].contains(tags) {
        return try journal.declare("Kitty", nil, place)
      }
      if account == "Members", tags == "type: A" { return }
      let other = tags == "type: A" ? "" : tags.after("type: A, ") ?? tags
      guard let plain = account.after("Members:"), plain.divided(by: " ").1 == nil,
        let name = other.isEmpty ? plain : other.after("name: ").map(Self.untagged)
      else { throw .foreignLine(line, place) }
      try journal.declare(account, name, place)
    }

    /// Reads the first line of an entry: `2026-01-31 (12) Rent  ; #12 expense`.
    private func head(_ line: String, _ place: ImportPlace) throws(Rejection) -> JournalBooks.Transaction {
      let words = line.unicodeScalars.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        .map { String($0) }
      guard words.count == 3, let day = Day(words[0]), let code = words[1].after("(")?.before(")"),
        let number = Int64(code), number > 0
      else { throw .foreignLine(line, place) }
      for kind in EntryContent.Kind.allCases {
        guard let description = words[2].before("  ; #\(number) \(kind.rawValue)") else { continue }
        return .init(place: place, date: day, number: number, kind: kind, description: description)
      }
      throw .foreignLine(line, place)
    }

    private mutating func entryLine(_ line: String, _ place: ImportPlace) throws(Rejection) {
      guard entry != nil else { throw .foreignLine(line, place) }
      guard let comment = line.after("; ") else {
        let posting = try posting(line, place)
        entry?.postings.append(posting)
        return
      }
      if let text = comment.value(of: "note") {
        let line = Self.untagged(text)
        if entry?.note == nil { entry?.note = line } else { entry?.note?.append("\n" + line) }
        // No note has more, and each line would be added to all before it.
        guard (entry?.note?.utf8.count ?? 0) <= 16_000 else {
          throw .unreadable(place, "too_long", "A note has at most 2,000 characters.")
        }
      } else if let text = comment.value(of: "description") {
        entry?.description = Self.untagged(text)
      } else if let text = comment.value(of: "category") {
        entry?.category = Self.path(text)
      } else if case let (amount, rate?) = comment.divided(by: " at a rate of ") {
        entry?.original = try JournalBooks.original(amount, rate, place)
      } else if let tag = comment.before(":").flatMap(Tags.normalized) {
        entry?.tags.append(HledgerTag.read(tag))
      } else {
        throw .foreignLine(line, place)
      }
    }

    /// Reads a posting: `Members:Anna  -5.00 EUR  ; share:, category: Food:Bread`.
    private func posting(_ line: String, _ place: ImportPlace) throws(Rejection) -> JournalBooks.Posting {
      let (account, rest) = line.divided(by: "  ")
      guard let (amount, comment) = rest?.divided(by: "  ; "), let comment else {
        throw .foreignLine(line, place)
      }
      let (word, category) = comment.divided(by: ":, category: ")
      let kind = category == nil ? word.before(":") ?? word : word
      guard let kind = JournalBooks.Posting.Kind(rawValue: kind) else { throw .foreignLine(line, place) }
      return .init(
        place: place, account: try journal.account(account, place), kind: kind,
        amount: try JournalBooks.amount(amount, place), category: category.map(Self.path))
    }

    private static func path(_ text: String) -> [String] {
      text.unicodeScalars.split(separator: ":").map { String($0).replacingScalars { $0 == "‚" ? "," : nil } }
    }

    /// Returns a value as it was before it became one of a tag: the low quotation marks before its last colon were commas.
    private static func untagged(_ value: String) -> String {
      guard let colon = value.unicodeScalars.lastIndex(of: ":") else { return value }
      return String(value[..<colon]).replacingScalars { $0 == "‚" ? "," : nil } + value[colon...]
    }
  }
}

extension String {
  /// Returns the value of a comment with one tag; `nil` when it has another one. Editors remove a space at the end of a line.
  fileprivate func value(of tag: String) -> String? {
    after(tag + ": ") ?? (self == tag + ":" ? "" : nil)
  }
}
