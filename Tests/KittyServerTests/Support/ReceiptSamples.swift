import Foundation
import KittyShared

@testable import KittyServer

/// Files of receipts.
enum ReceiptSamples {
  /// Makes a small PDF of one empty page.
  /// - Parameter text: A comment, so that files differ.
  static func pdf(_ text: String = "") -> [UInt8] {
    var bytes = Array("%PDF-1.4\n%\(text)\n".utf8)
    var places: [Int] = []
    for object in [
      "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
    ] {
      places.append(bytes.count)
      bytes += Array("\(places.count) 0 obj\n\(object)\nendobj\n".utf8)
    }
    let start = bytes.count
    bytes += Array("xref\n0 4\n0000000000 65535 f \n".utf8)
    for place in places {
      let digits = "\(place)"
      bytes += Array("\(String(repeating: "0", count: 10 - digits.count))\(digits) 00000 n \n".utf8)
    }
    bytes += Array("trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n\(start)\n%%EOF\n".utf8)
    return bytes
  }

  /// A GIF of 16×16 pixels with two pictures: the first is black, the second white.
  static func gif() -> [UInt8] {
    var bytes = Array("GIF89a".utf8) + [16, 0, 16, 0, 0x80, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff]
    for colour in [0, 1] as [UInt16] {
      bytes += [0x21, 0xf9, 4, 0, 10, 0, 0, 0]
      bytes += [0x2c, 0, 0, 0, 0, 16, 0, 16, 0, 0]
      bytes += [2]
      // Codes of three bits: clear before each second pixel, so that they never become longer.
      var bits: [Bool] = []
      func put(_ code: UInt16) { for place in 0..<3 { bits.append(code >> place & 1 == 1) } }
      for pixel in 0..<256 {
        if pixel % 2 == 0 { put(4) }
        put(colour)
      }
      put(5)
      while bits.count % 8 != 0 { bits.append(false) }
      let data = stride(from: 0, to: bits.count, by: 8).map { start in
        (0..<8).reduce(UInt8(0)) { $0 | (bits[start + $1] ? 1 << $1 : 0) }
      }
      for start in stride(from: 0, to: data.count, by: 255) {
        let part = data[start..<min(start + 255, data.count)]
        bytes += [UInt8(part.count)] + part
      }
      bytes += [0]
    }
    return bytes + [0x3b]
  }

  /// Puts the file of a receipt into the storage of a server, past the API.
  static func store(in server: TestServer) async throws -> Receipt {
    let bytes = pdf("stored")
    let path = NSTemporaryDirectory() + "kitty-receipt-" + UUID().uuidString
    try Data(bytes).write(to: URL(filePath: path))
    let hash = PhotoFolder.hash(of: bytes)
    try await server.dependencies.photos.put(hash, .receipt, file: path)
    return Receipt(number: 1, name: "bill.pdf", type: .pdf, bytes: bytes.count, hash: hash)
  }
}
