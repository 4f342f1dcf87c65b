import KittyShared

@testable import KittyTUI

/// Imports of files of other programs.
extension Fixtures {
  static let imports: [ImportRecord] = [
    (ImportFormat.splitwise, 612), (.csv, 1),
  ].enumerated().map { index, record in
    ImportRecord(
      id: id(Int64(300 + index)), format: record.0, entries: record.1, createdBy: members[index].id,
      createdAt: Instant(milliseconds: 1_795_435_200_000 - Int64(index) * 86_400_000))
  }

  /// The preview of a file with a member of the group, the user, and a new guest.
  static var importReport: ImportReport {
    let jpy = Currency(code: "JPY")!
    return ImportReport(
      format: .splitwise,
      readings: ["UTF-8", "separator: comma", "decimal mark: .", "days: day, month, year"], name: "Alps",
      currency: eur,
      members: [
        .init(name: "Anna B.", member: nil, here: "Anna B.", isNew: true),
        .init(name: "bob", member: members[1].id, here: "Bob", isNew: false),
        .init(name: "Vic", member: nil, here: "Vic", isNew: true),
      ], expenses: 3, payments: 1, duplicates: 2, from: Day("2026-01-02"), to: Day("2026-03-04"),
      currencies: [eur, jpy], newCategories: ["Food"],
      leftOut: [.init(place: "line 7", text: "Zero", reason: "It changes no balance.")],
      notices: ["line 9: several members paid \"Ski\", and the file does not say how much each."],
      balances: [
        .init(name: "Anna B.", currency: eur, there: 120_050, here: 120_050),
        .init(name: "bob", currency: eur, there: -120_000, here: -119_999),
        .init(name: "Vic", currency: eur, there: -50, here: -51),
        .init(name: "Vic", currency: jpy, there: 0, here: 0),
      ], differs: false)
  }

  /// The same with a balance that differs.
  static var differingReport: ImportReport {
    var report = importReport
    report.balances[1].here = -110_000
    report.differs = true
    return report
  }

  /// The preview of a later file of the same books, which shows no balances: one of its entries was changed there.
  static var laterReport: ImportReport {
    var report = differingReport
    (report.format, report.showsBalances, report.twins) = (.ihatemoney, false, 1)
    report.leftOut = [
      .init(
        place: "bills.3", text: "Coffee", reason: "It is here as #12: the same day, text and amounts.",
        number: 12)
    ]
    report.missing = [
      .init(number: 7, date: Day("2026-01-03")!, text: "Rent", import: imports[0].id)
    ]
    return report
  }
}
