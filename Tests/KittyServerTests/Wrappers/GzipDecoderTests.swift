import Foundation
import TestSupport
import Testing
import Zlib

@testable import KittyServer

/// The decoder of gzip: whatever pieces come and are asked for.
@Suite struct GzipDecoderTests {
  /// Decodes data in pieces of one size, and asks for pieces of another.
  private func decode(
    _ data: [UInt8], pieces: Int, atMost most: Int
  ) throws -> (text: [UInt8], isWhole: Bool) {
    let decoder = try GzipDecoder()
    var text: [UInt8] = []
    for start in stride(from: 0, to: data.count, by: pieces) {
      var input = data[start..<min(start + pieces, data.count)]
      var hasMore = true
      while !input.isEmpty || hasMore {
        let bytes = try decoder.decode(&input, atMost: most)
        text += bytes
        hasMore = bytes.count == most
      }
    }
    return (text, decoder.isWhole)
  }

  @Test func piecesOfAnySizeGiveTheText() async throws {
    var random = Seeded(7)
    let text = (0..<200_000).map { _ in UInt8.random(in: 0..<8, using: &random) }
    let data = try await Gzip.compress(text)
    for (pieces, most) in [(1, 1 << 16), (7, 100), (4096, 1), (1 << 20, 1 << 16), (1 << 20, 1 << 20)] {
      let found = try decode(data, pieces: pieces, atMost: most)
      #expect(found.text == text && found.isWhole, "\(pieces) \(most)")
    }
    // Members one after the other are one text.
    let twice = try decode(data + data, pieces: 1000, atMost: 5000)
    #expect(twice.text == text + text && twice.isWhole)
    let cut = try decode(Array(data.dropLast(9)), pieces: 1000, atMost: 5000)
    #expect(!cut.isWhole)
    #expect(try !decode([], pieces: 1, atMost: 1).isWhole)
  }

  @Test func otherDataIsRefused() async throws {
    let data = try await Gzip.compress(Array("a text of some length, a text of some length".utf8))
    var wrong = [Array("{\"format\":".utf8), data + Array("more".utf8), [0x78, 0x9c, 0x03, 0x00]]
    for index in [0, 20, data.count - 6, data.count - 2] {
      var changed = data
      changed[index] ^= 0x55
      wrong.append(changed)
    }
    for bytes in wrong {
      #expect(throws: GzipDecoder.Failure.self, "\(bytes)") {
        _ = try decode(bytes, pieces: 1 << 16, atMost: 1 << 16)
      }
    }
  }
}
