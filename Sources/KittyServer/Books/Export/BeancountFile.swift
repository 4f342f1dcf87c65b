import KittyShared

/// A file for beancount. Source of the format: https://beancount.github.io/docs/beancount_language_syntax.html
struct BeancountFile: PostingsExport {
  let group: ExportedGroup

  /// Returns a name made of the letters, digits and dashes that beancount allows. It starts with a capital of ASCII or a
  /// digit, as every version of beancount accepts; marks are left out.
  static func clean(_ name: String) -> String {
    let plain = name.replacingScalars { scalar in
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
        .decimalNumber:
        nil
      case .nonspacingMark, .enclosingMark, .spacingMark, .format: ""
      default: "-"
      }
    }
    guard let first = plain.utf8.first, first < 0x80, first != UInt8(ascii: "-") else { return "M-" + plain }
    return plain.prefix(1).uppercased() + plain.dropFirst()
  }

  // A member can be owed money today and owe money tomorrow, so no account is an asset or a liability for good.
  private func account(_ id: ID) -> String {
    "Assets:" + (group.name(of: id).map { "Members:\($0)" } ?? ExportedGroup.kitty)
  }

  func head() -> String {
    var text = "; Positive is owed to the account.\n\(JournalBooks.promise)\n"
    text += "option \"title\" \(Self.quoted(group.file.name))\n"
    text += "option \"operating_currency\" \"\(group.file.currency)\"\n\n"
    for currency in group.currencies {
      text += "\(group.firstDay) commodity \(currency)\n  name: \(Self.quoted(currency.name))\n"
    }
    for member in group.file.members {
      text += "\(group.firstDay) open \(account(member.id))\n  name: \(Self.quoted(member.name))\n"
    }
    return text + "\(group.firstDay) open Assets:\(ExportedGroup.kitty)\n"
  }

  func entry(_ number: Int64, _ id: ID, _ content: EntryContent, _ postings: [Posting]) -> String {
    let tags = content.allTags.sorted()
    // beancount has letters of ASCII alone in a tag; the metadata has all of them.
    let plain = tags.filter { $0.utf8.allSatisfy { $0 < 0x80 } }.map { " #\($0)" }.joined()
    var text = "\n\(content.date) * \(Self.quoted(content.description))\(plain) ; #\(number)\n"
    text += "  number: \(number)\n  kind: \"\(content.kind.rawValue)\"\n"
    if let rate = content.rate {
      text += "  original: \"\(Amount(content.amount, content.currency))\"\n  rate: \"\(rate.text)\"\n"
    }
    let category = group.path(ofCategory: content.category)
    if !category.isEmpty { text += "  category: \(Self.quoted(category.joined(separator: ":")))\n" }
    if !tags.isEmpty { text += "  tags: \(Self.quoted(tags.joined(separator: " ")))\n" }
    if let note = content.note { text += "  note: \(Self.quoted(note))\n" }
    for posting in postings {
      text += "  \(account(posting.account))  \(posting.amount)\n    posting: \"\(posting.kind.rawValue)\"\n"
    }
    return text
  }

  func end(_ entries: Int) -> String { "\n\(JournalBooks.lastLine(entries))\n" }

  private static func quoted(_ text: String) -> String {
    let escaped = text.replacingScalars { scalar in
      switch scalar {
      case "\\": "\\\\"
      case "\"": "\\\""
      case "\n": "\\n"
      default: nil
      }
    }
    return "\"\(escaped)\""
  }
}
