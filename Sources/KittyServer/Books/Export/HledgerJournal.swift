import KittyShared

/// A journal for hledger. Source of the format: https://hledger.org/hledger.html#journal
struct HledgerJournal: PostingsExport {
  let group: ExportedGroup

  /// Returns a name without the characters that separate accounts, amounts and comments in hledger.
  static func clean(_ name: String) -> String {
    name.replacingScalars { $0.properties.isWhitespace || separators.contains($0) ? "-" : nil }
  }

  private static let separators = Set(":;()[]{}\"".unicodeScalars)

  private func account(_ id: ID) -> String {
    group.name(of: id).map { "Members:\($0)" } ?? ExportedGroup.kitty
  }

  func head() -> String {
    var text = "; \(Self.line(group.file.name)): the books of a group, by KittyCash.\n"
    text += "; Positive is owed to the account.\n\(JournalBooks.promise)\n\n"
    for currency in group.currencies {
      // hledger wants a decimal mark even where there are no decimals.
      let example = Amount(1000 * currency.unit, currency).decimal + (currency.decimals == 0 ? "." : "")
      text += "commodity \(example) \(currency.code)\n"
    }
    // Reports such as a balance sheet need to know what an account is.
    text += "account \(ExportedGroup.kitty)  ; type: L\n"
    for member in group.file.members {
      let isSame = group.name(of: member.id) == member.name
      let tags = isSame ? "; type: A" : Self.tag("type: A, name", member.name)
      text += "account \(account(member.id))  \(tags)\n"
    }
    return text
  }

  func entry(_ number: Int64, _ id: ID, _ content: EntryContent, _ postings: [Posting]) -> String {
    let description = Self.line(content.description)
    var text = "\n\(content.date) (\(number)) \(description)  ; #\(number) \(content.kind.rawValue)\n"
    if description != content.description {
      text += "    \(Self.tag("description", content.description))\n"
    }
    if let rate = content.rate {
      text += "    ; \(Amount(content.amount, content.currency)) at a rate of \(rate.text)\n"
    }
    let parts = content.spendingParts(entry: id)
    let isDivided = parts.count > 1
    // All items may have a category that the entry has not.
    let category = category(parts.first.map(\.category) ?? content.category)
    if !isDivided, let category { text += "    ; \(category)\n" }
    for tag in content.allTags.sorted() {
      text += "    ; \(HledgerTag.written(tag)):\n"
    }
    if let note = content.note {
      for line in note.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false) {
        text += "    \(Self.tag("note", String(line)))\n"
      }
    }
    for posting in postings where !isDivided || posting.kind != .share {
      text += "    \(account(posting.account))  \(posting.amount)  ; \(posting.kind.rawValue)"
      // A tag, so that `tag:^share$` finds what was spent. The difference of a count is no spending.
      text += posting.kind == .share && content.kind == .expense ? ":\n" : "\n"
    }
    guard isDivided else { return text }
    // Each share is divided by category.
    for cell in content.shareCells(entry: id) where cell.amount != 0 {
      let amount = Amount(-cell.amount, content.booked.currency)
      let category = self.category(cell.category).map { ", \($0)" } ?? ""
      text += "    \(account(cell.account.id(in: group.id)))  \(amount)  ; share:\(category)\n"
    }
    return text
  }

  func end(_ entries: Int) -> String { "\n\(JournalBooks.lastLine(entries))\n" }

  /// Returns the tag of a category; `nil` for none.
  private func category(_ id: ID?) -> String? {
    let path = group.path(ofCategory: id)
    guard !path.isEmpty else { return nil }
    return "category: " + path.map { $0.replacingScalars { $0 == "," ? "‚" : nil } }.joined(separator: ":")
  }

  /// Returns a description as one line without the characters that begin a comment or a note.
  private static func line(_ text: String) -> String {
    text.replacingScalars { $0 == "\n" || $0 == ";" || $0 == "|" ? "," : nil }
  }

  /// Returns a comment that is one tag, whatever its value says: `date:2020-01-01` in a comment of its own would be a
  /// date. hledger ends the value at a comma and looks for the next tag behind it, so a comma with a colon behind it
  /// becomes the low quotation mark, which looks the same.
  private static func tag(_ name: String, _ value: String) -> String {
    guard let colon = value.unicodeScalars.lastIndex(of: ":") else { return "; \(name): \(value)" }
    let start = String(value[..<colon]).replacingScalars { $0 == "," ? "‚" : nil }
    return "; \(name): \(start)\(value[colon...])"
  }
}
