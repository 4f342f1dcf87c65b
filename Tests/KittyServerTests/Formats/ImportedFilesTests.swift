import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// The files of other programs in `Tests/Imports`: those that are whole have the balances of their program, those that are
/// broken are refused with the place.
@Suite struct ImportedFilesTests {
  private static func read(
    _ bytes: Data, _ options: ImportOptions
  ) async throws -> (format: ImportFormat, content: ImportedContent) {
    try await ImportedFiles.read(ImportedDocument(bytes, as: options.encoding), options)
  }

  private static func options(_ file: ImportSamples.File) throws -> ImportOptions {
    var options = ImportOptions(groupCurrency: Currency(code: "EUR"))
    for (role, column) in try file.columns ?? [:] {
      options.columns[try #require(TableColumn(rawValue: role))] = column
    }
    return options
  }

  @Test func everyFormatHasFiles() {
    for format in ImportFormat.allCases {
      #expect(ImportSamples.whole.count { $0.format == format } >= 6, "\(format)")
      #expect(ImportSamples.broken.count { $0.format == format } >= 6, "\(format)")
    }
  }

  @Test(arguments: ImportSamples.whole) func wholeFileHasTheBalancesOfItsProgram(file: ImportSamples.File)
    async throws
  {
    let (format, content) = try await Self.read(try file.bytes, Self.options(file))
    #expect(format == file.format)
    let books = content.books
    let shown = books.shownBalances()
    var expected: [String: Int64] = [:]
    for line in try file.text("balances").split(separator: "\n") {
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      let currency = try #require(Currency(code: "\(words[words.count - 2])"))
      let amount = try Amount(decimal: "\(words[words.count - 1])", currency: currency)
      expected["\(words.dropLast(2).joined(separator: " ")) \(currency)"] = amount.minorUnits
    }
    var keys = Set(expected.keys)
    for balance in shown.balances {
      let key = "\(books.members[balance.member].name) \(balance.amount.currency)"
      let place = ImportedBooks.ShownBalances.Key(member: balance.member, currency: balance.amount.currency)
      let difference = (expected[key] ?? 0) - balance.amount.minorUnits
      #expect(difference.magnitude <= UInt64(shown.tolerance[place] ?? 0), "\(key)")
      keys.remove(key)
    }
    for key in keys { #expect((expected[key] ?? 0).magnitude <= 1, "\(key) is missing") }
  }

  /// The entries of a file of KittyCash, each in words: by scalars, because `==` of texts ignores the form of Unicode.
  private static func words(_ file: ImportSamples.File) async throws -> [[[UInt8]]] {
    let books = try await read(try file.bytes, options(file)).content.books
    return books.entries.map { entry in
      guard case .kept(let content, _) = entry.kind else { return [] }
      let tags = content.allTags.sorted().joined(separator: " ")
      let amount = "\(content.booked.amount) \(content.booked.currency) \(content.date)"
      return [content.description, content.note ?? "", tags, amount].map { Array($0.utf8) }
    }
  }

  @Test(arguments: ImportSamples.whole.filter { $0.format == .hledger || $0.format == .beancount })
  func journalHasTheTextsOfTheJSON(file: ImportSamples.File) async throws {
    let name = file.path.deletingPathExtension().lastPathComponent
    let same = ImportSamples.whole.first {
      $0.format == .kittycash && $0.path.deletingPathExtension().lastPathComponent == name
    }
    #expect(try await Self.words(file) == Self.words(try #require(same)))
  }

  @Test(arguments: ImportSamples.broken) func brokenFileIsRefusedWithThePlace(file: ImportSamples.File)
    async throws
  {
    var found: [String] = []
    do {
      let read = try await Self.read(try file.bytes, Self.options(file))
      Issue.record("read as \(read.format) with \(read.content.books.entries.count) entries")
    } catch {
      found = ((error as? Rejection)?.errors ?? []).map { "\($0.field) \($0.code)" }
    }
    #expect(found.first == (try file.text("reason")).trimmingCharacters(in: .whitespacesAndNewlines))
  }

  private static func spliit(title: String) -> Data {
    Data(
      #"""
      {"name": "Flat", "currency": "€", "currencyCode": "EUR", "participants": [{"id": "a", "name": "Ana"}], "expenses": [
      {"expenseDate": "2026-03-01", "title": "\#(title)", "amount": 400, "paidById": "a", "isReimbursement": false,
      "paidFor": [{"participantId": "a", "shares": 100}], "splitMode": "EVENLY"}]}
      """#.utf8)
  }

  /// JSON is checked in parts of 64 KiB, which end within letters.
  @Test func lettersAcrossPartsAreRead() async throws {
    for offset in 0..<4 {
      for letter in ["é", "€", "😀"] {
        let title = String(repeating: "x", count: offset) + String(repeating: letter, count: 100_000)
        let (format, content) = try await Self.read(Self.spliit(title: title), ImportOptions())
        #expect(format == .spliit && content.books.entries[0].description == title, "\(letter) \(offset)")
      }
    }
  }

  @Test func wrongByteOfALaterPartIsRefused() async throws {
    var bytes = Self.spliit(title: String(repeating: "é", count: 100_000))
    bytes[bytes.count - 300] = 0xFF
    let refused = await #expect(throws: Rejection.self) { try await Self.read(bytes, ImportOptions()) }
    #expect(refused?.errors?.first?.code == "ambiguous_encoding", "\(String(describing: refused))")
  }

  /// A workbook is the file that is uploaded by mistake most often.
  @Test(
    arguments: [[0x50, 0x4B, 3, 4], Array("%PDF-".utf8), [0x1F, 0x8B], [0xD0, 0xCF, 0x11, 0xE0]] as [[UInt8]])
  func fileOfAnotherKindIsToldAsSuch(start: [UInt8]) async throws {
    for options in [ImportOptions(), ImportOptions(encoding: .windows1252)] {
      let refused = await #expect(throws: Rejection.self) {
        try await Self.read(Data(start + [0x81, 0x8D, 0, 0xFF]), options)
      }
      let message = refused?.errors?.first?.message ?? ""
      #expect(message.contains("save the table as CSV"), "\(message)")
    }
  }

  @Test func fileOfLineEndsAloneIsRefused() async throws {
    var bytes = Data("Date,Description,Amount,Paid by\n2026-03-01,Tea,4.00,Ana\n".utf8)
    bytes.append(Data(repeating: 0x0A, count: ImportedDocument.maxLines))
    let refused = await #expect(throws: Rejection.self) { try await Self.read(bytes, ImportOptions()) }
    #expect(refused?.errors?.first?.code == "too_many")
  }

  @Test func listThatIsThereTwiceOrHiddenIsRefused() async throws {
    let text = String(decoding: Self.spliit(title: "expenses"), as: UTF8.self)
    for changed in [
      text.replacing("\"expenses\": [", with: "\"expenses\": [], \"expenses\": ["),
      text.replacing("\"expenses\": [", with: #""\u0065xpenses": ["#),
    ] {
      let options = ImportOptions(format: .spliit)
      let refused = await #expect(throws: Rejection.self) { try await Self.read(Data(changed.utf8), options) }
      #expect(refused?.errors?.first?.code == "not_readable", "\(changed)")
    }
  }

  @Test func listThatEndsAfterAnObjectIsRefused() async throws {
    let bill =
      #"{"what": "Tea", "amount": 4.0, "date": "2026-03-01", "payer_name": "Ana", "payer_weight": 1.0, "owers": ["Ana"]}"#
    for text in ["[\(bill)", "[\(bill),", "[\(bill)]]", "[\(bill)] x"] {
      let refused = await #expect(throws: Rejection.self, "\(text)") {
        try await Self.read(Data(text.utf8), ImportOptions(groupCurrency: Currency(code: "EUR")))
      }
      #expect(refused?.errors?.first?.code == "not_readable", "\(text)")
    }
  }

  /// Files with a random change are read or refused, each in a short time.
  @Test(.timeLimit(.minutes(5)), arguments: ImportSamples.whole)
  func changedFileIsReadOrRefused(file: ImportSamples.File) async throws {
    var random = Seeded(UInt64(file.testDescription.utf8.count))
    let bytes = [UInt8](try file.bytes)
    for _ in 0..<150 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) { Self.change(&changed, &random) }
      _ = try? await Self.read(Data(changed), Self.options(file))
    }
  }

  private static func change(_ bytes: inout [UInt8], _ random: inout Seeded) {
    if bytes.isEmpty { bytes = [0x2c] }
    let place = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<8, using: &random) {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 1: bytes.removeSubrange(place...)
    case 2: bytes.insert(contentsOf: bytes[place..<min(place + 40, bytes.count)], at: place)
    case 3:
      let texts = ["9223372036854775807", "-1e308", "NaN", "\"", "\u{301}", ",", "sep=;\n"]
      bytes.insert(contentsOf: Array((texts.randomElement(using: &random) ?? "").utf8), at: place)
    case 4: changeColumns(&bytes, &random)
    case 5: changeLines(&bytes, &random)
    case 6: bytes = convert(bytes, from: place, &random)
    default: bytes.removeSubrange(place..<min(place + 7, bytes.count))
    }
    if bytes.isEmpty { bytes = [0x2c] }
  }

  /// Swaps two columns of a table, or removes one, in all of its lines or in the first.
  private static func changeColumns(_ bytes: inout [UInt8], _ random: inout Seeded) {
    let separator = [",", ";", "\t"].map { UInt8(ascii: $0) }.max { left, right in
      bytes.count { $0 == left } < bytes.count { $0 == right }
    }
    var lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    let count = lines[0].count { $0 == separator } + 1
    let (first, second) = (
      Int.random(in: 0..<count, using: &random), Int.random(in: 0..<count, using: &random)
    )
    let isSwap = Bool.random(using: &random)
    for index in lines.indices.prefix(Bool.random(using: &random) ? 1 : lines.count) {
      var fields = lines[index].split(separator: separator ?? 0x2c, omittingEmptySubsequences: false)
      guard fields.count > max(first, second) else { continue }
      if isSwap { fields.swapAt(first, second) } else { fields.remove(at: first) }
      lines[index] = ArraySlice(fields.joined(separator: [separator ?? 0x2c]))
    }
    bytes = Array(lines.joined(separator: [0x0a]))
  }

  /// Swaps two lines, removes one, or ends the file behind one.
  private static func changeLines(_ bytes: inout [UInt8], _ random: inout Seeded) {
    var lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    let (first, second) = (
      Int.random(in: lines.indices, using: &random), Int.random(in: lines.indices, using: &random)
    )
    switch Int.random(in: 0..<3, using: &random) {
    case 0: lines.swapAt(first, second)
    case 1: lines.remove(at: first)
    default: lines.removeSubrange((first + 1)...)
    }
    bytes = Array(lines.joined(separator: [0x0a]))
  }

  /// Writes all of a file, or the part behind a place, in another encoding.
  private static func convert(_ bytes: [UInt8], from place: Int, _ random: inout Seeded) -> [UInt8] {
    let start = Bool.random(using: &random) ? 0 : place
    let encodings: [String.Encoding] = [
      .windowsCP1250, .windowsCP1251, .windowsCP1252, .utf16, .utf16BigEndian, .utf8,
    ]
    let encoding = encodings.randomElement(using: &random) ?? .utf8
    let text = String(decoding: bytes[start...], as: UTF8.self)
    return Array(bytes[..<start]) + (text.data(using: encoding, allowLossyConversion: true) ?? Data())
  }
}
