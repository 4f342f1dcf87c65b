import KittyShared
import POSIX
import SystemPackage

/// The receipts of a group as `kittycash export --all` saved them: a zip file of stored files, one after the other, each named
/// by its entry.
struct ReceiptArchive: Sendable {
  let path: String

  /// A receipt in the archive.
  struct File: Sendable, Equatable {
    /// The number of the entry.
    let entry: Int64
    /// The number of the receipt.
    let number: Int
    let name: String
    let bytes: [UInt8]
  }

  /// The reason why an archive cannot be read, as a sentence.
  struct Refusal: Error, Equatable, CustomStringConvertible {
    let description: String
  }

  /// The length of the fields before the name of a file (APPNOTE 6.3.10).
  private static let headLength = 30

  /// Calls `body` with each receipt, in their order. One is in memory at a time.
  /// - Throws: The error of `body`, or its `Refusal` as `failure` makes it.
  func forEach<Failure>(
    _ failure: (Refusal) -> Failure, _ body: (File) async throws(Failure) -> Void
  ) async throws(Failure) {
    guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else {
      throw failure(Refusal(description: "\(path) cannot be read."))
    }
    defer { try? file.close() }
    while true {
      let found: File?
      do throws(Refusal) { found = try next(in: file) } catch { throw failure(error) }
      guard let found else { return }
      try await body(found)
    }
  }

  /// Reads the next receipt; `nil` at the directory behind the last one.
  private func next(in file: FileDescriptor) throws(Refusal) -> File? {
    let head = try read(4, in: file)
    if head == [0x50, 0x4b, 1, 2] || head == [0x50, 0x4b, 5, 6] { return nil }
    guard head == [0x50, 0x4b, 3, 4] else { throw damaged }
    let fields = try read(Self.headLength - 4, in: file)
    func number(_ offset: Int, _ count: Int) -> Int {
      fields[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    // No data descriptor, stored, and the same size twice: that is all that the server writes.
    let (flags, method, size) = (number(2, 2), number(4, 2), number(18, 4))
    guard flags & 8 == 0, method == 0, number(14, 4) == size, size <= Receipt.maxBytes else { throw damaged }
    let name = String(decoding: try read(number(22, 2), in: file), as: UTF8.self)
    _ = try read(number(24, 2), in: file)
    let bytes = try read(size, in: file)
    guard Int(CRC32.of(bytes)) == number(10, 4) else { throw damaged }
    guard let place = Self.place(in: name) else { throw damaged }
    return File(entry: place.entry, number: place.number, name: place.name, bytes: bytes)
  }

  private func read(_ count: Int, in file: FileDescriptor) throws(Refusal) -> [UInt8] {
    guard let bytes = try? file.read(upTo: count), bytes.count == count else { throw damaged }
    return bytes
  }

  private var damaged: Refusal {
    Refusal(
      description: "\(path) is not a whole archive of receipts of KittyCash: it is cut off, or was changed.")
  }

  /// Reads the name of a file: `2026-01-31 #12-1 bill.pdf`.
  static func place(in name: String) -> (entry: Int64, number: Int, name: String)? {
    let words = name.unicodeScalars.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
      .map { String($0) }
    guard words.count == 3, Day(words[0]) != nil, words[1].unicodeScalars.first == "#" else { return nil }
    let numbers = words[1].dropFirst().split(separator: "-").map(String.init)
    guard numbers.count == 2, let entry = Int64(numbers[0]), let number = Int(numbers[1]), entry > 0,
      (1...Receipt.maxNumber).contains(number), !words[2].isEmpty
    else { return nil }
    return (entry, number, words[2])
  }
}
