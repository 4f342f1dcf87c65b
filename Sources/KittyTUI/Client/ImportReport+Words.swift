import KittyShared

/// An import in words, for the screen and for the command.
extension ImportReport {
  /// The program and the readings of the file, as a sentence.
  var reading: String { "Read as \(format.program): \(readings.joined(separator: ", "))." }

  /// The first and the last day of the entries, and their currencies; `nil` for a file without entries.
  var period: String? {
    guard let from, let to else { return nil }
    let codes = currencies.map(\.code).joined(separator: ", ")
    return "The entries are from \(from) to \(to)\(codes.isEmpty ? "" : ", in \(codes)")."
  }

  /// The categories that the group gets; `nil` without any.
  var categories: String? {
    newCategories.isEmpty ? nil : "New categories: \(newCategories.joined(separator: ", "))."
  }

  /// The number of entries that the group has already; `nil` without any.
  var known: String? {
    guard duplicates > 0 else { return nil }
    let words = "\(Self.count(duplicates, "entry is", "entries are")) in the group already"
    return twins == 0 ? "\(words)." : "\(words), \(twins) of them by the same day, text and amounts."
  }

  /// The number of entries of earlier files that this one does not have; `nil` without any.
  var lost: String? {
    missing.isEmpty
      ? nil
      : "\(Self.count(missing.count, "entry", "entries")) of an earlier file of the same books \(missing.count == 1 ? "is" : "are") not in this one: undo that import first, or both count."
  }

  /// The title of the balances of the file.
  var sourceTitle: String { showsBalances ? "In the file" : "Computed" }

  /// The number of entries to be written, or that were written, such as `3 expenses and 1 payment`.
  var counts: String {
    "\(Self.count(expenses, "expense", "expenses")) and \(Self.count(payments, "payment", "payments"))"
  }

  /// The sentences about an import.
  func sentences(isDryRun: Bool) -> [String] {
    [reading, period, categories].compactMap(\.self) + notices + [known, lost].compactMap(\.self)
      + [isDryRun ? "Would import \(counts)." : "Imported \(counts)."]
  }

  /// The word for a balance that is not the same there and here; empty for one that is.
  func difference(of balance: Balance) -> String {
    balance.there == balance.here ? "" : differs ? "differs" : "rounded"
  }

  /// Returns a number with its noun.
  static func count(_ number: Int, _ one: String, _ many: String) -> String {
    "\(number) \(number == 1 ? one : many)"
  }
}

extension ImportRecord {
  /// The entries and the program, such as `612 entries of Splitwise`.
  var words: String { "\(ImportReport.count(entries, "entry", "entries")) of \(format.program)" }
}

extension String {
  /// The sentences without those that name parameters of the API, for a screen that has a choice in their place.
  var withoutParameters: String {
    let parameters = [
      "dates=", "decimal=", "encoding=", "currency=", "columns=", "format=", "map=", "differences=",
      "dryRun=", "force=", "twins=",
    ]
    return split(separator: ". ", omittingEmptySubsequences: false).map { part in
      part.hasSuffix(".") ? String(part.dropLast()) : String(part)
    }.filter { sentence in
      !parameters.contains { sentence.contains($0) }
    }.map { $0 + "." }.joined(separator: " ")
  }
}
