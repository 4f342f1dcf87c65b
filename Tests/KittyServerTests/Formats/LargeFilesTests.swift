import Foundation
import KittyShared
import Synchronization
import Testing

@testable import KittyServer

/// Large files are read in parts, and not further than to the first fault.
@Suite struct LargeFilesTests {
  /// A file that records how much of it is read.
  private final class RecordedFile: ByteSource {
    let data: Data
    /// The largest part that was asked for, and the end of the last one.
    let largest = Mutex(0)
    let end = Mutex(0)

    init(_ text: String) { data = Data(text.utf8) }

    var count: Int { data.count }

    func bytes(in range: Range<Int>) throws -> Data {
      largest.withLock { $0 = max($0, range.count) }
      end.withLock { $0 = max($0, range.upperBound) }
      return data.bytes(in: range)
    }
  }

  private static let entries = 3000

  private static func splitPro() -> String {
    let expenses = (0..<entries).map {
      #"{"id": "e\#($0)", "name": "Tea", "paidBy": 1, "amount": "600", "splitType": "EQUAL", "expenseDate": "2026-03-01T00:00:00Z", "currency": "EUR", "expenseParticipants": [{"userId": 1, "amount": "300"}, {"userId": 2, "amount": "-300"}]}"#
    }
    return
      #"{"name": "Alps", "users": [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bo"}], "expenses": [\#(expenses.joined(separator: ",\n"))]}"#
  }

  private static func files() -> [(ImportFormat, String)] {
    let spliit = (0..<entries).map {
      #"{"id": "\#($0)", "expenseDate": "2026-03-01", "title": "Tea", "amount": 600, "paidById": "a", "isReimbursement": false, "paidFor": [{"participantId": "a", "shares": 1}, {"participantId": "b", "shares": 1}], "splitMode": "EVENLY"}"#
    }
    let people = #""participants": [{"id": "a", "name": "Ann"}, {"id": "b", "name": "Bo"}]"#
    let bills = (0..<entries).map { _ in
      #"{"what": "Tea", "amount": 6.0, "date": "2026-03-01", "payer_name": "Ann", "payer_weight": 1.0, "owers": ["Ann", "Bo"]}"#
    }
    return [
      (.splitpro, splitPro()), (.splitpro, #"{"friends": {}, "groups": [\#(splitPro())]}"#),
      (
        .spliit,
        #"{"name": "Flat", "currency": "€", "currencyCode": "EUR", \#(people), "expenses": [\#(spliit.joined(separator: ","))]}"#
      ), (.ihatemoney, "[\(bills.joined(separator: ","))]"),
    ]
  }

  @Test func objectsAreReadOneByOne() async throws {
    for (format, text) in Self.files() {
      let file = RecordedFile(text)
      let read = try await ImportedFiles.read(
        ImportedDocument(file, as: nil), ImportOptions(groupCurrency: Currency(code: "EUR")))
      #expect(read.format == format && read.content.books.entries.count == Self.entries)
      #expect(read.content.books.members.map(\.name) == ["Ann", "Bo"])
      #expect(file.count > 300_000 && file.largest.withLock { $0 } <= 1 << 16, "\(format)")
    }
  }

  /// A group within a download has the same expenses as one alone, and its faults have their places.
  @Test func groupOfADownloadIsReadAsOneAlone() async throws {
    func read(_ text: String) async throws -> ImportedBooks {
      try await ImportedFiles.read(ImportedDocument(Data(text.utf8), as: nil), ImportOptions()).content.books
    }
    let alone = Self.splitPro()
    func download(_ group: String) -> String {
      #"{"friends": {"9": {"id": 9, "name": "Zoe"}}, "groups": [{"name": "Empty", "expenses": []}, \#(group)]}"#
    }
    let (one, other) = (try await read(alone), try await read(download(alone)))
    #expect(other.members == one.members && other.name == "Alps" && other.notices == one.notices)
    #expect(other.entries.map(\.kind) == one.entries.map(\.kind))
    #expect("\(other.entries[7].place)" == "groups.1.expenses.7" && "\(one.entries[7].place)" == "expenses.7")
    for (old, new, place) in [
      (#""id": "e8""#, #""id": "e7""#, "groups.1.expenses.8.id twice"),
      (#""id": "e8""#, #""id": [1]"#, "groups.1.expenses.8.id not_readable"),
      (#""name": "Alps""#, #""name": 1"#, "groups.1.name not_readable"),
      (#""expenses": [{"#, #""exp\u0065nses": [{"#, "file not_readable"),
      (#""expenses": [{"#, #""expenses": [], "expenses": [{"#, "file not_readable"),
      (#""expenses": [{"#, #""expenses": [1, {"#, "file not_readable"),
    ] {
      let refused = await #expect(throws: Rejection.self) {
        try await read(download(alone.replacing(old, with: new)))
      }
      #expect(refused?.errors?.first.map { "\($0.field) \($0.code)" } == place)
    }
    // Cut off within the list, within an object, and before the end of the document.
    for text in [alone, download(alone)] {
      for end in [text.count / 2, text.count / 2 + 61, text.count - 1, text.count - 2] {
        await #expect(throws: Rejection.self) { try await read(String(text.prefix(end))) }
      }
    }
  }

  @Test func lineEndOfTwoBytesIsOneLine() throws {
    let limit = ImportedDocument.maxLines
    for ending in ["\r\n", "\n", "\r"] {
      let lines = String(repeating: ending, count: limit)
      #expect(throws: Never.self) { try ImportedDocument(RecordedFile("a" + lines), as: nil) }
      let file = RecordedFile("a" + lines + ending + String(repeating: "b", count: 1 << 20))
      let refused = #expect(throws: Rejection.self) { try ImportedDocument(file, as: nil) }
      #expect(refused?.errors?.first?.code == "too_many")
      // The rest of the file was not read.
      #expect(file.end.withLock { $0 } < file.count)
    }
  }

  @Test func linesOfUTF16AreCounted() throws {
    // The letter has the byte of a line end.
    let letters = String(repeating: "\u{0A0D}\u{010A}", count: ImportedDocument.maxLines / 2 + 10)
    var bytes = Data([0xFF, 0xFE])
    bytes.append(try #require("a\r\n\(letters)".data(using: .utf16LittleEndian)))
    #expect(throws: Never.self) { try ImportedDocument(bytes, as: nil) }
    let ends = String(repeating: "\r\n", count: ImportedDocument.maxLines)
    for (text, isRefused) in [("a" + ends, false), ("a\n" + ends, true)] {
      var bytes = Data([0xFF, 0xFE])
      bytes.append(try #require(text.data(using: .utf16LittleEndian)))
      let refused = try? ImportedDocument(bytes, as: nil)
      #expect((refused == nil) == isRefused)
    }
  }
}
