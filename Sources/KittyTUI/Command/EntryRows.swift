import KittyShared

/// Entries as rows.
struct EntryRows {
  let people: People

  static let columns: [Table.Column] = [
    .init("Date"), .init("No."), .init("What"), .init("Who"), .init("Amount", isNumber: true),
  ]

  func row(_ content: EntryContent, number: Int64?) -> [Table.Cell] {
    let (paid, received) = who(content)
    return [
      .init("\(content.date)"), .init(number.map { "#\($0)" } ?? "-"), .init("\(content.description)"),
      .init(received.map { "\(paid) to \($0)" } ?? "\(paid) paid"), .init("\(content.total)"),
    ]
  }

  /// Number, date, kind, amount, currency, payers, recipient, description, id.
  func fields(_ content: EntryContent, number: Int64?, id: ID) -> [SafeText] {
    let (paid, received) = who(content)
    return [
      number.map { "\($0)" } ?? "", "\(content.date)", "\(content.kind.rawValue)", "\(content.total.decimal)",
      "\(content.currency)", paid, received ?? "", "\(content.description)", "\(id)",
    ]
  }

  /// Reports a saved entry or a preview: the entry, its payers, its shares.
  func report(_ answer: Answer<Entered>) -> Report {
    let (content, number, id): (EntryContent, Int64?, ID) =
      switch answer.value {
      case .entry(let entry): (entry.content, entry.number, entry.id)
      case .preview(let preview): (preview.entry, nil, preview.id)
      }
    let shares = content.shares ?? []
    let booked = content.booked.currency
    var report = Report(
      json: answer.bytes,
      tables: [
        Table(columns: Self.columns, rows: [row(content, number: number)]),
        Table(
          columns: [.init("Name"), .init("Share", isNumber: true)],
          rows: shares.map {
            [.init(people.name(.member($0.member))), .init("\(Amount($0.amount, booked))")]
          }),
      ])
    report.fields = [["entry"] + fields(content, number: number, id: id)]
    for payer in content.payers ?? [] {
      let amount = (try? payer.amount.amount(in: content.currency)) ?? content.total
      report.fields.append([
        "paid", people.name(payer.account), "\(amount.decimal)", "\(content.currency)", "\(payer.account)",
      ])
    }
    for share in shares {
      report.fields.append([
        "share", people.name(.member(share.member)), "\(Amount(share.amount, booked).decimal)", "\(booked)",
        "\(share.member)",
      ])
    }
    report.note =
      number.map { "Saved as #\($0)." }
      ?? "Nothing was saved. Repeat it with --key \(id) and without --dry-run to save exactly this."
    return report
  }

  private func who(_ content: EntryContent) -> (paid: SafeText, received: SafeText?) {
    if let from = content.from, let to = content.to { return (people.name(from), people.name(to)) }
    return (people.names((content.payers ?? []).map(\.account)), nil)
  }
}

extension EntryContent {
  /// The amount as it was entered.
  fileprivate var total: Amount { Amount(amount, currency) }
}
