/// A receipt of an entry: a picture or a PDF, kept byte for byte.
package struct Receipt: KnownFields, Hashable {
  /// The place among the receipts of the entry, from 1.
  package var number: Int
  /// The name of the file, with the ending of its type.
  package var name: String
  /// The type of the file, found by its content.
  package var type: MediaType
  /// The number of bytes.
  package var bytes: Int
  /// The SHA-256 hash of the bytes in hexadecimal.
  package var hash: String

  package enum CodingKeys: String, CodingKey, CaseIterable { case number, name, type, bytes, hash }

  /// The highest number, which is the most that an entry can have.
  package static let maxNumber = 10
  /// The largest file: 10 MiB.
  package static let maxBytes = 10 << 20
  /// The file of the preview that the converter writes: binary PPM, at most 512 pixels a side.
  package static let previewFile = "receipt.ppm"
  /// The longest name, in characters.
  package static let maxName = 100

  /// The types that a receipt can have.
  package enum MediaType: String, Codable, Sendable, CaseIterable {
    case jpeg = "image/jpeg"
    case png = "image/png"
    case webp = "image/webp"
    case gif = "image/gif"
    case heic = "image/heic"
    case avif = "image/avif"
    case pdf = "application/pdf"

    /// Returns the type of a format; `nil` for a format that is not taken.
    package init?(_ format: PictureFormat) {
      switch format {
      case .jpeg: self = .jpeg
      case .png: self = .png
      case .webp: self = .webp
      case .gif: self = .gif
      case .heic: self = .heic
      case .avif: self = .avif
      case .pdf: self = .pdf
      case .tiff, .bmp, .svg, .jpegXL: return nil
      }
    }

    /// `true` when there is a preview for terminals.
    package var isPicture: Bool { self != .pdf }

    /// The endings of names of such files; the usual one first.
    package var endings: [String] {
      switch self {
      case .jpeg: ["jpg", "jpeg", "jpe"]
      case .png: ["png"]
      case .webp: ["webp"]
      case .gif: ["gif"]
      case .heic: ["heic", "heif"]
      case .avif: ["avif"]
      case .pdf: ["pdf"]
      }
    }
  }

  package init(number: Int, name: String, type: MediaType, bytes: Int, hash: String) {
    self.number = number
    self.name = name
    self.type = type
    self.bytes = bytes
    self.hash = hash
  }

  /// Returns the name of a receipt: what was given, with the ending of the type, so that no program takes the file for
  /// something else.
  package static func name(_ given: String?, type: MediaType, number: Int) -> String {
    let base = given?.trimmed ?? "receipt-\(number)"
    let ending = base.split(separator: ".").last.map { $0.lowercased() }
    let fits = base.contains(".") && type.endings.contains { $0 == ending }
    guard !fits, let usual = type.endings.first else { return base }
    return String(base.prefix(maxName - usual.count - 1)) + "." + usual
  }

  /// Checks a name: of one line, without the characters that separate folders.
  package static func checkName(_ name: String, _ field: String, _ checks: inout FieldChecks) {
    checks.text(name, field, max: maxName)
    checks.require(
      !name.contains { "/\\:\"".contains($0) } && !name.hasPrefix("."), field, "not_a_file_name",
      "Write the name of a file, without / \\ : and quotes, and without a dot at its begin.")
  }
}

extension EntryContent {
  /// Returns the receipt with a number.
  package func receipt(_ number: Int) -> Receipt? { receipts?.first { $0.number == number } }

  /// Returns the content with another receipt in the place of one; `nil` for none.
  package func replacingReceipt(_ number: Int, by receipt: Receipt?) -> EntryContent {
    var content = self
    let others = (receipts ?? []).filter { $0.number != number }
    let all = (others + [receipt].compactMap(\.self)).sorted { $0.number < $1.number }
    content.receipts = all.isEmpty ? nil : all
    return content
  }

  /// The lowest number that no receipt has; `nil` when the entry has all that it can have.
  package var freeReceiptNumber: Int? {
    let taken = Set((receipts ?? []).map(\.number))
    return (1...Receipt.maxNumber).first { !taken.contains($0) }
  }

  /// Checks the receipts of a file.
  func checkReceipts(_ checks: inout FieldChecks) {
    guard let receipts else { return }
    checks.require(!receipts.isEmpty, "receipts", "empty", "Leave receipts out when there are none.")
    var last = 0
    for (index, receipt) in receipts.enumerated() {
      let field = "receipts.\(index)"
      checks.require(
        receipt.number > last && receipt.number <= Receipt.maxNumber, "\(field).number", "out_of_order",
        "The numbers of receipts must increase, from 1 to \(Receipt.maxNumber).")
      last = max(last, receipt.number)
      Receipt.checkName(receipt.name, "\(field).name", &checks)
      checks.require(
        (1...Receipt.maxBytes).contains(receipt.bytes), "\(field).bytes", "out_of_range",
        "bytes must be from 1 to \(Receipt.maxBytes).")
      checks.require(
        receipt.hash.utf8.count == 64
          && receipt.hash.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) },
        "\(field).hash", "not_a_hash", "hash must be a SHA-256 hash: 64 digits from 0 to f.")
    }
  }
}
