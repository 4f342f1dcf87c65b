import Curl
import Foundation
import KittyShared
import Testing
import Vips

@testable import KittyServer

/// Pictures that the tests generate.
struct TestPictures {
  let folder: String

  init() throws {
    // Once in a process; this also blocks all other decoders of libvips in the tests.
    _ = try Self.started.get()
    folder = NSTemporaryDirectory() + "kitty-pictures-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private static let started = Result { try Vips.start() }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// A JPEG whose left half is red and whose right half is blue.
  func jpeg(_ width: Int = 64, _ height: Int = 48) throws -> [UInt8] {
    // libvips may not read PPM here, so the JPEG is made from a generated PNG.
    let source = try write(
      "source.png", PNG.encode(width, height) { x, _ in x < width / 2 ? (220, 20, 20) : (20, 20, 220) })
    _ = try Vips.copy(source, to: folder + "/made.jpg", side: 4096, as: .jpeg(quality: 95))
    return try read("made.jpg")
  }

  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = folder + "/" + name
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: folder + "/" + name)))
  }

  /// Puts an Exif segment behind the start of a JPEG: orientation 6 (turn right), a GPS latitude, and a name.
  static func withExif(_ jpeg: [UInt8]) -> [UInt8] {
    var tiff: [UInt8] = Array("MM".utf8) + [0, 42, 0, 0, 0, 8]
    // Two entries: Orientation (0x0112), and the place of the GPS block (0x8825), which is at 38.
    tiff += [
      0, 2, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38, 0, 0, 0, 0,
    ]
    // GPSLatitudeRef "N" and GPSLatitude 52° 30' 0".
    tiff += [
      0, 2, 0, 1, 0, 2, 0, 0, 0, 2, UInt8(ascii: "N"), 0, 0, 0, 0, 2, 0, 5, 0, 0, 0, 3, 0, 0, 0, 68, 0, 0, 0,
      0,
    ]
    for number: UInt8 in [52, 30, 0] { tiff += [0, 0, 0, number, 0, 0, 0, 1] }
    let exif = Array("Exif\0\0".utf8) + tiff
    let comment = Array("SECRET-PLACE".utf8)
    func segment(_ marker: UInt8, _ bytes: [UInt8]) -> [UInt8] {
      [0xff, marker, UInt8((bytes.count + 2) >> 8), UInt8((bytes.count + 2) & 255)] + bytes
    }
    return Array(jpeg[0..<2]) + segment(0xe1, exif) + segment(0xfe, comment) + Array(jpeg[2...])
  }

  /// The markers of the segments before the picture itself.
  static func markers(_ jpeg: [UInt8]) -> [UInt8] {
    var markers: [UInt8] = []
    var position = 2
    while position + 4 <= jpeg.count, jpeg[position] == 0xff, jpeg[position + 1] != 0xda {
      markers.append(jpeg[position + 1])
      position += 2 + Int(jpeg[position + 2]) << 8 + Int(jpeg[position + 3])
    }
    return markers
  }
}
