import ArgumentParser
import KittyShared

/// The filter of a command: its words as they were typed, and the parameter of the request.
enum FilterQuery {
  /// Checks the words of a filter before anything is sent. Names are looked up by the server.
  /// - Throws: `ValidationError` with the place of the fault.
  static func check(_ words: [String]) throws {
    guard !words.isEmpty else { return }
    do {
      _ = try Filter(words.joined(separator: " "))
    } catch {
      throw ValidationError("\(error)")
    }
  }

  /// The parameters of a request; none without words.
  static func parameters(_ words: [String]) -> [(String, String)] {
    words.isEmpty ? [] : [("q", words.joined(separator: " "))]
  }
}

/// The language of filters in the help of a command.
let filterHelp = """
  A filter has words, "phrases" and conditions, and all of them must be met: kind:payment, paid:anna, with:bob, by:me, \
  date:2026-11, date:2026-01..2026-03, date:last month, amount:>50, amount:20..50, currency:USD, category:food, tag:trip \
  or #trip, #12, is:refund, has:note, has:items, has:comment, has:receipt. A minus sign before one is its opposite, OR \
  stands between alternatives, and ( ) group. Neither case nor accents matter.
  """

extension Report {
  /// The number and the sums of entries.
  /// - Throws: `CommandFailure` when the server does not know them.
  init(totals: EntryTotals?) throws(CommandFailure) {
    guard let totals else {
      throw CommandFailure(.failed, "The server is older than this program and adds nothing up.")
    }
    let json: [UInt8]
    do { json = try JSON.bytes(of: totals) } catch {
      throw CommandFailure(.failed, "The sums cannot be printed: \(error)")
    }
    self.init(
      json: json,
      tables: [
        Table(
          columns: [.init("Entries", isNumber: true), .init("Sum", isNumber: true)],
          rows: totals.sums.map { [.init("\($0.count)"), .init("\(Amount($0.amount, $0.currency))")] })
      ],
      fields: totals.sums.map {
        ["\($0.count)", "\(Amount($0.amount, $0.currency).decimal)", "\($0.currency)"]
      },
      note: totals.count == 0 ? "No entry is found." : nil)
  }
}
