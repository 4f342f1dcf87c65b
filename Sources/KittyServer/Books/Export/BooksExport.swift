import KittyShared

/// A group's entries as a text for another program.
protocol BooksExport: Sendable {
  /// What comes before the entries.
  func head() -> String
  /// One entry that counts, with its postings.
  func entry(_ number: Int64, _ content: EntryContent, _ postings: [Posting]) -> String
}

/// What is known of a group before its entries are written.
struct ExportedGroup: Sendable {
  let id: ID
  let file: GroupFile
  /// Every currency in the books.
  let currencies: [Currency]
  /// The first day in the books.
  let firstDay: Day
  private let names: [ID: String]

  /// - Parameter clean: Takes out of a name what means something in the text.
  init(id: ID, file: GroupFile, currencies: [Currency], firstDay: Day, clean: (String) -> String) {
    self.id = id
    self.file = file
    self.currencies = currencies
    self.firstDay = firstDay
    var names: [ID: String] = [:]
    var taken: Set<String> = []
    for member in file.members {
      let plain = clean(member.name)
      var name = plain
      var number = 2
      // A former member may have had the name that somebody has now.
      while !taken.insert(name.lowercased()).inserted {
        name = "\(plain)-\(number)"
        number += 1
      }
      names[member.id] = name
    }
    self.names = names
  }

  /// What an account is called in the text; `nil` for the kitty.
  func name(of account: ID) -> String? { account == id ? nil : names[account] ?? account.description }
}

/// A journal for hledger. Source of the format: https://hledger.org/hledger.html#journal
struct HledgerJournal: BooksExport {
  let group: ExportedGroup

  /// A name without what separates accounts, amounts and comments there.
  static func clean(_ name: String) -> String {
    String(name.map { $0.isWhitespace || ":;()[]{}\"".contains($0) ? "-" : $0 })
  }

  private func account(_ id: ID) -> String { group.name(of: id).map { "Members:\($0)" } ?? "Kitty" }

  func head() -> String {
    var text = "; \(Self.line(group.file.name)): the books of a group, by KittyCash.\n"
    text += "; Positive is owed to the account.\n\n"
    for currency in group.currencies {
      // hledger wants a decimal mark even where there are no decimals.
      let example = Amount(1000 * currency.unit, currency).decimal + (currency.decimals == 0 ? "." : "")
      text += "commodity \(example) \(currency.code)\n"
    }
    for member in group.file.members { text += "account \(account(member.id))\n" }
    return text + "account Kitty\n"
  }

  func entry(_ number: Int64, _ content: EntryContent, _ postings: [Posting]) -> String {
    var text =
      "\n\(content.date) (\(number)) \(Self.line(content.description))  ; #\(number) \(content.kind.rawValue)\n"
    if let rate = content.rate {
      text += "    ; \(Amount(content.amount, content.currency)) at a rate of \(rate.text)\n"
    }
    for line in (content.note ?? "").split(separator: "\n") { text += "    ; \(line)\n" }
    for posting in postings {
      text += "    \(account(posting.account))  \(posting.amount)  ; \(posting.kind.rawValue)\n"
    }
    return text
  }

  /// A description is one line, and ends where a comment or a note would begin.
  private static func line(_ text: String) -> String {
    String(text.map { $0.isNewline || $0 == ";" || $0 == "|" ? "," : $0 })
  }
}

/// A file for beancount. Source of the format: https://beancount.github.io/docs/beancount_language_syntax.html
struct BeancountFile: BooksExport {
  let group: ExportedGroup

  /// A name of the letters, digits and dashes that an account may have; it starts with a capital or a digit.
  static func clean(_ name: String) -> String {
    let plain = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
    guard let first = plain.first, first.isLetter || first.isNumber else { return "X" + plain }
    return first.uppercased() + plain.dropFirst()
  }

  // Who is owed today may owe tomorrow, so an account is neither an asset nor a liability for good.
  private func account(_ id: ID) -> String {
    group.name(of: id).map { "Assets:Members:\($0)" } ?? "Assets:Kitty"
  }

  func head() -> String {
    var text = "; Positive is owed to the account.\noption \"title\" \(Self.quoted(group.file.name))\n"
    text += "option \"operating_currency\" \"\(group.file.currency)\"\n\n"
    for currency in group.currencies {
      text += "\(group.firstDay) commodity \(currency)\n  name: \(Self.quoted(currency.name))\n"
    }
    for member in group.file.members { text += "\(group.firstDay) open \(account(member.id))\n" }
    return text + "\(group.firstDay) open Assets:Kitty\n"
  }

  func entry(_ number: Int64, _ content: EntryContent, _ postings: [Posting]) -> String {
    var text = "\n\(content.date) * \(Self.quoted(content.description)) ; #\(number)\n"
    text += "  number: \(number)\n  kind: \"\(content.kind.rawValue)\"\n"
    if let rate = content.rate {
      text += "  original: \"\(Amount(content.amount, content.currency))\"\n  rate: \"\(rate.text)\"\n"
    }
    if let note = content.note { text += "  note: \(Self.quoted(note))\n" }
    for posting in postings {
      text += "  \(account(posting.account))  \(posting.amount)\n    posting: \"\(posting.kind.rawValue)\"\n"
    }
    return text
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: " ") + "\""
  }
}

/// A table for a spreadsheet (RFC 4180): one row for each posting.
struct CSVTable: BooksExport {
  let group: ExportedGroup

  func head() -> String {
    "number,date,kind,description,amount,currency,rate,account,posting,posting amount,posting currency,note\r\n"
  }

  func entry(_ number: Int64, _ content: EntryContent, _ postings: [Posting]) -> String {
    let common = [
      "\(number)", "\(content.date)", content.kind.rawValue, Self.text(content.description),
      Amount(content.amount, content.currency).decimal, content.currency.code, content.rate?.text ?? "",
    ]
    return postings.map { posting in
      let own = [
        Self.text(group.name(of: posting.account) ?? "Kitty"), posting.kind.rawValue, posting.amount.decimal,
        posting.amount.currency.code, Self.text(content.note ?? ""),
      ]
      return (common + own).joined(separator: ",") + "\r\n"
    }.joined()
  }

  /// A text in quotes. One that a spreadsheet would take for a formula gets an apostrophe first.
  /// Source: https://owasp.org/www-community/attacks/CSV_Injection
  static func text(_ text: String) -> String {
    let isFormula = text.first.map { "=+-@\t\r\n＝＋－＠".contains($0) } ?? false
    return "\"" + (isFormula ? "'" : "") + text.replacing("\"", with: "\"\"") + "\""
  }
}
