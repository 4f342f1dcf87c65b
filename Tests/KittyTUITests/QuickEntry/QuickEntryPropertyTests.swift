import KittyShared
import TestSupport
import Testing

@testable import KittyTUI

/// Properties of all lines.
struct QuickEntryPropertyTests {
  private static let group = QuickEntryTests.group()

  /// A meaning and the words of a line with that meaning.
  private struct Said {
    var amount: Amount
    var payers: [LedgerAccount: Int64] = [:]
    var participants: [ID]?
    var words: [String] = []

    init(_ random: inout Seeded) {
      let members = QuickEntryTests.members
      let currency = Currency(code: ["EUR", "USD", "JPY"].randomElement(using: &random)!)!
      amount = Amount(Int64.random(in: 100...5_000_000, using: &random), currency)
      // A number with a currency is money wherever it stands.
      words.append("\(amount.decimal)\(currency.code)")
      let count = Int.random(in: 0...3, using: &random)
      let several = members.shuffled(using: &random).prefix(count)
      var rest = amount.minorUnits
      for (index, member) in several.enumerated() {
        let isLast = index == several.count - 1
        let part = isLast ? rest : Int64.random(in: 1...10, using: &random)
        rest -= part
        payers[.member(member.id)] = part
        let isOpen = isLast && Bool.random(using: &random)
        words.append("@\"\(member.name)\"" + (isOpen ? "" : ":\(Amount(part, currency).decimal)"))
      }
      if several.isEmpty { payers[.member(QuickEntryTests.id("Bob"))] = amount.minorUnits }
      let some = Set(members.shuffled(using: &random).prefix(Int.random(in: 1...4, using: &random)).map(\.id))
      switch Int.random(in: 0...2, using: &random) {
      case 0:
        participants = some.sorted()
        words += members.filter { some.contains($0.id) }.map { "+\"\($0.name)\"" }
      case 1:
        participants = members.map(\.id).filter { !some.contains($0) }.sorted()
        words += members.filter { some.contains($0.id) }.map { "-\"\($0.name)\"" }
      default: break
      }
    }
  }

  @Test func wordsAreReadInAnyOrder() throws {
    var random = Seeded(11)
    for _ in 0..<2000 {
      let said = Said(&random)
      var words = said.words + ["dinner", "2026-11-20"]
      words.shuffle(using: &random)
      let line = words.joined(separator: " ")
      let entry = try QuickEntry(line, in: Self.group)
      #expect(entry.amount == said.amount, "\(line)")
      let payers = Dictionary(
        uniqueKeysWithValues: try entry.payers.map {
          ($0.account, try $0.amount.amount(in: said.amount.currency).minorUnits)
        })
      #expect(payers == said.payers, "\(line)")
      #expect(entry.participants?.sorted() == said.participants, "\(line)")
      #expect(entry.description == "dinner" && entry.date == Day("2026-11-20"), "\(line)")
    }
  }

  /// Any line is either rejected with a message, or its amounts add up.
  @Test func acceptedLinesAddUp() throws {
    var random = Seeded(12)
    let pieces = [
      "@", "+", "-", "\"", ":", " ", " ", " ", ".", ",", "'", "4", "0", "12", "42.50", "€", "$", "EUR", "USD",
      "eur",
      "anna", "bob", "ha", "kitty", "me", "dinner", "yesterday", "2026-11-20", "\u{1b}", "\u{202e}", "井", "é",
      "\n", "−",
    ]
    var understood = 0
    for _ in 0..<20_000 {
      let line = (0..<Int.random(in: 1...14, using: &random)).map { _ in
        pieces.randomElement(using: &random)!
      }.joined()
      do throws(QuickEntry.Refusal) {
        let entry = try QuickEntry(line, in: Self.group)
        understood += 1
        let paid = entry.payers.reduce(Int64(0)) { sum, payer in
          guard case .minorUnits(let units) = payer.amount else { return .min }
          return sum + units
        }
        #expect(paid == entry.amount.minorUnits && paid != 0, "\(line)")
        #expect(Set(entry.payers.map(\.account)).count == entry.payers.count, "\(line)")
        #expect(!entry.description.isEmpty, "\(line)")
        if let participants = entry.participants {
          #expect(!participants.isEmpty && Set(participants).count == participants.count, "\(line)")
          #expect(
            participants.allSatisfy { id in QuickEntryTests.members.contains { $0.id == id } }, "\(line)")
        }
      } catch {
        #expect(error.description.hasSuffix("."), "\(line): \(error)")
      }
    }
    #expect(understood > 500)
  }
}
